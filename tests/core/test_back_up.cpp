// A backup is good only when it was read back, and a guard that says no costs nothing.
#include "core/backup/back_up.h"

#include "core/backup/candidates.h"
#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>

#include <chrono>
#include <thread>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 6 * kMiB;

// Source on the first member, target on the second, both on real files.
struct Pair {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);
};

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

} // namespace

class TestBackUp : public QObject {
    Q_OBJECT

private slots:
    void aBackupOfExt4IsGoodAndEqual();
    void aBackupOfXfsIsGoodAndEqual();
    void theRecordIsDurableBeforeTheFirstByte();
    void aRunningBackupIsSeenFromOutside();
    void withoutVerificationItIsOnlyCopied();
    void cancelBeforeTheFirstWriteWritesNothing();
    void aBackupCanceledAnywhereCanBeResumed();
    void aSourceThatChangedMeanwhileIsCopiedAgain();
    void aDiscardedBackupIsFailed();
    void aTargetThatChangedSinceThePlanWritesNothing();
    void aRegionIsNeverItsOwnTarget();
    void aSmallerTargetIsRefusedWithTheMissingBytes();
    void theRestOfALargerTargetIsNotTouched();
    void theCatalogIsNeverATarget();
    void recognisedContentNeedsTheName();
    void aWrongNameIsRefusedEvenWhereNoneIsNeeded();
    void theLastGoodCopyNeedsTheName();
    void aBackupIsFinishedWhenItWasReadBack();
    void aCopyThatNobodyReadBackDoesNotStandForAGoodOne();
    void anInterruptedBackupIsReplacedKnowingly();
    void aHeldBackupIsNeverATarget();
    void aSupersededPlanIsRefused();
    void twoBackupsRunAtOnce();
    void aTargetIsWrittenByOneJobOnly();
};

void TestBackUp::aBackupOfExt4IsGoodAndEqual()
{
    Pair pair;
    pair.array.makeFilesystem(pair.source, "ext4", "home");
    BackupOptions options;
    options.label = "before the upgrade";
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, options));
    QVERIFY(plan.candidate.allowed());
    UncontrolledCopy control;
    const auto outcome = must(backUp(*pair.array, plan, control));
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(pair.array.read(pair.source) == pair.array.read(pair.target));

    pair.array.attach();
    const Generation generation = pair.array.generation(outcome.number);
    QCOMPARE(generation.state, GenerationState::Good);
    QCOMPARE(generation.content.type, std::string("ext4"));
    QCOMPARE(generation.content.label, std::string("home"));
    QCOMPARE(generation.label, std::string("before the upgrade"));
    QVERIFY(generation.verifiedMs > 0);
    QCOMPARE(pair.array.region(pair.target).role, RegionRole::Backup);
}

void TestBackUp::aBackupOfXfsIsGoodAndEqual()
{
    const QTemporaryDir directory;
    ArrayFixture array(directory.path().toStdString(), {.memberSizeBytes = 384 * kMiB});
    const RegionId source = array.addRegion("data", 320 * kMiB, 0);
    const RegionId target = array.addRegion("copy", 320 * kMiB, 1);
    array.makeFilesystem(source, "xfs", "data");
    const auto outcome = must(array.backUp(source, target));
    QCOMPARE(outcome.state, GenerationState::Good);
    QCOMPARE(array.generation(outcome.number).content.type, std::string("xfs"));
    QVERIFY(array.read(source) == array.read(target));
}

void TestBackUp::theRecordIsDurableBeforeTheFirstByte()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    const auto before = pair.array.read(pair.target);
    bool writtenUnrecorded = false;
    bool seenCopying = false;
    HookEach control([&] {
        // A second process would see the same: nothing is kept in this one.
        const auto other = must(Attachment::attach(pair.array.uris(), systemEnvironment()));
        const auto record = must(other->catalog())->generation(1);
        seenCopying = seenCopying || (record && record->state == GenerationState::Copying);
        writtenUnrecorded =
            writtenUnrecorded || (!record && pair.array.read(pair.target) != before);
    });
    must(pair.array.backUp(pair.source, pair.target, control));
    QVERIFY(seenCopying);
    QVERIFY(!writtenUnrecorded);
}

