// At whatever write or flush the power is cut, a cloned backup holds what its record says.
#include "core/backup/back_up.h"
#include "core/backup/candidates.h"
#include "core/backup/guards.h"
#include "core/backup/resume.h"
#include "core/backup/verify.h"
#include "tests/support/undo_story.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

GenerationNumber cloneNow(Attachment& attachment, bool verifyToo)
{
    UncontrolledCopy control;
    BackupOptions options;
    options.verify = verifyToo;
    options.confirmedName = "copy";
    const auto plan = must(planBackup(attachment, must(findRegion(attachment, "root")).id,
                                      must(findRegion(attachment, "copy")).id, options));
    return must(backUp(attachment, plan, control)).number;
}

bool provesGood(Attachment& attachment, GenerationNumber number)
{
    UncontrolledCopy control;
    const auto verified = verify(attachment, number, control);
    return verified && verified->good() && verified->recorded &&
           generationOf(attachment, number).state == GenerationState::Good &&
           !lacksDigests(generationOf(attachment, number));
}

std::string judge(const UndoStory& story, Attachment& attachment)
{
    const auto content = contentOf(attachment, "copy");
    if (isUsable(generationOf(attachment, 1)))
        return content == story.backedUp() ? "" : "not what the old backup was";
    const auto clone = generationOf(attachment, 2);
    if (isUsable(clone)) {
        if (clone.consistency != Consistency::Cloned)
            return "not recorded as a clone";
        if (clone.state == GenerationState::Good && lacksDigests(clone))
            return "good without digests";
        if (content != story.before())
            return "not what the record says";
        const bool digested = provesGood(attachment, 2); // Compared from the second time on.
        return digested && provesGood(attachment, 2) ? "" : "not proved good";
    }
    if (must(interruptedJobs(attachment)).size() != 1)
        return "not usable, and no job tells of it";
    resumeAll(attachment);
    if (generationOf(attachment, 2).state != GenerationState::Good)
        return "not good after it was resumed";
    return contentOf(attachment, "copy") == story.before() ? "" : "not equal after it was resumed";
}

} // namespace

class TestClonePower : public QObject {
    Q_OBJECT

private slots:
    void aCloneCutAnywhereHoldsWhatItsRecordSays_data();
    void aCloneCutAnywhereHoldsWhatItsRecordSays();
    void theFirstReadingCutAnywhereIsMadeAgain();
};

void TestClonePower::aCloneCutAnywhereHoldsWhatItsRecordSays_data()
{
    QTest::addColumn<bool>("verifyToo");
    QTest::newRow("read afterwards") << true;
    QTest::newRow("not read") << false;
}

void TestClonePower::aCloneCutAnywhereHoldsWhatItsRecordSays()
{
    QFETCH(bool, verifyToo);
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    story.letClone();
    story.record([&](Attachment& attachment) {
        QCOMPARE(cloneNow(attachment, verifyToo), GenerationNumber{2});
        const auto clone = generationOf(attachment, 2);
        QCOMPARE(clone.state, verifyToo ? GenerationState::Good : GenerationState::Copied);
        QCOMPARE(clone.consistency, Consistency::Cloned);
        QCOMPARE(lacksDigests(clone), !verifyToo);
    });
    QVERIFY(story.writes() > 30);
    QCOMPARE(story.judgeAll([&](Attachment& attachment, Way) { return judge(story, attachment); }),
             std::string());
}

void TestClonePower::theFirstReadingCutAnywhereIsMadeAgain()
{
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    story.letClone();
    story.record([](Attachment& attachment) { cloneNow(attachment, false); });
    story.record([](Attachment& attachment) { QVERIFY(provesGood(attachment, 2)); });
    QVERIFY(story.writes() > 5);
    QCOMPARE(story.judgeAll([&](Attachment& attachment, Way) { return judge(story, attachment); }),
             std::string());
}

QTEST_GUILESS_MAIN(TestClonePower)
#include "test_clone_power.moc"
