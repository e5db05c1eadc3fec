// Map, timeline and table around one selection.
#include "tests/ui/sample_history.h"
#include "ui/array_view.h"

#include <QApplication>
#include <QClipboard>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace cairn;
using namespace cairn::test;

class TestArrayView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void aRegionLightsItsBackupInAllPanes();
    void aRowLightsItsRegionAndItsDot();
    void aDotLightsItsRegionAndItsRow();
    void aBackupThatNoRegionHoldsIsAskedFor();
    void aBackupThatAFilterHidesIsNoLongerSelected();
    void anArrayMayGoWhileABackupIsSelected();
    void whatIsSeenInMapOrTimelineStaysSelected();
    void aBrushedSpanFiltersTheTable();
    void sourceAndStateFilterTheTable();
    void escapeEndsOneFilterAtATime();
    void aChipIsTakenAwayByTheKeyboard();
    void undoCopiesAreCountedApart();
    void aBackupWhoseMemberIsGoneIsMarked();
    void aBackupWhoseRegionShowsAnotherContentIsMarked();
    void selectedRowsAreCopied();
    void anotherArrayBeginsWithoutSelection();
    void columnsAreAsWideAsWhatTheyShow();
    void aWidthThatTheOperatorChoseIsKept();
    void labelsUseTheRoomThatComes();
    void aMapThatScrollsSidewaysIsAsHighAsItsMembers();
    // Incident: a row was selected, and its region was two screens away.
    void theMapShowsTheRegionThatIsSelectedElsewhere();

private:
    [[nodiscard]] std::vector<GenerationNumber> shown() const;

    SampleArray m_sample;
    std::unique_ptr<History> m_history;
    std::unique_ptr<ArrayView> m_view;
};

void TestArrayView::init()
{
    m_sample = {};
    m_sample.addGeneration(3, GenerationState::Failed, 11, 21);
    std::ranges::sort(m_sample.snapshot().generations, std::ranges::greater(), &Generation::number);
    m_history = std::make_unique<History>();
    m_history->append(pageOf(m_sample.snapshot().generations), true);
    // As the catalog would give it: 1 was replaced.
    std::erase_if(m_sample.snapshot().generations,
                  [](const Generation& each) { return each.number == 1; });
    m_view = std::make_unique<ArrayView>();
    m_view->resize(900, 700);
    m_view->setHistory(m_history.get());
    m_view->setSnapshot(m_sample.snapshot());
    m_view->show();
}

void TestArrayView::cleanup()
{
    m_view.reset();
    m_history.reset();
}

std::vector<GenerationNumber> TestArrayView::shown() const
{
    std::vector<GenerationNumber> numbers;
    for (int row = 0; row < m_view->model()->rowCount(); ++row)
        numbers.push_back(*m_view->model()->numberAt(row));
    return numbers;
}

void TestArrayView::aRegionLightsItsBackupInAllPanes()
{
    m_view->selectRegion(RegionId{uuid(20)});
    QCOMPARE(m_view->selection().generation, std::optional(GenerationNumber{2}));
    QVERIFY(!m_view->selection().backupFirst);
    QCOMPARE(m_view->table()->currentIndex().row(), 1);
    QCOMPARE(m_view->timeline()->currentItem(), 1); // The lane of db: web was met before it.
    QCOMPARE(m_view->record()->number, GenerationNumber{2});
}

void TestArrayView::aRowLightsItsRegionAndItsDot()
{
    const QSignalSpy changes(m_view.get(), &ArrayView::selectionChanged);
    m_view->table()->selectRow(1);
    QCOMPARE(m_view->selection().generation, std::optional(GenerationNumber{2}));
    QVERIFY(m_view->selection().backupFirst);
    QCOMPARE(m_view->map()->selected(), std::optional(RegionId{uuid(20)}));
    QCOMPARE(m_view->timeline()->currentItem(), 1);
    QCOMPARE(changes.count(), 1);
}

