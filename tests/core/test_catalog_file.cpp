// A catalog goes into a file and back; a file that is not whole changes nothing.
#include "core/backup/catalog_file.h"
#include "core/catalog/recovered_record.h"

#include "core/backup/catalog_lines.h"
#include "core/backup/keep.h"
#include "core/backup/restore.h"
#include "core/backup/salvage.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/state_stride.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <sstream>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;

struct BackedUp {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);

    BackedUp()
    {
        array.makeFilesystem(source, "ext4", "home");
        must(array.backUp(source, target));
    }
    [[nodiscard]] std::string exported()
    {
        std::string out;
        must(exportCatalog(*array, [&](std::span<const std::byte> bytes) -> Result<void> {
            std::ranges::transform(bytes, std::back_inserter(out),
                                   [](std::byte byte) { return static_cast<char>(byte); });
            return {};
        }));
        return out;
    }
    // Offset of the database in a management region; it begins with SQLite's title.
    [[nodiscard]] std::uint64_t database(const Region& region)
    {
        const auto bytes = array.read(region.id);
        constexpr std::string_view kTitle = "SQLite format 3";
        const auto found = std::ranges::find_end(bytes, std::as_bytes(std::span(kTitle)));
        return static_cast<std::uint64_t>(found.begin() - bytes.begin());
    }
    // Three bytes of the same page in every copy.
    void damagePage(std::uint64_t number)
    {
        for (const Region& region : (*array).layout().regions) {
            if (region.role != RegionRole::Management)
                continue;
            const std::uint64_t at = database(region) + (number - 1) * 4096 + 3900;
            auto bytes = array.read(region.id, at, 3);
            for (std::byte& byte : bytes)
                byte ^= std::byte{0x5a};
            array.write(region.id, at, bytes);
        }
        array.attach();
    }
    [[nodiscard]] std::uint64_t pages()
    {
        for (const Region& region : (*array).layout().regions) {
            if (region.role != RegionRole::Management)
                continue;
            const auto size = array.read(region.id, database(region) + 28, 4);
            return std::to_integer<std::uint64_t>(size[2]) * 256 +
                   std::to_integer<std::uint64_t>(size[3]);
        }
        return 0;
    }
    // Zeroes in the head of every management region: super blocks and database.
    void destroyCatalog(bool supersToo)
    {
        const std::vector<std::byte> zeroes(kSize);
        for (const Region& region : (*array).layout().regions) {
            if (region.role != RegionRole::Management)
                continue;
            array.write(region.id, kMiB, zeroes);
            const auto middle = region.extent.lengthBytes / 2;
            array.write(region.id, roundDown(middle - kMiB, kMiB), zeroes);
            if (supersToo)
                array.write(region.id, 0, std::span(zeroes).first(kMiB));
        }
        array.attach();
    }
};

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

Result<RebuildOutcome> rebuildFrom(BackedUp& backup, const std::string& file)
{
    std::istringstream in(file);
    return rebuildCatalog(*backup.array, in);
}

Generation fullGeneration(SeededRandom& random)
{
    Generation generation;
    generation.number = 7;
    generation.source = {RegionId{Uuid::random(random)}, "so\x1b[31m \"<b>", Uuid::random(random)};
    generation.target = {RegionId{Uuid::random(random)}, "target", Uuid::random(random)};
    generation.sizeBytes = 5 * kMiB + 1;
    generation.label = "Größe";
    generation.note = "two\nlines";
    generation.content = {ContentKind::Recognised, "ext4", "home", "uuid", 4711};
    generation.startedMs = 1700000000000;
    generation.finishedMs = 1700000000001;
    generation.verifiedMs = 1700000000002;
    generation.hostId = Uuid::random(random);
    generation.hostName = "host";
    generation.state = GenerationState::Partial;
    generation.held = true;
    generation.readBack = ReadBack::Dropped;
    generation.writtenBytes = 99;
    random.fill(generation.digest.bytes);
    generation.failure = ErrorCode::DigestMismatch;
    generation.failureDetail = "detail";
    generation.damaged.add(3);
    return generation;
}

} // namespace

class TestCatalogFile : public QObject {
    Q_OBJECT

private slots:
    void aLineReadsAsItWasWritten();
    void whatARestoreOverwroteReadsAsItWasWritten();
    void linesAreAscii();
    void brokenLinesAreRefused();
    void mutatedLinesNeverCrash();
    void aDestroyedCatalogComesBack();
    void whatIsThereAlreadyIsSkipped();
    void anotherArraysFileIsRefused();
    void aFileCutAnywhereChangesNothing();
    void aChangedByteIsFound();
    void withoutAFileTheRegionsTell();
    void aRebuildThatIsCanceledChangesNothing();
    void noDamagedPageMakesAHalfWrittenRegionASource();
    void anyDamagedPageIsNoDeadEnd_data();
    void anyDamagedPageIsNoDeadEnd();
    // Incident: with the page of the array's name, or of the hosts', damaged, a catalog of which
    // all else could be read was thrown away, with holds, labels and signatures.
    void aPageWithNamesAloneCostsNoRecord();
    void whatADamagedCatalogStillKnowsStaysKnown();
};

