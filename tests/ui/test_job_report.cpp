// How a job that ended badly is told: which it was, what is left, and what else there is.
#include "tests/ui/sample_snapshot.h"
#include "ui/job_report.h"

#include <QTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

class TestJobReport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBackupThatWasNotReadBackIsNoGreenSuccess();
    void aDiskThatABackupWasReadFromAndThatIsGoneIsTold();
    void aRestoreWhoseUndoIsOnADiskThatIsGonePromisesNone();
    void aRestoreWhoseBackupIsOnADiskThatIsGoneSaysSo();
    void aFailureNamesItsJob();
    void anotherBackupIsAdvisedOnlyWhereThereIsOne();
    void anotherBackupThatCannotBeReachedIsNone();
    void aRestoreThatFoundItsBackupDamagedOverwroteNothing();
    void aRestoreThatLeftItsTargetHalfWrittenDoesNotSayOtherwise();
    void anExportInPartTellsHowManyBytesAreLeftOut();
    void anExportThatCannotReadOffersToSkip();
    void howASourceInUseWasReadIsTold();
    void aBackupAroundUnreadableSectorsIsNotTakenForAWholeOne();

private:
    static JobRequest request(Verb verb);
    static QString afterBadVerification(const ArraySnapshot& now);
    // Of the same source, in vault-2.
    static void addAnother(SampleArray& sample, GenerationState state);
};

JobRequest TestJobReport::request(Verb verb)
{
    JobRequest made;
    made.verb = verb;
    made.title = QStringLiteral("Restore backup 2 → db");
    made.target = RegionId{uuid(10)};
    made.generation = 2;
    return made;
}

QString TestJobReport::afterBadVerification(const ArraySnapshot& now)
{
    Verification found;
    found.outcome.different.add(3);
    return successMessage(request(Verb::Verify), found, now).body;
}

void TestJobReport::addAnother(SampleArray& sample, GenerationState state)
{
    sample.addGeneration(3, state, 10, 21);
    std::ranges::sort(sample.snapshot().generations, std::ranges::greater(), &Generation::number);
    for (Region& region : sample.snapshot().layout.regions) {
        if (region.id.uuid == uuid(21)) {
            region.role = RegionRole::Backup;
            region.content = sample.region(10).content;
        }
    }
}

static const Error kTakenAway{ErrorCode::FlushFailed, ENOENT, "/images/disk-b.img", {}, 0};

void TestJobReport::aBackupThatWasNotReadBackIsNoGreenSuccess()
{
    const SampleArray sample;
    const JobRequest asked = request(Verb::BackUp);
    const auto toneOf = [&](GenerationState state) {
        const BackupOutcome backup{.number = 3, .state = state, .copy = {}};
        return endedWell(asked, successMessage(asked, backup, sample.snapshot())).tone;
    };
    QVERIFY(toneOf(GenerationState::Good) == JobReport::Tone::Well);
    QVERIFY(toneOf(GenerationState::Copied) == JobReport::Tone::Unproved);
}

void TestJobReport::aDiskThatABackupWasReadFromAndThatIsGoneIsTold()
{
    const SampleArray sample;
    BackupOutcome backup{.number = 3, .state = GenerationState::Good, .copy = {}};
    const JobRequest asked = request(Verb::BackUp);
    QCOMPARE(successMessage(asked, backup, sample.snapshot()).kind, MessageKind::Success);
    backup.sourceTakenAway = kTakenAway;
    const Message told = successMessage(asked, backup, sample.snapshot());
    QCOMPARE(told.kind, MessageKind::Warning);
    const QString card = endedWell(asked, told).text;
    const QString gone = QStringLiteral("/images/disk-b.img was deleted, moved or replaced "
                                        "meanwhile. The copy is of what was there");
    QVERIFY2(told.body.contains(gone), qPrintable(told.body));
    QVERIFY2(card.contains(gone), qPrintable(card));
}

// Incident: the way to an undo was offered, of a region on a disk that was gone.
void TestJobReport::aRestoreWhoseUndoIsOnADiskThatIsGonePromisesNone()
{
    const SampleArray sample;
    RestoreOutcome restored{.copy = {}, .undo = 3};
    const JobRequest asked = request(Verb::Restore);
    QCOMPARE(undoOf(restored), GenerationNumber{3});
    restored.undoTakenAway = kTakenAway;
    QCOMPARE(undoOf(restored), GenerationNumber{0});
    const Message told = successMessage(asked, restored, sample.snapshot());
    QCOMPARE(told.kind, MessageKind::Warning);
    QCOMPARE(told.headline, QStringLiteral("The restore is done, but cannot be undone now."));
    const QString card = endedWell(asked, told).text;
    QVERIFY2(card.contains(QStringLiteral("can be undone when that disk is back")),
             qPrintable(card));
}

