// What a restore overwrites is kept before its first write, and comes back byte for byte.
#include "core/backup/undo.h"

#include "core/backup/candidates.h"
#include "core/backup/guards.h"
#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "core/backup/undo_area.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/state_stride.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <tuple>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 7 * kMiB;

// An ext4 "root" with a good backup, number 1, in "copy", changed since; and "spare", which is
// free.
struct Changed {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);
    RegionId spare = array.addRegion("spare", kSize, 1);
    std::vector<std::byte> backedUp;
    std::vector<std::byte> before;

    Changed()
    {
        array.makeFilesystem(source, "ext4", "home");
        backedUp = array.read(source);
        must(array.backUp(source, target));
        scratch(3 * kMiB + 10);
        scratch(5 * kMiB + 10);
        before = array.read(source);
    }
    void scratch(std::uint64_t offset, std::byte value = std::byte{0x5a})
    {
        array.write(source, offset, std::vector<std::byte>(100, value));
        must((*array).refresh());
    }
    Result<RestoreOutcome> restore(const RestoreOptions& options, CopyControl& control)
    {
        const RestorePlan plan = CAIRN_TRY(planRestore(*array, 1, options));
        return cairn::restore(*array, plan, control);
    }
    Result<RestoreOutcome> restore(const RestoreOptions& options = {})
    {
        UncontrolledCopy control;
        return restore(options, control);
    }
    Result<CopyOutcome> undo(GenerationNumber number, const std::string& confirmed,
                             CopyControl& control)
    {
        const UndoPlan plan = CAIRN_TRY(planUndo(*array, number, confirmed));
        return cairn::undo(*array, plan, control);
    }
    Result<CopyOutcome> undo(GenerationNumber number, const std::string& confirmed = {})
    {
        UncontrolledCopy control;
        return undo(number, confirmed, control);
    }
    bool isBefore() { return array.read(source) == before; }
    bool isBackedUp() { return array.read(source) == backedUp; }
};

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

} // namespace

class TestUndo : public QObject {
    Q_OBJECT

private slots:
    void aRestoreIsUndoneByteForByte();
    void theRecordSaysWhatIsKept();
    void onlyWhatChangesIsKept();
    void aRestoreThatChangesNothingKeepsNothing();
    void withoutRoomTheNameMustBeTyped();
    void aNamedRegionMustHaveRoom();
    void aRegionThatHoldsSomethingIsNeverChosen();
    void aShortLastChunkComesBack();
    void theBackupsThatAreKeptForAnUndoAreNoBackups();
    void whatIsKeptIsProtected();
    void whatWasUndoneGivesItsRegionBack();
    void aChangeSinceNeedsTheName();
    void aChangeThatWouldBeMixedIsRefused();
    void damagedKeepingIsNotBroughtBack();
    void aTargetThatChangesBehindTheRestoreIsNotOverwritten();
    void anUndoneRestoreCanBeRestoredAgain();
    void twoRestoresAreUndoneInTurn();
    void stoppedAnywhereItGoesForwardOrBack();
    void anUndoStoppedAnywhereGoesOn();
    void aRestoreGivenUpBeforeItWroteLeavesNothingBehind();
    void aTargetThatHeldABackupLosesItOnlyWhenItIsOverwritten();
    // Incident: its bytes came back, and its record said superseded for ever.
    void aBackupThatComesBackIsOneAgain();
    void aBackupOfAnotherSizeStaysSuperseded();
};

void TestUndo::aRestoreIsUndoneByteForByte()
{
    Changed changed;
    const auto outcome = must(changed.restore());
    QVERIFY(changed.isBackedUp());
    QCOMPARE(outcome.undo, GenerationNumber{2});
    QCOMPARE(must(newestUndo(*changed.array)), outcome.undo);
    must(changed.undo(outcome.undo));
    QVERIFY(changed.isBefore());
    QCOMPARE(codeOf(newestUndo(*changed.array)), ErrorCode::UnknownGeneration);
    QCOMPARE(codeOf(changed.undo(outcome.undo)), ErrorCode::BackupNotUsable);
    const auto kinds = changed.array.eventKinds();
    QVERIFY(std::ranges::find(kinds, EventKind::UndoStarted) != kinds.end());
    QCOMPARE(kinds.back(), EventKind::UndoFinished);
}

