// P2: kill -9 at random moments loses no acknowledged record and leaves none that lies.
#include "tests/support/cairnctl_runner.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QtTest>

#include <csignal>
#include <ctime>
#include <numeric>
#include <unistd.h>

using namespace cairn::test;

namespace {

constexpr int kKills = 200;
constexpr int kMostAttempts = 3 * kKills;
// backup, restore, undo, hold, release, verify, forget; of regions add, rename, remove.
constexpr int kVerbs = 10;
constexpr int kRegionBytes = 4 * 1024 * 1024;

// A record as it was acknowledged, or was seen once its command and its resumption had ended.
struct Promise {
    QString kind;
    QString target;
    QString state;
    bool held = false;
    bool undone = false;

    bool operator==(const Promise&) const = default;
};

// All that the array has promised, or holds.
struct Promises {
    QMap<qint64, Promise> records;
    QSet<QString> regions;
};

// A command to be killed, and what it changes where it is done.
struct Attempt {
    QString verb = {};
    QStringList arguments = {};
    qint64 number = 0;       // Of the record that it is about.
    QString overwrites = {}; // The region.
    QByteArray content = {}; // That the region has then.
    QString keepsIn = {};    // Where a restore keeps what it overwrites.
    QString addsRegion = {};
    QString removesRegion = {};
};

enum class End { Killed, Done, Failed };

quint32 seedFromEnvironment()
{
    bool ok = false;
    const quint32 given = qEnvironmentVariable("CAIRN_SEED").toUInt(&ok);
    return ok ? given : static_cast<quint32>(::time(nullptr));
}

// What is promised of the records there were, once the command was done.
Promises after(const Attempt& attempt, Promises promises)
{
    for (auto [number, record] : promises.records.asKeyValueRange()) {
        const bool lies = record.state == "good" && !record.target.isEmpty();
        if (lies && ((attempt.verb == "backup" && record.target == attempt.overwrites) ||
                     record.target == attempt.keepsIn))
            record.state = "superseded";
        if (number != attempt.number)
            continue;
        if (attempt.verb == "forget")
            record.state = "forgotten";
        if (attempt.verb == "hold" || attempt.verb == "release")
            record.held = attempt.verb == "hold";
        if (attempt.verb == "undo")
            record.undone = true;
    }
    promises.regions.remove(attempt.removesRegion);
    if (!attempt.addsRegion.isEmpty())
        promises.regions.insert(attempt.addsRegion);
    return promises;
}

QByteArray text(const Promise& record)
{
    return (record.kind + " in " + record.target + " is " + record.state +
            (record.held ? ", held" : "") + (record.undone ? ", undone" : ""))
        .toUtf8();
}

} // namespace

class TestKillMoments final : public QObject {
    Q_OBJECT

private:
    ScratchArray m_array{2};
    QRandomGenerator m_random;
    Promises m_promised;
    QMap<QString, QByteArray> m_contents;     // Of each region whose content is known.
    QMap<qint64, QByteArray> m_backedUp;      // What was backed up, by the record's number.
    QMap<qint64, QByteArray> m_beforeRestore; // Of "victim", by the record that keeps it.
    qint64 m_undoable = 0;                    // The record that keeps what "victim" held last.
    QMap<QString, qint64> m_usualUs;          // How long each kind of command takes.
    QMap<QString, int> m_kills;
    int m_interrupted = 0;

    // Starts the command and kills it after a random part of its usual time. The first of a kind
    // tells that time, and is left alone.
    End killed(const Attempt& attempt)
    {
        QProcess process;
        QElapsedTimer timer;
        timer.start();
        process.start(ScratchArray::program(), m_array.withMembers(attempt.arguments));
        if (!process.waitForStarted())
            return End::Failed;
        const qint64 usualUs = m_usualUs.value(attempt.verb);
        if (usualUs > 0) {
            // The moment is what is being tested.
            ::usleep(
                static_cast<useconds_t>(m_random.generateDouble() * static_cast<double>(usualUs)));
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
        }
        process.waitForFinished(-1);
        if (process.exitStatus() == QProcess::CrashExit) {
            m_usualUs[attempt.verb] = usualUs + usualUs / 50;
            ++m_kills[attempt.verb];
            return End::Killed;
        }
        m_usualUs[attempt.verb] = timer.nsecsElapsed() / 1000;
        if (process.exitCode() == 0)
            return End::Done;
        qWarning("exit %d: %s", process.exitCode(), process.readAllStandardError().constData());
        return End::Failed;
    }

