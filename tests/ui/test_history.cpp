// The history in memory: what a filter finds, in which order, and that changes reach every row.
#include "tests/support/test_environment.h"
#include "tests/ui/sample_history.h"
#include "ui/models/catalog_model.h"
#include "ui/models/table_copy.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTest>
#include <random>

using namespace cairn;
using namespace cairn::test;

class TestHistory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textsAreKeptOnceAndFoundInAnyCase();
    void aWordIsNotFoundAcrossTwoTexts();
    void whatComesInPagesIsWhatComesAtOnce();
    void aFilterFindsWhatALoopOverAllWouldFind();
    void datesAndNumbersAreUnderstood();
    void everyColumnSortsBothWays_data();
    void everyColumnSortsBothWays();
    void changesReachTheRowsThatAreShown();
    void undoCopiesAreTheirOwnKind();
    void aFilterFindsWhatHasBecomeOfCopies();
    void theModelKeepsTheContractOfModels();
    void changesWaitForTheEndOfASearch();
    void anotherHistoryReplacesTheOneBefore();
    void aMillionBackupsAreSearchedWhileOneBlinks();
    void aRenamedSourceStaysOneSource();
    void copiedCellsAreNoFormulas();
    void copiedTextIsOneLineARow();

private:
    static std::vector<GenerationNumber> numbers(const CatalogModel& model);
};

namespace {

const std::atomic<bool> kGoOn = false;

History::Rows find(const HistoryIndex& index, const QString& text)
{
    HistoryQuery query;
    query.text = text;
    return searchHistory(index, query, kGoOn);
}

HistoryIndex indexOf(const HistoryPage& page)
{
    HistoryIndex index;
    index.append(page);
    return index;
}

} // namespace

std::vector<GenerationNumber> TestHistory::numbers(const CatalogModel& model)
{
    std::vector<GenerationNumber> shown;
    for (int row = 0; row < model.rowCount(); ++row)
        shown.push_back(*model.numberAt(row));
    return shown;
}

void TestHistory::textsAreKeptOnceAndFoundInAnyCase()
{
    TextPool pool;
    QCOMPARE(pool.add({}), 0U);
    const auto first = pool.add("Täglich ÄÖÜ");
    QCOMPARE(pool.add("Täglich ÄÖÜ"), first);
    const auto other = pool.add("täglich äöü");
    QVERIFY(other != first);
    std::vector<std::uint32_t> many;
    for (int n = 0; n < 5000; ++n)
        many.push_back(pool.add("text " + std::to_string(n)));
    QCOMPARE(pool.size(), std::size_t{5003});
    for (int n = 0; n < 5000; ++n)
        QCOMPARE(std::string(pool.text(many[static_cast<std::size_t>(n)])),
                 "text " + std::to_string(n));
    QCOMPARE(std::string(pool.text(first)), std::string("Täglich ÄÖÜ"));
    const auto found = pool.containing(TextPool::foldedCase("GLICH ä"));
    QCOMPARE(std::ranges::count(found, true), 2);
    QVERIFY(found[first] && found[other]);
}

void TestHistory::aWordIsNotFoundAcrossTwoTexts()
{
    TextPool pool;
    pool.add("night");
    pool.add("ly");
    QCOMPARE(std::ranges::count(pool.containing("nightly"), true), 0);
    QCOMPARE(std::ranges::count(pool.containing("tl"), true), 0);
}

void TestHistory::whatComesInPagesIsWhatComesAtOnce()
{
    const HistoryPage whole = longHistory(1000, 3);
    const HistoryIndex atOnce = indexOf(whole);
    HistoryIndex paged;
    for (std::size_t first = 0; first < whole.rows.size(); first += 64) {
        HistoryPage page = whole;
        page.rows.assign(whole.rows.begin() + static_cast<std::ptrdiff_t>(first),
                         whole.rows.begin() +
                             static_cast<std::ptrdiff_t>(std::min(first + 64, whole.rows.size())));
        paged.append(page);
    }
    QCOMPARE(paged.size(), atOnce.size());
    QVERIFY(paged.newestFirst() == atOnce.newestFirst());
    QCOMPARE(paged.sources().size(), std::size_t{3});
    for (const GenerationBrief& brief : whole.rows) {
        const auto row = paged.rowOf(brief.number);
        QVERIFY(row.has_value());
        QCOMPARE(paged.startedMs(*row), brief.startedMs);
        QCOMPARE(std::string(paged.note(*row)), brief.note);
        QCOMPARE(paged.source(*row).name, whole.regions.at(brief.source).name);
    }
    QVERIFY(!paged.rowOf(0) && !paged.rowOf(1001));
}

