// The array map: geometry, keyboard, selection, contrast.
#include "tests/support/test_environment.h"
#include "tests/ui/contrast.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/widgets/array_map.h"
#include "ui/widgets/colors.h"

#include <QAccessible>
#include <QSignalSpy>
#include <QTest>
#include <algorithm>
#include <random>
#include <set>

using namespace cairn;
using namespace cairn::test;

class TestArrayMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTinyRegionAmongTerabytesIsStillHit();
    void cellsFillTheRowInOrderWithoutOverlap();
    void nothingIsNarrowerThanWhatIsSmaller();
    void widthsAreProportionalToSizesWhereThereIsRoom();
    void labelsAreReadWholeWhereThereIsRoom();
    void arrowsWalkFromRegionToRegion();
    void aClickSelectsARegion();
    void theSelectionOutlivesARefresh();
    void rolesAreToldByMoreThanColour();
    void everyCellIsKnownToAssistiveTechnology();
    void theStateIsSaidFirstAndByColour();
    void aTargetIsNotGreenBeforeItIsGood();
    void aBackupHasItsOwnSize();
    void aCopyThatNobodyReadBackIsToldFromAGoodOne();
    void whatIsOnlyToBeReadBackIsNotCalledHalfRestored();
    void aBackupThatNobodyRecordsIsToldFromOne();
    void aTargetThatLosesContentHasAnotherFrame();
    void whatIsRefusedWhileDraggingStaysReadable_data();
    void whatIsRefusedWhileDraggingStaysReadable();
    void contrastIsAtLeastFourAndAHalf_data();
    void contrastIsAtLeastFourAndAHalf();
};

void TestArrayMap::aTinyRegionAmongTerabytesIsStillHit()
{
    SampleArray sample;
    sample.addRegion(40, 1, "huge", 8192 * kGiB, {});
    auto rows = mapRows(sample.snapshot());
    const MapMetrics metrics;
    arrangeRows(rows, 900, metrics);
    for (const MapRow& row : rows) {
        for (const MapCell& cell : row.cells)
            QVERIFY(cell.rect.width() >=
                    (cell.region ? metrics.minimumCellPx : metrics.minimumFreePx));
    }
}

void TestArrayMap::cellsFillTheRowInOrderWithoutOverlap()
{
    const SampleArray sample;
    auto rows = mapRows(sample.snapshot());
    const MapMetrics metrics;
    arrangeRows(rows, 1000, metrics);
    QCOMPARE(rows.size(), std::size_t{2});
    for (const MapRow& row : rows) {
        QCOMPARE(row.cells.size(), std::size_t{4});
        int left = metrics.marginPx;
        for (const MapCell& cell : row.cells) {
            QCOMPARE(cell.rect.left(), left);
            left = cell.rect.right() + 1 + metrics.cellGapPx;
        }
        QVERIFY(std::abs(left - metrics.cellGapPx - (1000 - metrics.marginPx)) <= 4);
    }
}

// Free space of many gigabytes was drawn narrower than a region of a few megabytes.
void TestArrayMap::nothingIsNarrowerThanWhatIsSmaller()
{
    std::mt19937_64 random(testSeed());
    const MapMetrics metrics;
    for (int times = 0; times < 500; ++times) {
        std::vector<MapRow> rows(1);
        std::uint64_t offset = 0;
        for (auto cells = 1 + random() % 9; cells > 0; --cells) {
            MapCell cell;
            cell.role = random() % 3 == 0 ? CellRole::Free : CellRole::Data;
            cell.labelPx = static_cast<int>(random() % 300);
            cell.extent = {offset, (1 + random() % 1000) * kMiB << (random() % 12)};
            offset += cell.extent.lengthBytes;
            rows.front().cells.push_back(cell);
        }
        const int width = minimumMapWidth(rows, metrics) + static_cast<int>(random() % 900);
        arrangeRows(rows, width, metrics);
        std::vector<MapCell>& cells = rows.front().cells;
        QVERIFY(std::abs(cells.back().rect.right() + 1 - (width - metrics.marginPx)) <= 4);
        std::ranges::sort(cells, {}, [](const MapCell& cell) { return cell.extent.lengthBytes; });
        for (std::size_t at = 1; at < cells.size(); ++at) {
            const bool equal = cells[at].extent.lengthBytes == cells[at - 1].extent.lengthBytes;
            QVERIFY(equal || cells[at].rect.width() >= cells[at - 1].rect.width());
        }
    }
}