    void look(Promises& now) const
    {
        const Run list = m_array.ctl({"list", "--json"});
        CAIRN_EXPECT_EXIT(list, 0);
        const Run regions = m_array.ctl({"region", "list", "--json"});
        CAIRN_EXPECT_EXIT(regions, 0);
        now = {};
        for (const auto& value : list.json().array()) {
            const auto record = value.toObject();
            now.records[record["number"].toInteger()] = {
                .kind = record["kind"].toString(),
                .target = record["target"].toString(),
                .state = record["state"].toString(),
                .held = record["held"].toBool(),
                .undone = record["undo"].toObject()["undone"].isString()};
        }
        for (const auto& value : regions.json().array())
            now.regions.insert(value.toObject()["name"].toString());
    }

    // The good backups that may be given up or overwritten, or all of them.
    [[nodiscard]] QList<qint64> good(bool heldToo) const
    {
        QList<qint64> found;
        for (const auto& [number, record] : m_promised.records.asKeyValueRange()) {
            if (record.kind == "backup" && record.state == "good" && (heldToo || !record.held))
                found << number;
        }
        return found;
    }

    template<typename T>
    T oneOf(const QList<T>& all)
    {
        return all[m_random.bounded(static_cast<int>(all.size()))];
    }

    Attempt backup()
    {
        QStringList targets{"one", "two"};
        for (const auto& record : std::as_const(m_promised.records)) {
            if (record.held)
                targets.removeAll(record.target);
        }
        const QString source = oneOf<QString>({"alpha", "beta"});
        const QString target = oneOf(targets);
        return {.verb = "backup",
                .arguments = {"backup", source, target, "--yes", "--confirm", target},
                .overwrites = target,
                .content = m_contents[source]};
    }

    // One of what is not in "victim" already, where there is such a backup.
    Attempt restore()
    {
        auto numbers = good(true);
        numbers.removeIf([this](qint64 one) { return m_backedUp[one] == m_contents["victim"]; });
        if (numbers.isEmpty())
            return backup();
        const qint64 number = oneOf(numbers);
        Attempt attempt{.verb = "restore",
                        .arguments = {"restore", QString::number(number), "--to", "victim",
                                      "--confirm", "victim", "--yes"},
                        .number = number,
                        .overwrites = "victim",
                        .content = m_backedUp[number]};
        if (m_random.bounded(3) > 0) {
            attempt.keepsIn = "room";
            attempt.arguments << "--undo-to" << "room" << "--confirm" << "room";
        } else {
            attempt.arguments << "--no-undo";
        }
        return attempt;
    }

    Attempt undo()
    {
        if (m_undoable == 0)
            return restore();
        return {.verb = "undo",
                .arguments = {"undo", QString::number(m_undoable), "--yes", "--confirm", "victim"},
                .number = m_undoable,
                .overwrites = "victim",
                .content = m_beforeRestore[m_undoable]};
    }

    // At most one backup is held, so that there is always a target.
    Attempt holdOrRelease()
    {
        const auto all = good(true);
        for (const qint64 number : all) {
            if (m_promised.records[number].held)
                return {.verb = "release",
                        .arguments = {"release", QString::number(number)},
                        .number = number};
        }
        const qint64 number = oneOf(all);
        return {.verb = "hold", .arguments = {"hold", QString::number(number)}, .number = number};
    }

    Attempt verifyOrForget(bool forget)
    {
        const auto free = good(false);
        if (!forget || free.isEmpty() || good(true).size() < 2) {
            const qint64 number = oneOf(good(true));
            return {.verb = "verify",
                    .arguments = {"verify", QString::number(number)},
                    .number = number};
        }
        const qint64 number = oneOf(free);
        return {.verb = "forget",
                .arguments = {"forget", QString::number(number), "--yes", "--confirm",
                              m_promised.records[number].target},
                .number = number};
    }