void TestCatalogFile::aLineReadsAsItWasWritten()
{
    SeededRandom random(testSeed());
    const Generation generation = fullGeneration(random);
    const auto line = must(parseLine(toLine(generation)));
    QVERIFY(std::get<Generation>(line) == generation);
    // What a clock before 1970 recorded; and no failure where there is none.
    Generation early = generation;
    early.startedMs = -86400000;
    early.finishedMs = early.verifiedMs = -1;
    early.failure = {};
    early.failureDetail.clear();
    QVERIFY(!toLine(early).contains("Canceled"));
    QVERIFY(std::get<Generation>(must(parseLine(toLine(early)))) == early);

    const FileDigests digests{7, {0, {generation.digest, digestOfZeroes(kMiB)}}};
    const auto read = std::get<FileDigests>(must(parseLine(toLine(digests))));
    QCOMPARE(read.generation, GenerationNumber{7});
    QVERIFY(read.segment.digests == digests.segment.digests);

    const Event event{3,   EventKind::Held,  7, 5, generation.hostId, "h", "s",
                      "d", generation.digest};
    QVERIFY(std::get<Event>(must(parseLine(toLine(event)))) == event);
}

void TestCatalogFile::whatARestoreOverwroteReadsAsItWasWritten()
{
    SeededRandom random(testSeed());
    Generation generation = fullGeneration(random);
    UndoCopy undo;
    undo.restored = 3;
    undo.sizeBytes = 9 * kMiB + 5;
    for (const std::uint64_t chunk : {0U, 4U, 9U})
        undo.chunks.add(chunk);
    random.fill(undo.contentBefore.bytes);
    random.fill(undo.contentAfter.bytes);
    undo.keptMs = 1700000000003;
    undo.undoneMs = 1700000000004;
    generation.sizeBytes = 3 * kMiB;
    generation.damaged = {};
    generation.undo = undo;
    QVERIFY(std::get<Generation>(must(parseLine(toLine(generation)))) == generation);
    // What cannot be put back is found before anything is inserted.
    generation.sizeBytes = 4 * kMiB;
    QCOMPARE(codeOf(parseLine(toLine(generation))), ErrorCode::InvalidDescription);
    generation.sizeBytes = 2 * kMiB;
    generation.undo->chunks.remove(9);
    QCOMPARE(codeOf(parseLine(toLine(generation))), ErrorCode::InvalidDescription);
}

void TestCatalogFile::linesAreAscii()
{
    SeededRandom random(testSeed());
    const std::string line = toLine(fullGeneration(random));
    QVERIFY(std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; }));
}

void TestCatalogFile::brokenLinesAreRefused()
{
    for (const std::string line :
         {"", "{", "[]", "7", "{}", R"({"kind":"nobody"})", R"({"kind":"end","lines":-1})",
          R"({"kind":"header","format":"cairn-catalog","version":1,"arrayId":"x","label":""})"})
        QCOMPARE(codeOf(parseLine(line)), ErrorCode::InvalidDescription);
    QCOMPARE(codeOf(parseLine(std::string(100000, '['))), ErrorCode::InvalidDescription);
    QCOMPARE(codeOf(parseLine(R"({"kind":"header","format":"cairn-catalog","version":4})")),
             ErrorCode::FormatNewer);
}

void TestCatalogFile::mutatedLinesNeverCrash()
{
    SeededRandom random(testSeed());
    const std::string line = toLine(fullGeneration(random));
    for (int round = 0; round < 2000; ++round) {
        std::string mutated = line;
        for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits)
            mutated.at(random.below(mutated.size())) = static_cast<char>(random.below(256));
        if (random.below(4) == 0)
            mutated.resize(random.below(mutated.size()));
        const auto parsed = parseLine(mutated);
        // What is accepted is a generation that fits its own size.
        if (parsed)
            QVERIFY(std::get<Generation>(*parsed).number > 0);
    }
}

void TestCatalogFile::aDestroyedCatalogComesBack()
{
    for (const bool supersToo : {false, true}) {
        BackedUp backup;
        const std::string file = backup.exported();
        backup.destroyCatalog(supersToo);
        QVERIFY((*backup.array).catalogProblem());
        const auto outcome = must(rebuildFrom(backup, file));
        QCOMPARE(outcome.recovered, std::uint64_t{1});
        backup.array.attach();
        const Generation generation = backup.array.generation(1);
        QCOMPARE(generation.state, GenerationState::Copied);
        QVERIFY(generation.recovered);
        UncontrolledCopy control;
        QVERIFY(must(verify(*backup.array, 1, control)).outcome.good());
        QCOMPARE(backup.array.state(1), GenerationState::Good);
    }
}

