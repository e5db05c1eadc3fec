// An archive may come from a stranger: what is not exactly an export is refused, and never good.
#include "core/backup/export_generation.h"
#include "core/backup/import_generation.h"
#include "core/backup/resume.h"
#include "core/backup/tape_record.h"
#include "core/tape/tape_layout.h"
#include "core/tape/zstd_frame.h"
#include "tests/support/array_fixture.h"
#include "tests/support/tar_bytes.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 34 * kMiB;

using Entries = std::vector<TarEntry>;
using Json = nlohmann::json;

// An export, and an array to import it into that has something to lose beside the target.
struct Scene {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString(), {.memberSizeBytes = 96 * kMiB}};
    RegionId source = array.addRegion("home", kSize, 0);
    RegionId backup = array.addRegion("copy", kSize, 1);
    RegionId target = array.addRegion("spare", kSize, 0);
    RegionId neighbour = array.addRegion("neighbour", 2 * kMiB, 0);
    std::string archive;
    std::vector<std::byte> others;

    Scene()
    {
        SeededRandom random(1);
        array.write(source, 5 * kMiB, random.bytes(2 * kMiB));
        array.write(source, 33 * kMiB, random.bytes(kMiB));
        array.fillRandom(neighbour, 2);
        must(array.backUp(source, backup));
        UncontrolledCopy control;
        must(exportGeneration(*array, 1, sinkInto(archive), control));
        others = outsideOfTheTarget();
    }
    [[nodiscard]] std::vector<std::byte> outsideOfTheTarget()
    {
        auto bytes = array.read(source);
        for (const RegionId& region : {backup, neighbour}) {
            const auto more = array.read(region);
            bytes.insert(bytes.end(), more.begin(), more.end());
        }
        return bytes;
    }
    Result<BackupOutcome> importOf(const std::string& bytes)
    {
        auto image =
            CAIRN_TRY(openExport({.read = sourceOf(bytes), .skip = {}, .name = "e.tar"}, "e.tar"));
        const auto plan =
            CAIRN_TRY(planImport(*array, image.record, target, {.confirmedName = "spare"}));
        UncontrolledCopy control;
        return importGeneration(*array, plan, *image.chunks, control);
    }
};

std::string frameOf(std::uint64_t contentBytes)
{
    FrameWriter writer;
    const std::vector<std::byte> zeroes(kMiB);
    writer.begin();
    for (std::uint64_t done = 0; done < contentBytes; done += kMiB)
        must(writer.add(std::span(zeroes).first(std::min(kMiB, contentBytes - done))));
    const auto frame = must(writer.finish());
    return {reinterpret_cast<const char*>(frame.data()), frame.size()};
}

std::string withField(const std::string& record, const char* pointer, const Json& value)
{
    Json json = Json::parse(record);
    json[Json::json_pointer(pointer)] = value;
    return json.dump();
}

// A pax header that gives the entry behind it another size.
TarEntry paxSize(const std::string& size)
{
    const std::string rest = " size=" + size + "\n";
    std::string text = std::to_string(rest.size() + 2) + rest;
    if (text.size() != rest.size() + 2)
        text = std::to_string(rest.size() + 3) + rest;
    return {"PaxHeader", text, 'x'};
}

struct Hostile {
    const char* name;
    std::function<std::string(Entries)> make;
    ErrorCode code = ErrorCode::InvalidArchive;
};

void put(Entries& entries, std::size_t at, TarEntry entry)
{
    entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(at), std::move(entry));
}