void TestHistory::aFilterFindsWhatALoopOverAllWouldFind()
{
    std::mt19937_64 random(testSeed());
    HistoryPage page = longHistory(3000, 4);
    for (GenerationBrief& brief : page.rows) {
        brief.held = random() % 5 == 0;
        brief.state = static_cast<GenerationState>(random() % 8 + 1);
    }
    const HistoryIndex index = indexOf(page);
    for (int round = 0; round < 200; ++round) {
        HistoryQuery query;
        const std::size_t source = random() % 5;
        if (source < 4)
            query.sources = {page.regions.at(source + 1).id};
        if (random() % 2 == 0)
            query.states = {static_cast<GenerationState>(random() % 8 + 1),
                            static_cast<GenerationState>(random() % 8 + 1)};
        query.heldOnly = random() % 3 == 0;
        if (random() % 2 == 0) {
            const auto begin = page.rows[random() % page.rows.size()].startedMs;
            query.span =
                TimeSpan{begin, begin + static_cast<std::int64_t>(random() % 900) * 3'600'000};
        }
        const std::string word = "et-" + std::to_string(random() % 100);
        if (random() % 2 == 0)
            query.text = QString::fromStdString(word).toUpper();
        std::vector<GenerationNumber> expected;
        for (const GenerationBrief& brief : page.rows) {
            const bool matches =
                (query.sources.empty() ||
                 page.regions.at(brief.source).id == query.sources.front()) &&
                (query.states.empty() ||
                 std::ranges::find(query.states, brief.state) != query.states.end()) &&
                (!query.heldOnly || brief.held) &&
                (!query.span || (brief.startedMs >= query.span->firstMs &&
                                 brief.startedMs <= query.span->lastMs)) &&
                (query.text.isEmpty() || brief.note.find(word) != std::string::npos ||
                 page.regions.at(brief.target).name.find(word) != std::string::npos);
            if (matches)
                expected.push_back(brief.number);
        }
        std::vector<GenerationNumber> found;
        for (const auto row : searchHistory(index, query, kGoOn))
            found.push_back(index.number(row));
        QVERIFY2(found == expected, qPrintable(QStringLiteral("round %1").arg(round)));
    }
}

void TestHistory::datesAndNumbersAreUnderstood()
{
    const HistoryPage page = longHistory(500, 1);
    const HistoryIndex index = indexOf(page);
    const auto exact = find(index, QStringLiteral("#42"));
    QCOMPARE(exact.size(), std::size_t{1});
    QCOMPARE(index.number(exact.front()), GenerationNumber{42});
    const QDate day(2023, 11, 20);
    const std::int64_t begin = day.startOfDay().toMSecsSinceEpoch();
    const auto hours = std::ranges::count_if(page.rows, [&](const GenerationBrief& brief) {
        return brief.startedMs >= begin && brief.startedMs < begin + 86'400'000;
    });
    QVERIFY(hours > 20);
    QCOMPARE(find(index, QStringLiteral("2023-11-20")).size(), static_cast<std::size_t>(hours));
    QCOMPARE(find(index, QStringLiteral("2023-13")).size(), std::size_t{0});
    QCOMPARE(find(index, QStringLiteral("FAILED")).size(), std::size_t{49});
    QCOMPARE(find(index, QStringLiteral("failed nightly")).size(), std::size_t{16});
}

void TestHistory::everyColumnSortsBothWays_data()
{
    QTest::addColumn<int>("column");
    for (int column = 0; column < CatalogModel::ColumnCount; ++column)
        QTest::addRow("column %d", column) << column;
}

