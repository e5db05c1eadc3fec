// The main job in the real window, by mouse and keyboard: back up, pause, cancel, resume, restore.
#include "tests/ui/window_on_array.h"
#include "ui/widgets/job_row.h"

#include <QDockWidget>
#include <QHeaderView>
#include <QMessageBox>
#include <QScreen>
#include <QSignalSpy>
#include <QToolButton>
#include <filesystem>

using namespace cairn;
using namespace cairn::test;

class TestMainWindowXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void theWelcomePageOpensAnArray();
    void aBackupByMouseAndKeyboard();
    void aBackupByKeyboardAlone();
    void aBackupByDraggingSaysWhyATargetIsRefused();
    void aRunningBackupIsShownAsItsRecordSays();
    void aRefusedTargetSaysWhyInTheDialog();
    void aBackupThatIsRefusedAtItsStartSaysWhyAndChangesNothing();
    void aPulledMemberIsNotCalledConsistent();
    void panesRecoverTheirSizeWhenTheWindowGrowsAgain();
    void oneClickInTheListOfArraysOpensAnother();
    void whileAnArrayOpensSlowlyNoVerbActsOnTheOneBefore();
    void theProgramWaitsForNothingThatItOnlyReads();
    void whileASlowArrayIsReadAgainTheWindowSaysSo();
    void theFirstWindowFitsTheScreenWithItsFrame();
    void messagesNeverChangeTheSizeOfTheWindow();
    void theTableKeepsRowsBesideMessages();
    void aJobIsPausedCanceledAndResumed();
    void whatALaterLookMakesUntrueIsNotSaidAnyMore();
    void aCanceledBackupIsTriedAgainFromItsRow();
    void closingWithARunningJobAsks();
    void somethingThatIsNoArrayIsSaidInTheStrip();
    void theLookCanBeChanged();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_driven->snapshot(); }
    [[nodiscard]] bool saidInTheStrip(const char* part) const
    {
        const auto rows =
            window().messages()->findChildren<QLabel*>(QStringLiteral("messageHeadline"));
        return std::ranges::any_of(
            rows, [&](const QLabel* row) { return row->text().contains(QLatin1StringView(part)); });
    }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

void TestMainWindowXcb::theWelcomePageOpensAnArray()
{
    click(child<QPushButton>(window(), "welcomeOpen"));
    auto* asked = m_driven->dialog<QDialog>();
    QTest::keyClicks(child<QLineEdit>(*asked, "memberPath"),
                     QString::fromStdString(m_driven->disk().uri()));
    click(child<QPushButton>(*asked, "accept"));
    QTRY_VERIFY_WITH_TIMEOUT(window().array() != nullptr, kPatienceMs);
    QCOMPARE(window().windowTitle(), QStringLiteral("test array — Cairn"));
    QCOMPARE(child<QLabel>(window(), "lockState")->text(), QStringLiteral("Open read-only"));
}

void TestMainWindowXcb::aBackupByMouseAndKeyboard()
{
    m_driven->open();
    auto* tool = child<QToolButton>(window(), "tool_backUp");
    QVERIFY(!tool->isEnabled()); // Nothing is selected.
    m_driven->clickRegion("db");
    QVERIFY(tool->isEnabled());
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = m_driven->dialog<BackupDialog>();
    auto* start = child<QPushButton>(*asked, "startBackup");
    QVERIFY(!start->isEnabled());
    m_driven->chooseTarget(asked, "vault");
    QTest::keyClicks(child<QLineEdit>(*asked, "backupLabel"), QStringLiteral("by hand"));
    QVERIFY(start->isEnabled());
    click(start);
    QTRY_VERIFY_WITH_TIMEOUT(!snapshot().generations.empty() && m_driven->idle(), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(snapshot().generations.front().state, GenerationState::Good,
                              kPatienceMs);
    QCOMPARE(snapshot().generations.front().label, std::string("by hand"));
    QCOMPARE(window().view()->table()->model()->rowCount(), 1);
    QVERIFY2(window().messages()->newestText().contains(QStringLiteral("complete and good")),
             qPrintable(window().messages()->newestText()));
}

void TestMainWindowXcb::aBackupByKeyboardAlone()
{
    m_driven->open();
    m_driven->press(Qt::Key_1, Qt::AltModifier);
    ArrayMap* map = window().view()->map();
    while (map->currentIndex() < 0 || map->cellAt(map->currentIndex()).name != QStringLiteral("db"))
        QTest::keyClick(map, Qt::Key_Right);
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = m_driven->dialog<BackupDialog>();
    QTRY_VERIFY(child<QTableView>(*asked, "candidateTable")->hasFocus());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down);
    QVERIFY(asked->plan().has_value());
    QCOMPARE(asked->plan()->target.name, std::string("vault")); // The best candidate.
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QVERIFY(asked->isVisible()); // Choosing a target starts nothing.
    auto* start = child<QPushButton>(*asked, "startBackup");
    for (int times = 0; times < 12 && !start->hasFocus(); ++times)
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QVERIFY(start->hasFocus());
    QTest::keyClick(start, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!snapshot().generations.empty() && m_driven->idle(), kPatienceMs);
}

