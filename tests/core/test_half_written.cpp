// A region that is half of one content and half of another is no source, and what was made of it
// stands for no other copy.
#include "core/backup/candidates.h"
#include "core/backup/guards.h"
#include "core/backup/half_written.h"
#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "core/backup/undo.h"
#include "tests/support/array_fixture.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 12 * kMiB;

// Stops as soon as that much was copied.
class StopCopying final : public CopyControl {
public:
    bool checkpoint(const CopyProgress& progress) override
    {
        return progress.phase != CopyPhase::Copying || progress.writtenBytes < 4 * kMiB;
    }
};

template<typename T>
ErrorCode codeOf(const Result<T>& result)
{
    return result ? ErrorCode{} : result.error().code;
}

// "data" with a good backup in "first", and changed all over since.
struct Changed {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId data = array.addRegion("data", kSize, 0);
    RegionId first = array.addRegion("first", kSize, 1);
    RegionId second = array.addRegion("second", kSize, 1);
    RegionId third = array.addRegion("third", kSize, 1);

    Changed()
    {
        array.fillRandom(data, 1);
        must(array.backUp(data, first));
        array.fillRandom(data, 2);
    }

    // A restore of backup 1 that was interrupted and given up; without an undo.
    void leaveHalfRestored()
    {
        StopCopying control;
        if (array.restore(1, std::nullopt, control))
            stopTest("interrupting", Error{});
        giveUpAll();
    }

    void giveUpAll()
    {
        for (const Job& job : must(interruptedJobs(*array)))
            must(discard(*array, job));
    }

    [[nodiscard]] std::optional<HalfWritten> half(const RegionId& region)
    {
        const auto all = must(halfWrittenRegions(*array));
        const HalfWritten* found = findHalfWritten(all, region);
        return found == nullptr ? std::nullopt : std::optional(*found);
    }

    [[nodiscard]] bool isLastGoodCopy(GenerationNumber number)
    {
        const Records records = must(readRecords(*array));
        return records.isLastGoodCopy(*records.find(number));
    }

    Result<void> import(std::uint64_t sizeBytes, bool ends)
    {
        std::uint64_t left = sizeBytes;
        const ByteSource stream = [&](std::span<std::byte> into) -> Result<std::size_t> {
            if (left == 0 && !ends)
                return failure(ErrorCode::ReadFailed, "stream");
            const auto got = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
            std::ranges::fill(into.first(got), std::byte{0x11});
            left -= got;
            return got;
        };
        StopAt control(0);
        const auto written =
            importRegion(*array, {.region = data, .confirmedName = "data"}, stream, control);
        return written ? Result<void>() : std::unexpected(written.error());
    }
};

} // namespace

class TestHalfWritten : public QObject {
    Q_OBJECT

private slots:
    void whatRunsWaitsOrWasGivenUpIsTold();
    void itSurvivesTheNextAttachment();
    void acceptingNeedsTheNameAndSomethingToAccept();
    void whatWaitsToGoOnIsNotAccepted();
    // Incident: a backup of a mixture stood for another good copy, and the only true one was lost.
    void aBackupOfAcceptedContentStandsForNoOther();
    void acceptedContentIsThatWhereverItIsCopiedTo();
    void aWholeRestoreEndsIt();
    void aShorterWriteDoesNotEndIt();
    void anImportThatFailsLeavesAsMuchAsItMayHaveWritten();
    // An undo brings back what was there: also that it was half of each.
    void whatAnUndoBringsBackIsAsHalfWrittenAsItWas();
    void aBackupIsNotResumedFromHalfOfEach();
    void aHalfWrittenTargetOfABackupIsNoSource();
    void whatARestoreHadNotOverwrittenIsWhole();
};

void TestHalfWritten::whatRunsWaitsOrWasGivenUpIsTold()
{
    Changed changed;
    QVERIFY(!changed.half(changed.data));
    std::optional<HalfWritten> during;
    HookEach hook([&] {
        if (!during)
            during = changed.half(changed.data);
    });
    must(changed.array.restore(1, std::nullopt, hook));
    QVERIFY(during && during->state == HalfWrittenState::Running);
    QVERIFY(!changed.half(changed.data));

    changed.array.fillRandom(changed.data, 3);
    StopCopying control;
    QVERIFY(!changed.array.restore(1, std::nullopt, control));
    QVERIFY(changed.half(changed.data)->state == HalfWrittenState::Interrupted);
    changed.giveUpAll();
    const auto half = changed.half(changed.data);
    QVERIFY(half->state == HalfWrittenState::GivenUp);
    QVERIFY(half->write.kind == WriteKind::Restore);
    QCOMPARE(half->write.generation, GenerationNumber{1});
    must(acceptContent(*changed.array, changed.data, "data"));
    QVERIFY(changed.half(changed.data)->state == HalfWrittenState::Accepted);
}

