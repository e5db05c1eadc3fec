// What each job reads, writes and flushes, counted: a change that costs more work fails here, on
// any machine and under any load.
#include "core/copy/copy_engine.h"

#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/memory_io.h"
#include "tests/support/memory_journal.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <fstream>
#include <functional>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kChunks = 100;
constexpr std::uint64_t kSizeBytes = kChunks * kChunkBytes;
constexpr std::uint64_t kDataChunks = 30; // Of content that is 70 % zeroes.

// Of one region during one job. Asking for holes is not counted here: it is no I/O.
struct Work {
    std::uint64_t reads = 0;
    std::uint64_t readBytes = 0;
    std::uint64_t writes = 0;
    std::uint64_t writtenBytes = 0;
    std::uint64_t zeroes = 0; // Calls.
    std::uint64_t flushes = 0;
    friend bool operator==(const Work&, const Work&) = default;
};

Work chunks(std::uint64_t read, std::uint64_t written, std::uint64_t zeroes, std::uint64_t flushes)
{
    return {read, read * kChunkBytes, written, written * kChunkBytes, zeroes, flushes};
}

char* toString(const Work& work)
{
    return QTest::toString(QString("%1 reads of %2 bytes, %3 writes of %4 bytes, %5 zeroes, %6 "
                                   "flushes")
                               .arg(work.reads)
                               .arg(work.readBytes)
                               .arg(work.writes)
                               .arg(work.writtenBytes)
                               .arg(work.zeroes)
                               .arg(work.flushes));
}

struct Setup {
    TestEnvironment environment{testSeed()};
    MemoryIo source;
    MemoryIo target;
    MemoryJournal journal;

    explicit Setup(IoTraits traits = MemoryIo::defaultTraits())
        : source(kSizeBytes, traits), target(kSizeBytes, traits)
    {}
    // Of every ten chunks three.
    void fillSourceSparsely()
    {
        for (std::uint64_t chunk = 0; chunk < kChunks; ++chunk) {
            if (chunk % 10 < kDataChunks * 10 / kChunks)
                source.fill(chunk * kChunkBytes, environment.random.bytes(kChunkBytes));
        }
    }
    void fillBoth()
    {
        const auto bytes = environment.random.bytes(kSizeBytes);
        source.fill(0, bytes);
        target.fill(0, bytes);
    }
    void dirtyTarget() { target.fill(0, environment.random.bytes(kSizeBytes)); }
    void change(MemoryIo& io, std::uint64_t chunk)
    {
        io.fill(chunk * kChunkBytes, environment.random.bytes(kChunkBytes));
    }
    // Digests of what the source holds now.
    [[nodiscard]] MemoryDigests digests() const
    {
        MemoryJournal made;
        const auto content = source.content();
        for (std::uint64_t chunk = 0; chunk < kChunks; ++chunk) {
            made.segments[0].push_back(
                digestOf(std::span(content).subspan(chunk * kChunkBytes, kChunkBytes)));
        }
        return MemoryDigests(made);
    }
    struct Comparison {
        ChunkMap done = {};
        DigestSource* expected = nullptr;
        DigestSource* believed = nullptr;
    };
    bool copy(const Comparison& comparison)
    {
        UncontrolledCopy control;
        return copyChunks({.source = source,
                           .target = target,
                           .sizeBytes = kSizeBytes,
                           .done = comparison.done,
                           .expected = comparison.expected,
                           .believed = comparison.believed},
                          journal, control, environment.environment())
            .has_value();
    }
    bool copy() { return copy({}); }
    [[nodiscard]] bool equal() const { return source.content() == target.content(); }
    [[nodiscard]] static Work of(const MemoryIo& io)
    {
        const auto count = [&io](IoCall call) { return io.observer.count(call); };
        return {.reads = count(IoCall::Read).calls,
                .readBytes = count(IoCall::Read).bytes,
                .writes = count(IoCall::Write).calls,
                .writtenBytes = count(IoCall::Write).bytes,
                .zeroes = count(IoCall::Zero).calls,
                .flushes = count(IoCall::Flush).calls};
    }
};

