// At whatever write or flush the power is cut, a restore can be finished or rolled back exactly.
#include "core/backup/guards.h"
#include "core/backup/resume.h"
#include "tests/support/undo_story.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

std::string judge(const UndoStory& story, Attachment& attachment, Way way)
{
    const auto content = story.now();
    const auto jobs = must(interruptedJobs(attachment));
    if (jobs.empty() && content != story.before() && content != story.backedUp())
        return "half restored, and no job tells of it";
    if (jobs.size() > 1)
        return "several jobs";
    if (!jobs.empty()) {
        if (content != story.before() &&
            !keepsOverwritten(generationOf(attachment, jobs.front().undo)))
            return "overwritten before it was kept";
        if (way == Way::Forward) {
            resumeAll(attachment);
            if (story.now() != story.backedUp())
                return "not what was backed up after it was resumed";
        }
    }
    if (const auto number = newestUndo(attachment))
        undoNow(attachment, *number);
    if (story.now() != story.before())
        return "not what it was after it was undone";
    if (!must(interruptedJobs(attachment)).empty())
        return "a job is left over";
    return {};
}

} // namespace

class TestRestorePower : public QObject {
    Q_OBJECT

private slots:
    void aRestoreCutAnywhereIsFinishedOrRolledBack();
};

void TestRestorePower::aRestoreCutAnywhereIsFinishedOrRolledBack()
{
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    story.record(
        [](Attachment& attachment) { QCOMPARE(restoreNow(attachment), std::uint64_t{2}); });
    QVERIFY(story.now() == story.backedUp());
    QVERIFY(story.writes() > 50);
    QCOMPARE(story.judgeAll(
                 [&](Attachment& attachment, Way way) { return judge(story, attachment, way); }),
             std::string());
}

QTEST_GUILESS_MAIN(TestRestorePower)
#include "test_restore_power.moc"
