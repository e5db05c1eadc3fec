// Every error has its sentences, whatever it is about.
#include "ui/error_text.h"

#include "ui/record_text.h"

#include <QTest>

using namespace cairn;

class TestErrorText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCodeSaysWhatFailedWhatIsSafeAndWhatToDo();
    void noPlaceholderIsLeftOver();
    void aRefusalChangedNothing();
    void theFactsAreInTheSentence();
    void whatADeviceSaysIsNotFilledInAgain();
    void whatItsSourceDidNotGiveIsNotBlamedOnTheTarget();
    void whatIsFullBelowARegionIsNoMatterOfSizes();
    void noNameIsAskedForWhereADiskIsRefused();
    void aDiskThatIsTooSmallIsSaidToBe();
    void toAdoptIsAdvisedOnlyWhereThereIsATable();
    void aRegionOfAnInterruptedBackupIsNotSaidToBeWritten();
    void whatIsToBeDoneCanBeDoneThere();
    void anInterruptedUndoIsNotCalledARestore();
    void nobodyIsSaidToHaveCanceledWhatWasKilled();
};

static std::vector<ErrorCode> allCodes()
{
    std::vector<ErrorCode> codes;
    for (int code = 0; code <= static_cast<int>(kLastErrorCode); ++code)
        codes.push_back(static_cast<ErrorCode>(code));
    return codes;
}

static std::vector<Verb> allVerbs()
{
    std::vector<Verb> verbs;
    for (int verb = 0; verb <= static_cast<int>(kLastVerb); ++verb)
        verbs.push_back(static_cast<Verb>(verb));
    return verbs;
}

void TestErrorText::everyCodeSaysWhatFailedWhatIsSafeAndWhatToDo()
{
    for (const ErrorCode code : allCodes()) {
        QVERIFY2(std::strcmp(errorName(code), "Unknown") != 0, "kLastErrorCode is too large");
        for (const Verb verb : allVerbs()) {
            const ErrorText text = errorText(verb, {code, 0, "db", "fact", 3});
            for (const QString& sentence : {text.what, text.state, text.remedy}) {
                QVERIFY2(sentence.size() > 10, errorName(code));
                QVERIFY2(sentence.endsWith(u'.') || sentence.endsWith(u')'), errorName(code));
            }
        }
    }
    QVERIFY2(std::strcmp(errorName(static_cast<ErrorCode>(static_cast<int>(kLastErrorCode) + 1)),
                         "Unknown") == 0,
             "a code was added: kLastErrorCode and the sentences must know it");
}

void TestErrorText::noPlaceholderIsLeftOver()
{
    for (const ErrorCode code : allCodes()) {
        const QString empty = errorText(Verb::Open, {code, 0, {}, {}, 0}).paragraph();
        QVERIFY2(!empty.contains(u'{') && !empty.contains(u'}'), errorName(code));
        QVERIFY2(!empty.contains(QStringLiteral("“”")), errorName(code));
    }
}

void TestErrorText::aRefusalChangedNothing()
{
    for (const ErrorCode code : allCodes()) {
        if (errorClass(code) == ErrorClass::Refused)
            QCOMPARE(errorText(Verb::BackUp, {code, 0, {}, {}, 0}).state,
                     QStringLiteral("Nothing was changed."));
    }
}

void TestErrorText::theFactsAreInTheSentence()
{
    const QString small = causeText({ErrorCode::TargetTooSmall, 0, "web", {}, 512 * 1048576ULL});
    QVERIFY2(small.contains(QStringLiteral("“web”")), qPrintable(small));
    QVERIFY2(small.contains(QStringLiteral("512 MiB")), qPrintable(small));
    const QString denied = causeText({ErrorCode::OpenFailed, EACCES, "/dev/sda", {}, 0});
    QVERIFY2(denied.contains(QStringLiteral("Permission denied")), qPrintable(denied));
    const QString held = causeText({ErrorCode::GenerationHeld, 0, {}, {}, 1042});
    QVERIFY2(held.contains(QLocale().toString(1042)), qPrintable(held));
}

void TestErrorText::whatADeviceSaysIsNotFilledInAgain()
{
    const QString text = causeText({ErrorCode::RegionInUse, 0, "{amount}{why}", "{bytes}", 77});
    QVERIFY2(text.contains(QStringLiteral("{amount}{why}")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("{bytes}")), qPrintable(text));
    const QString escape = causeText({ErrorCode::RegionInUse, 0, "a\x1b[2Jb", {}, 0});
    QVERIFY2(!escape.contains(QChar(0x1b)), qPrintable(escape));
}