void TestHistory::everyColumnSortsBothWays()
{
    QFETCH(const int, column);
    HistoryPage page = longHistory(300, 3);
    History history;
    CatalogModel model;
    model.setHistory(&history);
    history.append(page, true);
    const HistoryIndex& index = history.index();
    const auto key = [&](HistoryIndex::Row row) -> std::pair<std::int64_t, std::string> {
        const auto folded = [](std::string_view text) { return TextPool::foldedCase(text); };
        switch (static_cast<HistoryOrder>(column)) {
        case HistoryOrder::Number:
            return {static_cast<std::int64_t>(index.number(row)), {}};
        case HistoryOrder::When:
            return {index.startedMs(row), {}};
        case HistoryOrder::Size:
            return {static_cast<std::int64_t>(index.sizeBytes(row)), {}};
        case HistoryOrder::State:
            return {static_cast<std::int64_t>(index.state(row)), {}};
        case HistoryOrder::Source:
            return {0, folded(index.source(row).name)};
        case HistoryOrder::Target:
            return {0, folded(index.target(row).name)};
        case HistoryOrder::Label:
            return {0, folded(index.label(row))};
        case HistoryOrder::Note:
            return {0, folded(index.note(row))};
        }
        return {};
    };
    for (const auto order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        model.sort(column, order);
        QCOMPARE(model.rowCount(), 300);
        for (int row = 1; row < model.rowCount(); ++row) {
            const auto before = key(*index.rowOf(*model.numberAt(row - 1)));
            const auto here = key(*index.rowOf(*model.numberAt(row)));
            QVERIFY(order == Qt::AscendingOrder ? before <= here : before >= here);
            if (before == here)
                QVERIFY(*model.numberAt(row - 1) > *model.numberAt(row));
        }
        for (const GenerationNumber number : {1U, 150U, 300U})
            QCOMPARE(model.numberAt(*model.rowOf(number)), std::optional<GenerationNumber>(number));
    }
}

void TestHistory::changesReachTheRowsThatAreShown()
{
    SampleArray sample;
    History history;
    CatalogModel model;
    model.setHistory(&history);
    history.append(pageOf(sample.snapshot().generations), true);
    QCOMPARE(numbers(model), (std::vector<GenerationNumber>{2, 1}));
    sample.addGeneration(3, GenerationState::Copying, 11, 21);
    history.apply(pageOf({sample.snapshot().generations.back()}));
    QCOMPARE(numbers(model), (std::vector<GenerationNumber>{3, 2, 1}));
    QCOMPARE(history.unsettled(), (std::vector<GenerationNumber>{3}));
    HistoryQuery verified;
    verified.text = QStringLiteral("good");
    verified.states = {GenerationState::Good};
    model.setQuery(verified);
    QCOMPARE(numbers(model), (std::vector<GenerationNumber>{2}));
    Generation done = sample.snapshot().generations.back();
    done.state = GenerationState::Good;
    history.apply(pageOf({done}));
    QCOMPARE(numbers(model), (std::vector<GenerationNumber>{3, 2}));
    QVERIFY(history.unsettled().empty());
    QCOMPARE(model.index(0, CatalogModel::State).data().toString(), QStringLiteral("✓ good"));
}

void TestHistory::undoCopiesAreTheirOwnKind()
{
    HistoryPage page = longHistory(20, 2);
    page.rows.at(3).undo = UndoBrief{16, false}; // Number 17.
    page.rows.at(9).undo = UndoBrief{10, true};  // Number 11.
    History history;
    CatalogModel model;
    model.setHistory(&history);
    history.append(page, true);
    QCOMPARE(model.totalBackups(), std::size_t{18});
    QCOMPARE(model.undoCopies(), std::size_t{2});
    QCOMPARE(model.index(3, CatalogModel::State).data().toString().mid(2),
             QStringLiteral("superseded, undoes #16"));
    HistoryQuery query;
    query.kind = HistoryKind::Backups;
    model.setQuery(query);
    QCOMPARE(model.rowCount(), 18);
    QCOMPARE(model.undoCopies(), std::size_t{0});
    query.kind = HistoryKind::UndoCopies;
    model.setQuery(query);
    QCOMPARE(numbers(model), (std::vector<GenerationNumber>{17, 11}));
    query = {};
    query.text = QStringLiteral("UNDONE");
    model.setQuery(query);
    QCOMPARE(numbers(model), (std::vector<GenerationNumber>{11}));
    // An undo that ends changes the row that is shown.
    page.rows = {page.rows.at(3)};
    page.rows.front().undo->undone = true;
    history.apply(page);
    QCOMPARE(numbers(model), (std::vector<GenerationNumber>{17, 11}));
}

