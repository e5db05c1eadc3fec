// At whatever write or flush the power is cut, a restore can be finished or rolled back exactly,
// and an undo can be finished.
#include "core/backup/guards.h"
#include "core/backup/resume.h"
#include "core/backup/undo.h"
#include "core/catalog/management_region.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"
#include "tests/support/memory_array.h"
#include "tests/support/state_stride.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;

enum class Way : std::uint8_t { Forward, Back };

// A region with a backup, number 1, that was changed since in one chunk; and room for that and the
// edges. All on one disk, which is read into memory.
struct Story {
    QTemporaryDir directory;
    std::string identityPath = directory.path().toStdString() + "/member0.img";
    TestEnvironment machine{testSeed()};
    TestEnvironment elsewhere{testSeed() + 1}; // Another host, which knows nothing but the disk.
    ByteRange extent;                          // Of the region on the disk.
    std::vector<std::byte> backedUp;
    std::vector<std::byte> before;
    std::vector<std::byte> disk;
    std::shared_ptr<WriteLog> log = std::make_shared<WriteLog>();

    Story()
    {
        ArrayFixture array(directory.path().toStdString(),
                           {.members = 1,
                            .memberSizeBytes = 18 * kMiB,
                            .managementBytes = kMinimumManagementBytes});
        const RegionId source = array.addRegion("root", kSize);
        const RegionId copy = array.addRegion("copy", kSize);
        array.addRegion("spare", 3 * kMiB);
        array.fillRandom(source, 1);
        backedUp = array.read(source);
        must(array.backUp(source, copy));
        array.write(source, kMiB + 77, std::vector<std::byte>(99, std::byte{0x5a}));
        before = array.read(source);
        extent = array.region(source).extent;
        array.detach();
        disk = readImage(identityPath);
    }

    [[nodiscard]] std::unique_ptr<Attachment> attach(std::shared_ptr<MemoryMedium> medium,
                                                     std::shared_ptr<WriteLog> into = {})
    {
        const bool recorded = into != nullptr;
        return attachMemory({std::move(medium), identityPath, std::move(into)},
                            recorded ? machine.environment() : elsewhere.environment());
    }
    [[nodiscard]] std::vector<std::byte> content(const MemoryMedium& medium) const
    {
        const auto from = medium.bytes.begin() + static_cast<std::ptrdiff_t>(extent.offsetBytes);
        return {from, from + static_cast<std::ptrdiff_t>(kSize)};
    }
    [[nodiscard]] std::shared_ptr<MemoryMedium> mediumOf(const std::vector<std::byte>& bytes) const
    {
        auto medium = std::make_shared<MemoryMedium>(bytes.size());
        medium->bytes = bytes;
        medium->durable = bytes;
        return medium;
    }
};

void undoNow(Attachment& attachment, GenerationNumber number)
{
    UncontrolledCopy control;
    must(undo(attachment, must(planUndo(attachment, number, {}), "plan undo"), control), "undo");
}

GenerationNumber restoreNow(Attachment& attachment)
{
    UncontrolledCopy control;
    return must(restore(attachment, must(planRestore(attachment, 1, {})), control), "restore").undo;
}

void resumeAll(Attachment& attachment)
{
    UncontrolledCopy control;
    for (const Job& job : must(interruptedJobs(attachment)))
        must(resume(attachment, job, control), "resume");
}

Generation generationOf(Attachment& attachment, GenerationNumber number)
{
    return must(must(attachment.catalog())->generation(number), "generation");
}

// "" or what is wrong with the state that a restore was cut in.
std::string judgeRestore(Story& story, const std::shared_ptr<MemoryMedium>& medium, Way way)
{
    const auto attachment = story.attach(medium);
    const auto content = story.content(*medium);
    const auto jobs = must(interruptedJobs(*attachment));
    if (jobs.empty() && content != story.before && content != story.backedUp)
        return "half restored, and no job tells of it";
    if (jobs.size() > 1)
        return "several jobs";
    if (!jobs.empty()) {
        const Job& job = jobs.front();
        if (content != story.before && !keepsOverwritten(generationOf(*attachment, job.undo)))
            return "overwritten before it was kept";
        if (way == Way::Forward) {
            resumeAll(*attachment);
            if (story.content(*medium) != story.backedUp)
                return "not what was backed up after it was resumed";
        }
    }
    if (const auto number = newestUndo(*attachment))
        undoNow(*attachment, *number);
    if (story.content(*medium) != story.before)
        return "not what it was after it was undone";
    if (!must(interruptedJobs(*attachment)).empty())
        return "a job is left over";
    return {};
}