void TestArrayView::aDotLightsItsRegionAndItsRow()
{
    const auto place = m_view->timeline()->placeOf(2);
    QVERIFY(place.has_value());
    QTest::mouseClick(m_view->timeline()->viewport(), Qt::LeftButton, {}, *place);
    QCOMPARE(m_view->selection().generation, std::optional(GenerationNumber{2}));
    QCOMPARE(m_view->map()->selected(), std::optional(RegionId{uuid(20)}));
    QCOMPARE(m_view->table()->currentIndex().row(), 1);
    QVERIFY(m_view->table()->selectionModel()->isRowSelected(1, {}));
}

void TestArrayView::aBackupThatNoRegionHoldsIsAskedFor()
{
    QSignalSpy wanted(m_view.get(), &ArrayView::recordWanted);
    m_view->selectGeneration(1);
    QCOMPARE(wanted.count(), 1);
    QCOMPARE(wanted.first().first().value<GenerationNumber>(), GenerationNumber{1});
    QVERIFY(m_view->record() == nullptr);
    QCOMPARE(m_view->map()->selected(), std::nullopt);
    Generation record = m_sample.snapshot().generations.front();
    record.number = 1;
    m_view->setRecord(record);
    QVERIFY(m_view->record() != nullptr);
    record.number = 7; // The answer to an older question.
    m_view->setRecord(record);
    QCOMPARE(m_view->record()->number, GenerationNumber{1});
}

// Restore and Forget acted on a row that nobody saw.
void TestArrayView::aBackupThatAFilterHidesIsNoLongerSelected()
{
    m_view->table()->selectRow(1);
    QCOMPARE(m_view->selection().generation, std::optional(GenerationNumber{2}));
    const QSignalSpy changes(m_view.get(), &ArrayView::selectionChanged);
    m_view->filterBar()->words()->setText(QStringLiteral("no such backup"));
    QTRY_COMPARE(m_view->model()->rowCount(), 0);
    QCOMPARE(m_view->selection().generation, std::nullopt);
    QVERIFY(m_view->record() == nullptr);
    QCOMPARE(m_view->map()->selected(), std::nullopt);
    QCOMPARE(m_view->timeline()->currentItem(), -1);
    QCOMPARE(changes.count(), 1);
    m_view->filterBar()->words()->clear();
    QTRY_COMPARE(m_view->model()->rowCount(), 3);
    QVERIFY(!m_view->table()->selectionModel()->hasSelection());
}

// The window crashed when it was closed with a row selected.
void TestArrayView::anArrayMayGoWhileABackupIsSelected()
{
    m_view->table()->selectRow(1);
    m_history.reset();
    QCOMPARE(m_view->model()->rowCount(), 0);
    m_view->filterBar()->words()->setText(QStringLiteral("db"));
    QVERIFY(m_view->isVisible());
}

void TestArrayView::whatIsSeenInMapOrTimelineStaysSelected()
{
    m_view->selectRegion(RegionId{uuid(20)});
    m_view->filterBar()->words()->setText(QStringLiteral("no such backup"));
    QTRY_COMPARE(m_view->model()->rowCount(), 0);
    QCOMPARE(m_view->selection().generation, std::optional(GenerationNumber{2}));
    QCOMPARE(m_view->map()->selected(), std::optional(RegionId{uuid(20)}));
    QTest::mouseClick(m_view->timeline()->viewport(), Qt::LeftButton, {},
                      *m_view->timeline()->placeOf(3));
    QCOMPARE(m_view->selection().generation, std::optional(GenerationNumber{3}));
    m_view->filterBar()->words()->clear();
    QTRY_COMPARE(m_view->table()->currentIndex().row(), 0);
    m_view->filterBar()->words()->setText(QStringLiteral("no such backup"));
    QTRY_COMPARE(m_view->selection().generation, std::nullopt); // Its row was seen, and went.
}

