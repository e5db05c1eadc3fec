// A restore reads the whole backup before its first write, and gives every byte back.
#include "core/backup/restore.h"

#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "tests/support/array_fixture.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 6 * kMiB;

// An ext4 with a good backup, number 1.
struct BackedUp {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);
    std::vector<std::byte> content;

    BackedUp()
    {
        array.makeFilesystem(source, "ext4", "home");
        content = array.read(source);
        must(array.backUp(source, target));
    }
};

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

} // namespace

class TestRestore : public QObject {
    Q_OBJECT

private slots:
    void anOverwrittenSourceComesBackByteForByte();
    void onlyWhatDiffersIsWritten();
    void aRestoreThatKeepsNothingNeedsTheName();
    void aDamagedBackupIsNotRestored();
    void theRestOfALargerTargetIsNotTouched();
    void aSmallerTargetIsRefusedWithTheMissingBytes();
    void theBackupsOwnRegionIsNoTarget();
    void cancelBeforeTheFirstWriteWritesNothing();
    void aRestoreCanceledAnywhereCanBeResumed();
    void aResumedRestoreLooksAtTheTargetAgain();
    void aTargetThatChangedSinceThePlanWritesNothing();
    void aHeldBackupIsNeverOverwritten();
    void aRestoreOntoABackupsRegionMakesItDataAgain();
    void onlyUsableBackupsAreRestored();
    void theLedgerTellsOfIt();
};

void TestRestore::anOverwrittenSourceComesBackByteForByte()
{
    BackedUp backup;
    backup.array.fillRandom(backup.source, 3);
    must(backup.array.restore(1));
    QVERIFY(backup.array.read(backup.source) == backup.content);
    QCOMPARE(backup.array.state(1), GenerationState::Good);
    QVERIFY(must(interruptedJobs(*backup.array)).empty());
    // The filesystem itself has nothing to say against it.
    const std::string image = backup.directory.path().toStdString() + "/check.img";
    QFile file(QString::fromStdString(image));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto bytes = backup.array.read(backup.source);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<qint64>(bytes.size()));
    file.close();
    QCOMPARE(runProgram({"e2fsck", "-fn", image}), 0);
}

void TestRestore::onlyWhatDiffersIsWritten()
{
    BackedUp backup;
    const std::vector<std::byte> scratch(100, std::byte{0x5a});
    backup.array.write(backup.source, 3 * kMiB + 10, scratch);
    must((*backup.array).refresh());
    const auto outcome = must(backup.array.restore(1));
    QVERIFY(outcome.unchangedBytes >= kSize - 4 * kMiB);
    QVERIFY(backup.array.read(backup.source) == backup.content);
}

void TestRestore::aRestoreThatKeepsNothingNeedsTheName()
{
    BackedUp backup;
    // There is no region that could keep anything.
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {})), ErrorCode::ConfirmationNeeded);
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {.confirmedName = "copy"})),
             ErrorCode::ConfirmationMismatch);
    const auto plan = must(planRestore(*backup.array, 1, {.confirmedName = "root"}));
    QCOMPARE(plan.newestBackupOfTarget, GenerationNumber{1});
}

void TestRestore::aDamagedBackupIsNotRestored()
{
    BackedUp backup;
    const std::vector<std::byte> flipped = {~backup.content.at(2 * kMiB)};
    backup.array.write(backup.target, 2 * kMiB, flipped);
    backup.array.fillRandom(backup.source, 3);
    const auto before = backup.array.read(backup.source);
    const auto refused = backup.array.restore(1);
    QCOMPARE(codeOf(refused), ErrorCode::DigestMismatch);
    QCOMPARE(refused.error().amount, std::uint64_t{1});
    QVERIFY(backup.array.read(backup.source) == before);
    const Generation generation = backup.array.generation(1);
    QCOMPARE(generation.state, GenerationState::Partial);
    QVERIFY(generation.damaged.contains(2));
}

void TestRestore::theRestOfALargerTargetIsNotTouched()
{
    BackedUp backup;
    const RegionId large = backup.array.addRegion("large", kSize + 2 * kMiB, 0);
    backup.array.fillRandom(large, 4);
    const auto rest = backup.array.read(large, kSize, 2 * kMiB);
    must(backup.array.restore(1, large));
    QVERIFY(backup.array.read(large, 0, kSize) == backup.content);
    QVERIFY(backup.array.read(large, kSize, 2 * kMiB) == rest);
}

void TestRestore::aSmallerTargetIsRefusedWithTheMissingBytes()
{
    BackedUp backup;
    const RegionId small = backup.array.addRegion("small", kSize - kMiB, 0);
    const auto refused = planRestore(*backup.array, 1, {.to = small, .confirmedName = "small"});
    QCOMPARE(codeOf(refused), ErrorCode::TargetTooSmall);
    QCOMPARE(refused.error().amount, kMiB);
}

