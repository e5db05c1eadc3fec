// Many workers together copy what one would, and stop together.
#include "core/copy/copy_engine.h"

#include "tests/support/memory_io.h"
#include "tests/support/memory_journal.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <atomic>
#include <cstring>

using namespace cairn;
using namespace cairn::test;

namespace {

// More than one segment of chunks, most of them holes so that the test stays small.
constexpr std::uint64_t kChunks = kChunksPerSegment + 40;
constexpr std::uint64_t kSizeBytes = kChunks * kChunkBytes;

// Memory only for the chunks that were written.
class SparseIo final : public RegionIo {
public:
    std::mutex mutex; // Guards the chunks.
    std::map<std::uint64_t, std::vector<std::byte>> chunks;
    std::atomic<std::uint64_t> writes{0};
    std::atomic<std::uint64_t> failWriteAt{0};

    std::uint64_t sizeBytes() const override { return kSizeBytes; }
    IoTraits traits() const override { return MemoryIo::defaultTraits(); }
    std::string name() const override { return "sparse"; }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) override
    {
        const std::scoped_lock guard(mutex);
        std::memset(into.data(), 0, into.size()); // Thread sanitizer is slow on a loop.
        if (const auto found = chunks.find(offset / kChunkBytes); found != chunks.end())
            std::ranges::copy(found->second, into.begin());
        return {};
    }
    Result<void> write(std::uint64_t offset, std::span<const std::byte> from) override
    {
        if (++writes == failWriteAt)
            return failure(ErrorCode::WriteFailed, name(), {}, 0, EIO);
        const std::scoped_lock guard(mutex);
        chunks[offset / kChunkBytes].assign(from.begin(), from.end());
        return {};
    }
    Result<void> zero(ByteRange range) override
    {
        const std::scoped_lock guard(mutex);
        chunks.erase(range.offsetBytes / kChunkBytes);
        return {};
    }
    Result<void> flush() override { return {}; }
    Result<ByteRange> nextData(std::uint64_t offset) override
    {
        const std::scoped_lock guard(mutex);
        const auto next = chunks.lower_bound(offset / kChunkBytes);
        if (next == chunks.end())
            return ByteRange{kSizeBytes, 0};
        return ByteRange{next->first * kChunkBytes, kChunkBytes};
    }
    Result<void> dropCache(ByteRange) override { return {}; }
    Result<bool> tryLock(ByteRange, LockMode) override { return true; }
};

class CountingControl final : public CopyControl {
public:
    std::atomic<std::uint64_t> calls{0};
    bool checkpoint(const CopyProgress&) override
    {
        ++calls;
        return true;
    }
};

struct Setup {
    TestEnvironment environment{testSeed()};
    SparseIo source;
    SparseIo target;
    MemoryJournal journal;

    Setup()
    {
        for (int i = 0; i < 40; ++i) {
            const auto chunk = environment.random.below(kChunks);
            source.chunks[chunk] = environment.random.bytes(kChunkBytes);
            target.chunks[environment.random.below(kChunks)] =
                environment.random.bytes(kChunkBytes);
        }
        source.chunks[0] = environment.random.bytes(kChunkBytes);
    }
    Result<CopyOutcome> copy(CopyControl& control, DigestSource* expected = nullptr)
    {
        const CopyRequest request{
            .source = source,
            .target = target,
            .sizeBytes = kSizeBytes,
            .done = journal.done,
            .expected = expected,
            .tuning = {.workers = 8, .journalIntervalBytes = 10 * kChunkBytes}};
        return copyChunks(request, journal, control, environment.threadedEnvironment());
    }
};

} // namespace

class TestCopyThreads : public QObject {
    Q_OBJECT

private slots:
    void manyWorkersCopyWhatOneWould();
    void anErrorInOneWorkerStopsAll();
    void aRestoreByManyWorkersErasesTheEdgesOnce();
    void manyWorkersVerify();
};

void TestCopyThreads::manyWorkersCopyWhatOneWould()
{
    Setup setup;
    CountingControl control;
    const auto outcome = setup.copy(control);
    QVERIFY(outcome.has_value());
    QVERIFY(setup.source.chunks == setup.target.chunks);
    QCOMPARE(outcome->copiedBytes, kSizeBytes);
    QCOMPARE(setup.journal.done.count(), kChunks);
    QCOMPARE(setup.journal.segments.size(), std::size_t{2});
    QVERIFY(control.calls >= kChunks);
    QVERIFY(setup.journal.records >= 10);

    // What is done is hashed again by all workers, from the segments that the journal keeps.
    const auto again = setup.copy(control);
    QVERIFY(again.has_value());
    QCOMPARE(again->copiedBytes, std::uint64_t{0});
    QCOMPARE(again->content, outcome->content);
}

void TestCopyThreads::anErrorInOneWorkerStopsAll()
{
    Setup setup;
    setup.target.failWriteAt = 5;
    CountingControl control;
    const auto outcome = setup.copy(control);
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, ErrorCode::WriteFailed);
    QVERIFY(setup.target.writes < 5 + 8 + 1);
    QVERIFY(setup.copy(control).has_value());
    QVERIFY(setup.source.chunks == setup.target.chunks);
}

void TestCopyThreads::aRestoreByManyWorkersErasesTheEdgesOnce()
{
    Setup setup;
    CountingControl control;
    QVERIFY(setup.copy(control).has_value());
    MemoryDigests digests(setup.journal);
    setup.journal = {};
    for (int i = 0; i < 10; ++i)
        setup.target.chunks[setup.environment.random.below(kChunks)] =
            setup.environment.random.bytes(kChunkBytes);
    QVERIFY(setup.copy(control, &digests).has_value());
    QVERIFY(setup.source.chunks == setup.target.chunks);
}

void TestCopyThreads::manyWorkersVerify()
{
    Setup setup;
    CountingControl control;
    const auto copied = setup.copy(control);
    QVERIFY(copied.has_value());
    MemoryDigests digests(setup.journal);
    const auto outcome = verifyChunks(setup.target, kSizeBytes, digests, control,
                                      setup.environment.threadedEnvironment(), {.workers = 8});
    QVERIFY(outcome.has_value());
    QVERIFY(outcome->good());
    QCOMPARE(outcome->content, copied->content);
}

QTEST_GUILESS_MAIN(TestCopyThreads)
#include "test_copy_threads.moc"