// The same for the state that an undo was cut in.
std::string judgeUndo(Story& story, const std::shared_ptr<MemoryMedium>& medium, Way way)
{
    const auto attachment = story.attach(medium);
    const auto content = story.content(*medium);
    const auto jobs = must(interruptedJobs(*attachment));
    const bool undone = generationOf(*attachment, 2).undo->undoneMs != 0;
    if (undone && content != story.before)
        return "recorded as undone, and is not";
    if (jobs.empty() && !undone && content != story.backedUp)
        return "half undone, and no job tells of it";
    if (way == Way::Forward)
        resumeAll(*attachment);
    else if (!undone)
        undoNow(*attachment, 2);
    if (way == Way::Forward && jobs.empty() && !undone)
        undoNow(*attachment, 2);
    if (story.content(*medium) != story.before)
        return "not what it was";
    if (!must(interruptedJobs(*attachment)).empty())
        return "a job is left over";
    // And there is a way back to what was restored.
    restoreNow(*attachment);
    return story.content(*medium) == story.backedUp ? std::string() : "cannot be restored again";
}

template<typename Judge>
std::string judgeAll(Story& story, const std::vector<std::byte>& start, const Judge& judge)
{
    CrashStates states(*story.log, {start});
    SeededRandom random(testSeed());
    for (std::uint64_t state = 0;; ++state) {
        // Both ways take turns, and so does what was not flushed: it is lost, kept, or torn.
        const Way way = state % 2 == 0 ? Way::Forward : Way::Back;
        const auto unflushed = static_cast<Unflushed>(state / kStateStride % 3);
        if (state % kStateStride == 0) {
            const auto medium = states.medium(0, unflushed, random);
            const std::string wrong = judge(story, medium, way);
            if (!wrong.empty())
                return "after " + std::to_string(states.position()) + " of " +
                       std::to_string(story.log->entries.size()) + " writes, " +
                       (way == Way::Forward ? "forward: " : "back: ") + wrong;
        }
        if (states.atEnd())
            return {};
        states.advance();
    }
}

} // namespace

class TestUndoPower : public QObject {
    Q_OBJECT

private slots:
    void aRestoreCutAnywhereIsFinishedOrRolledBack();
    void anUndoCutAnywhereIsFinished();
};

void TestUndoPower::aRestoreCutAnywhereIsFinishedOrRolledBack()
{
    Story story;
    const auto medium = story.mediumOf(story.disk);
    {
        const auto attachment = story.attach(medium, story.log);
        QCOMPARE(restoreNow(*attachment), GenerationNumber{2});
    }
    QVERIFY(story.content(*medium) == story.backedUp);
    QVERIFY(story.log->entries.size() > 50);
    QCOMPARE(judgeAll(story, story.disk, judgeRestore), std::string());
}

void TestUndoPower::anUndoCutAnywhereIsFinished()
{
    Story story;
    const auto medium = story.mediumOf(story.disk);
    {
        const auto attachment = story.attach(medium);
        QCOMPARE(restoreNow(*attachment), GenerationNumber{2});
    }
    const auto start = medium->bytes;
    {
        const auto attachment = story.attach(medium, story.log);
        undoNow(*attachment, 2);
    }
    QVERIFY(story.content(*medium) == story.before);
    QVERIFY(story.log->entries.size() > 30);
    QCOMPARE(judgeAll(story, start, judgeUndo), std::string());
}

QTEST_GUILESS_MAIN(TestUndoPower)
#include "test_undo_power.moc"