void TestHalfWritten::itSurvivesTheNextAttachment()
{
    Changed changed;
    changed.leaveHalfRestored();
    changed.array.detach();
    changed.array.attach();
    QCOMPARE(codeOf(changed.array.backUp(changed.data, changed.second)), ErrorCode::HalfWritten);
}

void TestHalfWritten::acceptingNeedsTheNameAndSomethingToAccept()
{
    Changed changed;
    QCOMPARE(codeOf(acceptContent(*changed.array, changed.data, "data")),
             ErrorCode::InvalidArgument);
    changed.leaveHalfRestored();
    QCOMPARE(codeOf(acceptContent(*changed.array, changed.data, {})),
             ErrorCode::ConfirmationNeeded);
    QCOMPARE(codeOf(acceptContent(*changed.array, changed.data, "first")),
             ErrorCode::ConfirmationMismatch);
    QCOMPARE(codeOf(changed.array.backUp(changed.data, changed.second)), ErrorCode::HalfWritten);
    must(acceptContent(*changed.array, changed.data, "data"));
    QCOMPARE(changed.array.eventKinds().back(), EventKind::ContentAccepted);
    QCOMPARE(codeOf(acceptContent(*changed.array, changed.data, "data")),
             ErrorCode::InvalidArgument);
}

void TestHalfWritten::whatWaitsToGoOnIsNotAccepted()
{
    Changed changed;
    StopCopying control;
    QVERIFY(!changed.array.restore(1, std::nullopt, control));
    QCOMPARE(codeOf(acceptContent(*changed.array, changed.data, "data")),
             ErrorCode::RestoreUnfinished);
}

void TestHalfWritten::aBackupOfAcceptedContentStandsForNoOther()
{
    Changed changed;
    changed.leaveHalfRestored();
    must(acceptContent(*changed.array, changed.data, "data"));
    must(changed.array.backUp(changed.data, changed.second));
    QVERIFY(changed.array.generation(2).takenAsIs);
    QVERIFY(changed.isLastGoodCopy(1));
    QVERIFY(!changed.isLastGoodCopy(2)); // The true copy stands for it.
    QCOMPARE(codeOf(planBackup(*changed.array, changed.data, changed.first, {})),
             ErrorCode::ConfirmationNeeded);
    QCOMPARE(codeOf(forget(*changed.array, 1, {})), ErrorCode::ConfirmationNeeded);
    // Without a true copy there is at least this one.
    must(forget(*changed.array, 1, "first"));
    QVERIFY(changed.isLastGoodCopy(2));
}

void TestHalfWritten::acceptedContentIsThatWhereverItIsCopiedTo()
{
    Changed changed;
    changed.leaveHalfRestored();
    must(acceptContent(*changed.array, changed.data, "data"));
    must(changed.array.backUp(changed.data, changed.second));
    // A backup of the backup, restored to where it came from.
    must(changed.array.backUp(changed.second, changed.third));
    QVERIFY(changed.array.generation(3).takenAsIs);
    changed.array.fillRandom(changed.data, 7);
    must(changed.array.restore(3, changed.data));
    QVERIFY(changed.half(changed.data)->state == HalfWrittenState::Accepted);
    must(changed.array.backUp(changed.data, changed.third));
    QVERIFY(changed.array.generation(4).takenAsIs);
    QVERIFY(changed.isLastGoodCopy(1));
}

void TestHalfWritten::aWholeRestoreEndsIt()
{
    Changed changed;
    changed.leaveHalfRestored();
    must(acceptContent(*changed.array, changed.data, "data"));
    must(changed.array.restore(1));
    QVERIFY(!changed.half(changed.data));
    must(changed.array.backUp(changed.data, changed.second));
    QVERIFY(!changed.array.generation(2).takenAsIs);
    QVERIFY(!changed.isLastGoodCopy(1));
}

void TestHalfWritten::aShorterWriteDoesNotEndIt()
{
    Changed changed;
    changed.leaveHalfRestored();
    must(changed.import(kSize - kMiB, true));
    QVERIFY(changed.half(changed.data)->state == HalfWrittenState::GivenUp);
    must(changed.import(kSize, true));
    QVERIFY(!changed.half(changed.data));
}

