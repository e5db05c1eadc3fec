// The left pane: what the saved filters count and show, and which arrays can be opened.
#include "tests/ui/sample_history.h"
#include "ui/array_names.h"
#include "ui/array_view.h"
#include "ui/widgets/welcome_page.h"

#include <QDateTime>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace cairn;
using namespace cairn::test;

class TestFilterPane : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsAreWhatTheFilterShows_data();
    void countsAreWhatTheFilterShows();
    void whatWasInterruptedCountsWithTheFailed();
    void countsFollowTheHistory();
    void onlyRegionsWithDataNeedABackup();
    void theFilterOfOldBackupsSelectsTheFirstRegion();
    void aFilterOfRegionsShowsAsManyAsItCounts();
    void aFilterOfRegionsFollowsThem();
    void halfWrittenRegionsAreCountedAndShown();
    void theOpenArrayIsMarkedAndAnotherCanBeOpened();
    void arraysOfFilesThatAreCalledAlikeAreToldApart();
    void anArrayIsCalledByItsLabel();
    void oneClickOpensAnotherArrayAndNoneTheOpenOne();
    void escapeLeavesThePane();
    void paneAndColumnSizesAreRestored();
};

namespace {

HistoryPage mixedHistory()
{
    HistoryPage page = longHistory(60, 3);
    for (GenerationBrief& brief : page.rows) {
        if (brief.number % 7 == 0)
            brief.state = GenerationState::Copied;
        if (brief.number % 9 == 0)
            brief.state = GenerationState::Interrupted;
        brief.held = brief.number % 11 == 0;
        if (brief.number % 13 == 0 || brief.number == 33)
            brief.undo = UndoBrief{brief.number - 1, false};
    }
    return page;
}

QTreeWidget* filters(const FilterPane& pane)
{
    return pane.findChild<QTreeWidget*>(QStringLiteral("filterList"));
}

} // namespace

void TestFilterPane::countsAreWhatTheFilterShows_data()
{
    QTest::addColumn<int>("filter");
    for (const auto filter : {SavedFilter::All, SavedFilter::Failed, SavedFilter::NotVerified,
                              SavedFilter::Held, SavedFilter::UndoCopies})
        QTest::addRow("filter %d", static_cast<int>(filter)) << static_cast<int>(filter);
}

void TestFilterPane::countsAreWhatTheFilterShows()
{
    QFETCH(const int, filter);
    History history;
    history.append(mixedHistory(), true);
    ArrayView view;
    view.setHistory(&history);
    FilterPane pane;
    pane.setHistory(&history);
    connect(&pane, &FilterPane::filterChosen, &view,
            [&](SavedFilter chosen) { view.showFilter(chosen, {}); });
    view.filterBar()->words()->setText(QStringLiteral("cleared by the filter"));
    filters(pane)->setCurrentItem(filters(pane)->topLevelItem(filter));
    QVERIFY(pane.count(static_cast<SavedFilter>(filter)) > 0);
    QCOMPARE(view.model()->rowCount(), pane.count(static_cast<SavedFilter>(filter)));
    const auto shown = static_cast<SavedFilter>(filter);
    // Incident: of three that the operator held, the filter Held showed the two backups.
    QCOMPARE(view.model()->undoCopies(), shown == SavedFilter::UndoCopies
                                             ? std::size_t(view.model()->rowCount())
                                         : shown == SavedFilter::Held ? std::size_t{1}
                                                                      : std::size_t{0});
}

void TestFilterPane::whatWasInterruptedCountsWithTheFailed()
{
    HistoryPage page = longHistory(4, 1);
    page.rows[0].state = GenerationState::Interrupted;
    page.rows[1].state = GenerationState::Partial;
    page.rows[2].state = GenerationState::Failed;
    page.rows[3].state = GenerationState::Good;
    History history;
    history.append(page, true);
    FilterPane pane;
    pane.setHistory(&history);
    QCOMPARE(pane.count(SavedFilter::Failed), 3);
}

