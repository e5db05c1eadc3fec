// The command on two hosts, the other one with a machine-id of its own: what it began goes on here.
#include "tests/support/cairnctl_runner.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <csignal>

using namespace cairn::test;

namespace {

const QByteArray kOtherHost("0123456789abcdef0123456789abcdef\n");

// A simulated array whose second disk can be slow, so that a copy is seen running.
class SlowArray {
public:
    SlowArray() { write(QStringLiteral("machine-id"), kOtherHost); }

    void slowDown() const
    {
        QFile file(m_directory.filePath(QStringLiteral("sim/simulation.json")));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("simulation.json");
        QJsonObject whole = QJsonDocument::fromJson(file.readAll()).object();
        QJsonArray members = whole["members"].toArray();
        QJsonObject second = members[1].toObject();
        second["faults"] = QJsonObject{{"bandwidthBytesPerSecond", 8 * 1024 * 1024}};
        members[1] = second;
        whole["members"] = members;
        write(QStringLiteral("sim/simulation.json"), QJsonDocument(whole).toJson());
    }
    void write(const QString& name, const QByteArray& text) const
    {
        QFile file(m_directory.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("%s", qPrintable(name));
    }
    [[nodiscard]] QString uri() const { return "sim:" + m_directory.filePath("sim"); }
    [[nodiscard]] QString path(const char* name) const { return m_directory.filePath(name); }
    [[nodiscard]] Run here(const QStringList& words) const
    {
        return runCommand(ScratchArray::program(), QStringList{"-a", uri()} + words);
    }
    // The same words for unshare(1), in whose mounts another machine-id lies.
    [[nodiscard]] QStringList elsewhere(const QStringList& words) const
    {
        return QStringList{"-m",
                           "sh",
                           "-c",
                           "mount --bind \"$0\" /etc/machine-id && exec \"$@\"",
                           path("machine-id"),
                           ScratchArray::program(),
                           "-a",
                           uri()} +
               words;
    }

private:
    QTemporaryDir m_directory;
};

} // namespace

class TestTwoHosts : public QObject {
    Q_OBJECT

private slots:
    void aBackupKilledElsewhereGoesOnHere();
};

void TestTwoHosts::aBackupKilledElsewhereGoesOnHere()
{
    const SlowArray array;
    CAIRN_EXPECT_EXIT(array.here({"array", "create", "--member-size", "160M", "--label", "two"}),
                      0);
    CAIRN_EXPECT_EXIT(array.here({"region", "add", "db", "--size", "96M", "--member", "1"}), 0);
    CAIRN_EXPECT_EXIT(array.here({"region", "add", "copy", "--size", "96M", "--member", "2"}), 0);
    QFile noise(array.path("noise"));
    QVERIFY(noise.open(QIODevice::WriteOnly));
    SeededRandom random(testSeed());
    for (int index = 0; index < 96; ++index) {
        const auto chunk = random.bytes(1024 * 1024);
        QCOMPARE(noise.write(reinterpret_cast<const char*>(chunk.data()), std::ssize(chunk)),
                 std::ssize(chunk));
    }
    noise.close();
    CAIRN_EXPECT_EXIT(array.here({"region", "import", "db", array.path("noise")}), 0);
    array.slowDown();
    QProcess other;
    other.start("unshare", array.elsewhere({"backup", "db", "copy"}));
    QVERIFY(other.waitForStarted());
    // Its first map is durable after five seconds.
    const auto done = [&] {
        const QJsonDocument report = array.here({"report", "--json"}).json();
        return report["jobs"][0]["doneChunks"].toInteger();
    };
    QTRY_VERIFY_WITH_TIMEOUT(done() > 0, 60'000);
    const qint64 kept = done();
    ::kill(static_cast<pid_t>(other.processId()), SIGKILL);
    QVERIFY(other.waitForFinished());

    // Incident: the advice was to try again, or to discard, and both were refused in the same way.
    const Run refused = array.here({"resume", "1"});
    CAIRN_EXPECT_EXIT(refused, 3);
    QVERIFY2(refused.errors.contains("cairnctl --take-over"), refused.errors.constData());
    QVERIFY2(!refused.errors.contains("discard"), refused.errors.constData());
    const Run resumed = array.here({"--take-over", "resume", "1", "--json"});
    CAIRN_EXPECT_EXIT(resumed, 0);
    const auto copied = resumed.json()[0]["copy"]["copiedBytes"].toInteger();
    QVERIFY2(copied <= (96 - kept) * 1024 * 1024, resumed.output.constData());
    QCOMPARE(array.here({"region", "export", "copy", "-"}).output,
             array.here({"region", "export", "db", "-"}).output);
    const QByteArray history = array.here({"history"}).output;
    QVERIFY(history.contains("lease-taken-over"));
    const QJsonDocument record = array.here({"show", "1", "--json"}).json();
    QCOMPARE(record["state"].toString(), "good");
}

QTEST_GUILESS_MAIN(TestTwoHosts)
#include "test_two_hosts.moc"