void TestHalfWritten::anImportThatFailsLeavesAsMuchAsItMayHaveWritten()
{
    Changed changed;
    QCOMPARE(codeOf(changed.import(3 * kMiB, false)), ErrorCode::ReadFailed);
    const auto half = changed.half(changed.data);
    QVERIFY(half && half->write.kind == WriteKind::RegionImport);
    QVERIFY(half->state == HalfWrittenState::GivenUp);
    QVERIFY(half->write.sizeBytes >= 3 * kMiB && half->write.sizeBytes < kSize);
    QCOMPARE(codeOf(changed.array.backUp(changed.data, changed.second)), ErrorCode::HalfWritten);
    must(changed.import(half->write.sizeBytes, true));
    QVERIFY(!changed.half(changed.data));
}

void TestHalfWritten::whatAnUndoBringsBackIsAsHalfWrittenAsItWas()
{
    Changed changed;
    changed.leaveHalfRestored();
    const auto mixture = changed.array.read(changed.data);
    UncontrolledCopy control;
    const auto plan = must(planRestore(*changed.array, 1, {.undoTo = changed.second}));
    const auto restored = must(restore(*changed.array, plan, control));
    QVERIFY(restored.undo != 0);
    QVERIFY(!changed.half(changed.data));
    must(undo(*changed.array, must(planUndo(*changed.array, restored.undo, {})), control));
    QVERIFY(changed.array.read(changed.data) == mixture);
    QVERIFY(changed.half(changed.data)->state == HalfWrittenState::GivenUp);
    QCOMPARE(codeOf(changed.array.backUp(changed.data, changed.third)), ErrorCode::HalfWritten);
}

void TestHalfWritten::aBackupIsNotResumedFromHalfOfEach()
{
    Changed changed;
    StopCopying control;
    QVERIFY(!changed.array.backUp(changed.data, changed.second, control));
    {
        // As a version could leave it that let a restore change the source of such a backup.
        const auto writing = must(WriteAccess::take(*changed.array));
        Catalog& catalog = writing.catalog();
        const auto id = must(catalog.beginRestore(1, refTo(changed.array.region(changed.data))));
        must(catalog.recordOverwriting(id));
        must(catalog.failRestore(id, {ErrorCode::Canceled, 0, {}, {}, 0}, false));
    }
    const auto resumeBackup = [&] {
        StopAt never(0);
        for (const Job& job : must(interruptedJobs(*changed.array))) {
            if (job.kind == JobKind::Backup)
                return codeOf(resume(*changed.array, job, never));
        }
        return ErrorCode::UnknownGeneration;
    };
    QCOMPARE(resumeBackup(), ErrorCode::HalfWritten);
    for (const Job& job : must(interruptedJobs(*changed.array))) {
        if (job.kind == JobKind::Restore)
            must(discard(*changed.array, job));
    }
    QCOMPARE(resumeBackup(), ErrorCode::HalfWritten);
    must(acceptContent(*changed.array, changed.data, "data"));
    QCOMPARE(resumeBackup(), ErrorCode{});
    QVERIFY(changed.array.generation(2).takenAsIs);
    QVERIFY(changed.isLastGoodCopy(1));
}

void TestHalfWritten::aHalfWrittenTargetOfABackupIsNoSource()
{
    Changed changed;
    StopCopying control;
    QVERIFY(!changed.array.backUp(changed.data, changed.second, control));
    QCOMPARE(codeOf(changed.array.backUp(changed.second, changed.third)), ErrorCode::HalfWritten);
    changed.giveUpAll();
    QCOMPARE(codeOf(changed.array.backUp(changed.second, changed.third)), ErrorCode::HalfWritten);
    // As a target it is as free as before: its record tells what it is.
    const auto candidates = must(candidateTargets(*changed.array, changed.data));
    QVERIFY(std::ranges::find(candidates, changed.second, &CandidateTarget::region)->allowed());
    must(changed.array.backUp(changed.data, changed.second));
    must(changed.array.backUp(changed.second, changed.third));
}

void TestHalfWritten::whatARestoreHadNotOverwrittenIsWhole()
{
    Changed changed;
    // The keeping copies as well: it is stopped in that.
    StopCopying control;
    const auto plan = must(planRestore(*changed.array, 1, {.undoTo = changed.second}));
    QCOMPARE(codeOf(restore(*changed.array, plan, control)), ErrorCode::Canceled);
    QVERIFY(!changed.half(changed.data));
    const auto candidates = must(candidateTargets(*changed.array, changed.first));
    const auto found = std::ranges::find(candidates, changed.data, &CandidateTarget::region);
    QVERIFY(std::ranges::any_of(found->refusals, [](const Refusal& refusal) {
        return refusal.reason == RefusalReason::RestoreWaiting;
    }));
    must(changed.array.backUp(changed.data, changed.third));
}

QTEST_GUILESS_MAIN(TestHalfWritten)
#include "test_half_written.moc"