void TestFilterPane::countsFollowTheHistory()
{
    History history;
    history.append(longHistory(20, 2), true);
    FilterPane pane;
    pane.setHistory(&history);
    const int before = pane.count(SavedFilter::Failed);
    HistoryPage more = longHistory(21, 2);
    more.rows.resize(1);
    more.rows.front().state = GenerationState::Failed;
    history.apply(more);
    QTRY_COMPARE(pane.count(SavedFilter::Failed), before + 1);
    QCOMPARE(pane.count(SavedFilter::All), 21);
    pane.setHistory(nullptr);
    QVERIFY(!filters(pane)->isEnabled());
}

void TestFilterPane::onlyRegionsWithDataNeedABackup()
{
    SampleArray sample;
    Generation& newest = sample.snapshot().generations.front();
    const std::int64_t hourMs = 3'600'000;
    // db was backed up, web never; vault-2 is empty, vault-1 holds a backup.
    const auto db = RegionId{uuid(10)};
    const auto web = RegionId{uuid(11)};
    QCOMPARE(withoutBackupInADay(sample.snapshot(), newest.startedMs + 23 * hourMs),
             std::vector{web});
    QCOMPARE(withoutBackupInADay(sample.snapshot(), newest.startedMs + 25 * hourMs),
             (std::vector{db, web}));
    // Nor does a copy count that cannot be reached, or whose region shows something else.
    sample.snapshot().layout.members.at(1).state = MemberState::Missing;
    QCOMPARE(withoutBackupInADay(sample.snapshot(), newest.startedMs + hourMs),
             (std::vector{db, web}));
    sample.snapshot().layout.members.at(1).state = MemberState::Present;
    newest.content = filesystem("ext4", "other", kMiB);
    QCOMPARE(withoutBackupInADay(sample.snapshot(), newest.startedMs + hourMs),
             (std::vector{db, web}));
    newest.content = sample.region(20).content;
    // Nor one that was not read back.
    newest.state = GenerationState::Copied;
    QCOMPARE(withoutBackupInADay(sample.snapshot(), newest.startedMs + hourMs),
             (std::vector{db, web}));
    newest.state = GenerationState::Failed;
    QCOMPARE(withoutBackupInADay(sample.snapshot(), newest.startedMs + hourMs),
             (std::vector{db, web}));
}

void TestFilterPane::theFilterOfOldBackupsSelectsTheFirstRegion()
{
    const SampleArray sample;
    History history;
    history.append(pageOf(sample.snapshot().generations), true);
    ArrayView view;
    view.setHistory(&history);
    view.setSnapshot(sample.snapshot());
    view.showFilter(SavedFilter::NoBackupInADay, {RegionId{uuid(11)}});
    QCOMPARE(view.selection().region, std::optional(RegionId{uuid(11)}));
    QCOMPARE(view.model()->rowCount(), 0); // web was never backed up.
    view.showFilter(SavedFilter::NoBackupInADay, {RegionId{uuid(10)}});
    QCOMPARE(view.model()->rowCount(), 2);
    auto* chip = view.findChild<QToolButton*>(QStringLiteral("groupFilter"));
    QVERIFY(!chip->isHidden());
    view.showFilter(SavedFilter::All, {});
    QVERIFY(chip->isHidden());
}

