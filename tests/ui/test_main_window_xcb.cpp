// The main job in the real window, by mouse and keyboard: back up, pause, cancel, resume, restore.
#include "tests/ui/array_on_disk.h"
#include "ui/dialogs/backup_dialog.h"
#include "ui/dialogs/restore_dialog.h"
#include "ui/main_window.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/job_row.h"

#include <QMessageBox>
#include <QSettings>
#include <QSignalSpy>

#include <QToolButton>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr int kPatienceMs = 60'000;

} // namespace

class TestMainWindowXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void theWelcomePageOpensAnArray();
    void aBackupByMouseAndKeyboard();
    void aRefusedTargetSaysWhyInTheDialog();
    void aRestoreNeedsTheNameAndBringsTheBytesBack();
    void aJobIsPausedCanceledAndResumed();
    void closingWithARunningJobAsks();
    void somethingThatIsNoArrayIsSaidInTheStrip();
    void theLookCanBeChanged();

private:
    void open();
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {});
    void clickRegion(const char* name);
    template<typename Dialog>
    Dialog* dialog();
    void chooseTarget(BackupDialog* dialog, const char* name);
    void backUp();
    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_window->array()->snapshot(); }
    [[nodiscard]] bool idle() const { return m_window->array()->runningJobs() == 0; }

    QTemporaryDir m_settings;
    std::unique_ptr<ArrayOnDisk> m_disk;
    std::unique_ptr<MainWindow> m_window;
};

template<typename Widget>
static Widget* child(const QObject& parent, const char* name)
{
    auto* found = parent.findChild<Widget*>(QLatin1StringView(name));
    if (found == nullptr)
        qFatal("no %s", name);
    return found;
}

static void click(QWidget* widget)
{
    QTest::mouseClick(widget, Qt::LeftButton, {}, widget->rect().center());
}

void TestMainWindowXcb::initTestCase()
{
    QCOMPARE(QGuiApplication::platformName(), QStringLiteral("xcb"));
    QApplication::setOrganizationName(QStringLiteral("cairn-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    registerResources();
    applyTheme(ThemeChoice::Light);
}

void TestMainWindowXcb::init()
{
    m_disk = std::make_unique<ArrayOnDisk>();
    m_window = std::make_unique<MainWindow>();
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestMainWindowXcb::cleanup()
{
    m_window.reset();
    m_disk.reset();
}

void TestMainWindowXcb::open()
{
    m_window->openArray({QString::fromStdString(m_disk->uri())});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->array() != nullptr, kPatienceMs);
    QVERIFY(snapshot().catalog.has_value());
}

// Shortcuts belong to the active window, and there is no window manager to make one active.
void TestMainWindowXcb::press(Qt::Key key, Qt::KeyboardModifiers modifiers)
{
    m_window->activateWindow();
    if (!QTest::qWaitForWindowActive(m_window.get()))
        qFatal("the window did not become active");
    QTest::keyClick(m_window.get(), key, modifiers);
}

void TestMainWindowXcb::clickRegion(const char* name)
{
    ArrayMap* map = m_window->view()->map();
    for (int index = 0; index < map->cellCount(); ++index) {
        if (map->cellAt(index).region && map->cellAt(index).name == QLatin1StringView(name)) {
            QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(index).center());
            return;
        }
    }
    qFatal("no region %s", name);
}

template<typename Dialog>
Dialog* TestMainWindowXcb::dialog()
{
    Dialog* found = nullptr;
    const auto shown = [&] {
        found = m_window->findChild<Dialog*>();
        return found != nullptr && found->isVisible();
    };
    if (!QTest::qWaitFor(shown, kPatienceMs))
        qFatal("no dialog came");
    if (!QTest::qWaitForWindowExposed(found))
        qFatal("the dialog is not shown");
    return found;
}

void TestMainWindowXcb::chooseTarget(BackupDialog* dialog, const char* name)
{
    auto* table = child<QTableView>(*dialog, "candidateTable");
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        const QModelIndex index = table->model()->index(row, 0);
        if (index.data().toString() == QLatin1StringView(name)) {
            QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                              table->visualRect(index).center());
            return;
        }
    }
    qFatal("no candidate %s", name);
}

void TestMainWindowXcb::backUp()
{
    clickRegion("db");
    press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = dialog<BackupDialog>();
    chooseTarget(asked, "vault");
    click(child<QPushButton>(*asked, "startBackup"));
}