void TestCatalogFile::whatIsThereAlreadyIsSkipped()
{
    BackedUp backup;
    const auto outcome = must(rebuildFrom(backup, backup.exported()));
    QCOMPARE(outcome.recovered, std::uint64_t{0});
    QCOMPARE(outcome.skipped, std::uint64_t{1});
    QCOMPARE(backup.array.state(1), GenerationState::Good);
}

void TestCatalogFile::anotherArraysFileIsRefused()
{
    BackedUp one;
    BackedUp other;
    const auto before = one.array.memberDigests();
    QCOMPARE(codeOf(rebuildFrom(one, other.exported())), ErrorCode::InvalidArgument);
    QVERIFY(one.array.memberDigests() == before);
}

void TestCatalogFile::aFileCutAnywhereChangesNothing()
{
    BackedUp backup;
    const std::string file = backup.exported();
    const auto before = backup.array.memberDigests();
    for (std::size_t length = 0; length < file.size(); length += 1 + file.size() / 40)
        QCOMPARE(codeOf(rebuildFrom(backup, file.substr(0, length))),
                 ErrorCode::InvalidDescription);
    QCOMPARE(codeOf(rebuildFrom(backup, file + "{}\n")), ErrorCode::InvalidDescription);
    QVERIFY(backup.array.memberDigests() == before);
}

void TestCatalogFile::aChangedByteIsFound()
{
    BackedUp backup;
    std::string file = backup.exported();
    const std::size_t at = file.find("\"digests\":\"") + 12;
    file.at(at) = file.at(at) == '0' ? '1' : '0';
    const auto refused = rebuildFrom(backup, file);
    QCOMPARE(codeOf(refused), ErrorCode::InvalidDescription);
    QVERIFY(refused.error().detail.ends_with("xxh3_128"));
}

void TestCatalogFile::withoutAFileTheRegionsTell()
{
    BackedUp backup;
    const auto content = backup.array.read(backup.source);
    backup.destroyCatalog(true);
    UncontrolledCopy control;
    const auto outcome = must(rebuildCatalog(*backup.array, control));
    QCOMPARE(outcome.recovered, std::uint64_t{1});
    backup.array.attach();
    const Generation generation = backup.array.generation(1);
    QCOMPARE(generation.state, GenerationState::Copied);
    QVERIFY(generation.recovered);
    // That one region has the same filesystem does not make it the source.
    QVERIFY(generation.source.id.uuid.isNull());
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {})), ErrorCode::UnknownRegion);
    backup.array.fillRandom(backup.source, 3);
    must(backup.array.restore(1, backup.source));
    QVERIFY(backup.array.read(backup.source) == content);
}

void TestCatalogFile::aRebuildThatIsCanceledChangesNothing()
{
    BackedUp backup;
    backup.destroyCatalog(false);
    const auto before = backup.array.memberDigests();
    StopAt control(2);
    QCOMPARE(codeOf(rebuildCatalog(*backup.array, control)), ErrorCode::Canceled);
    QVERIFY(backup.array.memberDigests() == before);
}

// The only true copy was overwritten after the page with the mark was damaged, and rebuilt away.
void TestCatalogFile::noDamagedPageMakesAHalfWrittenRegionASource()
{
    BackedUp backup;
    const RegionId another = backup.array.addRegion("another", kSize, 1);
    ImportPlan plan;
    plan.region = backup.source;
    plan.confirmedName = backup.array.region(backup.source).name;
    std::size_t given = 0;
    const ByteSource read = [&given](std::span<std::byte> into) -> Result<std::size_t> {
        if (given > 2 * kMiB)
            return failure(ErrorCode::ReadFailed, "stream");
        std::ranges::fill(into, std::byte{7});
        given += into.size();
        return into.size();
    };
    UncontrolledCopy control;
    QCOMPARE(codeOf(importRegion(*backup.array, plan, read, control)), ErrorCode::ReadFailed);
    QCOMPARE(codeOf(backup.array.backUp(backup.source, another)), ErrorCode::HalfWritten);
    std::vector<std::pair<RegionId, std::vector<std::byte>>> whole;
    for (const Region& region : (*backup.array).layout().regions) {
        if (region.role == RegionRole::Management)
            whole.emplace_back(region.id, backup.array.read(region.id));
    }
    const std::uint64_t pages = backup.pages();
    for (std::uint64_t page = 1; page <= pages; page += stateStride()) {
        for (const auto& [region, bytes] : whole)
            backup.array.write(region, 0, bytes);
        backup.damagePage(page);
        if (!(*backup.array).catalog()) // Nothing at all is left to read.
            continue;
        must(rebuildCatalog(*backup.array, control));
        backup.array.attach();
        const auto again = codeOf(backup.array.backUp(backup.source, another));
        QVERIFY2(again == ErrorCode::HalfWritten,
                 qPrintable(QString("page %1: %2").arg(page).arg(errorName(again))));
    }
}