// Incident: "No backup in 24 h: 3" opened an empty list that said nothing of any region.
void TestFilterPane::aFilterOfRegionsShowsAsManyAsItCounts()
{
    SampleArray sample;
    sample.snapshot().generations.clear();
    History history;
    history.append(pageOf(sample.snapshot().generations), true);
    ArrayView view;
    view.setHistory(&history);
    view.setSnapshot(sample.snapshot());
    const auto lit = [&] {
        QStringList names;
        for (int cell = 0; cell < view.map()->cellCount(); ++cell) {
            if (view.map()->isLit(view.map()->cellAt(cell)))
                names.append(view.map()->cellAt(cell).name);
        }
        return names;
    };
    view.showFilter(SavedFilter::NoBackupInADay, {RegionId{uuid(10)}, RegionId{uuid(11)}});
    QCOMPARE(lit(), (QStringList{QStringLiteral("db"), QStringLiteral("web")}));
    const auto* list = view.findChild<QListWidget*>(QStringLiteral("regionList"));
    QCOMPARE(list->count(), 2);
    QCOMPARE(list->item(1)->text(), QStringLiteral("web on disk-a.img: last good backup: none"));
    QCOMPARE(list->currentRow(), 0);
    const auto* chip = view.findChild<QToolButton*>(QStringLiteral("groupFilter"));
    QCOMPARE(chip->text(), QStringLiteral("No backup in 24 h: db, web"));
    QStringList said;
    for (const QLabel* label : view.table()->viewport()->findChildren<QLabel*>())
        said.append(label->text());
    QVERIFY2(said.join(u' ').contains(QStringLiteral("have no backup that matches: db, web")),
             qPrintable(said.join(u' ')));
    // Of none nothing is shown, instead of everything.
    view.setHistory(nullptr);
    const SampleArray full;
    History more;
    more.append(pageOf(full.snapshot().generations), true);
    view.setHistory(&more);
    view.showFilter(SavedFilter::NoBackupInADay, {});
    QCOMPARE(view.model()->rowCount(), 0);
    QVERIFY(lit().isEmpty());
    QVERIFY(!chip->isHidden());
    QVERIFY(list->isHidden());
    view.setSnapshot(full.snapshot());
    view.showFilter(SavedFilter::NoBackupInADay, {RegionId{uuid(10)}});
    QCOMPARE(list->count(), 1);
    QVERIFY(list->item(0)->text().startsWith(
        QStringLiteral("db on disk-a.img: last good backup: #2, 2023-11-1")));
    view.showFilter(SavedFilter::All, {});
    QCOMPARE(view.model()->rowCount(), 2);
    QVERIFY(list->isHidden());
}

void TestFilterPane::aFilterOfRegionsFollowsThem()
{
    SampleArray sample;
    sample.addRegion(13, 1, "mail", 512 * kMiB, filesystem("ext4", "mail", kMiB));
    History history;
    history.append(pageOf(sample.snapshot().generations), true);
    ArrayView view;
    view.setHistory(&history);
    view.setSnapshot(sample.snapshot());
    FilterPane pane;
    pane.setHistory(&history);
    pane.setSnapshot(sample.snapshot());
    connect(&pane, &FilterPane::filterChosen, &view,
            [&](SavedFilter chosen) { view.showFilter(chosen, pane.regions(chosen)); });
    connect(&pane, &FilterPane::regionsChanged, &view,
            [&](SavedFilter chosen) { view.followFilter(chosen, pane.regions(chosen)); });
    connect(view.filterBar(), &HistoryFilterBar::changed, &pane, &FilterPane::clearChoice);
    filters(pane)->setCurrentItem(
        filters(pane)->topLevelItem(static_cast<int>(SavedFilter::NoBackupInADay)));
    const int before = pane.count(SavedFilter::NoBackupInADay);
    QCOMPARE(view.filterBar()->group()->size(), std::size_t(before));
    const auto selected = view.selection().region;
    std::erase_if(sample.snapshot().layout.regions,
                  [](const Region& region) { return region.name == "web"; });
    view.setSnapshot(sample.snapshot());
    pane.setSnapshot(sample.snapshot());
    QCOMPARE(pane.count(SavedFilter::NoBackupInADay), before - 1);
    QCOMPARE(view.filterBar()->group()->size(), std::size_t(before - 1));
    QCOMPARE(view.selection().region, selected);
    QVERIFY(!filters(pane)->selectedItems().isEmpty()); // It stays chosen.
}

// Incident: an undo was interrupted, db was half-written, and the filter of what failed said 0.
void TestFilterPane::halfWrittenRegionsAreCountedAndShown()
{
    SampleArray sample;
    Job undo;
    undo.kind = JobKind::Undo;
    undo.target.id = RegionId{uuid(10)};
    undo.target.name = "db";
    sample.snapshot().interrupted.push_back(undo);
    sample.snapshot().unfinished[RegionId{uuid(10)}] = {RefusalReason::RestoreUnfinished, 2,
                                                        "undo"};
    sample.snapshot().unfinished[RegionId{uuid(11)}] = {RefusalReason::HalfWritten, 0,
                                                        writeKindName(WriteKind::RegionImport)};
    History history;
    history.append(pageOf(sample.snapshot().generations), true);
    FilterPane pane;
    pane.setHistory(&history);
    pane.setSnapshot(sample.snapshot());
    QCOMPARE(pane.count(SavedFilter::UnfinishedRegions), 2);
    QCOMPARE(pane.regions(SavedFilter::UnfinishedRegions),
             (std::vector{RegionId{uuid(10)}, RegionId{uuid(11)}}));
    ArrayView view;
    view.setHistory(&history);
    view.setSnapshot(sample.snapshot());
    view.showFilter(SavedFilter::UnfinishedRegions, pane.regions(SavedFilter::UnfinishedRegions));
    QCOMPARE(view.selection().region, std::optional(RegionId{uuid(10)}));
    auto* list = view.findChild<QListWidget*>(QStringLiteral("regionList"));
    QCOMPARE(list->count(), 2);
    QVERIFY2(list->item(0)->text().contains(QStringLiteral("The undo of a restore of db")),
             qPrintable(list->item(0)->text()));
    list->setCurrentRow(1);
    QCOMPARE(view.selection().region, std::optional(RegionId{uuid(11)}));
}