    Attempt changeRegions(int round)
    {
        const QString name = QStringLiteral("extra-%1").arg(round);
        QString there;
        for (const QString& region : std::as_const(m_promised.regions)) {
            if (region.startsWith("extra-"))
                there = region;
        }
        if (there.isEmpty())
            return {.verb = "region add",
                    .arguments = {"region", "add", name, "--size", "1M"},
                    .addsRegion = name};
        if (m_random.bounded(2) == 0)
            return {.verb = "region rename",
                    .arguments = {"region", "rename", there, name},
                    .addsRegion = name,
                    .removesRegion = there};
        return {.verb = "region remove",
                .arguments = {"region", "remove", there, "--yes"},
                .removesRegion = there};
    }

    Attempt draw(int round)
    {
        const int choice = m_random.bounded(100);
        if (choice < 26 || good(true).isEmpty())
            return backup();
        if (choice < 42)
            return restore();
        if (choice < 54)
            return undo();
        if (choice < 68)
            return holdOrRelease();
        if (choice < 82)
            return verifyOrForget(choice < 76);
        return changeRegions(round);
    }

    static QList<qint64> newRecords(const Promises& before, const Promises& now)
    {
        QList<qint64> made;
        for (const qint64 number : now.records.keys()) {
            if (!before.records.contains(number))
                made << number;
        }
        return made;
    }

    // What exit code 0 has acknowledged is there, of this command as of all before it. Where it was
    // killed, each record is as before or as it would be; what it wrote over is superseded if, and
    // only if, there is a record of what lies there now.
    void compare(const Attempt& attempt, End end, const Promises& now) const
    {
        const Promises wanted = after(attempt, m_promised);
        const auto made = newRecords(m_promised, now);
        const bool makes = attempt.verb == "backup" || !attempt.keepsIn.isEmpty();
        const bool mayBeAsBefore = end == End::Killed && (!makes || made.isEmpty());
        const bool mayBeDone = !makes || !made.isEmpty();
        for (const auto& [number, was] : m_promised.records.asKeyValueRange()) {
            QVERIFY2(now.records.contains(number), "an acknowledged record disappeared");
            const Promise& is = now.records[number];
            QVERIFY2((mayBeAsBefore && is == was) || (mayBeDone && is == wanted.records[number]),
                     "#" + QByteArray::number(number) + ": " + text(is) + "; before: " + text(was) +
                         "; done: " + text(wanted.records[number]));
        }
        QVERIFY2(now.regions == wanted.regions ||
                     (end == End::Killed && now.regions == m_promised.regions),
                 "the table lost a region, or kept one");
        QVERIFY2(makes || made.isEmpty(), "a record of nothing");
        int good = 0;
        for (const qint64 number : made) {
            const Promise& is = now.records[number];
            QCOMPARE(is.target, attempt.verb == "backup" ? attempt.overwrites : attempt.keepsIn);
            good += is.state == "good" ? 1 : 0;
            // A restore that was killed while it kept what it would overwrite keeps it anew.
            const bool keptAnew = is.kind == "undo" && is.state == "failed";
            QVERIFY2(is.state == "good" || keptAnew ||
                         (end == End::Killed &&
                          QStringList({"interrupted", "copied"}).contains(is.state)),
                     text(is));
        }
        QVERIFY2(good == (makes ? 1 : 0) || end == End::Killed, "what was done is not recorded");
    }

    // What is not complete can be completed, and what is complete verifies. Returns whether the
    // command that was killed has been done by that.
    bool settle()
    {
        const Run resumed = m_array.ctl({"resume", "--yes", "--json"});
        const Run verified = m_array.ctl({"verify", "--all"});
        const auto check = [&] {
            CAIRN_EXPECT_EXIT(resumed, 0);
            CAIRN_EXPECT_EXIT(verified, 0);
        };
        check();
        const bool went = !resumed.json().array().isEmpty();
        m_interrupted += went ? 1 : 0;
        return went;
    }