void TestCatalogFile::anyDamagedPageIsNoDeadEnd_data()
{
    QTest::addColumn<bool>("withFile");
    QTest::newRow("with an export") << true;
    QTest::newRow("without") << false;
}

void TestCatalogFile::anyDamagedPageIsNoDeadEnd()
{
    QFETCH(bool, withFile);
    BackedUp backup;
    const RegionId another = backup.array.addRegion("another", kSize, 1);
    const std::string file = backup.exported();
    const Digest content = backup.array.generation(1).digest;
    std::vector<std::pair<RegionId, std::vector<std::byte>>> whole;
    for (const Region& region : (*backup.array).layout().regions) {
        if (region.role == RegionRole::Management)
            whole.emplace_back(region.id, backup.array.read(region.id));
    }
    const std::uint64_t pages = backup.pages();
    QVERIFY(pages > 15 && pages < 100);
    for (std::uint64_t page = 1; page <= pages; page += stateStride()) {
        for (const auto& [region, bytes] : whole)
            backup.array.write(region, 0, bytes);
        backup.damagePage(page);
        UncontrolledCopy control;
        const auto verified = verify(*backup.array, 1, control);
        QVERIFY(!verified || (verified->outcome.good() && !verified->recorded));
        const auto before = backup.array.memberDigests();
        QCOMPARE(codeOf(backup.array.backUp(backup.source, another)), ErrorCode::CatalogDamaged);
        QVERIFY(backup.array.memberDigests() == before);

        const auto outcome =
            withFile ? rebuildFrom(backup, file) : rebuildCatalog(*backup.array, control);
        QVERIFY2(outcome.has_value(),
                 qPrintable(QString("page %1: %2")
                                .arg(page)
                                .arg(outcome ? "" : errorName(outcome.error().code))));
        backup.array.attach();
        const auto records = must(must((*backup.array).catalog())->generations());
        QCOMPARE(records.size(), std::size_t{1});
        QCOMPARE(records.front().digest, content);
        QVERIFY(must(verify(*backup.array, records.front().number, control)).outcome.good());
        // What had to be taken from the region alone is never called good.
        QCOMPARE(backup.array.state(records.front().number),
                 isUnwitnessed(records.front()) ? GenerationState::Copied : GenerationState::Good);
    }
}

void TestCatalogFile::aPageWithNamesAloneCostsNoRecord()
{
    for (const std::uint64_t page : {2U, 3U}) {
        BackedUp backup;
        must(hold(*backup.array, 1));
        const Generation before = backup.array.generation(1);
        backup.damagePage(page);
        QCOMPARE(codeOf(release(*backup.array, 1)), ErrorCode::CatalogDamaged);
        UncontrolledCopy control;
        const auto outcome = must(rebuildCatalog(*backup.array, control));
        QCOMPARE(outcome.recovered, std::uint64_t{1});
        backup.array.attach();
        const Generation after = backup.array.generation(1);
        QVERIFY(after.held && !isUnwitnessed(after));
        QCOMPARE(after.digest, before.digest);
        QVERIFY(must(verify(*backup.array, 1, control)).outcome.good());
        QCOMPARE(backup.array.state(1), GenerationState::Good);
    }
}

void TestCatalogFile::whatADamagedCatalogStillKnowsStaysKnown()
{
    BackedUp backup;
    for (int number = 2; number <= 61; ++number)
        must(backup.array.backUp(backup.source, backup.target));
    // The newest records are on the last page of their table; any page of it will do.
    std::size_t listed = 0;
    std::uint64_t page = backup.pages();
    for (; page > 20 && listed == 0; --page) {
        backup.damagePage(page);
        const auto catalog = (*backup.array).catalog();
        if (catalog && !(*catalog)->generations()) {
            const auto readable = must(readableRecords(**catalog));
            listed = readable.generations.size();
            QCOMPARE(readable.highest, GenerationNumber{61});
            QCOMPARE(listed + readable.lost, std::size_t{61});
        } else {
            backup.damagePage(page); // Undone by the same change.
        }
    }
    QVERIFY(listed > 0 && listed < 61);
    UncontrolledCopy control;
    const auto outcome = must(rebuildCatalog(*backup.array, control));
    QVERIFY(outcome.recovered >= listed);
    backup.array.attach();
    QVERIFY(must(must((*backup.array).catalog())->generations()).size() >= listed);
    must(backup.array.backUp(backup.source, backup.target));
}

QTEST_GUILESS_MAIN(TestCatalogFile)
#include "test_catalog_file.moc"
