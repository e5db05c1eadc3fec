// A copy is equal to its source, goes on where it stopped, and never looks whole before it is.
#include "core/copy/copy_engine.h"

#include "tests/support/memory_io.h"
#include "tests/support/memory_journal.h"
#include "tests/support/state_stride.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kChunks = 9;
constexpr std::uint64_t kSizeBytes = (kChunks - 1) * kChunkBytes + 5UL * 512; // A short last chunk.

// A source of random chunks, two of which are zero, and a larger target full of old data.
struct Setup {
    TestEnvironment environment{testSeed()};
    MemoryIo source{kSizeBytes};
    MemoryIo target{kSizeBytes + kChunkBytes};
    MemoryJournal journal;
    std::vector<std::byte> content = environment.random.bytes(kSizeBytes);
    std::vector<std::byte> old = environment.random.bytes(kSizeBytes + kChunkBytes);

    Setup()
    {
        for (const std::uint64_t chunk : {2U, 5U}) {
            const auto at = content.begin() + static_cast<std::ptrdiff_t>(chunk * kChunkBytes);
            std::fill_n(at, kChunkBytes, std::byte{0});
        }
        source.fill(0, content);
        target.fill(0, old);
    }

    Result<CopyOutcome> copy(CopyControl& control, DigestSource* expected = nullptr)
    {
        const CopyRequest request{.source = source,
                                  .target = target,
                                  .sizeBytes = kSizeBytes,
                                  .done = journal.done,
                                  .expected = expected,
                                  .tuning = {.workers = 3, .journalIntervalBytes = kChunkBytes}};
        return copyChunks(request, journal, control, environment.environment());
    }
    Result<CopyOutcome> copy(DigestSource* expected = nullptr)
    {
        UncontrolledCopy control;
        return copy(control, expected);
    }
    void changeSource(std::uint64_t chunk)
    {
        content[chunk * kChunkBytes + 7] ^= std::byte{1};
        source.fill(0, content);
    }
    [[nodiscard]] bool equal() const
    {
        const auto now = target.content();
        return std::equal(content.begin(), content.end(), now.begin());
    }
    [[nodiscard]] bool restUntouched() const
    {
        const auto now = target.content();
        return std::equal(old.begin() + kSizeBytes, old.end(), now.begin() + kSizeBytes);
    }
    [[nodiscard]] bool chunkIsZero(std::uint64_t chunk) const
    {
        const auto now = target.content();
        const auto range = chunkRange(chunk, kSizeBytes);
        return isZero(std::span(now).subspan(range.offsetBytes, range.lengthBytes));
    }
    [[nodiscard]] Digest contentDigest() const
    {
        RunningDigest running;
        for (std::uint64_t chunk = 0; chunk < kChunks; ++chunk) {
            const auto range = chunkRange(chunk, kSizeBytes);
            running.add(digestOf(std::span(content).subspan(range.offsetBytes, range.lengthBytes)));
        }
        return running.digest();
    }
};

} // namespace

class TestCopyEngine : public QObject {
    Q_OBJECT

private slots:
    void aCopyIsEqualAndLeavesTheRestAlone();
    void aCopyOfEverySmallSizeIsEqual();
    void zeroChunksAreNotWrittenAsData();
    void holesAreNotRead();
    void aCopyCancelledAtOnceHasWrittenNothing();
    void aCopyCancelledAtAnyChunkGoesOn();
    void theTargetHasNoSignatureBeforeTheCopyIsComplete();
    void whatTheJournalSaysIsDurable();
    void aCopyGoesOnFromItsLastDurableMap();
    void aChangedSourceChunkIsCopiedAgainOnResume();
    void doneChunksThatDidNotChangeAreNotWrittenAgain();
    void anErrorAtAnyCallLeavesACopyThatCanGoOn();
    void aFailedFlushIsFinal();
    void aFailedRecordEndsTheCopy();
    void progressNeverGoesBack();
    void aMapBeyondTheEndIsRefused();
};

void TestCopyEngine::aCopyIsEqualAndLeavesTheRestAlone()
{
    Setup setup;
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QVERIFY(setup.equal());
    QVERIFY(setup.restUntouched());
    QCOMPARE(setup.target.durableContent(), setup.target.content());
    QCOMPARE(outcome->copiedBytes, kSizeBytes);
    QCOMPARE(outcome->writtenBytes, kSizeBytes - 2 * kChunkBytes);
    QCOMPARE(outcome->zeroBytes, 2 * kChunkBytes);
    QCOMPARE(outcome->content, setup.contentDigest());
    QCOMPARE(setup.journal.done.count(), kChunks);
}

void TestCopyEngine::aCopyOfEverySmallSizeIsEqual()
{
    TestEnvironment environment(testSeed());
    for (const std::uint64_t size :
         {std::uint64_t{1}, std::uint64_t{512}, kChunkBytes, kChunkBytes + 1, 2 * kChunkBytes,
          2 * kChunkBytes + 1, 3 * kChunkBytes}) {
        MemoryIo source(size);
        MemoryIo target(size);
        source.fill(0, environment.random.bytes(size));
        MemoryJournal journal;
        UncontrolledCopy control;
        const auto outcome = copyChunks({.source = source, .target = target, .sizeBytes = size},
                                        journal, control, environment.environment());
        QVERIFY(outcome.has_value());
        QCOMPARE(target.content(), source.content());
        QCOMPARE(journal.done.count(), chunkCount(size));
    }
}