void TestRestore::theBackupsOwnRegionIsNoTarget()
{
    BackedUp backup;
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {.to = backup.target, .confirmedName = "copy"})),
             ErrorCode::SourceIsTarget);
}

void TestRestore::cancelBeforeTheFirstWriteWritesNothing()
{
    BackedUp backup;
    backup.array.fillRandom(backup.source, 3);
    const auto before = backup.array.memberDigests();
    for (const std::uint64_t call : {std::uint64_t{1}, std::uint64_t{3}}) {
        // The first call is before, the third within the reading of the backup.
        StopAt control(call);
        QCOMPARE(codeOf(backup.array.restore(1, std::nullopt, control)), ErrorCode::Canceled);
        QVERIFY(backup.array.memberDigests() == before);
    }
}

void TestRestore::aRestoreCanceledAnywhereCanBeResumed()
{
    BackedUp backup;
    backup.array.fillRandom(backup.source, 2);
    StopAt counting(0);
    must(backup.array.restore(1, std::nullopt, counting));
    for (std::uint64_t call = 2; call <= counting.calls(); ++call) {
        backup.array.fillRandom(backup.source, call + 1);
        StopAt control(call);
        const auto stopped = backup.array.restore(1, std::nullopt, control);
        if (stopped)
            continue;
        QCOMPARE(stopped.error().code, ErrorCode::Canceled);
        backup.array.attach();
        UncontrolledCopy goOn;
        for (const Job& job : must(interruptedJobs(*backup.array))) {
            QCOMPARE(job.kind, JobKind::Restore);
            must(resume(*backup.array, job, goOn));
            QVERIFY(backup.array.read(backup.source) == backup.content);
        }
        QVERIFY(must(interruptedJobs(*backup.array)).empty());
    }
}

void TestRestore::aResumedRestoreLooksAtTheTargetAgain()
{
    bool resumed = false;
    for (std::uint64_t call = 8; call < 64; call += 13) {
        BackedUp backup;
        backup.array.fillRandom(backup.source, 3);
        must((*backup.array).refresh());
        StopAt control(call);
        const bool stopped = !backup.array.restore(1, std::nullopt, control).has_value();
        const auto jobs = must(interruptedJobs(*backup.array));
        // Also in chunks that the first run has restored already, or has found equal.
        for (std::uint64_t chunk = 1; chunk < kSize / kMiB; ++chunk)
            backup.array.write(backup.source, chunk * kMiB + 77, std::vector(9, std::byte{0x33}));
        for (const Job& job : jobs) {
            UncontrolledCopy goOn;
            must(resume(*backup.array, job, goOn));
            QVERIFY(backup.array.read(backup.source) == backup.content);
            resumed = true;
        }
        if (!stopped) {
            QVERIFY(resumed);
            return;
        }
    }
    QFAIL("never came to its end");
}

void TestRestore::aTargetThatChangedSinceThePlanWritesNothing()
{
    BackedUp backup;
    const auto plan = must(planRestore(*backup.array, 1, {.confirmedName = "root"}));
    backup.array.makeFilesystem(backup.source, "ext4", "new");
    const auto before = backup.array.memberDigests();
    UncontrolledCopy control;
    QCOMPARE(codeOf(restore(*backup.array, plan, control)), ErrorCode::PlanChanged);
    QVERIFY(backup.array.memberDigests() == before);
}

void TestRestore::aHeldBackupIsNeverOverwritten()
{
    BackedUp backup;
    const RegionId second = backup.array.addRegion("second", kSize, 0);
    must(backup.array.backUp(backup.source, second));
    must(hold(*backup.array, 2));
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {.to = second, .confirmedName = "second"})),
             ErrorCode::GenerationHeld);
}

void TestRestore::aRestoreOntoABackupsRegionMakesItDataAgain()
{
    BackedUp backup;
    const RegionId second = backup.array.addRegion("second", kSize, 0);
    must(backup.array.backUp(backup.source, second));
    must(backup.array.restore(1, second));
    QCOMPARE(backup.array.state(2), GenerationState::Superseded);
    QCOMPARE(backup.array.region(second).role, RegionRole::Data);
    QVERIFY(backup.array.read(second) == backup.content);
}

void TestRestore::onlyUsableBackupsAreRestored()
{
    BackedUp backup;
    must(backup.array.backUp(backup.source, backup.target));
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {.confirmedName = "root"})),
             ErrorCode::BackupNotUsable);
    QCOMPARE(codeOf(planRestore(*backup.array, 77, {.confirmedName = "root"})),
             ErrorCode::UnknownGeneration);
}

void TestRestore::theLedgerTellsOfIt()
{
    BackedUp backup;
    must(backup.array.restore(1));
    const auto kinds = backup.array.eventKinds();
    QVERIFY(std::ranges::find(kinds, EventKind::RestoreStarted) != kinds.end());
    QCOMPARE(kinds.back(), EventKind::RestoreFinished);
}

QTEST_GUILESS_MAIN(TestRestore)
#include "test_restore.moc"