void TestBackUp::aRunningBackupIsSeenFromOutside()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    ErrorCode second{};
    std::size_t interrupted = 99;
    HookAt copying(CopyPhase::Copying, [&] {
        const auto other = must(Attachment::attach(pair.array.uris(), systemEnvironment()));
        second = codeOf(hold(*other, 1));
        interrupted = must(interruptedJobs(*other)).size();
    });
    must(pair.array.backUp(pair.source, pair.target, copying));
    QCOMPARE(second, ErrorCode::BackupNotUsable);
    QCOMPARE(interrupted, std::size_t{0});
}

void TestBackUp::withoutVerificationItIsOnlyCopied()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    BackupOptions options;
    options.verify = false;
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, options));
    UncontrolledCopy control;
    const auto outcome = must(backUp(*pair.array, plan, control));
    QCOMPARE(outcome.state, GenerationState::Copied);
    QCOMPARE(must(verify(*pair.array, outcome.number, control)).outcome.good(), true);
    QCOMPARE(pair.array.state(outcome.number), GenerationState::Good);
}

void TestBackUp::cancelBeforeTheFirstWriteWritesNothing()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    const auto before = pair.array.memberDigests();
    StopAt control(1);
    QCOMPARE(codeOf(pair.array.backUp(pair.source, pair.target, control)), ErrorCode::Canceled);
    QVERIFY(pair.array.memberDigests() == before);
}

void TestBackUp::aBackupCanceledAnywhereCanBeResumed()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    StopAt counting(0);
    must(pair.array.backUp(pair.source, pair.target, counting));
    for (std::uint64_t call = 2; call <= counting.calls(); ++call) {
        pair.array.fillRandom(pair.source, call);
        StopAt control(call);
        const auto stopped = pair.array.backUp(pair.source, pair.target, control);
        // How often threads ask is not fixed: the last calls may be after the end.
        if (stopped)
            continue;
        QCOMPARE(stopped.error().code, ErrorCode::Canceled);
        pair.array.attach();
        const auto jobs = must(interruptedJobs(*pair.array));
        const auto catalog = must((*pair.array).catalog());
        const auto newest = must(catalog->generations()).front();
        if (jobs.empty()) {
            // Copied; it was the reading back that was canceled.
            QCOMPARE(newest.state, GenerationState::Copied);
            continue;
        }
        QCOMPARE(newest.state, GenerationState::Interrupted);
        UncontrolledCopy goOn;
        must(resume(*pair.array, jobs.front(), goOn));
        QCOMPARE(pair.array.state(newest.number), GenerationState::Good);
        QVERIFY(pair.array.read(pair.source) == pair.array.read(pair.target));
    }
}

void TestBackUp::aSourceThatChangedMeanwhileIsCopiedAgain()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    StopAt control(5);
    QCOMPARE(codeOf(pair.array.backUp(pair.source, pair.target, control)), ErrorCode::Canceled);
    pair.array.fillRandom(pair.source, 2);
    UncontrolledCopy goOn;
    must(resume(*pair.array, must(interruptedJobs(*pair.array)).at(0), goOn));
    QCOMPARE(pair.array.state(1), GenerationState::Good);
    QVERIFY(pair.array.read(pair.source) == pair.array.read(pair.target));
}

void TestBackUp::aDiscardedBackupIsFailed()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    StopAt control(4);
    QCOMPARE(codeOf(pair.array.backUp(pair.source, pair.target, control)), ErrorCode::Canceled);
    must(discard(*pair.array, must(interruptedJobs(*pair.array)).at(0)));
    QVERIFY(must(interruptedJobs(*pair.array)).empty());
    QCOMPARE(pair.array.state(1), GenerationState::Failed);
    // What is left of it is nobody's backup, and no obstacle.
    must(pair.array.backUp(pair.source, pair.target));
}

void TestBackUp::aTargetThatChangedSinceThePlanWritesNothing()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, {}));
    pair.array.makeFilesystem(pair.target, "ext4", "precious");
    const auto before = pair.array.memberDigests();
    UncontrolledCopy control;
    QCOMPARE(codeOf(backUp(*pair.array, plan, control)), ErrorCode::PlanChanged);
    QVERIFY(pair.array.memberDigests() == before);
}

void TestBackUp::aRegionIsNeverItsOwnTarget()
{
    Pair pair;
    QCOMPARE(codeOf(planBackup(*pair.array, pair.source, pair.source, {})),
             ErrorCode::SourceIsTarget);
}

void TestBackUp::aSmallerTargetIsRefusedWithTheMissingBytes()
{
    Pair pair;
    const RegionId small = pair.array.addRegion("small", kSize - 2 * kMiB, 1);
    const auto plan = planBackup(*pair.array, pair.source, small, {});
    QCOMPARE(codeOf(plan), ErrorCode::TargetTooSmall);
    QCOMPARE(plan.error().amount, 2 * kMiB);
}