    // The region has the new content where the command was done, and else one of the two.
    void checkContent(const Attempt& attempt, bool done, const QList<qint64>& made)
    {
        const QByteArray is = m_array.exported(attempt.overwrites);
        const QByteArray before = m_contents[attempt.overwrites];
        const bool backup = attempt.verb == "backup";
        if (done || (backup && !made.isEmpty()))
            QVERIFY2(is == attempt.content, "what is recorded is not what is there");
        else if (backup)
            QVERIFY2(is == before, "a backup without a record has written");
        else
            QVERIFY2(is == attempt.content || is == before, "half of it was restored");
        m_contents[attempt.overwrites] = is;
        if (backup && !made.isEmpty())
            m_backedUp[made.last()] = is;
        if (backup || is == before)
            return;
        m_undoable = 0;
        if (!attempt.keepsIn.isEmpty()) {
            QVERIFY2(!made.isEmpty(), "overwritten, and not kept");
            m_undoable = made.last();
            m_beforeRestore[m_undoable] = before;
        }
    }

    void oneRound(int round)
    {
        const Attempt attempt = draw(round);
        const End end = killed(attempt);
        QVERIFY2(end != End::Failed, qPrintable(attempt.arguments.join(' ')));
        Promises now;
        look(now);
        if (!QTest::currentTestFailed())
            compare(attempt, end, now);
        if (QTest::currentTestFailed())
            return;
        const bool resumed = !attempt.overwrites.isEmpty() && settle();
        if (resumed || !newRecords(m_promised, now).isEmpty())
            look(now);
        if (!QTest::currentTestFailed())
            compare(attempt, resumed ? End::Done : end, now);
        if (QTest::currentTestFailed())
            return;
        const auto made = newRecords(m_promised, now);
        for (const qint64 number : made) {
            const QString state = now.records[number].state;
            QVERIFY2(state == "good" || (state == "failed" && number != made.last()),
                     text(now.records[number]));
        }
        if (!attempt.overwrites.isEmpty())
            checkContent(attempt, resumed || end == End::Done, made);
        m_promised = now;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const quint32 seed = seedFromEnvironment();
        qInfo("CAIRN_SEED=%u", seed);
        m_random.seed(seed);
        CAIRN_EXPECT_EXIT(m_array.ctl({"array", "create", "--member-size", "48M"}), 0);
        for (const auto& [name, member] : {std::pair{"alpha", "1"},
                                           {"beta", "1"},
                                           {"victim", "1"},
                                           {"one", "2"},
                                           {"two", "2"},
                                           {"room", "2"}}) {
            CAIRN_EXPECT_EXIT(
                m_array.ctl({"region", "add", name, "--size", "4M", "--member", member}), 0);
            m_contents[name] = QByteArray(kRegionBytes, '\0');
        }
        for (const QString name : {"alpha", "beta"}) {
            QByteArray& content = m_contents[name];
            m_random.generate(reinterpret_cast<quint32*>(content.data()),
                              reinterpret_cast<quint32*>(content.data() + content.size()));
            CAIRN_EXPECT_EXIT(m_array.ctl({"region", "import", name, "-", "--yes"}, content), 0);
        }
        look(m_promised);
    }

    void whatIsAcknowledgedStaysAndTheRestCanBeResumedAfterAKill()
    {
        int kills = 0;
        int attempts = 0;
        // Chance may leave a verb out for long, and then there are some more.
        while ((kills < kKills || m_kills.size() < kVerbs) && attempts < kMostAttempts) {
            oneRound(attempts++);
            if (QTest::currentTestFailed()) {
                qWarning("in round %d", attempts - 1);
                return;
            }
            const auto counts = m_kills.values();
            kills = std::accumulate(counts.begin(), counts.end(), 0);
        }
        for (const auto& [verb, count] : m_kills.asKeyValueRange())
            qInfo("%d times killed: %s", count, qPrintable(verb));
        qInfo("%d of %d were killed, %d of them had something to resume", kills, attempts,
              m_interrupted);
        QVERIFY2(kills >= kKills, "most kills came too late");
        QVERIFY2(m_interrupted > 0, "no kill hit a running copy");
        QVERIFY2(m_kills.size() == kVerbs, "a verb was never killed");
    }

    void nothingElseWasChanged()
    {
        for (const QString name : {"alpha", "beta", "victim", "one", "two"})
            QVERIFY2(m_array.exported(name) == m_contents[name], qPrintable(name));
        CAIRN_EXPECT_EXIT(m_array.ctl({"verify", "--all"}), 0);
        CAIRN_EXPECT_EXIT(m_array.ctl({"history"}), 0);
    }
};

QTEST_GUILESS_MAIN(TestKillMoments)
#include "test_kill_moments.moc"
