// What the target is believed to hold is not written again, and a wrong belief is found.
#include "core/copy/copy_engine.h"

#include "tests/support/memory_io.h"
#include "tests/support/memory_journal.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kChunks = 9;
constexpr std::uint64_t kSizeBytes = kChunks * kChunkBytes - 512;

// A source, a target that holds what the source held before, and the digests of that.
struct Setup {
    TestEnvironment environment{testSeed()};
    MemoryIo source{kSizeBytes};
    MemoryIo target{kSizeBytes};
    MemoryJournal journal;
    std::vector<std::byte> content = environment.random.bytes(kSizeBytes);
    MemoryDigests believed{MemoryJournal{}};

    Setup()
    {
        std::fill_n(content.begin() + 5 * kChunkBytes, kChunkBytes, std::byte{0});
        source.fill(0, content);
        target.fill(0, content);
        for (std::uint64_t chunk = 0; chunk < kChunks; ++chunk) {
            const auto range = chunkRange(chunk, kSizeBytes);
            believed.segments[0].push_back(
                digestOf(std::span(content).subspan(range.offsetBytes, range.lengthBytes)));
        }
    }
    void changeSource(std::uint64_t chunk)
    {
        content[chunk * kChunkBytes + 9] ^= std::byte{1};
        source.fill(0, content);
    }
    Result<CopyOutcome> copy(CopyControl& control, bool believe = true)
    {
        const CopyRequest request{.source = source,
                                  .target = target,
                                  .sizeBytes = kSizeBytes,
                                  .done = journal.done,
                                  .believed = believe ? &believed : nullptr,
                                  .tuning = {.workers = 3, .journalIntervalBytes = kChunkBytes}};
        return copyChunks(request, journal, control, environment.environment());
    }
    Result<CopyOutcome> copy()
    {
        UncontrolledCopy control;
        return copy(control);
    }
    Result<VerifyOutcome> verify()
    {
        MemoryDigests made(journal);
        UncontrolledCopy control;
        return verifyChunks(target, kSizeBytes, made, control, environment.environment());
    }
    [[nodiscard]] bool equal() const { return target.content() == content; }
    [[nodiscard]] IoCount count(IoCall call) const { return target.observer.count(call); }
};

} // namespace

class TestCopyBelieved : public QObject {
    Q_OBJECT

private slots:
    void anUnchangedSourceWritesNothing();
    void whatIsOnlyBelievedIsNotCalledDone();
    void whatOthersWroteIsOverwrittenWhenTheCopyGoesOn();
    void onlyWhatChangedIsWritten_data();
    void onlyWhatChangedIsWritten();
    void aChunkThatBecameZeroIsMadeZero();
    void aChunkWithoutADigestIsCopied();
    void theTargetIsNeverRead();
    void aWrongBeliefIsFoundByReadingBack();
    void beforeAnythingChangesTheEdgesAreErased();
    void aCopyCanceledAnywhereGoesOnWithoutBelief();
    void anErrorAtAnyCallLeavesACopyThatCanGoOn();
};

void TestCopyBelieved::anUnchangedSourceWritesNothing()
{
    Setup setup;
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QCOMPARE(outcome->unchangedBytes, kSizeBytes);
    QCOMPARE(outcome->copiedBytes, kSizeBytes);
    QCOMPARE(setup.count(IoCall::Write).calls, std::uint64_t{0});
    QCOMPARE(setup.count(IoCall::Zero).calls, std::uint64_t{0});
    QVERIFY(setup.verify()->good());
}

void TestCopyBelieved::whatIsOnlyBelievedIsNotCalledDone()
{
    Setup setup;
    setup.changeSource(4);
    bool early = false;
    setup.journal.onRecord = [&](const ChunkMap& done) -> Result<void> {
        for (std::uint64_t chunk = 1; chunk + 1 < kChunks; ++chunk)
            early = early || (chunk != 4 && done.contains(chunk));
        return {};
    };
    QVERIFY(setup.copy().has_value());
    QVERIFY(!early);
    // The chunk, and the edges that were erased before it.
    QCOMPARE(setup.journal.done.count(), std::uint64_t{3});
    QCOMPARE(setup.journal.segments[0].size(), std::size_t{kChunks});
}

void TestCopyBelieved::whatOthersWroteIsOverwrittenWhenTheCopyGoesOn()
{
    for (std::uint64_t stopAt = 1; stopAt < 64; ++stopAt) {
        Setup setup;
        setup.changeSource(6);
        auto touched = setup.target.content();
        touched[2 * kChunkBytes + 1] ^= std::byte{4}; // Is believed to be equal.
        touched[5 * kChunkBytes + 1] ^= std::byte{4}; // Is believed to be zero.
        setup.target.fill(0, touched);
        StoppingControl control(stopAt);
        if (setup.copy(control))
            return;
        UncontrolledCopy goOn;
        QVERIFY(setup.copy(goOn, false).has_value());
        QVERIFY(setup.equal());
    }
    QFAIL("never came to its end");
}

void TestCopyBelieved::onlyWhatChangedIsWritten_data()
{
    QTest::addColumn<quint64>("changed");
    QTest::addColumn<quint64>("writtenChunks"); // With the edges, that are erased before others.
    QTest::newRow("first") << quint64{0} << quint64{2};
    QTest::newRow("inner") << quint64{4} << quint64{3};
    QTest::newRow("zero") << quint64{5} << quint64{3};
    QTest::newRow("last") << quint64{kChunks - 1} << quint64{1};
}