void TestArrayMap::widthsAreProportionalToSizesWhereThereIsRoom()
{
    std::vector<MapRow> rows(1);
    for (const std::uint64_t size : {64 * kMiB, 4096 * kMiB, 2048 * kMiB}) {
        MapCell cell;
        cell.role = size == 4096 * kMiB ? CellRole::Free : CellRole::Data;
        cell.extent = {0, size};
        rows.front().cells.push_back(cell);
    }
    const MapMetrics metrics;
    arrangeRows(rows, 900, metrics);
    const std::vector<MapCell>& cells = rows.front().cells;
    QCOMPARE(cells[0].rect.width(), metrics.minimumCellPx);
    QVERIFY(std::abs(cells[1].rect.width() - 2 * cells[2].rect.width()) <= 4);
}

void TestArrayMap::labelsAreReadWholeWhereThereIsRoom()
{
    const SampleArray sample;
    ArrayMap map;
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    for (int index = 0; index < map.cellCount(); ++index)
        QVERIFY2(map.cellAt(index).rect.width() >= map.cellAt(index).labelPx,
                 qPrintable(map.cellAt(index).name));
}

void TestArrayMap::arrowsWalkFromRegionToRegion()
{
    const SampleArray sample;
    ArrayMap map;
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(map.selected(), std::optional(RegionId{uuid(10)}));
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(map.selected(), std::optional(RegionId{uuid(11)}));
    QTest::keyClick(&map, Qt::Key_Left);
    QTest::keyClick(&map, Qt::Key_Down);
    QCOMPARE(map.selected(), std::optional(RegionId{uuid(20)}));
    QTest::keyClick(&map, Qt::Key_Up);
    QCOMPARE(map.selected(), std::optional(RegionId{uuid(10)}));
    QTest::keyClick(&map, Qt::Key_End);
    QCOMPARE(map.selected(), std::nullopt); // Free space is no region.
    QCOMPARE(map.currentIndex(), map.cellCount() - 1);
}

void TestArrayMap::aClickSelectsARegion()
{
    const SampleArray sample;
    ArrayMap map;
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    const QSignalSpy selected(&map, &ArrayMap::regionSelected);
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.cellAt(1).rect.center());
    QCOMPARE(selected.count(), 1);
    QCOMPARE(map.selected(), std::optional(RegionId{uuid(11)}));
}

void TestArrayMap::theSelectionOutlivesARefresh()
{
    SampleArray sample;
    ArrayMap map;
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    map.select(RegionId{uuid(21)});
    sample.addRegion(41, 1, "late", 64 * kMiB, {});
    map.setSnapshot(sample.snapshot());
    QCOMPARE(map.selected(), std::optional(RegionId{uuid(21)}));
}

void TestArrayMap::rolesAreToldByMoreThanColour()
{
    const SampleArray sample;
    const auto rows = mapRows(sample.snapshot());
    QVERIFY(rows[0].cells[0].summary.contains(QStringLiteral("xfs")));
    QVERIFY(rows[0].cells[2].summary.contains(QStringLiteral("catalog")));
    QVERIFY(rows[1].cells[0].summary.contains(QStringLiteral("#2 of db")));
    QVERIFY(rows[1].cells[1].summary.contains(QStringLiteral("empty")));
    QCOMPARE(rows[1].cells[3].name, QStringLiteral("free"));
}

void TestArrayMap::everyCellIsKnownToAssistiveTechnology()
{
    const SampleArray sample;
    ArrayMap map;
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&map);
    QVERIFY(list != nullptr);
    QCOMPARE(list->childCount(), map.cellCount());
    for (int index = 0; index < list->childCount(); ++index) {
        QAccessibleInterface* cell = list->child(index);
        QVERIFY(cell->text(QAccessible::Name).contains(map.cellAt(index).name));
        QCOMPARE(list->indexOfChild(cell), index);
        QVERIFY(!cell->rect().isEmpty());
    }
    list->child(1)->actionInterface()->doAction(QAccessibleActionInterface::setFocusAction());
    QCOMPARE(map.selected(), std::optional(RegionId{uuid(11)}));
    QVERIFY(list->child(1)->state().selected);
}

static QColor edgeOf(ArrayMap& map, int cell)
{
    const QRect rect = map.cellRect(cell);
    return map.grab(rect).toImage().pixelColor(3, rect.height() / 2);
}