void TestMainWindowXcb::aBackupByDraggingSaysWhyATargetIsRefused()
{
    m_driven->open();
    ArrayMap* map = window().view()->map();
    const QPoint from = m_driven->placeOf("db");
    const auto drag = [&](const char* target) {
        const QPoint to = m_driven->placeOf(target);
        QTest::mousePress(map, Qt::LeftButton, {}, from);
        QTest::mouseMove(map, from + QPoint(30, 4));
        QTest::mouseMove(map, to);
        return to;
    };
    const QPoint small = drag("small");
    QTRY_VERIFY2_WITH_TIMEOUT(map->dropText().contains(QStringLiteral("Too small by 20 MiB")),
                              qPrintable(map->dropText()), kPatienceMs);
    QTest::mouseRelease(map, Qt::LeftButton, {}, small);
    QVERIFY(!map->dragged());
    QVERIFY(window().findChild<BackupDialog*>() == nullptr);

    drag("vault");
    QTRY_COMPARE_WITH_TIMEOUT(map->dropText(), QStringLiteral("Free to use"), kPatienceMs);
    QTest::keyClick(map, Qt::Key_Escape); // Thought better of it.
    QVERIFY(!map->dragged());
    QTest::mouseRelease(map, Qt::LeftButton, {}, m_driven->placeOf("vault"));
    QVERIFY(window().findChild<BackupDialog*>() == nullptr);

    const QPoint vault = drag("vault");
    QTRY_COMPARE_WITH_TIMEOUT(map->dropText(), QStringLiteral("Free to use"), kPatienceMs);
    QTest::mouseRelease(map, Qt::LeftButton, {}, vault);
    auto* asked = m_driven->dialog<BackupDialog>();
    QCOMPARE(asked->plan()->source.name, std::string("db"));
    QCOMPARE(asked->plan()->target.name, std::string("vault"));
    click(child<QPushButton>(*asked, "startBackup"));
    QTRY_VERIFY_WITH_TIMEOUT(!snapshot().generations.empty() && m_driven->idle(), kPatienceMs);
}

void TestMainWindowXcb::aRunningBackupIsShownAsItsRecordSays()
{
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    m_driven->backUp();
    RunningJob* job = m_driven->array().jobs().front().get();
    const auto shownState = [this] { return m_driven->tableText(0, CatalogModel::State); };
    QTRY_VERIFY_WITH_TIMEOUT(shownState().contains(QStringLiteral("copying")), kPatienceMs);
    QVERIFY(!job->finished());
    QVERIFY2(m_driven->cell("vault").summary.contains(QStringLiteral("▸ #1 of db")),
             qPrintable(m_driven->cell("vault").summary));
    QVERIFY(m_driven->cell("vault").role == CellRole::Backup);
    QTRY_VERIFY_WITH_TIMEOUT(job->progress().phase == CopyPhase::Verifying, kPatienceMs);
    job->pause();
    QTRY_VERIFY_WITH_TIMEOUT(shownState().contains(QStringLiteral("copied")), kPatienceMs);
    QVERIFY(!job->finished());
    m_driven->disk().setBandwidth(0);
    job->resume();
    QTRY_VERIFY_WITH_TIMEOUT(shownState().contains(QStringLiteral("✓ good")), kPatienceMs);
    QVERIFY2(m_driven->cell("vault").summary.contains(QStringLiteral("✓ #1 of db")),
             qPrintable(m_driven->cell("vault").summary));
}