void TestErrorText::whatItsSourceDidNotGiveIsNotBlamedOnTheTarget()
{
    Generation generation;
    generation.number = 7;
    generation.target.name = "vault";
    generation.state = GenerationState::Partial;
    generation.failure = ErrorCode::ReadFailed;
    QVERIFY(causeText(generation).contains(QStringLiteral("vault")));
    generation.unreadable.add({4096, 2048});
    const QString text = causeText(generation);
    QVERIFY2(!text.contains(QStringLiteral("vault")), qPrintable(text));
    QVERIFY2(text.startsWith(sizeDisplay(2048)), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("cairnctl resume 7")), qPrintable(text));
}

// Incident: a backup into a full filesystem was told to choose a smaller size.
void TestErrorText::whatIsFullBelowARegionIsNoMatterOfSizes()
{
    for (const Verb verb : {Verb::BackUp, Verb::Restore, Verb::Undo, Verb::Resume, Verb::Import}) {
        const ErrorText text =
            errorText(verb, {ErrorCode::NoSpace, ENOSPC, "/images/one.img", {}, 0});
        QVERIFY2(text.what.contains(QStringLiteral("No space left")), qPrintable(text.what));
        QVERIFY2(text.remedy.contains(QStringLiteral("filesystem that holds an image file")),
                 qPrintable(text.remedy));
        QVERIFY2(!text.remedy.contains(QStringLiteral("size")), qPrintable(text.remedy));
    }
    const ErrorText added = errorText(Verb::AddRegion, {ErrorCode::NoSpace, 0, {}, {}, 1048576});
    QVERIFY2(added.what.contains(QStringLiteral("1 MiB are missing")), qPrintable(added.what));
    QVERIFY2(added.remedy.contains(QStringLiteral("smaller size")), qPrintable(added.remedy));
}

// Incident: the dialogs for disks have check boxes, and were said to have a name to type.
void TestErrorText::noNameIsAskedForWhereADiskIsRefused()
{
    for (const ErrorCode code : {ErrorCode::ContentRecognised, ErrorCode::ContentUnknown}) {
        for (const Verb verb :
             {Verb::AdoptDisk, Verb::CreateArray, Verb::AddMember, Verb::ReplaceMember}) {
            const QString remedy = errorText(verb, {code, 0, "/dev/sdb", "ext4", 0}).remedy;
            QVERIFY2(!remedy.contains(QStringLiteral("name")), qPrintable(remedy));
        }
        QVERIFY(errorText(Verb::Import, {code, 0, "db", "ext4", 0})
                    .remedy.contains(QStringLiteral("region's name")));
        const Error left{code, 0, "/dev/sdb", "ext4 (bytes 1048576 to 2097151)", 0};
        for (const Verb verb : {Verb::AdoptDisk, Verb::AddMember, Verb::ReplaceMember})
            QVERIFY(errorText(verb, left).remedy.contains(QStringLiteral("“Overwrite what")));
    }
}

// Incident: the path of a file was said to be no size.
void TestErrorText::aDiskThatIsTooSmallIsSaidToBe()
{
    const ErrorText said = errorText(Verb::CreateArray, {ErrorCode::InvalidSize, 0, "/a.img",
                                                         "a member needs at least 19 MiB", kMiB});
    QVERIFY2(said.what.endsWith(QStringLiteral("“/a.img” is too small by 1 MiB (a member needs at "
                                               "least 19 MiB).")),
             qPrintable(said.what));
    QVERIFY2(said.remedy.contains(QStringLiteral("larger")), qPrintable(said.remedy));
    QVERIFY(errorText(Verb::AddRegion, {ErrorCode::InvalidSize, 0, "many", {}, 0})
                .what.contains(QStringLiteral("is not a size")));
}