void TestCopyEngine::zeroChunksAreNotWrittenAsData()
{
    Setup setup;
    QVERIFY(setup.copy().has_value());
    QCOMPARE(setup.target.observer.count(IoCall::Write).bytes, kSizeBytes - 2 * kChunkBytes);
    QVERIFY(setup.chunkIsZero(2) && setup.chunkIsZero(5)); // There was old data before.
}

void TestCopyEngine::holesAreNotRead()
{
    Setup setup;
    QVERIFY(setup.copy().has_value());
    QCOMPARE(setup.source.observer.count(IoCall::Read).bytes, kSizeBytes - 2 * kChunkBytes);
}

void TestCopyEngine::aCopyCancelledAtOnceHasWrittenNothing()
{
    Setup setup;
    StoppingControl control(1);
    const auto outcome = setup.copy(control);
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, ErrorCode::Canceled);
    QCOMPARE(setup.target.content(), setup.old);
    QCOMPARE(setup.target.observer.totalCalls(), std::uint64_t{0});
    QCOMPARE(setup.journal.records, std::uint64_t{0});
}

void TestCopyEngine::aCopyCancelledAtAnyChunkGoesOn()
{
    StoppingControl whole;
    QVERIFY(Setup().copy(whole).has_value());
    for (std::uint64_t stopAt = 1; stopAt <= whole.seen.size(); ++stopAt) {
        Setup setup;
        StoppingControl control(stopAt);
        const auto cancelled = setup.copy(control);
        QVERIFY(!cancelled.has_value());
        QCOMPARE(cancelled.error().code, ErrorCode::Canceled);
        const auto outcome = setup.copy();
        QVERIFY(outcome.has_value());
        QVERIFY(setup.equal());
        QCOMPARE(outcome->content, setup.contentDigest());
    }
}

void TestCopyEngine::theTargetHasNoSignatureBeforeTheCopyIsComplete()
{
    Setup setup;
    bool wholeTooEarly = false;
    setup.target.observer.setHook(
        [&](IoCall call, ByteRange range, std::uint64_t) -> std::optional<Error> {
            const std::uint64_t chunk = range.offsetBytes / kChunkBytes;
            const bool inner = call == IoCall::Write && chunk != 0 && chunk != kChunks - 1;
            wholeTooEarly |= inner && !(setup.chunkIsZero(0) && setup.chunkIsZero(kChunks - 1));
            return std::nullopt;
        });
    setup.journal.onRecord = [&](const ChunkMap& done) -> Result<void> {
        const bool edges = done.contains(0) || done.contains(kChunks - 1);
        wholeTooEarly |= edges && done.count() < kChunks - 1;
        return {};
    };
    QVERIFY(setup.copy().has_value());
    QVERIFY(!wholeTooEarly);
}

void TestCopyEngine::whatTheJournalSaysIsDurable()
{
    Setup setup;
    bool tooEarly = false;
    setup.journal.onRecord = [&](const ChunkMap& done) -> Result<void> {
        const auto durable = setup.target.durableContent();
        for (std::uint64_t chunk = 0; chunk < kChunks; ++chunk) {
            const auto range = chunkRange(chunk, kSizeBytes);
            const auto bytes = std::span(durable).subspan(range.offsetBytes, range.lengthBytes);
            const auto wanted = std::span(setup.content).subspan(range.offsetBytes);
            tooEarly |=
                done.contains(chunk) && !std::equal(bytes.begin(), bytes.end(), wanted.begin());
        }
        return {};
    };
    QVERIFY(setup.copy().has_value());
    QVERIFY(setup.journal.records >= 3);
    QVERIFY(!tooEarly);
}

void TestCopyEngine::aCopyGoesOnFromItsLastDurableMap()
{
    Setup whole;
    QVERIFY(whole.copy().has_value());
    const std::uint64_t calls = whole.target.observer.totalCalls();
    for (std::uint64_t cutAt = 1; cutAt <= calls; ++cutAt) {
        Setup setup;
        // The power goes: this call and all later ones fail, what was not flushed may be lost.
        setup.target.observer.setHook(
            [cutAt](IoCall, ByteRange, std::uint64_t index) -> std::optional<Error> {
                if (index + 1 < cutAt)
                    return std::nullopt;
                return Error{ErrorCode::MemberFailed, ENODEV, "cut", {}, 0};
            });
        const auto cut = setup.copy();
        QVERIFY(!cut.has_value());
        QCOMPARE(cut.error().code, ErrorCode::MemberFailed);
        setup.target.observer.setHook({});
        setup.target.losePower(setup.environment.random);
        QVERIFY(setup.copy().has_value());
        QVERIFY(setup.equal());
    }
}

