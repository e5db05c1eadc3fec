// Pages of the history for a host's search, and that what changed since is told completely.
#include "tests/support/catalog_bench.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>

using namespace cairn;
using namespace cairn::test;

class TestCatalogHistory : public QObject {
    Q_OBJECT

private slots:
    void pagesCoverTheWholeHistory();
    void changesMakeAnOldReadingEqualToANewOne();
    void aWriterThatDiedIsSeenWithoutAnEntry();
    void anotherHistoryIsToBeReadAgain();
    void whatIsCurrentIsFoundWithoutTheRest();
    void longTextsAreCut();
    void whatKeepsAnUndoIsToldApart();
    void aRecordThatNamesNoRegionIsAnError();
};

namespace {

using Known = std::map<GenerationNumber, GenerationBrief>;

void put(Known& known, const HistoryPage& page)
{
    for (const GenerationBrief& brief : page.rows)
        known[brief.number] = brief;
}

VerifyOutcome proof()
{
    VerifyOutcome outcome;
    outcome.readBack = ReadBack::Direct;
    return outcome;
}

// Whatever can happen to a generation, at random; what is refused changes nothing.
void happen(const CatalogBench& bench, Catalog& catalog, std::mt19937_64& random)
{
    const std::string target = "target-" + std::to_string(random() % 4);
    const GenerationNumber number = random() % 12 + 1;
    switch (random() % 7) {
    case 0:
        if (const auto begun = catalog.begin(bench.backup("root", target)))
            require(catalog.abandon(*begun, {ErrorCode::ReadFailed, 5, "root", {}, 0},
                                    random() % 2 == 0));
        break;
    case 1:
    case 2: {
        NewGeneration wanted = bench.backup(random() % 2 == 0 ? "root" : "home", target);
        wanted.label = "label " + std::to_string(random() % 5);
        const auto all = require(catalog.generations());
        const bool held = std::ranges::any_of(
            all, [&](const Generation& each) { return each.held && each.target.name == target; });
        const auto jobs = require(catalog.jobs());
        const bool busy = std::ranges::any_of(
            jobs, [&](const Job& job) { return job.running && job.target.name == target; });
        if (!held && !busy)
            bench.makeBackup(catalog, wanted);
        break;
    }
    case 3:
        std::ignore = catalog.recordVerification(number, proof());
        break;
    case 4:
        std::ignore = catalog.setHeld(number, random() % 2 == 0);
        break;
    case 5:
        std::ignore = catalog.forget(number);
        break;
    default:
        std::ignore = catalog.begin(bench.backup("home", target));
        break;
    }
}

} // namespace

void TestCatalogHistory::pagesCoverTheWholeHistory()
{
    const CatalogBench bench(1);
    const auto catalog = bench.create();
    for (int round = 0; round < 25; ++round)
        bench.makeBackup(*catalog, bench.backup("root", "target-" + std::to_string(round % 3)));
    std::vector<GenerationBrief> paged;
    GenerationNumber below = 0;
    for (;;) {
        const HistoryPage page = require(catalog->history(below, 7));
        for (const GenerationBrief& brief : page.rows) {
            QCOMPARE(page.regions.at(brief.source), bench.region("root"));
            paged.push_back(brief);
        }
        if (page.rows.size() < 7)
            break;
        below = page.rows.back().number;
    }
    const auto whole = require(catalog->generations());
    QCOMPARE(paged.size(), whole.size());
    for (std::size_t place = 0; place < whole.size(); ++place) {
        QCOMPARE(paged[place].number, whole[place].number);
        QCOMPARE(paged[place].state, whole[place].state);
        QCOMPARE(paged[place].startedMs, whole[place].startedMs);
        QCOMPARE(paged[place].sizeBytes, whole[place].sizeBytes);
    }
}

void TestCatalogHistory::changesMakeAnOldReadingEqualToANewOne()
{
    std::mt19937_64 random(testSeed());
    const CatalogBench bench(2);
    std::ignore = bench.create();
    Known known;
    HistoryMark mark = require(bench.read()->history(0, 100)).mark;
    for (int round = 0; round < 40; ++round) {
        {
            const auto catalog = bench.write();
            for (std::uint64_t times = random() % 3 + 1; times > 0; --times)
                happen(bench, *catalog, random);
        }
        const auto catalog = bench.read();
        std::vector<GenerationNumber> unsettled;
        for (const auto& [number, brief] : known) {
            if (brief.state == GenerationState::Copying ||
                brief.state == GenerationState::Interrupted)
                unsettled.push_back(number);
        }
        const HistoryPage changes = require(catalog->historySince(mark, unsettled));
        QVERIFY(!changes.startAgain);
        put(known, changes);
        mark = changes.mark;
        Known fresh;
        put(fresh, require(catalog->history(0, 1000)));
        QVERIFY2(known == fresh, qPrintable(QStringLiteral("round %1").arg(round)));
    }
    QVERIFY(known.size() > 20);
}