void TestMainWindowXcb::theWelcomePageOpensAnArray()
{
    click(child<QPushButton>(*m_window, "welcomeOpen"));
    auto* asked = dialog<QDialog>();
    QTest::keyClicks(child<QLineEdit>(*asked, "memberPath"), QString::fromStdString(m_disk->uri()));
    click(child<QPushButton>(*asked, "accept"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->array() != nullptr, kPatienceMs);
    QCOMPARE(m_window->windowTitle(), QStringLiteral("test array — Cairn"));
    QCOMPARE(child<QLabel>(*m_window, "lockState")->text(), QStringLiteral("Open read-only"));
}

void TestMainWindowXcb::aBackupByMouseAndKeyboard()
{
    open();
    auto* tool = child<QToolButton>(*m_window, "tool_backUp");
    QVERIFY(!tool->isEnabled()); // Nothing is selected.
    clickRegion("db");
    QVERIFY(tool->isEnabled());
    press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = dialog<BackupDialog>();
    auto* start = child<QPushButton>(*asked, "startBackup");
    QVERIFY(!start->isEnabled());
    chooseTarget(asked, "vault");
    QTest::keyClicks(child<QLineEdit>(*asked, "backupLabel"), QStringLiteral("by hand"));
    QVERIFY(start->isEnabled());
    click(start);
    QTRY_VERIFY_WITH_TIMEOUT(!snapshot().generations.empty() && idle(), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(snapshot().generations.front().state, GenerationState::Good,
                              kPatienceMs);
    QCOMPARE(snapshot().generations.front().label, std::string("by hand"));
    QCOMPARE(m_window->view()->table()->model()->rowCount(), 1);
    QVERIFY2(m_window->messages()->newestText().contains(QStringLiteral("complete and verified")),
             qPrintable(m_window->messages()->newestText()));
}

void TestMainWindowXcb::aRefusedTargetSaysWhyInTheDialog()
{
    open();
    clickRegion("db");
    click(child<QToolButton>(*m_window, "tool_backUp"));
    auto* asked = dialog<BackupDialog>();
    chooseTarget(asked, "small");
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

void TestMainWindowXcb::aRestoreNeedsTheNameAndBringsTheBytesBack()
{
    open();
    backUp();
    QTRY_VERIFY_WITH_TIMEOUT(!snapshot().generations.empty() &&
                                 snapshot().generations.front().state == GenerationState::Good,
                             kPatienceMs);
    m_disk->overwriteSource(2);
    QVERIFY(!m_disk->sourceHolds(1));
    QSignalSpy read(m_window->array(), &AttachedArray::snapshotChanged);
    press(Qt::Key_F5);
    QVERIFY(read.wait(kPatienceMs));

    auto* table = m_window->view()->table();
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                      table->visualRect(table->model()->index(0, 0)).center());
    press(Qt::Key_R, Qt::ControlModifier);
    auto* asked = dialog<RestoreDialog>();
    auto* overwrite = child<QPushButton>(*asked, "overwrite");
    auto* typed = child<QLineEdit>(*asked, "typedName");
    QTRY_VERIFY_WITH_TIMEOUT(typed->isVisible(), kPatienceMs);
    QVERIFY(!overwrite->isEnabled());
    QTest::keyClicks(typed, QStringLiteral("db"));
    QVERIFY(overwrite->isEnabled());
    click(overwrite);
    QTRY_VERIFY_WITH_TIMEOUT(
        m_window->messages()->newestText().contains(QStringLiteral("Restore backup 1 → db: done")),
        kPatienceMs);
    QVERIFY(m_disk->sourceHolds(1));
}

void TestMainWindowXcb::aJobIsPausedCanceledAndResumed()
{
    open();
    m_disk->setBandwidth(4 * kMiB);
    backUp();
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->array()->jobs().empty(), kPatienceMs);
    RunningJob* job = m_window->array()->jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(
        job->progress().phase == CopyPhase::Copying && job->progress().doneBytes > 0, kPatienceMs);
    click(child<QToolButton>(*m_window, "pauseJob"));
    QCOMPARE(job->state(), RunningJob::State::Paused);
    QCOMPARE(child<QLabel>(*m_window, "lockState")->text(), QStringLiteral("Writing"));
    click(child<QToolButton>(*m_window, "pauseJob"));
    QCOMPARE(job->state(), RunningJob::State::Running);
    click(child<QToolButton>(*m_window, "cancelJob"));
    QTRY_VERIFY_WITH_TIMEOUT(job->finished(), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(
        m_window->findChild<QPushButton*>(QStringLiteral("resumeJob")) != nullptr, kPatienceMs);
    QCOMPARE(snapshot().generations.front().state, GenerationState::Interrupted);
    m_disk->setBandwidth(0);
    click(child<QPushButton>(*m_window, "resumeJob"));
    QTRY_VERIFY_WITH_TIMEOUT(
        snapshot().generations.front().state == GenerationState::Good && idle(), kPatienceMs);
    QVERIFY(snapshot().interrupted.empty());
}

void TestMainWindowXcb::closingWithARunningJobAsks()
{
    open();
    m_disk->setBandwidth(4 * kMiB);
    backUp();
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->array()->jobs().empty(), kPatienceMs);
    RunningJob* job = m_window->array()->jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(job->progress().doneBytes > 0, kPatienceMs);
    QVERIFY(!m_window->close());
    click(child<QPushButton>(*dialog<QMessageBox>(), "keepRunning"));
    QTRY_VERIFY(m_window->findChild<QMessageBox*>() == nullptr);
    QVERIFY(m_window->isVisible());
    QVERIFY(!job->finished());
    QVERIFY(!m_window->close());
    click(child<QPushButton>(*dialog<QMessageBox>(), "cancelJobs"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
}

void TestMainWindowXcb::somethingThatIsNoArrayIsSaidInTheStrip()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("letter.txt")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(100'000, 'x'));
    file.close();
    m_window->openArray({file.fileName()});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->messages()->count() == 1, kPatienceMs);
    const QString said = m_window->messages()->newestText();
    QVERIFY2(said.contains(QStringLiteral("was not opened")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("Nothing was")), qPrintable(said));
    QVERIFY(m_window->array() == nullptr);
    QVERIFY(child<QPushButton>(*m_window, "welcomeOpen")->isVisible());
}

void TestMainWindowXcb::theLookCanBeChanged()
{
    open();
    child<QAction>(*m_window, "themeDark")->trigger();
    QTRY_VERIFY(m_window->palette().color(QPalette::Window).lightness() < 128);
    child<QAction>(*m_window, "themeLight")->trigger();
    QTRY_VERIFY(m_window->palette().color(QPalette::Window).lightness() > 128);
}

QTEST_MAIN(TestMainWindowXcb)
#include "test_main_window_xcb.moc"