// Incident: a disk with a filesystem and no table was to be adopted, which was then refused.
void TestErrorText::toAdoptIsAdvisedOnlyWhereThereIsATable()
{
    const auto remedy = [](ErrorCode code, const char* path, const char* detail) {
        return errorText(Verb::CreateArray, {code, 0, path, detail, 0}).remedy;
    };
    const auto recognised = ErrorCode::ContentRecognised;
    QVERIFY(remedy(recognised, "/dev/sdb", "gpt").contains(QStringLiteral("Tick “Adopt”")));
    for (const char* content : {"ext4 \"photos\"", "dos", "crypto_LUKS"}) {
        const QString said = remedy(recognised, "/dev/sdb", content);
        QVERIFY2(!said.contains(QStringLiteral("dopt")), qPrintable(said));
        QVERIFY2(said.endsWith(QStringLiteral("(wipefs --all /dev/sdb).")), qPrintable(said));
    }
    QVERIFY(remedy(recognised, "/my images/a.img", "dos")
                .endsWith(QStringLiteral("(wipefs --all --force '/my images/a.img').")));
    QVERIFY(remedy(ErrorCode::ContentUnknown, "/dev/sdb", "")
                .endsWith(QStringLiteral("(shred -n 0 -z /dev/sdb).")));
    const QString bare =
        errorText(Verb::AdoptDisk, {ErrorCode::NotAnArray, 0, "/dev/sdb", "no GPT", 0}).remedy;
    QVERIFY2(bare.contains(QStringLiteral("Only what has a GPT")), qPrintable(bare));
}

// Incident: the source of an interrupted backup was said to be written by another job.
void TestErrorText::aRegionOfAnInterruptedBackupIsNotSaidToBeWritten()
{
    const ErrorText text = errorText(Verb::Restore, {ErrorCode::RegionBusy, 0, "home", {}, 3});
    QVERIFY2(text.what.contains(QStringLiteral("in the job of backup 3")), qPrintable(text.what));
    QVERIFY2(text.remedy.contains(QStringLiteral("resume or discard it")), qPrintable(text.remedy));
    QVERIFY(errorText(Verb::Restore, {ErrorCode::RegionBusy, 0, "home", {}, 0})
                .what.contains(QStringLiteral("job uses")));
}

// Incidents: closing the other window cancels what it does; F5 does nothing where no array is open;
// a member of the array that an export was to go to cannot be released.
void TestErrorText::whatIsToBeDoneCanBeDoneThere()
{
    const auto remedy = [](Verb verb, ErrorCode code) {
        return errorText(verb, {code, 0, "/dev/sdb", {}, 0}).remedy;
    };
    QVERIFY(remedy(Verb::AddRegion, ErrorCode::ArrayBusy).startsWith(QStringLiteral("Wait until")));
    QCOMPARE(remedy(Verb::Export, ErrorCode::RegionInUse), QStringLiteral("Choose another file."));
    QVERIFY(remedy(Verb::Import, ErrorCode::RegionInUse).startsWith(QStringLiteral("Unmount")));
    for (const Verb verb : {Verb::CreateArray, Verb::AdoptDisk, Verb::Open})
        QVERIFY(!remedy(verb, ErrorCode::ReadOnlyArray).contains(QStringLiteral("F5")));
    QVERIFY(remedy(Verb::AddRegion, ErrorCode::ReadOnlyArray).contains(QStringLiteral("F5")));
}

void TestErrorText::anInterruptedUndoIsNotCalledARestore()
{
    for (const ErrorCode code : {ErrorCode::RestoreUnfinished, ErrorCode::RestoreWaiting}) {
        const QString undo = causeText(Error{code, 0, "db", "undo", 3});
        QVERIFY2(undo.startsWith(QStringLiteral("An undo with undo copy 3 into “db” was")),
                 qPrintable(undo));
        const QString restore = causeText(Error{code, 0, "db", "restore", 2});
        QVERIFY2(restore.startsWith(QStringLiteral("A restore of backup 2 into “db” was")),
                 qPrintable(restore));
    }
}

void TestErrorText::nobodyIsSaidToHaveCanceledWhatWasKilled()
{
    Generation generation;
    generation.failure = ErrorCode::Canceled;
    QCOMPARE(causeText(generation), QString()); // It did not fail.
    generation.state = GenerationState::Interrupted;
    QCOMPARE(causeText(generation), QStringLiteral("You canceled it."));
    generation.failureDetail = kWriterEnded;
    QVERIFY(causeText(generation).startsWith(QStringLiteral("Its writer ended")));
}

QTEST_MAIN(TestErrorText)
#include "test_error_text.moc"