// The entries of a sound export: record, digests, two pieces.
const std::vector<Hostile> kWrongBeginnings = {
    {"empty", [](const Entries&) { return std::string(); }},
    {"noise", [](const Entries&) { return std::string(4096, 'x'); }},
    {"a tar without entries", [](const Entries&) { return tarOf({}); }},
    {"an image first",
     [](Entries entries) {
         std::swap(entries[0], entries[2]);
         return tarOf(entries);
     }},
    {"an absolute path",
     [](Entries entries) {
         entries[0].name = "/generation.json";
         return tarOf(entries);
     }},
    {"a path that leads out",
     [](Entries entries) {
         entries[0].name = "../generation.json";
         return tarOf(entries);
     }},
    {"a symbolic link",
     [](Entries entries) {
         entries[0] = {"generation.json", {}, '2', "/etc/passwd"};
         return tarOf(entries);
     }},
    {"a hard link",
     [](Entries entries) {
         entries[0] = {"generation.json", {}, '1', "image/00000000.zst"};
         return tarOf(entries);
     }},
    {"a directory",
     [](Entries entries) {
         put(entries, 0, {"digests/", {}, '5'});
         return tarOf(entries);
     }},
    {"a device",
     [](Entries entries) {
         entries[0] = {"generation.json", {}, '4'};
         return tarOf(entries);
     }},
    {"a record of 2^63 - 1 bytes",
     [](Entries entries) {
         put(entries, 0, paxSize("9223372036854775807"));
         return tarOf(entries);
     }},
    {"a record of 2^63 bytes",
     [](Entries entries) {
         put(entries, 0, paxSize("9223372036854775808"));
         return tarOf(entries);
     }},
    {"a record of less than nothing",
     [](Entries entries) {
         entries[0].sizeField = std::string(12, '\xff');
         return tarOf(entries);
     }},
    {"a record of 2 MiB",
     [](Entries entries) {
         entries[0].content.resize(2 * kMiB, ' ');
         return tarOf(entries);
     }},
    {"no JSON",
     [](Entries entries) {
         entries[0].content = "generation";
         return tarOf(entries);
     }},
    {"JSON that is too deep",
     [](Entries entries) {
         entries[0].content = std::string(100'000, '[');
         return tarOf(entries);
     }},
    {"another format",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/format", "cairn-catalog");
         return tarOf(entries);
     }},
    {"a later version",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/version", 3);
         return tarOf(entries);
     },
     ErrorCode::FormatNewer},
    {"a whole generation in the version of one that is not",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/version", 2);
         return tarOf(entries);
     }},
    {"missing sectors of a generation that is whole",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/generation/unreadable", "0001");
         return tarOf(entries);
     }},
    {"other pieces",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/pieceBytes", 1U << 30U);
         return tarOf(entries);
     }},
    {"a generation that is not whole",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/generation/state", "partial");
         return tarOf(entries);
     }},
    {"no digest of the whole",
     [](Entries entries) {
         entries[0].content =
             withField(entries[0].content, "/generation/digest", std::string(32, '0'));
         return tarOf(entries);
     }},
    {"an image of 2^63 - 1 bytes",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/generation/sizeBytes", INT64_MAX);
         return tarOf(entries);
     },
     ErrorCode::TargetTooSmall},
    {"an image of no bytes",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/generation/sizeBytes", 0);
         return tarOf(entries);
     }},
    {"a label that moves the cursor",
     [](Entries entries) {
         entries[0].content = withField(entries[0].content, "/generation/label", "\x1b[2J");
         return tarOf(entries);
     },
     ErrorCode::InvalidArgument},
};