void TestUndo::theRecordSaysWhatIsKept()
{
    Changed changed;
    must(changed.restore());
    const Generation kept = changed.array.generation(2);
    QCOMPARE(kept.state, GenerationState::Good);
    QCOMPARE(kept.source.id, changed.source);
    QCOMPARE(kept.target.id, changed.spare);
    QVERIFY(kept.undo.has_value());
    QCOMPARE(kept.undo->restored, GenerationNumber{1});
    QCOMPARE(kept.undo->sizeBytes, kSize);
    QVERIFY(kept.undo->chunks.contains(3) && kept.undo->chunks.contains(5));
    QVERIFY(kept.undo->keptMs != 0);
    QCOMPARE(kept.undo->undoneMs, std::int64_t{0});
    QCOMPARE(changed.array.region(changed.spare).role, RegionRole::Backup);
    UncontrolledCopy control;
    QVERIFY(must(verify(*changed.array, 2, control)).outcome.good());
    // No filesystem appears twice.
    QVERIFY(changed.array.region(changed.spare).content.kind != ContentKind::Recognised);
    must(changed.undo(2));
    QVERIFY(changed.array.generation(2).undo->undoneMs != 0);
}

void TestUndo::onlyWhatChangesIsKept()
{
    Changed changed;
    const RegionId small = changed.array.addRegion("small", 4 * kMiB, 1);
    const auto outcome = must(changed.restore({.undoTo = small}));
    const Generation kept = changed.array.generation(outcome.undo);
    QCOMPARE(kept.sizeBytes, 4 * kMiB); // Two that differ, and the edges.
    QCOMPARE(kept.target.id, small);
    must(changed.undo(outcome.undo));
    QVERIFY(changed.isBefore());
}

void TestUndo::aRestoreThatChangesNothingKeepsNothing()
{
    Changed changed;
    changed.array.addRegion("second", kSize, 0);
    must(changed.restore());
    const auto again = must(changed.restore());
    QCOMPARE(again.undo, GenerationNumber{0});
    QCOMPARE(again.copy.writtenBytes, std::uint64_t{0});
}

void TestUndo::withoutRoomTheNameMustBeTyped()
{
    Changed changed;
    changed.array.fillRandom(changed.spare, 4); // It holds something unknown.
    const RegionId small = changed.array.addRegion("small", 3 * kMiB, 1);
    const auto digests = changed.array.memberDigests();
    // That what changes does not fit is known only when the target was read.
    const auto refused = changed.restore();
    QCOMPARE(codeOf(refused), ErrorCode::ConfirmationNeeded);
    QCOMPARE(refused.error().detail, std::string(kNoUndoRoom));
    QCOMPARE(refused.error().amount, 4 * kMiB);
    QCOMPARE(codeOf(changed.restore({.undo = false})), ErrorCode::ConfirmationNeeded);
    QVERIFY(changed.array.memberDigests() == digests);
    const auto outcome = must(changed.restore({.confirmedName = "root"}));
    QCOMPARE(outcome.undo, GenerationNumber{0});
    QVERIFY(changed.isBackedUp());
    QCOMPARE(changed.array.region(small).role, RegionRole::Data);
}