IoTraits holeless()
{
    IoTraits traits = MemoryIo::defaultTraits();
    traits.sparse = false;
    return traits;
}

std::uint64_t bytesReadByThisProcess()
{
    std::ifstream counters("/proc/self/io");
    std::string name;
    std::uint64_t bytes = 0;
    counters >> name >> bytes;
    if (name != "rchar:")
        qFatal("no /proc/self/io");
    return bytes;
}

// After the edges are erased; before the edges are copied; at the end.
constexpr std::uint64_t kFlushes = 3;

} // namespace

class TestWorkOfJobs : public QObject {
    Q_OBJECT

private slots:
    void aCopyReadsAndWritesEachByteOnce();
    void zeroesAreReadAndNotWritten();
    void holesAreNeitherReadNorWritten();
    void aVerificationReadsEachByteOnce();
    void aSecondBackupReadsTheSourceAndWritesWhatChanged();
    void aSecondBackupOfTheSameWritesNothing();
    void aRestoreReadsAndWritesOnlyWhatDiffers();
    void verbsReadNoMoreThanTheyHaveTo();
    void holesAreAskedForOnceAHole();
    void aShortJobIsRecordedOnce();
};

void TestWorkOfJobs::aCopyReadsAndWritesEachByteOnce()
{
    Setup setup;
    setup.source.fill(0, setup.environment.random.bytes(kSizeBytes));
    setup.dirtyTarget();
    QVERIFY(setup.copy());
    QVERIFY(setup.equal());
    QCOMPARE(Setup::of(setup.source), chunks(kChunks, 0, 0, 0));
    QCOMPARE(Setup::of(setup.target), chunks(0, kChunks, 2, kFlushes));
}

void TestWorkOfJobs::zeroesAreReadAndNotWritten()
{
    Setup setup(holeless());
    setup.fillSourceSparsely();
    setup.dirtyTarget();
    QVERIFY(setup.copy());
    QVERIFY(setup.equal());
    QCOMPARE(Setup::of(setup.source), chunks(kChunks, 0, 0, 0));
    QCOMPARE(Setup::of(setup.target), chunks(0, kDataChunks, kChunks - kDataChunks + 2, kFlushes));
}

void TestWorkOfJobs::holesAreNeitherReadNorWritten()
{
    Setup setup;
    setup.fillSourceSparsely();
    QVERIFY(setup.copy());
    QVERIFY(setup.equal());
    QCOMPARE(Setup::of(setup.source), chunks(kDataChunks, 0, 0, 0));
    QCOMPARE(Setup::of(setup.target), chunks(0, kDataChunks, 2, kFlushes));
}

void TestWorkOfJobs::aVerificationReadsEachByteOnce()
{
    Setup setup;
    setup.fillBoth();
    auto expected = setup.digests();
    UncontrolledCopy control;
    const auto proof =
        verifyChunks(setup.target, kSizeBytes, expected, control, setup.environment.environment());
    QVERIFY(proof && proof->good());
    QCOMPARE(Setup::of(setup.target), chunks(kChunks, 0, 0, 0));
    QCOMPARE(setup.target.observer.count(IoCall::DropCache).calls, std::uint64_t{1});
}

void TestWorkOfJobs::aSecondBackupReadsTheSourceAndWritesWhatChanged()
{
    Setup setup;
    setup.fillBoth();
    auto believed = setup.digests();
    setup.change(setup.source, 42);
    QVERIFY(setup.copy({.believed = &believed}));
    QVERIFY(setup.equal());
    QCOMPARE(Setup::of(setup.source), chunks(kChunks, 0, 0, 0));
    // The chunk, and the edges.
    QCOMPARE(Setup::of(setup.target), chunks(0, 3, 2, kFlushes));
}

void TestWorkOfJobs::aSecondBackupOfTheSameWritesNothing()
{
    Setup setup;
    setup.fillBoth();
    auto believed = setup.digests();
    QVERIFY(setup.copy({.believed = &believed}));
    QCOMPARE(Setup::of(setup.source), chunks(kChunks, 0, 0, 0));
    // Before the edges, and before the record.
    QCOMPARE(Setup::of(setup.target), chunks(0, 0, 0, 2));
}