void TestFilterPane::theOpenArrayIsMarkedAndAnotherCanBeOpened()
{
    FilterPane pane;
    const QStringList open{QStringLiteral("/images/a.img"), QStringLiteral("/images/b.img")};
    const QStringList other{QStringLiteral("sim:/demo")};
    pane.setArrays({{.uris = open, .label = {}}, {.uris = other, .label = {}}}, open);
    auto* arrays = pane.findChild<QTreeWidget*>(QStringLiteral("arrayList"));
    QCOMPARE(arrays->topLevelItemCount(), 2);
    QVERIFY(arrays->topLevelItem(0)->font(0).bold());
    QVERIFY(!arrays->topLevelItem(1)->font(0).bold());
    QCOMPARE(arrays->topLevelItem(1)->text(0), QStringLiteral("demo"));
    QSignalSpy chosen(&pane, &FilterPane::arrayChosen);
    Q_EMIT arrays->itemActivated(arrays->topLevelItem(1), 0);
    QCOMPARE(chosen.first().first().toStringList(), other);
}

void TestFilterPane::arraysOfFilesThatAreCalledAlikeAreToldApart()
{
    const QList<QStringList> members{
        {QStringLiteral("/srv/a/disk0.img"), QStringLiteral("/srv/a/disk1.img")},
        {QStringLiteral("/srv/b/disk0.img"), QStringLiteral("/srv/b/disk1.img")},
        {QStringLiteral("/x/prod/data/one.img")},
        {QStringLiteral("/x/test/data/one.img")},
        {QStringLiteral("/data/one.img")},
        {QStringLiteral("sim:/demo")},
        {QStringLiteral("/m/left.img"), QStringLiteral("/m/1.img")},
        {QStringLiteral("/m/left.img"), QStringLiteral("/m/2.img")}};
    const QStringList names{
        QStringLiteral("a/disk0.img and 1 more"), QStringLiteral("b/disk0.img and 1 more"),
        QStringLiteral("prod/data/one.img"),      QStringLiteral("test/data/one.img"),
        QStringLiteral("/data/one.img"),          QStringLiteral("demo"),
        QStringLiteral("/m/left.img + /m/1.img"), QStringLiteral("/m/left.img + /m/2.img")};
    QList<RecentArray> arrays;
    for (const QStringList& uris : members)
        arrays.append({.uris = uris, .label = {}});
    QCOMPARE(arrayNames(arrays), names);
    FilterPane pane;
    pane.setArrays(arrays, members.first());
    WelcomePage page;
    page.setRecent(arrays);
    const auto* list = pane.findChild<QTreeWidget*>(QStringLiteral("arrayList"));
    const auto buttons = page.findChildren<QPushButton*>(QStringLiteral("recentArray"));
    QCOMPARE(buttons.size(), arrays.size());
    for (int n = 0; n < names.size(); ++n) {
        const QTreeWidgetItem* item = list->topLevelItem(n);
        QCOMPARE(item->text(0), names.at(n));
        QVERIFY2(buttons.at(n)->text().startsWith(names.at(n)), qPrintable(buttons.at(n)->text()));
        const QString path = members.at(n).last(); // In full, wherever it is asked for.
        QVERIFY(item->toolTip(0).contains(path));
        QVERIFY(item->data(0, Qt::AccessibleDescriptionRole).toString().contains(path));
        QVERIFY(buttons.at(n)->toolTip().contains(path));
        QVERIFY(buttons.at(n)->accessibleDescription().contains(path));
    }
}