void TestMainWindowXcb::aRefusedTargetSaysWhyInTheDialog()
{
    m_driven->open();
    m_driven->clickRegion("db");
    click(child<QToolButton>(window(), "tool_backUp"));
    auto* asked = m_driven->dialog<BackupDialog>();
    m_driven->chooseTarget(asked, "small");
    QVERIFY(!child<QPushButton>(*asked, "startBackup")->isEnabled());
    QStringList reasons;
    const auto* model = child<QTableView>(*asked, "candidateTable")->model();
    for (int row = 0; row < model->rowCount(); ++row)
        reasons.append(model->index(row, CandidateModel::Reasons).data().toString());
    QVERIFY2(reasons.join(u'\n').contains(QStringLiteral("Too small by 20 MiB")),
             qPrintable(reasons.join(u'\n')));
    QTest::keyClick(asked, Qt::Key_Escape);
    QVERIFY(snapshot().generations.empty());
}

void TestMainWindowXcb::aBackupThatIsRefusedAtItsStartSaysWhyAndChangesNothing()
{
    m_driven->open();
    m_driven->clickRegion("db");
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = m_driven->dialog<BackupDialog>();
    m_driven->chooseTarget(asked, "vault");
    // While the dialog stands open, somebody else puts something into the target.
    m_driven->disk().overwrite("vault", 7);
    click(child<QPushButton>(*asked, "startBackup"));
    QTRY_VERIFY_WITH_TIMEOUT(window().messages()->count() == 1, kPatienceMs);
    const QString said = window().messages()->newestText();
    QVERIFY2(said.contains(QStringLiteral("vault")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("Nothing was")), qPrintable(said));
    QSignalSpy read(&m_driven->array(), &AttachedArray::snapshotChanged);
    m_driven->press(Qt::Key_F5);
    QVERIFY(read.wait(kPatienceMs));
    QVERIFY(snapshot().generations.empty());
    QVERIFY(m_driven->disk().holds("vault", 7));
}

void TestMainWindowXcb::aPulledMemberIsNotCalledConsistent()
{
    m_driven->open();
    auto* state = child<QLabel>(window(), "catalogState");
    QTRY_VERIFY2(state->accessibleName().contains(QStringLiteral("consistent")),
                 qPrintable(state->accessibleName()));
    Faults pulled;
    pulled.pulled = true;
    QVERIFY(setFaults(m_driven->disk().directory(), 1, pulled).has_value());
    // Nobody presses F5: the description of the array was changed, and the window follows.
    QTRY_VERIFY_WITH_TIMEOUT(!state->accessibleName().contains(QStringLiteral("consistent")),
                             kPatienceMs);
    QVERIFY2(state->accessibleName().contains(QStringLiteral(" is failed")) ||
                 state->accessibleName().contains(QStringLiteral(" is missing")),
             qPrintable(state->accessibleName()));
}

void TestMainWindowXcb::panesRecoverTheirSizeWhenTheWindowGrowsAgain()
{
    m_driven->open();
    auto* details = child<QDockWidget>(window(), "detailsDock");
    auto* filters = child<QDockWidget>(window(), "filtersDock");
    window().resize(1250, 700);
    QTRY_VERIFY(details->width() >= 300 && filters->width() >= 180);
    const QSize wanted = details->size();
    const int wide = filters->width();
    window().resize(880, 520);
    QTRY_VERIFY(window().width() < 1000 && details->height() < wanted.height());
    window().resize(1250, 700);
    QTRY_COMPARE(details->size(), wanted);
    QCOMPARE(filters->width(), wide);
}