const std::vector<Hostile> kWrongImages = {
    {"nothing but the record",
     [](Entries entries) {
         entries.resize(1);
         return tarOf(entries);
     }},
    {"no digests",
     [](Entries entries) {
         entries.erase(entries.begin() + 1);
         return tarOf(entries);
     }},
    {"too few digests",
     [](Entries entries) {
         entries[1].content.resize(entries[1].content.size() - 33);
         return tarOf(entries);
     }},
    {"digests that are no digits",
     [](Entries entries) {
         entries[1].content[5] = 'g';
         return tarOf(entries);
     }},
    {"a wrong digest",
     [](Entries entries) {
         entries[1].content[std::size_t{33} * 33] =
             entries[1].content[std::size_t{33} * 33] == '0' ? '1' : '0';
         return tarOf(entries);
     }},
    {"digests that agree with the bytes, but not with the record",
     [](Entries entries) {
         std::string lines;
         for (std::uint64_t chunk = 0; chunk < chunkCount(kSize); ++chunk)
             lines += digestOfZeroes(kChunkBytes).toHex() + '\n';
         entries[1].content = lines;
         entries[2].content = frameOf(kPieceBytes);
         entries[3].content = frameOf(kSize - kPieceBytes);
         return tarOf(entries);
     },
     ErrorCode::DigestMismatch},
    {"pieces out of order",
     [](Entries entries) {
         std::swap(entries[2], entries[3]);
         return tarOf(entries);
     }},
    {"a piece twice",
     [](Entries entries) {
         put(entries, 3, entries[2]);
         return tarOf(entries);
     }},
    {"a piece under another's name",
     [](Entries entries) {
         entries[3].content = entries[2].content;
         return tarOf(entries);
     }},
    {"a piece that leads out",
     [](Entries entries) {
         entries[3].name = "image/../../00000001.zst";
         return tarOf(entries);
     }},
    {"a piece that is a symbolic link",
     [](Entries entries) {
         entries[3] = {entries[3].name, {}, '2', "/dev/sda"};
         return tarOf(entries);
     }},
    {"a piece of 2^63 - 1 bytes",
     [](Entries entries) {
         put(entries, 3, paxSize("9223372036854775807"));
         return tarOf(entries);
     }},
    {"a piece larger than any frame of its content",
     [](Entries entries) {
         entries[2].content.resize(frameLimitBytes(kPieceBytes) + 1, 'x');
         return tarOf(entries);
     }},
    {"a piece that gives more than it may",
     [](Entries entries) {
         entries[3].content = frameOf(kPieceBytes);
         return tarOf(entries);
     }},
    {"a decompression bomb",
     [](Entries entries) {
         // 16 MiB of frames that give 32 MiB each.
         std::string bomb;
         const std::string frame = frameOf(kPieceBytes);
         while (bomb.size() < 16 * kMiB)
             bomb += frame;
         entries[2].content = bomb;
         return tarOf(entries);
     }},
    {"a piece that gives less than it must",
     [](Entries entries) {
         entries[2].content = frameOf(31 * kMiB);
         return tarOf(entries);
     }},
    {"a window larger than a piece",
     [](Entries entries) {
         // Frame_Header_Descriptor 0, Window_Descriptor 2^(10 + 20).
         entries[2].content = std::string("\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00", 9);
         return tarOf(entries);
     }},
    {"a piece that is not compressed",
     [](Entries entries) {
         entries[3].content.assign(2 * kMiB, '\0');
         return tarOf(entries);
     }},
    {"bytes after a frame",
     [](Entries entries) {
         entries[3].content += 'x';
         return tarOf(entries);
     }},
    {"an entry after the last",
     [](Entries entries) {
         entries.push_back({"etc/passwd", "root"});
         return tarOf(entries);
     }},
    {"a piece after the last",
     [](Entries entries) {
         entries.push_back({"image/00000002.zst", entries[3].content});
         return tarOf(entries);
     }},
    {"a second record at the end",
     [](Entries entries) {
         entries.push_back(entries[0]);
         return tarOf(entries);
     }},
};

} // namespace

class TestTapeHostile : public QObject {
    Q_OBJECT

private slots:
    void aSoundArchiveIsGood();
    void aWrongBeginningWritesNothing_data();
    void aWrongBeginningWritesNothing();
    void aWrongImageIsNeverGood_data();
    void aWrongImageIsNeverGood();
    void anArchiveCutAnywhereIsNotWhole();
    void aFlippedBitIsFoundOrChangesNothing();
    void theRecordReadsAsItWasWritten();
    void aFailingSourceIsNotTakenForABadArchive();
};

void TestTapeHostile::aSoundArchiveIsGood()
{
    // What the table below changes is sound when it is taken apart and put together unchanged.
    Scene scene;
    const auto outcome = must(scene.importOf(tarOf(entriesOf(scene.archive))));
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(scene.array.read(scene.target) == scene.array.read(scene.backup));
}

void TestTapeHostile::aWrongBeginningWritesNothing_data()
{
    QTest::addColumn<int>("row");
    for (std::size_t row = 0; row < kWrongBeginnings.size(); ++row)
        QTest::newRow(kWrongBeginnings[row].name) << static_cast<int>(row);
}

void TestTapeHostile::aWrongBeginningWritesNothing()
{
    static Scene scene;
    QFETCH(int, row);
    const Hostile& hostile = kWrongBeginnings[static_cast<std::size_t>(row)];
    static const auto before = scene.array.memberDigests();
    const auto imported = scene.importOf(hostile.make(entriesOf(scene.archive)));
    QVERIFY(!imported);
    QCOMPARE(errorName(imported.error().code), errorName(hostile.code));
    QVERIFY(scene.array.memberDigests() == before);
}

void TestTapeHostile::aWrongImageIsNeverGood_data()
{
    QTest::addColumn<int>("row");
    for (std::size_t row = 0; row < kWrongImages.size(); ++row)
        QTest::newRow(kWrongImages[row].name) << static_cast<int>(row);
}