// Incident: an array was called by the path of its first member, and its own name was nowhere.
void TestFilterPane::anArrayIsCalledByItsLabel()
{
    const QList<RecentArray> arrays{
        {.uris = {QStringLiteral("/srv/a/disk0.img"), QStringLiteral("/srv/a/disk1.img")},
         .label = QStringLiteral("rack-07")},
        {.uris = {QStringLiteral("/srv/b/left.img")}, .label = QStringLiteral("office")},
        {.uris = {QStringLiteral("/srv/c/left.img")}, .label = QStringLiteral("office")},
        {.uris = {QStringLiteral("/srv/d/one.img")}, .label = QStringLiteral("<img src=x>\n")}};
    const QStringList names{QStringLiteral("rack-07"), QStringLiteral("office · b/…"),
                            QStringLiteral("office · c/…"), QStringLiteral("<img src=x>\\x0a")};
    QCOMPARE(arrayNames(arrays), names);
    FilterPane pane;
    pane.setArrays(arrays, {});
    const auto* list = pane.findChild<QTreeWidget*>(QStringLiteral("arrayList"));
    QCOMPARE(list->textElideMode(), Qt::ElideMiddle);
    for (int n = 0; n < names.size(); ++n) {
        QCOMPARE(list->topLevelItem(n)->text(0), names.at(n));
        QVERIFY(list->topLevelItem(n)->toolTip(0).contains(arrays.at(n).uris.first()));
    }
    QVERIFY(list->topLevelItem(0)->toolTip(0).contains(QStringLiteral("rack-07")));
    QVERIFY(!list->topLevelItem(3)->toolTip(0).contains(QStringLiteral("<img")));
}

void TestFilterPane::oneClickOpensAnotherArrayAndNoneTheOpenOne()
{
    FilterPane pane;
    const QStringList open{QStringLiteral("/images/a.img")};
    const QStringList other{QStringLiteral("sim:/demo")};
    pane.setArrays({{.uris = open, .label = {}}, {.uris = other, .label = {}}}, open);
    pane.show();
    auto* arrays = pane.findChild<QTreeWidget*>(QStringLiteral("arrayList"));
    QSignalSpy chosen(&pane, &FilterPane::arrayChosen);
    const auto clickRow = [&](int row) {
        QTest::mouseClick(arrays->viewport(), Qt::LeftButton, {},
                          arrays->visualItemRect(arrays->topLevelItem(row)).center());
    };
    clickRow(0);
    QCOMPARE(chosen.count(), 0);
    QTest::keyClick(arrays, Qt::Key_Down); // Walking opens nothing.
    QCOMPARE(arrays->currentItem(), arrays->topLevelItem(1));
    QCOMPARE(chosen.count(), 0);
    clickRow(1);
    QCOMPARE(chosen.count(), 1);
    QCOMPARE(chosen.first().first().toStringList(), other);
    QTest::keyClick(arrays, Qt::Key_Return);
    QCOMPARE(chosen.count(), 2);
}

void TestFilterPane::escapeLeavesThePane()
{
    FilterPane pane;
    pane.setArrays({{.uris = {QStringLiteral("sim:/demo")}, .label = {}}}, {});
    pane.show();
    const QSignalSpy left(&pane, &FilterPane::left);
    auto* arrays = pane.findChild<QTreeWidget*>(QStringLiteral("arrayList"));
    arrays->setCurrentItem(arrays->topLevelItem(0));
    QTest::keyClick(arrays, Qt::Key_Escape);
    QCOMPARE(left.count(), 1);
    QVERIFY(arrays->selectedItems().isEmpty());
}

void TestFilterPane::paneAndColumnSizesAreRestored()
{
    QByteArray saved;
    {
        ArrayView view;
        view.table()->setColumnWidth(CatalogModel::Label, 222); // As by the mouse.
        saved = view.saveLayout();
    }
    ArrayView view;
    view.restoreLayout({});
    QVERIFY(view.table()->columnWidth(CatalogModel::Label) != 222);
    view.restoreLayout(saved);
    QCOMPARE(view.table()->columnWidth(CatalogModel::Label), 222);
}

QTEST_MAIN(TestFilterPane)
#include "test_filter_pane.moc"