void TestUndo::aNamedRegionMustHaveRoom()
{
    Changed changed;
    const RegionId small = changed.array.addRegion("small", 3 * kMiB, 1);
    const auto digests = changed.array.memberDigests();
    const auto refused = changed.restore({.undoTo = small});
    QCOMPARE(codeOf(refused), ErrorCode::TargetTooSmall);
    QCOMPARE(refused.error().amount, kMiB);
    QCOMPARE(codeOf(changed.restore({.undoTo = changed.source})), ErrorCode::SourceIsTarget);
    QCOMPARE(codeOf(changed.restore({.undoTo = changed.target})), ErrorCode::SourceIsTarget);
    changed.array.fillRandom(changed.spare, 4);
    QCOMPARE(codeOf(changed.restore({.undoTo = changed.spare})), ErrorCode::ConfirmationNeeded);
    QVERIFY(changed.isBefore());
    must(changed.restore({.undoTo = changed.spare, .undoToConfirmed = "spare"}));
    must(changed.undo(2));
    QVERIFY(changed.isBefore());
    QVERIFY(changed.array.memberDigests() != digests);
}

void TestUndo::aRegionThatHoldsSomethingIsNeverChosen()
{
    Changed changed;
    must(changed.array.backUp(changed.source, changed.spare)); // Number 2, of what is there now.
    const auto outcome = changed.restore();
    QCOMPARE(codeOf(outcome), ErrorCode::ConfirmationNeeded);
    QCOMPARE(changed.array.state(2), GenerationState::Good);
}

void TestUndo::aShortLastChunkComesBack()
{
    QTemporaryDir directory;
    ArrayFixture array(directory.path().toStdString());
    // Regions are made of whole MiB; a backup that ends within one comes from an adopted disk. So
    // only the catalog is told that the source is shorter.
    const RegionId source = array.addRegion("root", 4 * kMiB, 0);
    const RegionId copy = array.addRegion("copy", 4 * kMiB, 1);
    array.addRegion("spare", 4 * kMiB, 1);
    array.fillRandom(source, 1);
    const auto backedUp = array.read(source);
    must(array.backUp(source, copy));
    const std::uint64_t sizeBytes = 3 * kMiB + 512;
    {
        const auto writing = must(WriteAccess::take(*array));
        Generation record = must(writing.catalog().generation(1));
        record.number = 2;
        record.sizeBytes = sizeBytes;
        DigestSegment segment{0, {}};
        for (std::uint64_t chunk = 0; chunk < chunkCount(sizeBytes); ++chunk) {
            const ByteRange range = chunkRange(chunk, sizeBytes);
            segment.digests.push_back(
                digestOf(std::span(backedUp).subspan(range.offsetBytes, range.lengthBytes)));
        }
        record.state = GenerationState::Copied;
        must(writing.catalog().insertRecovered(record, {&segment, 1}));
    }
    array.fillRandom(source, 2);
    const auto before = array.read(source);
    UncontrolledCopy control;
    const auto plan = must(planRestore(*array, 2, {}));
    const auto outcome = must(restore(*array, plan, control));
    QVERIFY(outcome.undo != 0);
    auto restored = before;
    std::copy_n(backedUp.begin(), sizeBytes, restored.begin());
    QVERIFY(array.read(source) == restored);
    must(undo(*array, must(planUndo(*array, outcome.undo, {})), control));
    QVERIFY(array.read(source) == before);
}

void TestUndo::theBackupsThatAreKeptForAnUndoAreNoBackups()
{
    Changed changed;
    must(changed.restore());
    QCOMPARE(codeOf(planRestore(*changed.array, 2, {.confirmedName = "root"})),
             ErrorCode::BackupNotUsable);
    // The only real backup stays protected.
    QCOMPARE(codeOf(forget(*changed.array, 1, {})), ErrorCode::ConfirmationNeeded);
    QCOMPARE(must(planRestore(*changed.array, 1, {.confirmedName = "root"})).newestBackupOfTarget,
             GenerationNumber{1});
    QCOMPARE(codeOf(planUndo(*changed.array, 1, {})), ErrorCode::BackupNotUsable);
    QCOMPARE(codeOf(planUndo(*changed.array, 77, {})), ErrorCode::UnknownGeneration);
}