void TestArrayView::aBrushedSpanFiltersTheTable()
{
    Timeline* timeline = m_view->timeline();
    const QPoint first = *timeline->placeOf(2);
    const QPoint last = *timeline->placeOf(3);
    QWidget* ground = timeline->viewport();
    const int half = (last.x() - first.x()) / 2;
    QVERIFY(half > 20);
    QTest::mousePress(ground, Qt::LeftButton, {}, QPoint(last.x() - half, 6));
    QTest::mouseMove(ground, QPoint(last.x() - 4, 6));
    QTest::mouseMove(ground, QPoint(last.x() + 6, 6));
    QTest::mouseRelease(ground, Qt::LeftButton, {}, QPoint(last.x() + 6, 6));
    QCOMPARE(shown(), (std::vector<GenerationNumber>{3}));
    auto* chip = m_view->findChild<QToolButton*>(QStringLiteral("spanFilter"));
    QVERIFY(chip->isVisible());
    chip->click();
    QCOMPARE(shown(), (std::vector<GenerationNumber>{3, 2, 1}));
    QVERIFY(!timeline->brush().has_value());
    QVERIFY(!chip->isVisible());
}

void TestArrayView::sourceAndStateFilterTheTable()
{
    auto* source = m_view->findChild<QComboBox*>(QStringLiteral("sourceFilter"));
    auto* state = m_view->findChild<QComboBox*>(QStringLiteral("stateFilter"));
    QVERIFY(source->isVisible());
    source->setCurrentIndex(source->findText(QStringLiteral("db")));
    QCOMPARE(shown(), (std::vector<GenerationNumber>{2, 1}));
    state->setCurrentIndex(state->findText(QStringLiteral("Usable")));
    QCOMPARE(shown(), (std::vector<GenerationNumber>{2}));
    source->setCurrentIndex(0);
    state->setCurrentIndex(state->findText(QStringLiteral("Incomplete")));
    QCOMPARE(shown(), (std::vector<GenerationNumber>{3}));
}

void TestArrayView::escapeEndsOneFilterAtATime()
{
    auto* state = m_view->findChild<QComboBox*>(QStringLiteral("stateFilter"));
    auto* words = m_view->filterBar()->words();
    state->setCurrentIndex(state->findText(QStringLiteral("Usable")));
    m_view->filterBar()->setSpan(TimeSpan{0, 1});
    words->setText(QStringLiteral("db"));
    QVERIFY(shown().empty());
    QTest::keyClick(words, Qt::Key_Escape);
    QVERIFY(words->text().isEmpty());
    QVERIFY(m_view->filterBar()->query().span.has_value());
    QTest::keyClick(m_view->table(), Qt::Key_Escape);
    QVERIFY(!m_view->filterBar()->query().span.has_value());
    QCOMPARE(shown(), (std::vector<GenerationNumber>{2}));
    QTest::keyClick(state, Qt::Key_Escape);
    QCOMPARE(state->currentIndex(), 0);
    QCOMPARE(shown(), (std::vector<GenerationNumber>{3, 2, 1}));
    QTest::keyClick(words, Qt::Key_Escape); // Nothing is left to end.
    QCOMPARE(shown(), (std::vector<GenerationNumber>{3, 2, 1}));
}

void TestArrayView::aChipIsTakenAwayByTheKeyboard()
{
    auto* chip = m_view->findChild<QToolButton*>(QStringLiteral("spanFilter"));
    m_view->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
    for (const Qt::Key key : {Qt::Key_Delete, Qt::Key_Backspace, Qt::Key_Return, Qt::Key_Space}) {
        m_view->filterBar()->setSpan(TimeSpan{0, 1});
        QVERIFY(chip->focusPolicy() & Qt::TabFocus);
        chip->setFocus();
        QTest::keyClick(chip, key);
        QVERIFY(!m_view->filterBar()->query().span.has_value());
        QVERIFY(!chip->isVisible());
        QVERIFY(!m_view->timeline()->brush().has_value());
        QVERIFY(m_view->filterBar()->words()->hasFocus());
    }
}

