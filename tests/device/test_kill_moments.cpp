// P2: kill -9 at random moments loses no acknowledged record and leaves none that lies.
#include "tests/support/cairnctl_runner.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QtTest>

#include <csignal>
#include <ctime>
#include <unistd.h>

using namespace cairn::test;

namespace {

constexpr int kKills = 200;
constexpr int kSourceBytes = 24 * 1024 * 1024;

// An acknowledged record and what it must still be.
struct Promise {
    QString state;
    bool held = false;
};

quint32 seedFromEnvironment()
{
    bool ok = false;
    const quint32 given = qEnvironmentVariable("CAIRN_SEED").toUInt(&ok);
    return ok ? given : static_cast<quint32>(::time(nullptr));
}

} // namespace

class TestKillMoments final : public QObject {
    Q_OBJECT

private:
    ScratchArray m_array{2};
    QRandomGenerator m_random;
    QByteArray m_content;            // Of the source, which is never written.
    QMap<QString, qint64> m_usualUs; // How long each kind of command takes.
    QMap<int, int> m_outcomes;

    // Starts the command and kills it after a random part of its usual time. Returns whether it
    // had ended by itself with success: then what it said is acknowledged.
    bool killed(const QString& kind, const QStringList& arguments)
    {
        QProcess process;
        QElapsedTimer timer;
        timer.start();
        process.start(ScratchArray::program(), m_array.withMembers(arguments));
        if (!process.waitForStarted())
            return false;
        const qint64 usualUs = m_usualUs.value(kind, 150'000);
        const auto delayUs =
            static_cast<qint64>(m_random.generateDouble() * 1.1 * static_cast<double>(usualUs));
        ::usleep(static_cast<useconds_t>(delayUs)); // The moment is what is being tested.
        ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
        process.waitForFinished(-1);
        const bool ended = process.exitStatus() == QProcess::NormalExit;
        if (ended && process.exitCode() == 0)
            m_usualUs[kind] = timer.nsecsElapsed() / 1000;
        else if (!ended)
            m_usualUs[kind] = usualUs + usualUs / 50;
        return ended && process.exitCode() == 0;
    }

    QJsonArray records(bool& ok) const
    {
        const Run run = m_array.ctl({"list", "--json"});
        ok = run.exitCode == 0 && run.json().isArray();
        if (!ok)
            qWarning("list: exit %d %s", run.exitCode, run.errors.constData());
        return run.json().array();
    }

    // What can be restored: what a restore has kept for its undo cannot.
    static QJsonObject newest(const QJsonArray& all)
    {
        QJsonObject best;
        for (const auto& value : all) {
            const auto record = value.toObject();
            if (record["kind"].toString() == "backup" &&
                record["number"].toInteger() > best["number"].toInteger())
                best = record;
        }
        return best;
    }

    // Every record is one of the states that tell the truth, and no number that was seen is gone.
    void checkRecords(QJsonArray& all, QSet<qint64>& seen)
    {
        bool ok = false;
        all = records(ok);
        QVERIFY2(ok, "the array does not open after a kill");
        QSet<qint64> now;
        for (const auto& value : std::as_const(all)) {
            const auto record = value.toObject();
            now.insert(record["number"].toInteger());
            const QString state = record["state"].toString();
            // A restore that was killed while it kept what it would overwrite keeps it anew.
            if (record["kind"].toString() == "undo" && state == "failed")
                continue;
            QVERIFY2(QStringList({"good", "copied", "interrupted", "superseded", "forgotten"})
                         .contains(state),
                     qPrintable(state));
        }
        QVERIFY2(now.contains(seen), "an acknowledged record disappeared");
        seen = now;
    }

    // What is not complete can be completed, and what is complete verifies.
    void settle(const QJsonArray& all)
    {
        bool interrupted = false;
        for (const auto& value : all)
            interrupted |= value.toObject()["state"].toString() == "interrupted";
        const Run resumed = m_array.ctl({"resume", "--yes"});
        CAIRN_EXPECT_EXIT(resumed, 0);
        const Run verified = m_array.ctl({"verify", "--all"});
        CAIRN_EXPECT_EXIT(verified, 0);
        ++m_outcomes[interrupted ? 1 : 0];
    }

private Q_SLOTS:
    void initTestCase()
    {
        const quint32 seed = seedFromEnvironment();
        qInfo("CAIRN_SEED=%u", seed);
        m_random.seed(seed);
        CAIRN_EXPECT_EXIT(m_array.ctl({"array", "create", "--member-size", "128M"}), 0);
        m_content.resize(kSourceBytes);
        m_random.generate(reinterpret_cast<quint32*>(m_content.data()),
                          reinterpret_cast<quint32*>(m_content.data() + m_content.size()));
        QFile file(m_array.path("source.bin"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(m_content), m_content.size());
        file.close();
        for (const auto& [name, member] : {std::pair{"source", "1"}, {"one", "2"}, {"two", "2"}}) {
            CAIRN_EXPECT_EXIT(
                m_array.ctl({"region", "add", name, "--size", "24M", "--member", member}), 0);
        }
        CAIRN_EXPECT_EXIT(
            m_array.ctl({"region", "add", "victim", "--size", "24M", "--member", "1"}), 0);
        CAIRN_EXPECT_EXIT(m_array.ctl({"region", "import", "source", file.fileName(), "--yes"}), 0);
    }

    void everyRecordIsGoodOrCanBeResumedAfterAKill()
    {
        QSet<qint64> seen;
        QJsonArray all;
        int acknowledged = 0;
        for (int round = 0; round < kKills; ++round) {
            const auto choice = m_random.bounded(10);
            const auto last = newest(all);
            const QString number = QString::number(last["number"].toInteger());
            bool ended = false;
            if (choice < 5 || seen.isEmpty()) {
                const QString target = m_random.bounded(2) == 0 ? "one" : "two";
                ended =
                    killed("backup", {"backup", "source", target, "--yes", "--confirm", target});
            } else if (choice < 8 && last["state"].toString() == "good") {
                ended =
                    killed("restore", {"restore", number, "--to", "victim", "--confirm", "victim"});
            } else {
                const QString name = QStringLiteral("extra-%1").arg(round);
                ended = killed("catalog", {"region", "add", name, "--size", "1M"});
                // Not counted as a record, but its table must stay whole either way.
                if (m_array.ctl({"region", "list"}).output.contains(name.toUtf8()))
                    CAIRN_EXPECT_EXIT(m_array.ctl({"region", "remove", name, "--yes"}), 0);
                else
                    QVERIFY2(!ended, "an acknowledged region is gone");
            }
            acknowledged += ended ? 1 : 0;
            checkRecords(all, seen);
            if (QTest::currentTestFailed())
                return;
            settle(all);
            if (QTest::currentTestFailed()) {
                qWarning("in round %d", round);
                return;
            }
            checkRecords(all, seen);
            if (QTest::currentTestFailed())
                return;
        }
        qInfo("%d kills, %d came too late, %d left an interrupted record", kKills, acknowledged,
              m_outcomes.value(1));
        QVERIFY2(kKills - acknowledged >= kKills / 2, "most kills came too late to test anything");
        QVERIFY2(m_outcomes.value(1) > 0, "no kill hit a running copy");
        QCOMPARE(m_array.exported("source"), m_content);
    }

    void whatWasRestoredIsWhatWasBackedUp()
    {
        bool ok = false;
        const auto last = newest(records(ok));
        QVERIFY(ok);
        QCOMPARE(last["state"].toString(), QStringLiteral("good"));
        const QString number = QString::number(last["number"].toInteger());
        CAIRN_EXPECT_EXIT(m_array.ctl({"restore", number, "--to", "victim", "--confirm", "victim"}),
                          0);
        QCOMPARE(m_array.exported("victim"), m_content);
    }
};

QTEST_GUILESS_MAIN(TestKillMoments)
#include "test_kill_moments.moc"