void TestUndo::whatIsKeptIsProtected()
{
    Changed changed;
    must(changed.restore());
    QCOMPARE(codeOf(forget(*changed.array, 2, {})), ErrorCode::ConfirmationNeeded);
    QCOMPARE(codeOf(planBackup(*changed.array, changed.source, changed.spare, {})),
             ErrorCode::ConfirmationNeeded);
    const auto candidates = must(candidateTargets(*changed.array, changed.source));
    const auto spare = std::ranges::find(candidates, changed.spare, &CandidateTarget::region);
    QVERIFY(std::ranges::find(spare->refusals, RefusalReason::KeepsUndo, &Refusal::reason) !=
            spare->refusals.end());
    must(hold(*changed.array, 2));
    BackupOptions confirmed;
    confirmed.confirmedName = "spare";
    QCOMPARE(codeOf(planBackup(*changed.array, changed.source, changed.spare, confirmed)),
             ErrorCode::GenerationHeld);
    must(changed.undo(2));
    QVERIFY(changed.isBefore());
}

void TestUndo::whatWasUndoneGivesItsRegionBack()
{
    Changed changed;
    must(changed.restore());
    must(changed.undo(2));
    const auto again = must(changed.restore());
    QCOMPARE(again.undo, GenerationNumber{3});
    QCOMPARE(changed.array.generation(3).target.id, changed.spare);
    QCOMPARE(changed.array.state(2), GenerationState::Superseded);
    must(changed.undo(3));
    QVERIFY(changed.isBefore());
    must(planBackup(*changed.array, changed.source, changed.spare, {}));
}

void TestUndo::aChangeSinceNeedsTheName()
{
    Changed changed;
    must(changed.restore());
    changed.scratch(3 * kMiB + 500, std::byte{0x77}); // In a chunk that the restore wrote.
    const auto now = changed.array.read(changed.source);
    QCOMPARE(codeOf(changed.undo(2)), ErrorCode::ConfirmationNeeded);
    QVERIFY(changed.array.read(changed.source) == now);
    must(changed.undo(2, "root"));
    QVERIFY(changed.isBefore());
}

void TestUndo::aChangeThatWouldBeMixedIsRefused()
{
    Changed changed;
    must(changed.restore());
    changed.scratch(4 * kMiB + 500); // In a chunk that the restore left alone.
    const auto digests = changed.array.memberDigests();
    QCOMPARE(codeOf(changed.undo(2)), ErrorCode::ContentChanged);
    QCOMPARE(codeOf(changed.undo(2, "root")), ErrorCode::ContentChanged);
    QVERIFY(changed.array.memberDigests() == digests);
}

void TestUndo::damagedKeepingIsNotBroughtBack()
{
    Changed changed;
    must(changed.restore());
    changed.array.write(changed.spare, kMiB + 20, std::vector<std::byte>(4, std::byte{9}));
    QCOMPARE(codeOf(changed.undo(2)), ErrorCode::DigestMismatch);
    QVERIFY(changed.isBackedUp());
    QCOMPARE(changed.array.state(2), GenerationState::Partial);
}

void TestUndo::aTargetThatChangesBehindTheRestoreIsNotOverwritten()
{
    Changed changed;
    // Somebody writes to the image while the restore copies what it knows of.
    HookAt control(CopyPhase::Flushing, [&] {
        changed.array.write(changed.source, 4 * kMiB, std::vector<std::byte>(10, std::byte{1}));
    });
    QCOMPARE(codeOf(changed.restore({}, control)), ErrorCode::PlanChanged);
    QVERIFY(control.reached());
    QCOMPARE(changed.array.read(changed.source, 4 * kMiB, 10),
             std::vector<std::byte>(10, std::byte{1}));
}

void TestUndo::anUndoneRestoreCanBeRestoredAgain()
{
    Changed changed;
    must(changed.restore());
    must(changed.undo(2));
    must(changed.restore());
    QVERIFY(changed.isBackedUp());
    // Without the backup there is no way forward again.
    must(forget(*changed.array, 1, "copy"));
    QCOMPARE(codeOf(planUndo(*changed.array, 3, {})), ErrorCode::ConfirmationNeeded);
    must(changed.undo(3, "root"));
    QVERIFY(changed.isBefore());
}