void TestArrayMap::theStateIsSaidFirstAndByColour()
{
    SampleArray sample;
    Generation& held = sample.snapshot().generations.front();
    ArrayMap map;
    map.setPalette(paletteOf(lightColors()));
    map.resize(900, 300);
    const auto vault = [&] { return map.cellCount() - 4; }; // vault-1
    const auto look = [&](const char* mark, const char* word) {
        map.setSnapshot(sample.snapshot());
        const MapCell& shown = map.cellAt(vault());
        QVERIFY2(shown.summary.startsWith(QString::fromUtf8(mark)), qPrintable(shown.summary));
        QVERIFY2(shown.description.contains(QLatin1StringView(word)),
                 qPrintable(shown.description));
        QVERIFY(map.itemName(vault()).contains(QLatin1StringView(word)));
    };
    const auto edge = [&] { return edgeOf(map, vault()); };
    look("✓ #2 of db", "good");
    QCOMPARE(edge(), lightColors().backup.edge);
    held.state = GenerationState::Partial;
    look("◐ #2 of db", "partial");
    QCOMPARE(edge(), lightColors().management.edge);
    held.state = GenerationState::Interrupted;
    look("‖ #2 of db", "interrupted");
    QCOMPARE(edge(), lightColors().management.edge);
    held.state = GenerationState::Copied;
    held.content = filesystem("ext4", "other", kMiB);
    look("⚠ #2 of db", "region changed");
    QCOMPARE(edge(), lightColors().management.edge);
}

// Incident: a region was painted as a proven backup while a job overwrote it.
void TestArrayMap::aTargetIsNotGreenBeforeItIsGood()
{
    SampleArray sample;
    ArrayMap map;
    map.setPalette(paletteOf(lightColors()));
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    const auto edge = [&] { return edgeOf(map, map.cellCount() - 4); }; // vault-1
    const RegionId vault{uuid(20)};
    map.setActivity({{vault, {.writes = false, .share = 0.5, .unproved = false}}});
    QCOMPARE(edge(), lightColors().backup.edge); // Read by a restore: as good as before.
    map.setActivity({{vault, {.writes = true, .share = 0.5, .unproved = true}}});
    QCOMPARE(edge(), lightColors().management.edge);
    map.setActivity({{vault, {.writes = false, .share = 0.5, .unproved = true}}});
    QCOMPARE(edge(), lightColors().management.edge); // Being read back.
    map.setActivity({});
    QCOMPARE(edge(), lightColors().backup.edge);
    sample.snapshot().generations.front().state = GenerationState::Copying;
    map.setSnapshot(sample.snapshot());
    QCOMPARE(edge(), lightColors().management.edge);
}

// Incident: a backup seemed to be as large as the region that it lies in.
void TestArrayMap::aBackupHasItsOwnSize()
{
    SampleArray sample;
    sample.snapshot().generations.front().sizeBytes = 512 * kMiB;
    ArrayMap map;
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    const MapCell& vault = map.cellAt(map.cellCount() - 4);
    QVERIFY2(vault.summary.endsWith(QStringLiteral("512 MiB")), qPrintable(vault.summary));
    for (const char* told : {"1.5 GiB on disk-b.img", "Backup 2 of db, good, 512 MiB"})
        QVERIFY2(vault.description.contains(QLatin1StringView(told)),
                 qPrintable(vault.description));
}

void TestArrayMap::aCopyThatNobodyReadBackIsToldFromAGoodOne()
{
    SampleArray sample;
    const auto cell = [&] {
        const auto rows = mapRows(sample.snapshot());
        return *std::ranges::find(rows.at(1).cells, RegionId{uuid(20)}, &MapCell::region);
    };
    QVERIFY(cell().tone == Tone::Plain);
    sample.snapshot().generations.front().state = GenerationState::Copied;
    QVERIFY2(cell().summary.contains(QStringLiteral("in doubt")), qPrintable(cell().summary));
    QVERIFY(cell().tone == Tone::Warning);
    sample.snapshot().generations.front().verifiedMs = 0;
    QVERIFY(cell().tone == Tone::Muted);
    QVERIFY2(cell().summary.contains(QStringLiteral("not verified")), qPrintable(cell().summary));
}

// Incident: a region that was written whole was called half restored.
void TestArrayMap::whatIsOnlyToBeReadBackIsNotCalledHalfRestored()
{
    SampleArray sample;
    Job job;
    job.kind = JobKind::Restore;
    job.generation = 2;
    job.sizeBytes = 8 * kMiB;
    job.target = {RegionId{uuid(10)}, "db", uuid(1)};
    sample.snapshot().unfinished[RegionId{uuid(10)}] = {RefusalReason::RestoreUnfinished, 2,
                                                        writeKindName(WriteKind::Restore)};
    const auto summary = [&] {
        sample.snapshot().interrupted = {job};
        const auto rows = mapRows(sample.snapshot());
        return std::ranges::find(rows.at(0).cells, RegionId{uuid(10)}, &MapCell::region)->summary;
    };
    QVERIFY2(summary().contains(QStringLiteral("half restored")), qPrintable(summary()));
    for (std::uint64_t chunk = 0; chunk < 8; ++chunk)
        job.done.add(chunk);
    QVERIFY2(summary().contains(QStringLiteral("not read back")), qPrintable(summary()));
}