void TestCopyBelieved::onlyWhatChangedIsWritten()
{
    QFETCH(quint64, changed);
    QFETCH(quint64, writtenChunks);
    Setup setup;
    setup.changeSource(changed);
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QVERIFY(setup.equal());
    QCOMPARE(setup.count(IoCall::Write).calls, std::uint64_t{writtenChunks});
    QCOMPARE(setup.target.durableContent(), setup.content);
    QVERIFY(setup.verify()->good());
}

void TestCopyBelieved::aChunkThatBecameZeroIsMadeZero()
{
    Setup setup;
    std::fill_n(setup.content.begin() + 3 * kChunkBytes, kChunkBytes, std::byte{0});
    setup.source.fill(0, setup.content);
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QVERIFY(setup.equal());
    QCOMPARE(outcome->zeroBytes, kChunkBytes);
}

void TestCopyBelieved::aChunkWithoutADigestIsCopied()
{
    Setup setup;
    auto& digests = setup.believed.segments[0];
    digests[4] = {};
    digests.resize(kChunks - 2);
    setup.target.fill(0, std::vector<std::byte>(kSizeBytes));
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    const auto now = setup.target.content();
    for (const std::uint64_t chunk : {std::uint64_t{0}, std::uint64_t{4}, kChunks - 2}) {
        const auto range = chunkRange(chunk, kSizeBytes);
        QVERIFY(std::ranges::equal(
            std::span(now).subspan(range.offsetBytes, range.lengthBytes),
            std::span(setup.content).subspan(range.offsetBytes, range.lengthBytes)));
    }
}

void TestCopyBelieved::theTargetIsNeverRead()
{
    Setup setup;
    setup.changeSource(2);
    QVERIFY(setup.copy().has_value());
    QCOMPARE(setup.count(IoCall::Read).calls, std::uint64_t{0});
    // Once, but for the hole.
    QCOMPARE(setup.source.observer.count(IoCall::Read).bytes, kSizeBytes - kChunkBytes);
}

void TestCopyBelieved::aWrongBeliefIsFoundByReadingBack()
{
    Setup setup;
    auto changed = setup.content;
    changed[6 * kChunkBytes + 1] ^= std::byte{8};
    setup.target.fill(0, changed);
    QVERIFY(setup.copy().has_value());
    const auto proof = setup.verify();
    QVERIFY(proof.has_value());
    QCOMPARE(proof->different.count(), std::uint64_t{1});
    QVERIFY(proof->different.contains(6));
}

void TestCopyBelieved::beforeAnythingChangesTheEdgesAreErased()
{
    Setup setup;
    setup.changeSource(4);
    bool seen = false;
    bool erasedBefore = true;
    setup.target.observer.setHook([&](IoCall call, ByteRange range, std::uint64_t) {
        if (call == IoCall::Write && range.offsetBytes == 4 * kChunkBytes) {
            seen = true;
            const auto durable = setup.target.durableContent();
            const auto last = chunkRange(kChunks - 1, kSizeBytes);
            erasedBefore = isZero(std::span(durable).first(kChunkBytes)) &&
                           isZero(std::span(durable).subspan(last.offsetBytes, last.lengthBytes));
        }
        return std::optional<Error>();
    });
    QVERIFY(setup.copy().has_value());
    QVERIFY(seen);
    QVERIFY(erasedBefore);
}

void TestCopyBelieved::aCopyCanceledAnywhereGoesOnWithoutBelief()
{
    for (std::uint64_t stopAt = 1; stopAt < 64; ++stopAt) {
        Setup setup;
        const auto before = setup.content;
        setup.changeSource(1);
        setup.changeSource(6);
        StoppingControl control(stopAt);
        const auto stopped = setup.copy(control);
        if (stopped)
            return;
        QCOMPARE(stopped.error().code, ErrorCode::Canceled);
        // The source takes back what it had: what the target holds there now is not that.
        setup.content = before;
        setup.source.fill(0, before);
        UncontrolledCopy goOn;
        const auto outcome = setup.copy(goOn, false);
        QVERIFY(outcome.has_value());
        QVERIFY(setup.equal());
    }
    QFAIL("never came to its end");
}

void TestCopyBelieved::anErrorAtAnyCallLeavesACopyThatCanGoOn()
{
    for (std::uint64_t nth = 1; nth < 64; ++nth) {
        Setup setup;
        setup.changeSource(0);
        setup.changeSource(3);
        setup.target.observer.failAt(nth);
        const auto failed = setup.copy();
        if (failed) {
            QVERIFY(setup.equal());
            return;
        }
        MemoryIo again(setup.target.medium());
        const CopyRequest request{.source = setup.source,
                                  .target = again,
                                  .sizeBytes = kSizeBytes,
                                  .done = setup.journal.done};
        UncontrolledCopy control;
        QVERIFY(copyChunks(request, setup.journal, control, setup.environment.environment())
                    .has_value());
        QVERIFY(setup.equal());
    }
    QFAIL("never came to its end");
}

QTEST_GUILESS_MAIN(TestCopyBelieved)
#include "test_copy_believed.moc"