// Three members, as most arrays of the demonstration's kind have.
static QString threeMembers(const QTemporaryDir& folder)
{
    const QString uri = QStringLiteral("sim:") + folder.filePath(QStringLiteral("three"));
    std::filesystem::create_directory(folder.filePath(QStringLiteral("three")).toStdString());
    QFile description(folder.filePath(QStringLiteral("three/simulation.json")));
    if (!description.open(QIODevice::WriteOnly))
        qFatal("cannot describe the array");
    description.write(R"({"version": 1, "seed": 1, "members": [)"
                      R"({"file": "a.img", "sizeBytes": 100663296},)"
                      R"({"file": "b.img", "sizeBytes": 100663296},)"
                      R"({"file": "c.img", "sizeBytes": 100663296}]})");
    description.close();
    const auto created = Attachment::create(
        {.array = {.uris = {uri.toStdString()}, .memberSizeBytes = 0, .managementBytes = 0},
         .label = "three"},
        systemEnvironment());
    if (!created)
        qFatal("not created: %s", created.error().detail.c_str());
    return uri;
}

void TestMainWindowXcb::oneClickInTheListOfArraysOpensAnother()
{
    const QTemporaryDir folder;
    m_driven->open({threeMembers(folder)});
    m_driven->open();
    QTRY_COMPARE(window().windowTitle(), QStringLiteral("test array — Cairn"));
    auto* arrays = child<QTreeWidget>(window(), "arrayList");
    QCOMPARE(arrays->topLevelItem(1)->text(0), QStringLiteral("three"));
    QTest::mouseClick(arrays->viewport(), Qt::LeftButton, {},
                      arrays->visualItemRect(arrays->topLevelItem(1)).center());
    QTRY_COMPARE_WITH_TIMEOUT(window().windowTitle(), QStringLiteral("three — Cairn"), kPatienceMs);
    // Esc in the pane ends the filter, and then leads back to the array.
    auto* filters = child<QTreeWidget>(window(), "filterList");
    filters->setFocus();
    filters->setCurrentItem(filters->topLevelItem(1));
    QVERIFY(!window().view()->filterBar()->query().letsAllThrough());
    QTest::keyClick(filters, Qt::Key_Escape);
    QVERIFY(window().view()->filterBar()->query().letsAllThrough());
    QVERIFY(filters->selectedItems().isEmpty());
    window().activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window()));
    QTest::keyClick(filters, Qt::Key_Escape);
    QVERIFY(window().view()->map()->hasFocus());
}

// Every read of its first member takes that long from now on.
static void slowDown(const QTemporaryDir& folder, std::uint64_t latencyUs)
{
    Faults slow;
    slow.latencyUs = latencyUs;
    if (!setFaults(folder.filePath(QStringLiteral("three")).toStdString(), 0, slow))
        qFatal("cannot be slowed down");
}

