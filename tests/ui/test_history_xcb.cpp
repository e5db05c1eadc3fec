// The history in the real window, by mouse and keyboard: timeline, filter, order, copying.
#include "tests/ui/window_on_array.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>

using namespace cairn;
using namespace cairn::test;

class TestHistoryXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void aDotOfTheTimelineSelectsEverywhere();
    void aReplacedBackupTellsItsDetails();
    void theTimelineIsWalkedByKeyboard();
    void aClickOnATitleSorts();
    void typingFiltersAndEmptyingShowsAll();
    void rowsAreCopiedByTheKeyboard();
    void aSavedFilterIsChosenByMouse();
    void panesAndTheirSizesAreRememberedForTheNextRun();

private:
    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

// Three backups into the same region: two of them are superseded by the third.
void TestHistoryXcb::initTestCase()
{
    m_setup.emplace();
    m_driven.emplace();
    m_driven->open();
    for (int round = 1; round <= 3; ++round) {
        m_driven->disk().backUpInto("vault", "round " + std::to_string(round));
        m_driven->press(Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(m_driven->window().view()->table()->model()->rowCount(), round,
                                  kPatienceMs);
    }
}

void TestHistoryXcb::cleanupTestCase()
{
    m_driven.reset();
}

void TestHistoryXcb::aDotOfTheTimelineSelectsEverywhere()
{
    ArrayView* view = m_driven->window().view();
    QTest::mouseClick(view->timeline()->viewport(), Qt::LeftButton, {},
                      *view->timeline()->placeOf(3));
    QCOMPARE(view->selection().generation, std::optional(GenerationNumber{3}));
    QCOMPARE(view->table()->currentIndex().row(), 0);
    QCOMPARE(view->map()->cellAt(view->map()->currentIndex()).name, QStringLiteral("vault"));
    QVERIFY(child<QAction>(m_driven->window(), "restore")->isEnabled());
}

void TestHistoryXcb::aReplacedBackupTellsItsDetails()
{
    QTableView* table = m_driven->window().view()->table();
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                      table->visualRect(table->model()->index(2, 0)).center());
    const auto title = [this] {
        const auto* shown = m_driven->window().findChild<QLabel*>(QStringLiteral("detailsTitle"));
        return shown != nullptr ? shown->text() : QString();
    };
    QTRY_COMPARE_WITH_TIMEOUT(title(), QStringLiteral("Backup 1 of db"), kPatienceMs);
    QVERIFY(!child<QAction>(m_driven->window(), "restore")->isEnabled());
    QVERIFY(m_driven->tableText(2, CatalogModel::State).contains(QStringLiteral("superseded")));
}

void TestHistoryXcb::theTimelineIsWalkedByKeyboard()
{
    ArrayView* view = m_driven->window().view();
    view->selectGeneration(3);
    m_driven->press(Qt::Key_3, Qt::AltModifier);
    QTRY_VERIFY(view->timeline()->hasFocus());
    QTest::keyClick(view->timeline(), Qt::Key_Left);
    QCOMPARE(view->selection().generation, std::optional(GenerationNumber{2}));
    QTest::keyClick(view->timeline(), Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(view->model()->rowCount(), 2); // Brushed.
    QTest::keyClick(view->timeline(), Qt::Key_Escape);
    QCOMPARE(view->model()->rowCount(), 3);
}

void TestHistoryXcb::aClickOnATitleSorts()
{
    QHeaderView* titles = m_driven->window().view()->table()->horizontalHeader();
    const auto clickTitle = [&](int column) {
        const QPoint place(titles->sectionViewportPosition(column) + 20, titles->height() / 2);
        QTest::mouseClick(titles->viewport(), Qt::LeftButton, {}, place);
    };
    clickTitle(CatalogModel::Label);
    QTRY_COMPARE(m_driven->tableText(0, CatalogModel::Label), QStringLiteral("round 1"));
    clickTitle(CatalogModel::Label);
    QTRY_COMPARE(m_driven->tableText(0, CatalogModel::Label), QStringLiteral("round 3"));
    clickTitle(CatalogModel::Number);
    clickTitle(CatalogModel::Number);
    QTRY_COMPARE(m_driven->tableText(0, CatalogModel::Number), QStringLiteral("3"));
}

void TestHistoryXcb::typingFiltersAndEmptyingShowsAll()
{
    ArrayView* view = m_driven->window().view();
    m_driven->press(Qt::Key_F, Qt::ControlModifier);
    QTRY_VERIFY(view->filterBar()->words()->hasFocus());
    QTest::keyClicks(view->filterBar()->words(), QStringLiteral("DB superseded \"2"));
    QCOMPARE(view->model()->rowCount(), 0);
    view->filterBar()->words()->clear();
    QTest::keyClicks(view->filterBar()->words(), QStringLiteral("DB superseded #2"));
    QCOMPARE(view->model()->rowCount(), 1);
    QCOMPARE(m_driven->tableText(0, CatalogModel::Label), QStringLiteral("round 2"));
    auto* count = child<QLabel>(m_driven->window(), "backupCount");
    QCOMPARE(count->text(), QStringLiteral("1 of 3"));
    view->filterBar()->words()->clear();
    QCOMPARE(view->model()->rowCount(), 3);
}

void TestHistoryXcb::rowsAreCopiedByTheKeyboard()
{
    QTableView* table = m_driven->window().view()->table();
    m_driven->press(Qt::Key_2, Qt::AltModifier);
    QTRY_VERIFY(table->hasFocus());
    QTest::keyClick(table, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text().count(u'\n'), 4);
    QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("\"#\",\"When\"")));
}

void TestHistoryXcb::aSavedFilterIsChosenByMouse()
{
    ArrayView* view = m_driven->window().view();
    auto* list = child<QTreeWidget>(m_driven->window(), "filterList");
    const auto clickItem = [&](SavedFilter filter) {
        const QTreeWidgetItem* item = list->topLevelItem(static_cast<int>(filter));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                          list->visualItemRect(item).center());
    };
    clickItem(SavedFilter::Failed);
    QCOMPARE(view->model()->rowCount(), 0);
    QVERIFY(!list->selectedItems().isEmpty());
    clickItem(SavedFilter::All);
    QCOMPARE(view->model()->rowCount(), 3);
    // Another filter by hand is no longer the saved one.
    QTest::keyClicks(view->filterBar()->words(), QStringLiteral("round 1"));
    QCOMPARE(view->model()->rowCount(), 1);
    QVERIFY(list->selectedItems().isEmpty());
    view->filterBar()->words()->clear();
}

void TestHistoryXcb::panesAndTheirSizesAreRememberedForTheNextRun()
{
    auto* pane = child<QWidget>(m_driven->window(), "filterPane");
    QVERIFY(pane->isVisible());
    m_driven->press(Qt::Key_F9);
    QTRY_VERIFY(!pane->isVisible());
    m_driven->window().view()->table()->setColumnWidth(CatalogModel::Label, 199);
    QVERIFY(m_driven->window().close());
    MainWindow next;
    QVERIFY(!child<QAction>(next, "showFilters")->isChecked());
    QCOMPARE(next.view()->table()->columnWidth(CatalogModel::Label), 199);
}

QTEST_MAIN(TestHistoryXcb)
#include "test_history_xcb.moc"