void TestArrayView::undoCopiesAreCountedApart()
{
    Generation kept = m_sample.snapshot().generations.front();
    kept.number = 4;
    kept.undo.emplace();
    kept.undo->restored = 2;
    m_history->apply(pageOf({kept}));
    auto* count = m_view->findChild<QLabel*>(QStringLiteral("backupCount"));
    QCOMPARE(count->text(), QStringLiteral("3, undo copies: 1"));
    m_view->showFilter(SavedFilter::All, {});
    QCOMPARE(shown(), (std::vector<GenerationNumber>{3, 2, 1}));
    QCOMPARE(count->text(), QStringLiteral("3"));
    m_view->showFilter(SavedFilter::UndoCopies, {});
    QCOMPARE(shown(), (std::vector<GenerationNumber>{4}));
}

void TestArrayView::aBackupWhoseMemberIsGoneIsMarked()
{
    const auto state = [&](int row) {
        return m_view->model()->index(row, CatalogModel::State).data().toString();
    };
    QCOMPARE(state(1), QStringLiteral("✓ good"));
    ArraySnapshot without = m_sample.snapshot();
    without.layout.members[1].state = MemberState::Missing;
    std::erase_if(without.layout.regions,
                  [](const Region& region) { return region.member == uuid(2); });
    m_view->setSnapshot(without);
    QCOMPARE(state(1), QStringLiteral("⚠ good, not attached"));
    QVERIFY2(m_view->timeline()->itemDescription(1).contains(QStringLiteral("not attached")),
             qPrintable(m_view->timeline()->itemDescription(1)));
    QCOMPARE(m_view->model()->index(1, CatalogModel::State).data(CatalogModel::ToneRole).toInt(),
             static_cast<int>(Tone::Warning));
    // Superseded: its bytes are gone anyhow.
    QCOMPARE(state(2), QStringLiteral("○ superseded"));
    m_view->setSnapshot(m_sample.snapshot());
    QCOMPARE(state(1), QStringLiteral("✓ good"));
}

void TestArrayView::aBackupWhoseRegionShowsAnotherContentIsMarked()
{
    for (Region& region : m_sample.snapshot().layout.regions) {
        if (region.id == RegionId{uuid(20)})
            region.content = filesystem("ext4", "home", kMiB);
    }
    m_view->setSnapshot(m_sample.snapshot());
    const QModelIndex state = m_view->model()->index(1, CatalogModel::State);
    QCOMPARE(state.data().toString(), QStringLiteral("⚠ good, region changed"));
    QCOMPARE(state.data(CatalogModel::ToneRole).toInt(), static_cast<int>(Tone::Warning));
}

void TestArrayView::selectedRowsAreCopied()
{
    QVERIFY(!m_view->copyAction(CopyForm::Text)->isEnabled());
    m_view->table()->selectAll();
    m_view->copyAction(CopyForm::Csv)->trigger();
    const QString text = QApplication::clipboard()->text();
    QCOMPARE(text.count(QStringLiteral("\r\n")), 4);
    QVERIFY(text.contains(QStringLiteral("\"✕ failed\"")));
}

void TestArrayView::anotherArrayBeginsWithoutSelection()
{
    m_view->selectGeneration(2);
    m_view->filterBar()->words()->setText(QStringLiteral("db"));
    History other;
    other.append(longHistory(5, 1), true);
    m_view->setHistory(&other);
    QVERIFY(!m_view->selection().generation);
    QCOMPARE(m_view->model()->rowCount(), 5);
    m_view->setHistory(nullptr);
    QCOMPARE(m_view->model()->rowCount(), 0);
    QCOMPARE(m_view->timeline()->itemCount(), 0);
}

// By how much the column is too narrow for what it shows.
static int cutBy(const QTableView& table, int column)
{
    int cut = INT_MIN;
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        const QString text = table.model()->index(row, column).data().toString();
        cut = std::max(cut,
                       table.fontMetrics().horizontalAdvance(text) + 6 - table.columnWidth(column));
    }
    return cut;
}