void TestBackUp::theRestOfALargerTargetIsNotTouched()
{
    Pair pair;
    const RegionId large = pair.array.addRegion("large", kSize + 3 * kMiB, 1);
    pair.array.fillRandom(pair.source, 1);
    pair.array.fillRandom(large, 2);
    const auto rest = pair.array.read(large, kSize, 3 * kMiB);
    const auto outcome = must(pair.array.backUp(pair.source, large));
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(pair.array.read(large, 0, kSize) == pair.array.read(pair.source));
    QVERIFY(pair.array.read(large, kSize, 3 * kMiB) == rest);
}

void TestBackUp::theCatalogIsNeverATarget()
{
    Pair pair;
    for (const Region& region : (*pair.array).layout().regions) {
        if (region.role != RegionRole::Management)
            continue;
        BackupOptions options;
        options.confirmedName = region.name;
        QCOMPARE(codeOf(planBackup(*pair.array, region.id, pair.target, {})),
                 ErrorCode::RegionHoldsCatalog);
        const auto refused = planBackup(*pair.array, pair.source, region.id, options);
        QVERIFY(!refused);
        QCOMPARE(errorClass(refused.error().code), ErrorClass::Refused);
    }
}

void TestBackUp::recognisedContentNeedsTheName()
{
    Pair pair;
    pair.array.makeFilesystem(pair.target, "ext4", "precious");
    const auto refused = planBackup(*pair.array, pair.source, pair.target, {});
    QCOMPARE(codeOf(refused), ErrorCode::ConfirmationNeeded);
    QCOMPARE(refused.error().subject, std::string("copy"));
    QCOMPARE(refused.error().detail, std::string("ext4 \"precious\""));
    BackupOptions options;
    options.confirmedName = "copy";
    must(planBackup(*pair.array, pair.source, pair.target, options));
}

void TestBackUp::aWrongNameIsRefusedEvenWhereNoneIsNeeded()
{
    Pair pair;
    BackupOptions options;
    options.confirmedName = "root";
    QCOMPARE(codeOf(planBackup(*pair.array, pair.source, pair.target, options)),
             ErrorCode::ConfirmationMismatch);
}

void TestBackUp::theLastGoodCopyNeedsTheName()
{
    Pair pair;
    const RegionId second = pair.array.addRegion("second", kSize, 1);
    pair.array.fillRandom(pair.source, 1);
    must(pair.array.backUp(pair.source, pair.target));
    const auto refused = planBackup(*pair.array, pair.source, pair.target, {});
    QCOMPARE(codeOf(refused), ErrorCode::ConfirmationNeeded);
    QCOMPARE(refused.error().amount, std::uint64_t{1});
    // With another good copy beside it, it is an old backup that may be replaced.
    must(pair.array.backUp(pair.source, second));
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, {}));
    QCOMPARE(plan.candidate.replaces, GenerationNumber{1});
    UncontrolledCopy control;
    must(backUp(*pair.array, plan, control));
    QCOMPARE(pair.array.state(1), GenerationState::Superseded);
    QCOMPARE(pair.array.state(3), GenerationState::Good);
}

// How long it took was told without the reading back.
void TestBackUp::aBackupIsFinishedWhenItWasReadBack()
{
    using namespace std::chrono_literals;
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    TestEnvironment test(1);
    pair.array.detach();
    const auto attached = must(Attachment::attach(pair.array.uris(), test.threadedEnvironment()));
    const auto plan = must(planBackup(*attached, pair.source, pair.target, {}));
    HookAt readingBack(CopyPhase::Verifying, [&] { test.clock.sleepFor(60s); });
    must(backUp(*attached, plan, readingBack));
    QVERIFY(readingBack.reached());
    const auto record = [&] { return must(must(attached->catalog())->generation(1)); };
    const Generation made = record();
    QVERIFY2(made.finishedMs - made.startedMs >= 60'000,
             std::to_string(made.finishedMs - made.startedMs).c_str());
    // Whoever verifies it later has not made it.
    HookAt later(CopyPhase::Verifying, [&] { test.clock.sleepFor(3600s); });
    must(verify(*attached, 1, later));
    QVERIFY(later.reached());
    QCOMPARE(record().finishedMs, made.finishedMs);
    QVERIFY(record().verifiedMs > made.verifiedMs);
}