void TestJobReport::aRestoreWhoseBackupIsOnADiskThatIsGoneSaysSo()
{
    const SampleArray sample;
    RestoreOutcome restored{.copy = {}, .undo = 3};
    restored.backupTakenAway = kTakenAway;
    const JobRequest asked = request(Verb::Restore);
    QCOMPARE(undoOf(restored), GenerationNumber{3});
    const QString card = endedWell(asked, successMessage(asked, restored, sample.snapshot())).text;
    QVERIFY2(card.contains(QStringLiteral("cannot be restored again while that disk is away")),
             qPrintable(card));
}

// Incident: "The backup was not completed", and nobody knew which.
void TestJobReport::aFailureNamesItsJob()
{
    const SampleArray sample;
    JobRequest backup = request(Verb::BackUp);
    backup.title = QStringLiteral("Back up db → vault-2");
    backup.target = RegionId{uuid(21)};
    const Error error{ErrorCode::WriteFailed, EIO, "/images/disk-b.img", {}, 0};
    const ErrorText text = badEndText({backup, error}, sample.snapshot());
    QVERIFY2(text.what.startsWith(QStringLiteral("Back up db → vault-2: not completed.")),
             qPrintable(text.what));
    QVERIFY2(text.remedy.contains(QStringLiteral("another disk")), qPrintable(text.remedy));
}

// Incident: "Use another backup" was said of the only one.
void TestJobReport::anotherBackupIsAdvisedOnlyWhereThereIsOne()
{
    SampleArray sample;
    const QString alone = afterBadVerification(sample.snapshot());
    QVERIFY2(alone.contains(QStringLiteral("No other backup of db can be reached")),
             qPrintable(alone));
    addAnother(sample, GenerationState::Good);
    const QString two = afterBadVerification(sample.snapshot());
    QVERIFY2(two.contains(QStringLiteral("Backup 3 of db")), qPrintable(two));
    QVERIFY2(two.contains(QStringLiteral("another good one")), qPrintable(two));
    sample.snapshot().generations.front().state = GenerationState::Copied;
    const QString unproven = afterBadVerification(sample.snapshot());
    QVERIFY2(unproven.contains(QStringLiteral("verify it before")), qPrintable(unproven));
}

void TestJobReport::anotherBackupThatCannotBeReachedIsNone()
{
    SampleArray sample;
    addAnother(sample, GenerationState::Good);
    sample.snapshot().layout.members.at(1).state = MemberState::Missing;
    const QString said = afterBadVerification(sample.snapshot());
    QVERIFY2(said.contains(QStringLiteral("No other backup of db can be reached")),
             qPrintable(said));
}

void TestJobReport::aRestoreThatFoundItsBackupDamagedOverwroteNothing()
{
    const SampleArray sample;
    const JobRequest restore = request(Verb::Restore);
    for (const ErrorCode code : {ErrorCode::DigestMismatch, ErrorCode::Unreadable}) {
        const Error error{code, 0, "vault-1", {}, 1};
        const QString said = endedBadly({restore, error}, sample.snapshot()).text;
        QVERIFY2(said.contains(QStringLiteral("Nothing was overwritten")), qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("No other backup of db")), qPrintable(said));
        QVERIFY2(!said.contains(QStringLiteral("try again")), qPrintable(said));
    }
}

void TestJobReport::aRestoreThatLeftItsTargetHalfWrittenDoesNotSayOtherwise()
{
    SampleArray sample;
    sample.snapshot().unfinished[RegionId{uuid(10)}] = {RefusalReason::HalfWritten, 2,
                                                        writeKindName(WriteKind::Restore)};
    const JobRequest restore = request(Verb::Restore);
    const Error error{ErrorCode::Unreadable, 0, "db", {}, 1};
    const ErrorText text = badEndText({restore, error}, sample.snapshot());
    QVERIFY2(text.state.contains(QStringLiteral("may hold a mixture")), qPrintable(text.state));
    QVERIFY2(!text.remedy.contains(QStringLiteral("other backup")), qPrintable(text.remedy));
}