void TestCatalogHistory::aWriterThatDiedIsSeenWithoutAnEntry()
{
    const CatalogBench bench(1);
    auto writing = bench.create();
    const auto number = require(writing->begin(bench.backup("root", "target")));
    const HistoryPage before = require(writing->history(0, 10));
    QCOMPARE(before.rows.front().state, GenerationState::Copying);
    writing.reset();
    const auto after = require(bench.read()->historySince(before.mark, std::vector{number}));
    QCOMPARE(after.mark, before.mark);
    QCOMPARE(after.rows.size(), std::size_t{1});
    QCOMPARE(after.rows.front().state, GenerationState::Interrupted);
}

void TestCatalogHistory::anotherHistoryIsToBeReadAgain()
{
    const CatalogBench bench(1);
    const CatalogBench other(1);
    const auto catalog = bench.create();
    const auto mark = require(other.create()->history(0, 1)).mark;
    QVERIFY(require(catalog->historySince(mark, {})).startAgain);
    HistoryMark beyond = require(catalog->history(0, 1)).mark;
    beyond.event += 1000;
    QVERIFY(require(catalog->historySince(beyond, {})).startAgain);
}

void TestCatalogHistory::whatIsCurrentIsFoundWithoutTheRest()
{
    std::mt19937_64 random(testSeed());
    const CatalogBench bench(1);
    const auto catalog = bench.create();
    GenerationFilter current;
    current.currentOnly = true;
    for (int round = 0; round < 60; ++round) {
        happen(bench, *catalog, random);
        const auto all = require(catalog->generations());
        const auto found = require(catalog->generations(current));
        QVERIFY(std::ranges::is_sorted(found, std::ranges::greater(), &Generation::number));
        std::map<RegionId, GenerationNumber> newest;
        for (const Generation& each : all)
            newest.emplace(each.target.id, each.number);
        for (const Generation& each : all) {
            const bool inRegion = each.state != GenerationState::Superseded &&
                                  each.state != GenerationState::Forgotten &&
                                  each.state != GenerationState::Failed;
            const bool expected = inRegion || newest.at(each.target.id) == each.number;
            const bool present = std::ranges::find(found, each) != found.end();
            QVERIFY2(present == expected, qPrintable(QString::number(each.number)));
        }
    }
}

void TestCatalogHistory::longTextsAreCut()
{
    const CatalogBench bench(1);
    const auto catalog = bench.create();
    NewGeneration wanted = bench.backup("root", "target");
    for (int times = 0; times < 200; ++times)
        wanted.note += "äöü";
    require(catalog->begin(wanted));
    const std::string note = require(catalog->history(0, 1)).rows.front().note;
    QCOMPARE(note, wanted.note.substr(0, std::size_t{2} * 240));
}

void TestCatalogHistory::whatKeepsAnUndoIsToldApart()
{
    const CatalogBench bench(1);
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a")); // Of 3 chunks.
        const auto mark = require(catalog->history(0, 10)).mark;
        NewUndo undo;
        undo.area = bench.region("spare");
        undo.sizeBytes = 3 * kMiB;
        undo.chunks.add(0);
        undo.chunks.add(2);
        require(catalog->beginRestore(1, bench.region("root"), &undo));
        const HistoryPage changes = require(catalog->historySince(mark, {}));
        const auto kept = std::ranges::find(changes.rows, 2, &GenerationBrief::number);
        QVERIFY(kept != changes.rows.end());
        QCOMPARE(kept->undo, std::optional(UndoBrief{1, false}));
    }
    bench.tamper("UPDATE undo SET kept_ms = 5, undone_ms = 6");
    const HistoryPage page = require(bench.read()->history(0, 10));
    QCOMPARE(page.rows.at(0).undo, std::optional(UndoBrief{1, true}));
    QCOMPARE(page.rows.at(1).undo, std::nullopt);
}

void TestCatalogHistory::aRecordThatNamesNoRegionIsAnError()
{
    const CatalogBench bench(1);
    const auto catalog = bench.create();
    bench.makeBackup(*catalog, bench.backup("root", "target"));
    bench.tamper("PRAGMA foreign_keys = 0; UPDATE generation SET source = 999");
    QCOMPARE(codeOf(bench.read()->history(0, 1)), std::string("CatalogDamaged"));
}

QTEST_GUILESS_MAIN(TestCatalogHistory)
#include "test_catalog_history.moc"