void TestHistory::aFilterFindsWhatHasBecomeOfCopies()
{
    History history;
    CatalogModel model;
    model.setHistory(&history);
    history.append(longHistory(20, 6), true);
    model.setAbsent({{20, CopyPresence::MemberMissing},
                     {19, CopyPresence::RegionChanged},
                     {18, CopyPresence::RegionGone},
                     {17, CopyPresence::MemberFailed}});
    const auto found = [&](const char* text) {
        HistoryQuery query;
        query.text = QLatin1StringView(text);
        model.setQuery(query);
        return numbers(model);
    };
    const auto only = [](GenerationNumber number) { return std::vector{number}; };
    QCOMPARE(found("not attached"), only(20));
    QCOMPARE(found("Region changed"), only(19));
    QCOMPARE(found("in doubt"), only(19)); // As the details call it.
    QCOMPARE(found("gone"), only(18));
    QCOMPARE(found("good not readable"), only(17));
    QCOMPARE(found("present"), std::vector<GenerationNumber>()); // No row shows that.
    // What is shown changes, and what is found with it.
    QCOMPARE(found("gone"), only(18));
    model.setAbsent({{16, CopyPresence::MemberGone}});
    QCOMPARE(numbers(model), only(16));
    HistoryQuery all;
    model.setQuery(all);
    QCOMPARE(model.rowCount(), 20);
}

void TestHistory::theModelKeepsTheContractOfModels()
{
    History history;
    CatalogModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setHistory(&history);
    HistoryPage whole = longHistory(40, 2);
    HistoryPage older = whole;
    older.rows.assign(whole.rows.begin() + 20, whole.rows.end());
    whole.rows.resize(20);
    history.append(whole, false);
    QCOMPARE(model.rowCount(), 20);
    history.append(older, true);
    QCOMPARE(model.rowCount(), 40);
    HistoryQuery nothing;
    nothing.text = QStringLiteral("nothing like this");
    model.setQuery(nothing);
    QCOMPARE(model.rowCount(), 0);
    model.setQuery({});
    model.sort(CatalogModel::Size, Qt::AscendingOrder);
    QCOMPARE(model.rowCount(), 40);
    history.restart();
    QCOMPARE(model.rowCount(), 0);
}

