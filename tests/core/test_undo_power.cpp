// At whatever write or flush the power is cut, an undo can be finished, and the restore made again.
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
    const bool interrupted = !must(interruptedJobs(attachment)).empty();
    const bool undone = generationOf(attachment, 2).undo->undoneMs != 0;
    if (undone && content != story.before())
        return "recorded as undone, and is not";
    if (!interrupted && !undone && content != story.backedUp())
        return "half undone, and no job tells of it";
    if (interrupted && way == Way::Forward)
        resumeAll(attachment);
    else if (!undone)
        undoNow(attachment, 2);
    if (story.now() != story.before())
        return "not what it was";
    if (!must(interruptedJobs(attachment)).empty())
        return "a job is left over";
    restoreNow(attachment);
    return story.now() == story.backedUp() ? std::string() : "cannot be restored again";
}

} // namespace

class TestUndoPower : public QObject {
    Q_OBJECT

private slots:
    void anUndoCutAnywhereIsFinished();
};

void TestUndoPower::anUndoCutAnywhereIsFinished()
{
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    story.run([](Attachment& attachment) { QCOMPARE(restoreNow(attachment), std::uint64_t{2}); });
    story.record([](Attachment& attachment) { undoNow(attachment, 2); });
    QVERIFY(story.now() == story.before());
    QVERIFY(story.writes() > 30);
    QCOMPARE(story.judgeAll(
                 [&](Attachment& attachment, Way way) { return judge(story, attachment, way); }),
             std::string());
}

QTEST_GUILESS_MAIN(TestUndoPower)
#include "test_undo_power.moc"