void TestCopyEngine::aChangedSourceChunkIsCopiedAgainOnResume()
{
    for (const std::uint64_t changed : {std::uint64_t{0}, std::uint64_t{3}, kChunks - 1}) {
        Setup setup;
        QVERIFY(setup.copy().has_value());
        setup.changeSource(changed);
        bool forgotFirst = true;
        setup.target.observer.setHook(
            [&](IoCall call, ByteRange range, std::uint64_t) -> std::optional<Error> {
                const bool changes = call == IoCall::Write || call == IoCall::Zero;
                const std::uint64_t chunk = range.offsetBytes / kChunkBytes;
                forgotFirst &= !changes || !setup.journal.done.contains(chunk);
                return std::nullopt;
            });
        const auto outcome = setup.copy();
        QVERIFY(outcome.has_value());
        QVERIFY(setup.equal());
        QVERIFY(forgotFirst);
        QCOMPARE(outcome->content, setup.contentDigest());
    }
}

void TestCopyEngine::doneChunksThatDidNotChangeAreNotWrittenAgain()
{
    Setup setup;
    StoppingControl control(13);
    QVERIFY(!setup.copy(control).has_value());
    const std::uint64_t done = setup.journal.done.count();
    QVERIFY(done > 2);
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QCOMPARE(outcome->copiedBytes, kSizeBytes - done * kChunkBytes);
    setup.target.observer.reset();
    const auto again = setup.copy(); // All is done now.
    QVERIFY(again.has_value());
    QCOMPARE(again->copiedBytes, std::uint64_t{0});
    QCOMPARE(again->content, setup.contentDigest());
    QCOMPARE(setup.target.observer.count(IoCall::Write).calls, std::uint64_t{0});
    QCOMPARE(setup.target.observer.count(IoCall::Zero).calls, std::uint64_t{0});
}

void TestCopyEngine::anErrorAtAnyCallLeavesACopyThatCanGoOn()
{
    Setup whole;
    QVERIFY(whole.copy().has_value());
    for (const bool atTarget : {false, true}) {
        const auto& io = atTarget ? whole.target : whole.source;
        for (std::uint64_t nth = 1; nth <= io.observer.totalCalls(); nth += stateStride()) {
            Setup setup;
            (atTarget ? setup.target : setup.source).observer.failAt(nth);
            const auto failed = setup.copy();
            QVERIFY(!failed.has_value());
            QCOMPARE(failed.error().osError, EIO);
            QVERIFY(setup.copy().has_value());
            QVERIFY(setup.equal());
            QVERIFY(setup.restUntouched());
        }
    }
}

void TestCopyEngine::aFailedFlushIsFinal()
{
    Setup setup;
    std::uint64_t flushes = 0;
    setup.target.observer.setHook(
        [&](IoCall call, ByteRange, std::uint64_t) -> std::optional<Error> {
            if (call != IoCall::Flush || ++flushes != 3)
                return std::nullopt;
            return Error{ErrorCode::FlushFailed, EIO, "once", {}, 0};
        });
    const auto outcome = setup.copy();
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, ErrorCode::FlushFailed);
    QCOMPARE(flushes, std::uint64_t{3}); // A later one would have succeeded.
}

void TestCopyEngine::aFailedRecordEndsTheCopy()
{
    Setup setup;
    std::uint64_t records = 0;
    setup.journal.onRecord = [&](const ChunkMap&) -> Result<void> {
        return ++records == 2 ? failure(ErrorCode::CatalogFull) : Result<void>();
    };
    const auto outcome = setup.copy();
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, ErrorCode::CatalogFull);
    QCOMPARE(records, std::uint64_t{2});
}

void TestCopyEngine::progressNeverGoesBack()
{
    Setup setup;
    StoppingControl control;
    QVERIFY(setup.copy(control).has_value());
    setup.changeSource(4);
    StoppingControl resumed;
    QVERIFY(setup.copy(resumed).has_value());
    for (const auto* seen : {&control.seen, &resumed.seen}) {
        for (std::size_t i = 1; i < seen->size(); ++i) {
            const auto& before = (*seen)[i - 1];
            const auto& now = (*seen)[i];
            QVERIFY(now.phase >= before.phase);
            QVERIFY(now.phase != before.phase || now.doneBytes >= before.doneBytes);
            QVERIFY(now.doneBytes <= now.totalBytes);
            QVERIFY(now.writtenBytes >= before.writtenBytes);
        }
        QCOMPARE(seen->back().phase, CopyPhase::Flushing);
        QCOMPARE(seen->back().doneBytes, kSizeBytes);
    }
}

void TestCopyEngine::aMapBeyondTheEndIsRefused()
{
    Setup setup;
    setup.journal.done.add(kChunks);
    const auto outcome = setup.copy();
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, ErrorCode::InvalidArgument);
    QCOMPARE(setup.target.observer.totalCalls(), std::uint64_t{0});
}

QTEST_GUILESS_MAIN(TestCopyEngine)
#include "test_copy_engine.moc"