// Incident: the list marked the new array, and every verb went on acting on the one before.
void TestMainWindowXcb::whileAnArrayOpensSlowlyNoVerbActsOnTheOneBefore()
{
    const QTemporaryDir folder;
    const QString slow = threeMembers(folder);
    m_driven->openWithABackup();
    slowDown(folder, 100'000);
    window().openArray({slow});
    QAction* forget = child<QAction>(window(), "forget");
    QVERIFY(!forget->isEnabled());
    QVERIFY2(forget->toolTip().contains(QStringLiteral("Opening")), qPrintable(forget->toolTip()));
    auto* page = child<QWidget>(window(), "openingPage");
    QTRY_VERIFY_WITH_TIMEOUT(page->isVisible(), kPatienceMs);
    QVERIFY(window().windowTitle().startsWith(QStringLiteral("Opening ")));
    QVERIFY(!window().view()->isVisible());
    m_driven->photograph("opening");
    // What is read meanwhile of the array before does not bring it back.
    QSignalSpy read(&m_driven->array(), &AttachedArray::snapshotChanged);
    m_driven->array().refresh();
    QVERIFY(read.wait(kPatienceMs));
    QVERIFY(page->isVisible());
    QVERIFY(!forget->isEnabled());
    click(child<QPushButton>(window(), "cancelOpening"));
    QVERIFY(window().view()->isVisible());
    QCOMPARE(window().windowTitle(), QStringLiteral("test array — Cairn"));
    QVERIFY(forget->isEnabled());
    // The end of what was canceled is no news.
    slowDown(folder, 0);
    window().openArray({slow});
    QTRY_COMPARE_WITH_TIMEOUT(window().windowTitle(), QStringLiteral("three — Cairn"), kPatienceMs);
    QVERIFY(window().view()->isVisible());
    QCOMPARE(window().messages()->count(), 0);
}

// Incident: the window was closed, and the process stayed until the member had answered.
void TestMainWindowXcb::theProgramWaitsForNothingThatItOnlyReads()
{
    const QTemporaryDir folder;
    const QString slow = threeMembers(folder);
    slowDown(folder, 100'000);
    QVERIFY(!window().onlyReads());
    window().openArray({slow});
    QVERIFY(window().close());
    QVERIFY(window().onlyReads());
    slowDown(folder, 0);
}

// Incident: after F5 nothing told whether anything was being read.
void TestMainWindowXcb::whileASlowArrayIsReadAgainTheWindowSaysSo()
{
    const QTemporaryDir folder;
    m_driven->open({threeMembers(folder)});
    slowDown(folder, 100'000);
    const auto* status = child<QLabel>(window(), "catalogState");
    bool again = false;
    connect(window().array(), &AttachedArray::refreshed, &window(), [&again] { again = true; });
    m_driven->press(Qt::Key_F5);
    QVERIFY2(status->text().startsWith(QStringLiteral("Reading the array")),
             qPrintable(status->text()));
    QVERIFY(!again);
    slowDown(folder, 0);
    QTRY_VERIFY2_WITH_TIMEOUT(again && status->text().startsWith(QStringLiteral("Catalog on")),
                              qPrintable(status->text()), kPatienceMs);
}

void TestMainWindowXcb::theFirstWindowFitsTheScreenWithItsFrame()
{
    const QSize screen = window().screen()->availableSize();
    QCOMPARE(screen, QSize(1280, 720)); // Else this test proves nothing.
    const QSize frame(8, 40);           // Of a title bar and borders as they are usual.
    const QSize first = window().size() + frame;
    QVERIFY2(first.width() <= screen.width() && first.height() <= screen.height(),
             qPrintable(QStringLiteral("%1x%2").arg(first.width()).arg(first.height())));
    const QTemporaryDir folder;
    m_driven->open({threeMembers(folder)});
    QCoreApplication::processEvents();
    QCOMPARE(window().size() + frame, first);
    const QSize least = window().minimumSizeHint() + frame;
    QVERIFY2(least.width() <= screen.width() && least.height() <= screen.height(),
             qPrintable(QStringLiteral("%1x%2").arg(least.width()).arg(least.height())));
    QVERIFY(window().view()->map()->visibleRegion().boundingRect().height() >=
            window().view()->map()->sizeHint().height()); // The map is seen whole.
}

void TestMainWindowXcb::messagesNeverChangeTheSizeOfTheWindow()
{
    const auto say = [this](int number) {
        window().messages()->show(
            {.kind = MessageKind::Warning,
             .headline = QStringLiteral("Backup %1 of db was interrupted.").arg(number),
             .body = QString(QStringLiteral("What is safe, and what to do. ")).repeated(20),
             .actions = {{QStringLiteral("A button with a long name"), {}, [] {}, true},
                         {QStringLiteral("Another one that is as long"), {}, [] {}, true}},
             .key = QString::number(number)});
    };
    const auto verifyNothingGrows = [&] {
        window().messages()->clear();
        QSize least;
        do // Layouts ask one another.
            least = window().minimumSizeHint();
        while (QTest::qWaitFor([&] { return window().minimumSizeHint() != least; }, 300));
        window().resize(900, least.height());
        const QSize size = window().size();
        for (int number = 1; number <= 4; ++number) {
            say(number);
            // It can be read even now.
            QTRY_VERIFY2(window().messages()->height() >= 60,
                         qPrintable(QStringLiteral("%1 of %2, window %3, least %4, wanted %5")
                                        .arg(window().messages()->height())
                                        .arg(window().messages()->sizeHint().height())
                                        .arg(window().height())
                                        .arg(least.height())
                                        .arg(window().minimumSizeHint().height())));
            QCOMPARE(window().minimumSizeHint(), least);
            QCOMPARE(window().size(), size);
        }
        click(child<QToolButton>(window(), "showAllMessages"));
        QCoreApplication::processEvents();
        QCOMPARE(window().minimumSizeHint(), least);
        QCOMPARE(window().size(), size);
    };
    verifyNothingGrows();
    const QTemporaryDir folder;
    m_driven->open({threeMembers(folder)});
    verifyNothingGrows();
    window().resize(1264, 676);
    window().messages()->clear();
    const auto* splitter = child<QSplitter>(window(), "arraySplitter");
    const int framePx = 2 * child<QScrollArea>(window(), "mapScroll")->frameWidth();
    QTRY_COMPARE(splitter->sizes().constFirst(),
                 window().view()->map()->sizeHint().height() + framePx);
    const QList<int> before = splitter->sizes();
    say(5);
    QTRY_VERIFY(splitter->sizes() != before);
    window().messages()->clear();
    QTRY_COMPARE(splitter->sizes(), before); // What the message took comes back.
}

void TestMainWindowXcb::theTableKeepsRowsBesideMessages()
{
    window().resize(1280, 720);
    m_driven->open();
    for (const char* key : {"one", "two", "three", "four"})
        window().messages()->show(
            {.kind = MessageKind::Warning,
             .headline = QStringLiteral("Backup 1 of db was interrupted."),
             .body = QStringLiteral("12 MiB of 24 MiB are copied into vault."),
             .actions = {},
             .key = QString::fromLatin1(key)});
    const auto* table = window().view()->table();
    const int row = table->verticalHeader()->defaultSectionSize();
    QTRY_VERIFY2(table->viewport()->height() >= 4 * row,
                 qPrintable(QString::number(table->viewport()->height())));
}

void TestMainWindowXcb::aJobIsPausedCanceledAndResumed()
{
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    m_driven->backUp();
    RunningJob* job = m_driven->array().jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(
        job->progress().phase == CopyPhase::Copying && job->progress().doneBytes > 0, kPatienceMs);
    click(child<QToolButton>(window(), "pauseJob"));
    QCOMPARE(job->state(), RunningJob::State::Paused);
    // Chunks that were under way end; after that nothing moves, and the record says copying.
    std::uint64_t before = 0;
    do
        before = job->progress().doneBytes;
    while (QTest::qWaitFor([&] { return job->progress().doneBytes != before; }, 1000));
    QVERIFY(before < ArrayOnDisk::kSourceBytes);
    QTRY_VERIFY_WITH_TIMEOUT(
        m_driven->tableText(0, CatalogModel::State).contains(QStringLiteral("copying")),
        kPatienceMs);
    QCOMPARE(job->progress().doneBytes, before);
    QCOMPARE(child<QLabel>(window(), "lockState")->text(), QStringLiteral("Writing"));
    click(child<QToolButton>(window(), "pauseJob"));
    QCOMPARE(job->state(), RunningJob::State::Running);
    click(child<QToolButton>(window(), "cancelJob"));
    QTRY_VERIFY_WITH_TIMEOUT(job->finished(), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(
        window().findChild<QPushButton*>(QStringLiteral("resumeJob")) != nullptr, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(snapshot().generations.front().state, GenerationState::Interrupted,
                              kPatienceMs);
    m_driven->disk().setBandwidth(0);
    click(child<QPushButton>(window(), "resumeJob"));
    QTRY_VERIFY_WITH_TIMEOUT(snapshot().generations.front().state == GenerationState::Good &&
                                 m_driven->idle(),
                             kPatienceMs);
    QVERIFY(snapshot().interrupted.empty());
    // Incident: that it was canceled stood there still.
    QTRY_VERIFY_WITH_TIMEOUT(!saidInTheStrip("Canceled: "), kPatienceMs);
}

// Incident: "the member is not attached" stayed after it was attached again.
void TestMainWindowXcb::whatALaterLookMakesUntrueIsNotSaidAnyMore()
{
    m_driven->open();
    const std::string member = snapshot().layout.members.front().location;
    Q_EMIT m_driven->array().failed(Verb::Refresh, Error{ErrorCode::ReadFailed, EIO, member, {}});
    Q_EMIT m_driven->array().failed(Verb::Forget, Error{ErrorCode::MemberMissing, 0, member, {}});
    QVERIFY(saidInTheStrip("is not attached"));
    QCOMPARE(window().messages()->count(), 2);
    m_driven->array().refresh();
    QTRY_COMPARE_WITH_TIMEOUT(window().messages()->count(), 0, kPatienceMs);
}

void TestMainWindowXcb::aCanceledBackupIsTriedAgainFromItsRow()
{
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    m_driven->backUp();
    RunningJob* job = m_driven->array().jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(
        job->progress().phase == CopyPhase::Copying && job->rates().size() >= 2, kPatienceMs);
    QVERIFY(child<QWidget>(window(), "rateGraph")->isVisible());
    click(child<QToolButton>(window(), "cancelJob"));
    QTRY_VERIFY_WITH_TIMEOUT(!snapshot().interrupted.empty(), kPatienceMs);
    m_driven->disk().setBandwidth(0);
    auto* retry = child<QToolButton>(window(), "retryJob");
    QTRY_VERIFY_WITH_TIMEOUT(retry->isVisible(), kPatienceMs);
    click(retry);
    QTRY_VERIFY_WITH_TIMEOUT(snapshot().generations.front().state == GenerationState::Good &&
                                 m_driven->idle(),
                             kPatienceMs);
    QCOMPARE(snapshot().generations.size(), std::size_t{1}); // The one that was begun.
    QCOMPARE(m_driven->array().jobs().size(), std::size_t{1});
}

void TestMainWindowXcb::closingWithARunningJobAsks()
{
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    m_driven->backUp();
    RunningJob* job = m_driven->array().jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(job->progress().doneBytes > 0, kPatienceMs);
    QVERIFY(!window().close());
    click(child<QPushButton>(*m_driven->dialog<QMessageBox>(), "keepRunning"));
    QTRY_VERIFY(window().findChild<QMessageBox*>() == nullptr);
    QVERIFY(window().isVisible());
    QVERIFY(!job->finished());
    QVERIFY(!window().close());
    click(child<QPushButton>(*m_driven->dialog<QMessageBox>(), "cancelJobs"));
    QTRY_VERIFY_WITH_TIMEOUT(!window().isVisible(), kPatienceMs);
}

void TestMainWindowXcb::somethingThatIsNoArrayIsSaidInTheStrip()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("letter.txt")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(100'000, 'x'));
    file.close();
    window().openArray({file.fileName()});
    QTRY_VERIFY_WITH_TIMEOUT(window().messages()->count() == 1, kPatienceMs);
    const QString said = window().messages()->newestText();
    QVERIFY2(said.contains(QStringLiteral("was not opened")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("Nothing was")), qPrintable(said));
    QVERIFY(window().array() == nullptr);
    QVERIFY(child<QPushButton>(window(), "welcomeOpen")->isVisible());
}

void TestMainWindowXcb::theLookCanBeChanged()
{
    m_driven->open();
    child<QAction>(window(), "themeDark")->trigger();
    QTRY_VERIFY(window().palette().color(QPalette::Window).lightness() < 128);
    child<QAction>(window(), "themeLight")->trigger();
    QTRY_VERIFY(window().palette().color(QPalette::Window).lightness() > 128);
}

QTEST_MAIN(TestMainWindowXcb)
#include "test_main_window_xcb.moc"