// The state was cut at its end.
void TestArrayView::columnsAreAsWideAsWhatTheyShow()
{
    const QTableView& table = *m_view->table();
    const auto readWhole = [&](int column) { return cutBy(table, column) <= 0; };
    for (int column = 0; column < CatalogModel::Label; ++column)
        QVERIFY2(readWhole(column), qPrintable(QString::number(column)));
    const int before = table.columnWidth(CatalogModel::State);
    m_sample.snapshot().layout.members.back().state = MemberState::Missing;
    for (Generation& generation : m_sample.snapshot().generations) {
        generation.target.member = uuid(2);
        generation.held = true;
    }
    m_view->setSnapshot(m_sample.snapshot());
    QVERIFY(table.columnWidth(CatalogModel::State) > before);
    QVERIFY(readWhole(CatalogModel::State));
    m_view->filterBar()->words()->setText(QStringLiteral("no such backup"));
    QTRY_COMPARE(m_view->model()->rowCount(), 0);
    QVERIFY(table.columnWidth(CatalogModel::State) > before); // Nothing jumps while filtering.
}

void TestArrayView::aWidthThatTheOperatorChoseIsKept()
{
    m_view->table()->setColumnWidth(CatalogModel::State, 61); // As by the mouse.
    History another;
    another.append(pageOf(m_sample.snapshot().generations), true);
    m_view->setHistory(&another);
    m_view->setSnapshot(m_sample.snapshot());
    QCOMPARE(m_view->table()->columnWidth(CatalogModel::State), 61);
    ArrayView next;
    next.restoreLayout(m_view->saveLayout());
    next.setHistory(&another);
    QCOMPARE(next.table()->columnWidth(CatalogModel::State), 61);
    QVERIFY(cutBy(*next.table(), CatalogModel::When) <= 0);
}

// Incident: it stayed as narrow as in the window's first moment.
void TestArrayView::labelsUseTheRoomThatComes()
{
    for (Generation& generation : m_sample.snapshot().generations)
        generation.label = "nightly, before the move";
    History labeled;
    labeled.append(pageOf(m_sample.snapshot().generations), true);
    m_view->resize(500, 700);
    m_view->setHistory(&labeled);
    QTRY_VERIFY(cutBy(*m_view->table(), CatalogModel::Label) > 0);
    m_view->resize(1300, 700);
    QTRY_VERIFY(cutBy(*m_view->table(), CatalogModel::Label) <= 0);
    m_view->resize(500, 700);
    QTRY_VERIFY(cutBy(*m_view->table(), CatalogModel::Label) > 0);
    m_view->setHistory(nullptr);
}

// Incident: the bar below the map hid the second member, and brought another bar beside it.
void TestArrayView::aMapThatScrollsSidewaysIsAsHighAsItsMembers()
{
    for (std::uint8_t n = 30; n < 60; ++n)
        m_sample.addRegion(n, 2, "region-" + std::to_string(n), 8 * kMiB, SampleArray::empty());
    m_view->setSnapshot(m_sample.snapshot());
    const auto* scroll = m_view->findChild<QScrollArea*>(QStringLiteral("mapScroll"));
    QTRY_VERIFY(scroll->horizontalScrollBar()->isVisible());
    QTRY_VERIFY(!scroll->verticalScrollBar()->isVisible());
}

void TestArrayView::theMapShowsTheRegionThatIsSelectedElsewhere()
{
    for (std::uint8_t n = 30; n < 60; ++n)
        m_sample.addRegion(n, 2, "region-" + std::to_string(n), 8 * kMiB, SampleArray::empty());
    m_view->setSnapshot(m_sample.snapshot());
    const auto* scroll = m_view->findChild<QScrollArea*>(QStringLiteral("mapScroll"));
    QTRY_VERIFY(scroll->horizontalScrollBar()->isVisible());
    const ArrayMap& map = *m_view->map();
    for (const std::uint8_t n : {std::uint8_t{59}, std::uint8_t{30}}) {
        m_view->selectRegion(RegionId{uuid(n)});
        const int index = map.currentIndex();
        QTRY_VERIFY(map.visibleRegion().contains(map.cellRect(index).center()));
    }
}

QTEST_MAIN(TestArrayView)
#include "test_array_view.moc"