void TestUndo::twoRestoresAreUndoneInTurn()
{
    Changed changed;
    const RegionId second = changed.array.addRegion("second", kSize, 0);
    must(changed.restore());
    changed.scratch(4 * kMiB);
    const auto between = changed.array.read(changed.source);
    const auto outcome = must(changed.restore());
    QCOMPARE(changed.array.generation(outcome.undo).target.id, second);
    QCOMPARE(must(newestUndo(*changed.array)), outcome.undo);
    must(changed.undo(outcome.undo));
    QVERIFY(changed.array.read(changed.source) == between);
    // What came in between would be mixed with what was before.
    QCOMPARE(codeOf(changed.undo(2)), ErrorCode::ContentChanged);
}

void TestUndo::stoppedAnywhereItGoesForwardOrBack()
{
    Changed changed;
    StopAt counting(0);
    must(changed.restore({}, counting));
    must(changed.undo(2));
    bool interruptedWhileKeeping = false;
    bool interruptedWhileCopying = false;
    for (std::uint64_t call = 2; call <= counting.calls(); call += stateStride()) {
        QVERIFY(changed.isBefore());
        StopAt control(call);
        const auto stopped = changed.restore({}, control);
        if (!stopped)
            QCOMPARE(stopped.error().code, ErrorCode::Canceled);
        changed.array.attach();
        const auto jobs = must(interruptedJobs(*changed.array));
        if (!jobs.empty()) {
            QCOMPARE(jobs.size(), std::size_t{1});
            QCOMPARE(must(newestUndo(*changed.array)), jobs.front().undo);
            const bool kept = keepsOverwritten(changed.array.generation(jobs.front().undo));
            QVERIFY(kept || changed.isBefore());
            (kept ? interruptedWhileCopying : interruptedWhileKeeping) = true;
            if (call % 2 == 0) {
                UncontrolledCopy goOn;
                must(resume(*changed.array, jobs.front(), goOn));
                QVERIFY(changed.isBackedUp());
            }
        }
        if (const auto number = newestUndo(*changed.array))
            must(changed.undo(*number));
        QVERIFY(changed.isBefore());
        QVERIFY(must(interruptedJobs(*changed.array)).empty());
    }
    QVERIFY(interruptedWhileKeeping);
    QVERIFY(interruptedWhileCopying);
}

void TestUndo::anUndoStoppedAnywhereGoesOn()
{
    Changed changed;
    must(changed.restore());
    StopAt counting(0);
    must(changed.undo(2, {}, counting));
    for (std::uint64_t call = 2; call <= counting.calls(); call += stateStride()) {
        const auto number = must(changed.restore()).undo;
        QVERIFY(changed.isBackedUp());
        StopAt control(call);
        const auto stopped = changed.undo(number, {}, control);
        if (!stopped)
            QCOMPARE(stopped.error().code, ErrorCode::Canceled);
        changed.array.attach();
        UncontrolledCopy goOn;
        for (const Job& job : must(interruptedJobs(*changed.array))) {
            QCOMPARE(job.kind, JobKind::Undo);
            if (call % 2 == 0)
                must(resume(*changed.array, job, goOn));
        }
        if (changed.array.generation(number).undo->undoneMs == 0)
            must(changed.undo(number));
        QVERIFY(changed.isBefore());
    }
}