void TestJobReport::anExportInPartTellsHowManyBytesAreLeftOut()
{
    const SampleArray sample;
    JobRequest made = request(Verb::Export);
    made.title = QStringLiteral("Export db");
    RegionExport exported{.sizeBytes = 16 * kMiB, .unreadable = {}};
    const Message whole = successMessage(made, exported, sample.snapshot());
    QCOMPARE(whole.kind, MessageKind::Success);
    QCOMPARE(endedWell(made, whole).tone, JobReport::Tone::Well);
    exported.unreadable = {{0, 4096}, {kMiB, 8192}};
    const Message part = successMessage(made, exported, sample.snapshot());
    QCOMPARE(part.kind, MessageKind::Warning);
    QVERIFY2(part.headline.contains(QStringLiteral("not all of it could be read")),
             qPrintable(part.headline));
    QVERIFY2(part.body.contains(QStringLiteral("12,288 bytes (12 KiB) could not be read")),
             qPrintable(part.body));
    const JobReport report = endedWell(made, part);
    QCOMPARE(report.tone, JobReport::Tone::Stopped);
    QVERIFY2(report.text.startsWith(QStringLiteral("Done, but not all of it.")),
             qPrintable(report.text));
}

void TestJobReport::aBackupAroundUnreadableSectorsIsNotTakenForAWholeOne()
{
    const SampleArray sample;
    const JobRequest made = request(Verb::BackUp);
    BackupOutcome backup{.number = 9, .state = GenerationState::Partial, .copy = {}};
    backup.copy.unreadable.add({4096, 2048});
    const Message part = successMessage(made, backup, sample.snapshot());
    QCOMPARE(part.kind, MessageKind::Warning);
    QVERIFY2(part.headline.contains(QStringLiteral("partial")), qPrintable(part.headline));
    QVERIFY2(part.body.contains(QStringLiteral("Resume (Ctrl+Shift+R)")), qPrintable(part.body));
    QVERIFY2(!part.body.contains(QStringLiteral("Ctrl+Y")), qPrintable(part.body));
    QCOMPARE(endedWell(made, part).tone, JobReport::Tone::Stopped);
}

void TestJobReport::anExportThatCannotReadOffersToSkip()
{
    const SampleArray sample;
    JobRequest made = request(Verb::Export);
    made.target.reset();
    made.skipUnreadable = [] {};
    const Error unread{ErrorCode::ReadFailed, EIO, "db", {}, 0};
    const QString skips = QStringLiteral("Export again, skipping what cannot be read");
    QCOMPARE(endedBadly({made, unread}, sample.snapshot()).again, skips);
    const Error full{ErrorCode::NoSpace, ENOSPC, "/srv/db.img", {}, 0};
    QCOMPARE(endedBadly({made, full}, sample.snapshot()).again, QStringLiteral("Try again"));
    made.skipUnreadable = {};
    QCOMPARE(endedBadly({made, unread}, sample.snapshot()).again, QStringLiteral("Try again"));
}

void TestJobReport::howASourceInUseWasReadIsTold()
{
    const SampleArray sample;
    const JobRequest made = request(Verb::BackUp);
    const auto told = [&](const BackupOutcome& backup) {
        return successMessage(made, backup, sample.snapshot());
    };
    BackupOutcome backup{.number = 9, .state = GenerationState::Good, .copy = {}};
    backup.consistency = Consistency::Frozen;
    QCOMPARE(told(backup).kind, MessageKind::Success);
    QVERIFY(told(backup).body.contains(QStringLiteral("(frozen)")));
    backup.state = GenerationState::Copied;
    backup.consistency = Consistency::Inconsistent;
    const Message live = told(backup);
    QVERIFY(live.headline.contains(QStringLiteral("inconsistent")));
    QVERIFY(live.body.contains(QStringLiteral("never good")));
    QVERIFY(!live.body.contains(QStringLiteral("Ctrl+Y"))); // To read it back makes it no better.
    QCOMPARE(endedWell(made, live).tone, JobReport::Tone::Unproved);
    backup.thawedEarly = "mounted at /srv/db: the limit ended before the copy";
    const Message early = told(backup);
    QCOMPARE(early.kind, MessageKind::Warning);
    QVERIFY2(early.body.contains(QStringLiteral("let go before all of it was copied (mounted at "
                                                "/srv/db: the limit ended before the copy)")),
             qPrintable(early.body));
    QVERIFY(endedWell(made, early).text.contains(QStringLiteral("3,600 s")));
}

QTEST_MAIN(TestJobReport)
#include "test_job_report.moc"