void TestTapeHostile::aWrongImageIsNeverGood()
{
    static Scene scene;
    QFETCH(int, row);
    const Hostile& hostile = kWrongImages[static_cast<std::size_t>(row)];
    for (const Job& job : must(interruptedJobs(*scene.array)))
        must(discard(*scene.array, job));
    const auto imported = scene.importOf(hostile.make(entriesOf(scene.archive)));
    QVERIFY(!imported);
    QCOMPARE(errorName(imported.error().code), errorName(hostile.code));
    const auto newest = must(must((*scene.array).catalog())->generations()).front();
    QVERIFY(newest.state == GenerationState::Interrupted ||
            newest.state == GenerationState::Failed);
    // Nothing that could be mounted is left at the target's beginning.
    QVERIFY(isZero(scene.array.read(scene.target, 0, kMiB)));
    QVERIFY(scene.outsideOfTheTarget() == scene.others);
}

void TestTapeHostile::anArchiveCutAnywhereIsNotWhole()
{
    Scene scene;
    const std::uint64_t seed = testSeed();
    SeededRandom random(seed);
    // Without the two blocks of zeroes, and what pads the last record.
    const std::size_t end = tarOf(entriesOf(scene.archive)).size() - 1024;
    for (int round = 0; round < 12; ++round) {
        const std::size_t at =
            round == 0 ? end - 512 : static_cast<std::size_t>(random.below(end - 511));
        const auto imported = scene.importOf(scene.archive.substr(0, at));
        QVERIFY(!imported);
        QCOMPARE(errorName(imported.error().code), errorName(ErrorCode::InvalidArchive));
    }
    QVERIFY(scene.outsideOfTheTarget() == scene.others);
    QCOMPARE(must(scene.importOf(scene.archive)).state, GenerationState::Good);
}

void TestTapeHostile::aFlippedBitIsFoundOrChangesNothing()
{
    Scene scene;
    SeededRandom random(testSeed());
    std::size_t found = 0;
    for (int round = 0; round < 24; ++round) {
        std::string bytes = scene.archive;
        // Half of them in record and digests, which are small.
        const std::size_t limit = round % 2 == 0 ? bytes.size() : std::size_t{6} * 512;
        const auto at = static_cast<std::size_t>(random.below(limit));
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
        const auto imported = scene.importOf(bytes);
        found += imported ? 0U : 1U;
        if (imported)
            QVERIFY(scene.array.read(scene.target) == scene.array.read(scene.backup));
        QVERIFY(scene.outsideOfTheTarget() == scene.others);
    }
    QVERIFY(found > 12);
}

void TestTapeHostile::theRecordReadsAsItWasWritten()
{
    SeededRandom random(testSeed());
    TapeRecord record;
    record.arrayId = Uuid::random(random);
    record.arrayLabel = "rack \"\x1b[31m<b>\xff";
    record.exportedMs = 1700000000000;
    record.generation.number = 12;
    record.generation.sizeBytes = kMiB + 1;
    record.generation.state = GenerationState::Good;
    record.generation.source.name = "Größe";
    random.fill(record.generation.digest.bytes);
    const std::string text = toJsonText(record);
    QVERIFY(
        std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c < '\x7f'); }));
    const TapeRecord read = must(parseTapeRecord(text, "e.tar"));
    QVERIFY(read.generation == record.generation);
    QCOMPARE(read.arrayId, record.arrayId);
    QCOMPARE(read.exportedMs, record.exportedMs);
    QCOMPARE(read.arrayLabel, std::string("rack \"\x1b[31m<b>\xef\xbf\xbd"));
}

void TestTapeHostile::aFailingSourceIsNotTakenForABadArchive()
{
    Scene scene;
    std::size_t calls = 0;
    const ByteSource whole = sourceOf(scene.archive, 4096);
    const auto failing = [&](std::span<std::byte> into) -> Result<std::size_t> {
        if (++calls > 20)
            return failure(ErrorCode::ReadFailed, "tape", {}, 0, 5);
        return whole(into);
    };
    auto image = must(openExport({.read = failing, .skip = {}, .name = "tape"}, "tape"));
    const auto plan =
        must(planImport(*scene.array, image.record, scene.target, {.confirmedName = "spare"}));
    UncontrolledCopy control;
    const auto imported = importGeneration(*scene.array, plan, *image.chunks, control);
    QVERIFY(!imported);
    QCOMPARE(errorName(imported.error().code), errorName(ErrorCode::ReadFailed));
    QCOMPARE(scene.array.state(2), GenerationState::Interrupted);
}

QTEST_GUILESS_MAIN(TestTapeHostile)
#include "test_tape_hostile.moc"
