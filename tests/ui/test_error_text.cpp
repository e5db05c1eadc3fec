// Every error has its sentences, whatever it is about.
#include "ui/error_text.h"

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
    void aRestoreOfADamagedBackupWroteNothing();
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

void TestErrorText::aRestoreOfADamagedBackupWroteNothing()
{
    const ErrorText text = errorText(Verb::Restore, {ErrorCode::DigestMismatch, 0, "db", {}, 2});
    QVERIFY(text.state.startsWith(QStringLiteral("Nothing was written")));
}

QTEST_MAIN(TestErrorText)
#include "test_error_text.moc"
