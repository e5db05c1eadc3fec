// At whatever write or flush the power is cut, a backup around unreadable sectors is what its
// record says, and so is one whose gaps are filled later.
#include "core/backup/back_up.h"
#include "core/backup/candidates.h"
#include "core/backup/guards.h"
#include "core/backup/reread.h"
#include "core/backup/resume.h"
#include "core/backup/verify.h"
#include "tests/support/undo_story.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSector = 512;

// In the first and the last chunk, and between.
const std::vector<ByteRange> kGaps = {{40 * kSector, kSector},
                                      {kMiB + 77 * kSector, 3 * kSector},
                                      {2 * kMiB, kSector},
                                      {4 * kMiB - kSector, kSector}};

std::vector<std::byte> withGaps(std::vector<std::byte> content, const std::vector<ByteRange>& gaps)
{
    for (const ByteRange& gap : gaps)
        std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(gap.offsetBytes), gap.lengthBytes,
                    std::byte{0});
    return content;
}

void backUpAround(Attachment& attachment)
{
    UncontrolledCopy control;
    BackupOptions options;
    options.onUnreadable = OnUnreadable::Skip;
    options.confirmedName = "copy";
    const auto plan = must(planBackup(attachment, must(findRegion(attachment, "root")).id,
                                      must(findRegion(attachment, "copy")).id, options));
    must(backUp(attachment, plan, control));
}

void rereadNow(Attachment& attachment)
{
    UncontrolledCopy control;
    must(rereadSource(attachment, 2, control), "reread");
}

bool isProved(Attachment& attachment)
{
    UncontrolledCopy control;
    return must(verify(attachment, 2, control), "verify").outcome.good();
}

// Where all could be read now, and the gaps are filled.
std::string judgeHealed(UndoStory& story, Attachment& attachment)
{
    story.heal();
    rereadNow(attachment);
    const auto healed = generationOf(attachment, 2);
    if (healed.state != GenerationState::Good || !healed.unreadable.empty())
        return "not good after its source was healed";
    return contentOf(attachment, "copy") == story.before() ? "" : "not what the source holds";
}

std::string judgeBackup(UndoStory& story, Attachment& attachment, bool heals)
{
    const auto first = generationOf(attachment, 1);
    if (isUsable(first))
        return contentOf(attachment, "copy") == story.backedUp() ? "" : "not the old backup";
    if (isUsable(generationOf(attachment, 2)))
        return "usable, though it lacks some of its source";
    const auto jobs = must(interruptedJobs(attachment));
    const bool ended = generationOf(attachment, 2).state == GenerationState::Partial;
    if (jobs.size() != (ended ? 0 : 1))
        return "partial with a job, or neither";
    UncontrolledCopy control;
    if (!ended)
        must(resume(attachment, jobs.front(), control, OnUnreadable::Skip), "resume");
    const auto second = generationOf(attachment, 2);
    if (second.state != GenerationState::Partial || second.unreadable.ranges() != kGaps)
        return "not partial with those ranges";
    if (contentOf(attachment, "copy") != withGaps(story.before(), kGaps))
        return "more is missing than could not be read";
    if (!isProved(attachment))
        return "not what its digests say";
    return heals ? judgeHealed(story, attachment) : "";
}

// Between a write into a gap and its record the digest of that chunk is not that of its bytes.
std::string judgeReread(UndoStory& story, Attachment& attachment, bool rereads)
{
    const auto generation = generationOf(attachment, 2);
    const auto content = contentOf(attachment, "copy");
    if (withGaps(content, kGaps) != withGaps(story.before(), kGaps))
        return "a byte outside of the gaps was changed";
    if (isUsable(generation))
        return content == story.before() ? "" : "usable, and not what the source holds";
    if (!lacksSource(generation))
        return "neither usable nor known to lack anything";
    return rereads ? judgeHealed(story, attachment) : "";
}

} // namespace

class TestUnreadablePower : public QObject {
    Q_OBJECT

private slots:
    void aBackupAroundUnreadableSectorsCutAnywhere();
    void fillingTheGapsCutAnywhere();
};

void TestUnreadablePower::aBackupAroundUnreadableSectorsCutAnywhere()
{
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    story.setUnreadable(kGaps);
    story.record([](Attachment& attachment) {
        backUpAround(attachment);
        QCOMPARE(generationOf(attachment, 2).state, GenerationState::Partial);
        QVERIFY(generationOf(attachment, 2).unreadable.ranges() == kGaps);
    });
    QVERIFY(story.writes() > 30);
    QCOMPARE(story.judgeAll([&](Attachment& attachment, Way way) {
        return judgeBackup(story, attachment, way == Way::Back);
    }),
             std::string());
}

void TestUnreadablePower::fillingTheGapsCutAnywhere()
{
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    story.setUnreadable(kGaps);
    story.run(backUpAround);
    story.setUnreadable({});
    story.record([](Attachment& attachment) {
        rereadNow(attachment);
        QCOMPARE(generationOf(attachment, 2).state, GenerationState::Good);
    });
    QVERIFY(story.writes() > 10);
    QCOMPARE(story.judgeAll([&](Attachment& attachment, Way way) {
        return judgeReread(story, attachment, way == Way::Forward);
    }),
             std::string());
}

QTEST_GUILESS_MAIN(TestUnreadablePower)
#include "test_unreadable_power.moc"