void TestUndo::aRestoreGivenUpBeforeItWroteLeavesNothingBehind()
{
    Changed changed;
    HookAt stop(CopyPhase::Flushing, [&] {
        Job job = must(must((*changed.array).catalog())->jobs()).front();
        QCOMPARE(job.undo, GenerationNumber{2});
        // Another verb of this process cannot take the region that is being filled.
        QCOMPARE(codeOf(planBackup(*changed.array, changed.source, changed.spare, {})),
                 ErrorCode::RegionBusy);
    });
    must(changed.restore({}, stop));
    QVERIFY(stop.reached());
    must(changed.undo(2));

    std::uint64_t call = 2;
    std::vector<Job> jobs;
    for (; jobs.empty(); ++call) {
        StopAt control(call);
        std::ignore = changed.restore({}, control);
        jobs = must(interruptedJobs(*changed.array));
    }
    QVERIFY(!keepsOverwritten(changed.array.generation(jobs.front().undo)));
    must(discard(*changed.array, jobs.front()));
    QVERIFY(changed.isBefore());
    QCOMPARE(changed.array.state(jobs.front().undo), GenerationState::Failed);
    QCOMPARE(codeOf(newestUndo(*changed.array)), ErrorCode::UnknownGeneration);
}

void TestUndo::aTargetThatHeldABackupLosesItOnlyWhenItIsOverwritten()
{
    Changed changed;
    const RegionId second = changed.array.addRegion("second", kSize, 0);
    must(changed.array.backUp(changed.source, second)); // Number 2, of other bytes than number 1.
    UncontrolledCopy control;
    const auto plan = must(planRestore(*changed.array, 1, {.to = second}));
    bool stoppedWhileKeeping = false;
    for (std::uint64_t call = 2; changed.array.state(2) == GenerationState::Good; ++call) {
        StopAt stop(call);
        std::ignore =
            restore(*changed.array, must(planRestore(*changed.array, 1, {.to = second})), stop);
        for (const Job& job : must(interruptedJobs(*changed.array))) {
            if (changed.array.state(2) != GenerationState::Good)
                break;
            stoppedWhileKeeping = true;
            must(undo(*changed.array, must(planUndo(*changed.array, job.undo, {})), control));
            UncontrolledCopy reading;
            QVERIFY(must(verify(*changed.array, 2, reading)).outcome.good());
        }
    }
    QVERIFY(stoppedWhileKeeping);
    QCOMPARE(changed.array.state(2), GenerationState::Superseded);
}

void TestUndo::aBackupThatComesBackIsOneAgain()
{
    Changed changed;
    must(changed.array.backUp(changed.source, changed.spare));
    const RegionId room = changed.array.addRegion("room", kSize, 0);
    const auto bytes = changed.array.read(changed.spare);
    const auto kept = must(changed.restore(
        {.to = changed.spare, .confirmedName = "spare", .undoTo = room, .undoToConfirmed = {}}));
    QCOMPARE(changed.array.state(2), GenerationState::Superseded);
    must(changed.undo(kept.undo));
    QVERIFY(changed.array.read(changed.spare) == bytes);
    QCOMPARE(changed.array.state(2), GenerationState::Copied);
    QVERIFY(changed.array.region(changed.spare).role == RegionRole::Backup);
    UncontrolledCopy control;
    QVERIFY(must(verify(*changed.array, 2, control)).outcome.good());
    QCOMPARE(changed.array.state(2), GenerationState::Good);
    must(changed.array.restore(2));
    QVERIFY(changed.isBefore());
}

void TestUndo::aBackupOfAnotherSizeStaysSuperseded()
{
    Changed changed;
    const RegionId larger = changed.array.addRegion("larger", kSize + kMiB, 0);
    const RegionId place = changed.array.addRegion("place", kSize + kMiB, 1);
    changed.array.fillRandom(larger, 5);
    must(changed.array.backUp(larger, place));
    const auto bytes = changed.array.read(place);
    const auto kept = must(changed.restore(
        {.to = place, .confirmedName = "place", .undoTo = changed.spare, .undoToConfirmed = {}}));
    must(changed.undo(kept.undo));
    QVERIFY(changed.array.read(place) == bytes);
    QCOMPARE(changed.array.state(2), GenerationState::Superseded);
}

QTEST_GUILESS_MAIN(TestUndo)
#include "test_undo.moc"