void TestArrayMap::aBackupThatNobodyRecordsIsToldFromOne()
{
    SampleArray sample;
    sample.snapshot().generations.clear();
    ArrayMap map;
    map.setPalette(paletteOf(lightColors()));
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    const int vault = map.cellCount() - 4;
    QVERIFY2(map.cellAt(vault).summary.startsWith(QStringLiteral("– no record")),
             qPrintable(map.cellAt(vault).summary));
    QVERIFY(map.cellAt(vault).description.contains(QStringLiteral("xfs")));
    QVERIFY(edgeOf(map, vault) != lightColors().backup.edge);
}

void TestArrayMap::aTargetThatLosesContentHasAnotherFrame()
{
    const SampleArray sample;
    ArrayMap map;
    map.setPalette(paletteOf(lightColors()));
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    const QPoint from = map.cellRect(0).center();
    QTest::mousePress(&map, Qt::LeftButton, {}, from);
    QTest::mouseMove(&map, from + QPoint(30, 4));
    QTest::mouseMove(&map, from + QPoint(31, 4));
    QVERIFY(map.dragged());
    const auto frame = [&](bool losesContent) {
        map.setDropVerdicts(*map.dragged(), {{RegionId{uuid(21)}, {true, {}, losesContent}}});
        const QRect rect = map.cellRect(map.cellCount() - 3);
        const QImage image = map.grab(rect).toImage();
        std::set<QRgb> colors;
        for (int x = 8; x < image.width() - 8; ++x)
            colors.insert(image.pixel(x, 1));
        return colors;
    };
    QVERIFY(frame(false).contains(lightColors().backup.edge.rgb()));
    QVERIFY(!frame(true).contains(lightColors().backup.edge.rgb()));
    QVERIFY(frame(true).contains(lightColors().management.edge.rgb()));
    QVERIFY(frame(true).size() > frame(false).size()); // Dashed.
}

void TestArrayMap::whatIsRefusedWhileDraggingStaysReadable_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

// As it is painted: the text of a refused cell was veiled with the cell.
void TestArrayMap::whatIsRefusedWhileDraggingStaysReadable()
{
    QFETCH(const bool, dark);
    const Colors& colors = dark ? darkColors() : lightColors();
    const SampleArray sample;
    ArrayMap map;
    map.setPalette(paletteOf(colors));
    map.resize(900, 300);
    map.setSnapshot(sample.snapshot());
    const QRect refused = map.cellRect(1); // web
    const QPoint from = map.cellRect(0).center();
    QTest::mousePress(&map, Qt::LeftButton, {}, from);
    QTest::mouseMove(&map, from + QPoint(30, 4));
    QTest::mouseMove(&map, from + QPoint(31, 4));
    QVERIFY(map.dragged());
    const QImage image = map.grab(refused.adjusted(10, 6, -10, -10)).toImage();
    const QColor behind = veiled(colors.data.fill, colors);
    double best = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            best = std::max(best, contrast(image.pixelColor(x, y), behind));
    }
    QVERIFY2(best >= kLeastContrast, qPrintable(QString::number(best)));
}

void TestArrayMap::contrastIsAtLeastFourAndAHalf_data()
{
    QTest::addColumn<QColor>("text");
    QTest::addColumn<QColor>("behind");
    for (const bool dark : {false, true}) {
        const Colors& c = dark ? darkColors() : lightColors();
        const auto add = [&](const char* name, const QColor& text, const QColor& behind) {
            QTest::addRow("%s %s", dark ? "dark" : "light", name) << text << behind;
        };
        add("text", c.text, c.window);
        add("text on base", c.text, c.base);
        add("text on buttons", c.text, c.raised);
        add("muted", c.mutedText, c.window);
        add("muted on base", c.mutedText, c.base);
        add("good", c.goodText, c.base);
        add("warning", c.warningText, c.base);
        add("bad", c.badText, c.base);
        add("selection", c.accentText, c.accent);
        add("link", paletteOf(c).color(QPalette::Link), c.base);
        add("danger", c.dangerText, c.danger);
        add("data cell", c.text, c.data.fill);
        add("backup cell", c.text, c.backup.fill);
        add("management cell", c.text, c.management.fill);
        add("free cell", c.mutedText, c.free.fill);
        for (const RoleColors& role : {c.data, c.backup, c.management, c.empty, c.free})
            add(qPrintable(QStringLiteral("refused ") + role.fill.name()), c.mutedText,
                veiled(role.fill, c));
    }
}

void TestArrayMap::contrastIsAtLeastFourAndAHalf()
{
    QFETCH(QColor, text);
    QFETCH(QColor, behind);
    QVERIFY2(contrast(text, behind) >= kLeastContrast,
             qPrintable(QString::number(contrast(text, behind))));
}

QTEST_MAIN(TestArrayMap)
#include "test_array_map.moc"