void TestBackUp::aCopyThatNobodyReadBackDoesNotStandForAGoodOne()
{
    Pair pair;
    const RegionId second = pair.array.addRegion("second", kSize, 1);
    pair.array.fillRandom(pair.source, 1);
    UncontrolledCopy control;
    BackupOptions unread;
    unread.verify = false;
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, unread));
    must(backUp(*pair.array, plan, control));
    must(pair.array.backUp(pair.source, second));
    // 1 is copied, 2 is good: the good one is the last.
    QCOMPARE(codeOf(planBackup(*pair.array, pair.source, second, {})),
             ErrorCode::ConfirmationNeeded);
    QCOMPARE(codeOf(forget(*pair.array, 2, {})), ErrorCode::ConfirmationNeeded);
    must(planBackup(*pair.array, pair.source, pair.target, {}));
    must(forget(*pair.array, 1, {}));
}

void TestBackUp::anInterruptedBackupIsReplacedKnowingly()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    StopAt stop(4);
    QCOMPARE(codeOf(pair.array.backUp(pair.source, pair.target, stop)), ErrorCode::Canceled);
    QCOMPARE(pair.array.state(1), GenerationState::Interrupted);
    BackupOptions options;
    options.confirmedName = "copy";
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, options));
    QCOMPARE(plan.candidate.replaces, GenerationNumber{1});
}

void TestBackUp::aHeldBackupIsNeverATarget()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    must(pair.array.backUp(pair.source, pair.target));
    must(hold(*pair.array, 1));
    const auto refused = pair.array.backUp(pair.source, pair.target);
    QCOMPARE(codeOf(refused), ErrorCode::GenerationHeld);
    QCOMPARE(refused.error().amount, std::uint64_t{1});
    must(release(*pair.array, 1));
    must(pair.array.backUp(pair.source, pair.target));
}

void TestBackUp::aSupersededPlanIsRefused()
{
    Pair pair;
    pair.array.fillRandom(pair.source, 1);
    BackupOptions options;
    options.confirmedName = "copy";
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, options));
    must(pair.array.backUp(pair.source, pair.target));
    UncontrolledCopy control;
    // The plan replaced nothing; by now it would replace the last good copy.
    QCOMPARE(codeOf(backUp(*pair.array, plan, control)), ErrorCode::PlanChanged);
    QCOMPARE(pair.array.state(1), GenerationState::Good);
}

void TestBackUp::twoBackupsRunAtOnce()
{
    Pair pair;
    const RegionId otherSource = pair.array.addRegion("home", kSize, 1);
    const RegionId otherTarget = pair.array.addRegion("home copy", kSize, 0);
    pair.array.fillRandom(pair.source, 1);
    pair.array.fillRandom(otherSource, 2);
    Result<BackupOutcome> inner = failure(ErrorCode::Unsupported);
    std::thread thread;
    HookAt copying(CopyPhase::Copying, [&] {
        thread = std::thread([&] { inner = pair.array.backUp(otherSource, otherTarget); });
    });
    const auto outer = pair.array.backUp(pair.source, pair.target, copying);
    thread.join();
    QCOMPARE(must(outer).state, GenerationState::Good);
    QCOMPARE(must(inner).state, GenerationState::Good);
    QVERIFY(pair.array.read(otherSource) == pair.array.read(otherTarget));
    pair.array.attach();
    QCOMPARE(pair.array.state(1), GenerationState::Good);
    QCOMPARE(pair.array.state(2), GenerationState::Good);
}

void TestBackUp::aTargetIsWrittenByOneJobOnly()
{
    Pair pair;
    const RegionId otherSource = pair.array.addRegion("home", kSize, 1);
    pair.array.fillRandom(pair.source, 1);
    ErrorCode target{};
    ErrorCode source{};
    ErrorCode sourceOfAnother{};
    HookAt copying(CopyPhase::Copying, [&] {
        target = codeOf(pair.array.backUp(otherSource, pair.target));
        source = codeOf(pair.array.backUp(otherSource, pair.source));
        sourceOfAnother = codeOf(pair.array.backUp(pair.target, otherSource));
    });
    must(pair.array.backUp(pair.source, pair.target, copying));
    QCOMPARE(target, ErrorCode::RegionBusy);
    QCOMPARE(source, ErrorCode::RegionBusy);
    QCOMPARE(sourceOfAnother, ErrorCode::RegionBusy);
}

QTEST_GUILESS_MAIN(TestBackUp)
#include "test_back_up.moc"
