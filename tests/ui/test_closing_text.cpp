// What is said of each running job before it is canceled with the window.
#include "ui/closing_text.h"

#include <QTest>

using namespace cairn;

class TestClosingText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itSaysWhatBecomesOfEach_data();
    void itSaysWhatBecomesOfEach();
    void aJobThatOnlyWaitedIsSaidToHaveDoneNothing();
    void onlyWhatLeavesARegionHalfWrittenIsAskedAbout();
    void everyJobIsNamed();
};

namespace {

JobRequest request(Verb verb)
{
    JobRequest made;
    made.verb = verb;
    made.title = QStringLiteral("the job");
    return made;
}

Standing at(StepWork work)
{
    Standing now;
    now.step = 1;
    now.steps = 2;
    now.current.work = work;
    return now;
}

} // namespace

void TestClosingText::itSaysWhatBecomesOfEach_data()
{
    QTest::addColumn<int>("verb");
    QTest::addColumn<int>("work"); // Negative: no step has begun.
    QTest::addColumn<bool>("keeps");
    QTest::addColumn<bool>("canBeResumed");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, Verb verb, std::optional<StepWork> work, bool keeps,
                        bool canBeResumed, const char* says) {
        QTest::addRow("%s", name) << static_cast<int>(verb) << (work ? static_cast<int>(*work) : -1)
                                  << keeps << canBeResumed << QString::fromLatin1(says);
    };
    row("backup, nothing done", Verb::BackUp, std::nullopt, false, false, "copied nothing yet");
    row("backup, copying", Verb::BackUp, StepWork::Copy, false, true, "copied is kept");
    row("backup, reading back", Verb::BackUp, StepWork::ReadBack, false, false, "verify it later");
    row("restore, checking", Verb::Restore, StepWork::CheckBackup, true, false,
        "overwritten nothing yet");
    row("restore, reading", Verb::Restore, StepWork::ReadTarget, false, false,
        "overwritten nothing yet");
    row("restore, keeping", Verb::Restore, StepWork::KeepOld, true, true,
        "overwrites nothing more");
    row("restore, copying", Verb::Restore, StepWork::Copy, true, true, "or the restore undone");
    row("restore for good", Verb::Restore, StepWork::Copy, false, true, "cannot be undone");
    row("restore, reading back", Verb::Restore, StepWork::ReadBack, true, true, "all is written");
    row("undo, checking", Verb::Undo, StepWork::CheckKept, false, false, "overwritten nothing yet");
    row("undo, copying", Verb::Undo, StepWork::Copy, false, true, "half-written then");
    row("verify", Verb::Verify, StepWork::CheckBackup, false, false, "only reads");
    row("export", Verb::Export, StepWork::Copy, false, false, "no file is made");
    // Incident: "can be resumed when the array is opened again".
    row("import", Verb::Import, std::nullopt, false, false, "it cannot be resumed");
}

void TestClosingText::itSaysWhatBecomesOfEach()
{
    QFETCH(const int, verb);
    QFETCH(const int, work);
    QFETCH(const bool, keeps);
    QFETCH(const bool, canBeResumed);
    QFETCH(const QString, says);
    JobRequest made = request(static_cast<Verb>(verb));
    made.title = QStringLiteral("x");
    if (keeps)
        made.areas = {RegionId{}};
    const Standing now = work < 0 ? Standing() : at(static_cast<StepWork>(work));
    QString text = ifCanceledText(made, now, true);
    QVERIFY2(text.contains(says), qPrintable(text));
    text.remove(QStringLiteral("cannot be resumed"));
    QVERIFY2(text.contains(QStringLiteral("resume")) == canBeResumed, qPrintable(text));
}

void TestClosingText::aJobThatOnlyWaitedIsSaidToHaveDoneNothing()
{
    for (const Verb verb : {Verb::BackUp, Verb::Restore, Verb::Import}) {
        const QString text = ifCanceledText(request(verb), {}, false);
        QVERIFY2(text.contains(QStringLiteral("has not begun")), qPrintable(text));
        QVERIFY2(!text.contains(QStringLiteral("resumed")), qPrintable(text));
    }
    JobRequest resumed = request(Verb::Resume);
    resumed.resumes.emplace();
    const QString text = ifCanceledText(resumed, {}, false);
    QVERIFY2(text.contains(QStringLiteral("can be resumed")), qPrintable(text));
}

void TestClosingText::onlyWhatLeavesARegionHalfWrittenIsAskedAbout()
{
    const auto left = [](Verb verb, StepWork work, bool begun = true) {
        return halfLeftText(request(verb), at(work), begun);
    };
    QVERIFY(left(Verb::Restore, StepWork::Copy).contains(QStringLiteral("half-written")));
    QVERIFY(left(Verb::Undo, StepWork::Copy).contains(QStringLiteral("half-written")));
    QVERIFY(left(Verb::Import, StepWork::Copy).contains(QStringLiteral("half-written")));
    QCOMPARE(left(Verb::Restore, StepWork::Copy, false), QString());
    QCOMPARE(left(Verb::Restore, StepWork::KeepOld), QString());
    QCOMPARE(left(Verb::Restore, StepWork::ReadBack), QString());
    QCOMPARE(left(Verb::BackUp, StepWork::Copy), QString());
    QCOMPARE(left(Verb::Verify, StepWork::CheckBackup), QString());
}

void TestClosingText::everyJobIsNamed()
{
    QThreadPool pool;
    std::vector<std::unique_ptr<RunningJob>> jobs;
    for (int n = 1; n <= 10; ++n) {
        JobRequest made = request(Verb::Verify);
        made.title = QStringLiteral("job %1").arg(n);
        jobs.push_back(std::make_unique<RunningJob>(std::move(made), pool, nullptr,
                                                    RunningJob::Start::WhenTold));
    }
    jobs.at(1)->cancel(); // It ends: nothing becomes of it any more.
    QTRY_VERIFY(jobs.at(1)->finished());
    const QString text = closingText(jobs);
    QVERIFY2(text.startsWith(QStringLiteral("• job 1: it has not begun")), qPrintable(text));
    QVERIFY2(!text.contains(QStringLiteral("job 2:")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("job 9:")), qPrintable(text));
    QVERIFY2(text.endsWith(QStringLiteral("not finished: 1.")), qPrintable(text));
}

QTEST_MAIN(TestClosingText)
#include "test_closing_text.moc"