void TestHistory::changesWaitForTheEndOfASearch()
{
    History history;
    CatalogModel model;
    model.setHistory(&history);
    history.append(longHistory(60'000, 3), true);
    QCOMPARE(model.rowCount(), 60'000);
    HistoryQuery query;
    query.text = QStringLiteral("ticket-59999");
    model.setQuery(query); // On a thread: these are many.
    QVERIFY(!model.settled());
    HistoryPage changed = longHistory(60'001, 3);
    changed.rows.resize(1);
    changed.rows.front().note = "ticket-59999 again";
    history.apply(changed);
    QCOMPARE(history.index().size(), std::size_t{60'000}); // It waits.
    QTRY_COMPARE(numbers(model), (std::vector<GenerationNumber>{60'001, 59'999}));
    model.setQuery({});
    QTRY_COMPARE(model.rowCount(), 60'001);
}

void TestHistory::anotherHistoryReplacesTheOneBefore()
{
    History history;
    CatalogModel model;
    model.setHistory(&history);
    history.append(longHistory(60'000, 3), true);
    HistoryQuery query;
    query.text = QStringLiteral("weekly");
    model.setQuery(query);
    history.restart();
    QVERIFY(history.mark() == HistoryMark{});
    history.append(longHistory(10, 1), true);
    QTRY_COMPARE(history.index().size(), std::size_t{10});
    QTRY_VERIFY(model.settled() && model.rowCount() == 7);
}

void TestHistory::aMillionBackupsAreSearchedWhileOneBlinks()
{
    const auto residentKib = [] {
        QFile status(QStringLiteral("/proc/self/status"));
        if (!status.open(QIODevice::ReadOnly))
            return qint64{0};
        const QByteArray text = status.readAll();
        const qsizetype at = text.indexOf("VmRSS:");
        return text.mid(at + 6, text.indexOf("kB", at) - at - 6).trimmed().toLongLong();
    };
    constexpr std::size_t kCount = 1'000'000;
    HistoryIndex index;
    const qint64 beforeKib = residentKib();
    for (std::size_t first = 0; first < kCount; first += 8192)
        index.append(longHistory(kCount, 20, first, first + 8192));
    const qint64 indexKib = residentKib() - beforeKib;
    QElapsedTimer clock;
    clock.start();
    const auto found = find(index, QStringLiteral("ticket-5999"));
    const qint64 filterMs = clock.restart();
    QCOMPARE(found.size(), std::size_t{111}); // 5999, 5999x and 5999xx.
    HistoryQuery sorted;
    sorted.order = HistoryOrder::Size;
    QCOMPARE(searchHistory(index, sorted, kGoOn).size(), kCount);
    qInfo("1000000 backups: filter %lld ms, order by size %lld ms, %lld MiB resident",
          static_cast<long long>(filterMs), static_cast<long long>(clock.elapsed()),
          static_cast<long long>(indexKib / 1024));
    QVERIFY2(indexKib < qint64{110} * 1024, qPrintable(QString::number(indexKib)));
    // The goal is 40 ms; a test's machine may be busy.
    QVERIFY2(filterMs < 400, qPrintable(QString::number(filterMs)));
}

void TestHistory::aRenamedSourceStaysOneSource()
{
    HistoryPage page = longHistory(4, 1);
    RegionRef renamed = page.regions.at(1);
    renamed.name = "new name";
    page.regions[77] = renamed;
    page.rows.front().source = 77;
    const HistoryIndex index = indexOf(page);
    QCOMPARE(index.sources().size(), std::size_t{1});
    QCOMPARE(index.sources().front().name, std::string("new name"));
}

void TestHistory::copiedCellsAreNoFormulas()
{
    SampleArray sample;
    sample.snapshot().generations.front().label = "=cmd|' /C calc'!A1";
    sample.snapshot().generations.front().note = "say \"hi\", then +1";
    sample.snapshot().generations.back().note = "@SUM(1)";
    History history;
    CatalogModel model;
    model.setHistory(&history);
    history.append(pageOf(sample.snapshot().generations), true);
    const QStringList lines =
        copiedRows(model, {0, 1}, CopyForm::Csv).split(QStringLiteral("\r\n"));
    QCOMPARE(lines.size(), 4); // The last one is empty.
    QVERIFY(lines[0].startsWith(QStringLiteral("\"#\",\"When\",")));
    QVERIFY2(lines[1].contains(QStringLiteral("\"'=cmd|' /C calc'!A1\"")), qPrintable(lines[1]));
    QVERIFY2(lines[1].contains(QStringLiteral("\"say \"\"hi\"\", then +1\"")),
             qPrintable(lines[1]));
    QVERIFY2(lines[2].contains(QStringLiteral("\"'@SUM(1)\"")), qPrintable(lines[2]));
}

void TestHistory::copiedTextIsOneLineARow()
{
    SampleArray sample;
    sample.snapshot().generations.front().note = "two\nlines\tand a tab";
    History history;
    CatalogModel model;
    model.setHistory(&history);
    history.append(pageOf(sample.snapshot().generations), true);
    const QStringList lines = copiedRows(model, {0}, CopyForm::Text).split(u'\n');
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[1].count(u'\t'), int(CatalogModel::ColumnCount) - 1);
    QVERIFY2(lines[1].startsWith(QStringLiteral("2\t")), qPrintable(lines[1]));
}

QTEST_GUILESS_MAIN(TestHistory)
#include "test_history.moc"
