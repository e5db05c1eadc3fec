// At whatever write or flush the power is cut, a second backup holds what its record says.
#include "core/backup/back_up.h"
#include "core/backup/candidates.h"
#include "core/backup/guards.h"
#include "core/backup/resume.h"
#include "tests/support/undo_story.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

void overwrite(Attachment& attachment, const char* name, std::uint64_t offsetBytes,
               std::span<const std::byte> bytes)
{
    const auto writing = must(WriteAccess::take(attachment));
    const auto region = must(findRegion(attachment, name));
    const auto io = must(attachment.array().openRegion(region.id, Access::Write));
    must(io->write(offsetBytes, bytes));
    must(io->flush());
}

GenerationNumber backUpAgain(Attachment& attachment)
{
    UncontrolledCopy control;
    BackupOptions options;
    options.confirmedName = "copy";
    const auto plan = must(planBackup(attachment, must(findRegion(attachment, "root")).id,
                                      must(findRegion(attachment, "copy")).id, options));
    return must(backUp(attachment, plan, control)).number;
}

// With `sourceGoesBack`, what is gone on with is a source that holds what the old backup held.
std::string judge(const UndoStory& story, Attachment& attachment, bool targetWasTouched,
                  bool sourceGoesBack)
{
    const auto first = generationOf(attachment, 1);
    if (isUsable(first))
        return targetWasTouched || contentOf(attachment, "copy") == story.backedUp()
                   ? ""
                   : "not what the old backup was, and it is not superseded";
    const auto second = generationOf(attachment, 2);
    const bool equal = contentOf(attachment, "copy") == story.before();
    if (isUsable(second))
        return equal ? "" : "not what the record says";
    const auto jobs = must(interruptedJobs(attachment));
    if (jobs.size() != 1)
        return "not usable, and no job tells of it";
    if (sourceGoesBack)
        overwrite(attachment, "root", 0, story.backedUp());
    resumeAll(attachment);
    if (generationOf(attachment, 2).state != GenerationState::Good)
        return "not good after it was resumed";
    return contentOf(attachment, "copy") == contentOf(attachment, "root")
               ? ""
               : "not what the source holds after it was resumed";
}

} // namespace

class TestSecondBackupPower : public QObject {
    Q_OBJECT

private slots:
    void aSecondBackupCutAnywhereHoldsWhatItsRecordSays_data();
    void aSecondBackupCutAnywhereHoldsWhatItsRecordSays();
};

void TestSecondBackupPower::aSecondBackupCutAnywhereHoldsWhatItsRecordSays_data()
{
    QTest::addColumn<bool>("targetWasTouched");
    QTest::newRow("target as it was left") << false;
    QTest::newRow("target written by others") << true;
}

void TestSecondBackupPower::aSecondBackupCutAnywhereHoldsWhatItsRecordSays()
{
    QFETCH(bool, targetWasTouched);
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    if (targetWasTouched) {
        story.run([](Attachment& attachment) {
            overwrite(attachment, "copy", 2 * kMiB + 5, std::vector(7, std::byte{1}));
        });
    }
    story.record([&](Attachment& attachment) {
        QCOMPARE(backUpAgain(attachment), GenerationNumber{2});
        QCOMPARE(generationOf(attachment, 2).state, GenerationState::Good);
        QVERIFY(contentOf(attachment, "copy") == story.before());
    });
    QVERIFY(story.writes() > 30);
    QCOMPARE(story.judgeAll([&](Attachment& attachment, Way way) {
        return judge(story, attachment, targetWasTouched, way == Way::Back);
    }),
             std::string());
}

QTEST_GUILESS_MAIN(TestSecondBackupPower)
#include "test_second_backup_power.moc"