void TestWorkOfJobs::aRestoreReadsAndWritesOnlyWhatDiffers()
{
    Setup setup;
    setup.fillBoth();
    auto expected = setup.digests();
    setup.change(setup.target, 42);
    Setup::Comparison rest{.expected = &expected};
    for (std::uint64_t chunk = 0; chunk < kChunks; ++chunk) {
        if (chunk != 42)
            rest.done.add(chunk);
    }
    setup.journal.segments = expected.segments;
    QVERIFY(setup.copy(rest));
    QVERIFY(setup.equal());
    // The chunk and the edges: what the target holds already is left alone.
    QCOMPARE(Setup::of(setup.source), chunks(3, 0, 0, 0));
    const Work target = Setup::of(setup.target);
    QCOMPARE(target.writes, std::uint64_t{3});
    QVERIFY(target.reads <= 3);
    QVERIFY(target.flushes <= kFlushes + 1);
}

void TestWorkOfJobs::holesAreAskedForOnceAHole()
{
    Setup setup;
    setup.fillSourceSparsely();
    QVERIFY(setup.copy());
    // Ten runs of data, for one worker of the four that do the work here, and the edges.
    const auto asked = setup.source.observer.count(IoCall::NextData).calls;
    QVERIFY2(asked <= 24, qPrintable(QString::number(asked)));
}

void TestWorkOfJobs::aShortJobIsRecordedOnce()
{
    Setup setup;
    setup.source.fill(0, setup.environment.random.bytes(kSizeBytes));
    QVERIFY(setup.copy());
    QCOMPARE(setup.journal.records, std::uint64_t{1});
    QVERIFY(setup.journal.segmentReads <= 1);
}

// Whole verbs, on image files: how often they read what they copy, as the kernel counts it. The
// catalog and the probing take a part of a pass, and a pass too many is a whole one.
void TestWorkOfJobs::verbsReadNoMoreThanTheyHaveTo()
{
    constexpr std::uint64_t kVerbBytes = 48 * kMiB;
    const QTemporaryDir directory;
    ArrayFixture array(directory.path().toStdString(), {.memberSizeBytes = 256 * kMiB});
    const auto source = array.addRegion("root", kVerbBytes, 0);
    const auto target = array.addRegion("copy", kVerbBytes, 1);
    array.addRegion("spare", kVerbBytes, 0);
    array.fillRandom(source, 1);
    const auto touch = [&] {
        array.write(source, 20 * kMiB + 3, std::vector(9, std::byte{0x5a}));
        must((*array).refresh());
    };
    const auto passes = [&](const std::function<void()>& verb) {
        const std::uint64_t before = bytesReadByThisProcess();
        verb();
        return static_cast<double>(bytesReadByThisProcess() - before) /
               static_cast<double>(kVerbBytes);
    };
    UncontrolledCopy control;
    const auto backUpAgain = [&] { must(array.backUp(source, target)); };
    const auto restoreKeeping = [&] {
        must(restore(*array, must(planRestore(*array, 2, {})), control));
    };
    const auto less = [](double count, double limit) {
        if (count >= limit)
            qWarning("%.2f passes", count);
        return count > 1 && count < limit;
    };
    // The source, and the target when it is read back.
    QVERIFY(less(passes(backUpAgain), 2.6));
    touch();
    QVERIFY(less(passes(backUpAgain), 2.6));
    QVERIFY(less(passes([&] { must(verify(*array, 2, control)); }), 1.6));
    array.write(source, 20 * kMiB + 3, std::vector(9, std::byte{0x66}));
    must((*array).refresh());
    // The backup; the target before and after.
    QVERIFY(less(passes([&] { must(array.restore(2)); }), 3.6));
    touch();
    array.write(source, 30 * kMiB + 3, std::vector(9, std::byte{0x66}));
    must((*array).refresh());
    // And the few chunks that are kept.
    QVERIFY(less(passes(restoreKeeping), 3.8));
}

QTEST_GUILESS_MAIN(TestWorkOfJobs)
#include "test_work_of_jobs.moc"
