// A copy goes around what cannot be read: it loses no readable byte, and tells of every other.
#include "core/copy/copy_engine.h"

#include "tests/support/memory_io.h"
#include "tests/support/memory_journal.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <algorithm>
#include <mutex>
#include <set>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kChunks = 9;
constexpr std::uint64_t kSizeBytes = kChunks * kChunkBytes - 512;
constexpr std::uint64_t kSector = 512;

struct Setup {
    TestEnvironment environment{testSeed()};
    MemoryIo source{kSizeBytes};
    MemoryIo target{kSizeBytes};
    MemoryJournal journal;
    std::vector<std::byte> content = environment.random.bytes(kSizeBytes);
    SectorMap bad;

    Setup() { source.fill(0, content); }

    void spoil(ByteRange range)
    {
        bad.add(range);
        source.medium()->unreadable.push_back(range);
    }
    void spoilOneInAHundred()
    {
        std::set<std::uint64_t> chosen;
        SeededRandom random(testSeed());
        while (chosen.size() < kSizeBytes / kSector / 100)
            chosen.insert(random.below(kSizeBytes / kSector));
        for (const std::uint64_t sector : chosen)
            spoil({sector * kSector, kSector});
    }
    void heal() { source.medium()->unreadable.clear(); }
    [[nodiscard]] std::vector<std::byte> withGaps() const
    {
        auto bytes = content;
        for (const ByteRange& gap : bad.ranges())
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(gap.offsetBytes),
                        gap.lengthBytes, std::byte{0});
        return bytes;
    }
    Result<CopyOutcome> copy(CopyControl& control, OnUnreadable onUnreadable = OnUnreadable::Skip)
    {
        const CopyRequest request{.source = source,
                                  .target = target,
                                  .sizeBytes = kSizeBytes,
                                  .done = journal.done,
                                  .onUnreadable = onUnreadable,
                                  .tuning = {.workers = 3, .journalIntervalBytes = kChunkBytes}};
        return copyChunks(request, journal, control, environment.environment());
    }
    Result<CopyOutcome> copy(OnUnreadable onUnreadable = OnUnreadable::Skip)
    {
        UncontrolledCopy control;
        return copy(control, onUnreadable);
    }
    Result<VerifyOutcome> verify()
    {
        MemoryDigests made(journal);
        UncontrolledCopy control;
        return verifyChunks(target, kSizeBytes, made, control, environment.environment());
    }
};

} // namespace

class TestCopyAround : public QObject {
    Q_OBJECT

private slots:
    void whatCannotBeReadIsZeroesAndIsListedExactly();
    void theDigestsAreOfWhatTheTargetHolds();
    void withoutSkippingTheCopyEndsThere();
    void allThatReadsAtOnceIsCopiedFirst();
    void aChunkWithGapsIsNeverCalledDone();
    void aReadThatFailsOnlyOnceSkipsNothing();
    void aHealthySourceIsReadAsWithoutSkipping();
    void aDeviceThatIsGoneIsNotTakenForBadSectors();
    void aCopyCanceledAnywhereGoesOn();
    void whatWasCopiedBeforeItBecameUnreadableStays();
    // Incident: then the copy was of two moments, and was called good.
    void unlessTheRestHasChanged();
    void beliefInWhatTheGapsWereIsKept();
};

void TestCopyAround::whatCannotBeReadIsZeroesAndIsListedExactly()
{
    Setup setup;
    setup.spoilOneInAHundred();
    setup.spoil({0, kSector}); // In both edges, too.
    setup.spoil({kSizeBytes - kSector, kSector});
    setup.spoil({3 * kChunkBytes, kChunkBytes});
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QCOMPARE(outcome->unreadable.ranges().size(), setup.bad.ranges().size());
    QVERIFY(outcome->unreadable == setup.bad);
    QVERIFY(setup.target.durableContent() == setup.withGaps());
    QCOMPARE(outcome->copiedBytes, kSizeBytes);
}

void TestCopyAround::theDigestsAreOfWhatTheTargetHolds()
{
    Setup setup;
    setup.spoilOneInAHundred();
    QVERIFY(setup.copy().has_value());
    QVERIFY(setup.verify()->good());
    // And not because nothing is compared.
    auto bytes = setup.target.content();
    bytes[static_cast<std::size_t>(setup.bad.ranges().front().offsetBytes)] = std::byte{1};
    setup.target.fill(0, bytes);
    QCOMPARE(setup.verify()->different.count(), std::uint64_t{1});
}

void TestCopyAround::withoutSkippingTheCopyEndsThere()
{
    Setup setup;
    setup.spoil({4 * kChunkBytes + kSector, kSector});
    QCOMPARE(setup.copy(OnUnreadable::Fail).error().code, ErrorCode::ReadFailed);
    QVERIFY(setup.copy().has_value()); // Gone on with.
    QVERIFY(setup.target.content() == setup.withGaps());
}

void TestCopyAround::allThatReadsAtOnceIsCopiedFirst()
{
    Setup setup;
    for (const std::uint64_t chunk : {1U, 2U, 5U})
        setup.spoil({chunk * kChunkBytes + 7 * kSector, kSector});
    std::uint64_t written = 0;
    std::uint64_t writtenBefore = 0;
    std::mutex mutex;
    setup.target.observer.setHook([&](IoCall call, ByteRange, std::uint64_t) {
        const std::scoped_lock guard(mutex);
        written += call == IoCall::Write ? 1 : 0;
        return std::optional<Error>();
    });
    setup.source.observer.setHook([&](IoCall call, ByteRange range, std::uint64_t) {
        const std::scoped_lock guard(mutex);
        if (call == IoCall::Read && range.lengthBytes == kChunkBytes / 2 && writtenBefore == 0)
            writtenBefore = written;
        return std::optional<Error>();
    });
    QVERIFY(setup.copy().has_value());
    QCOMPARE(writtenBefore, kChunks - 2 - 3); // All but the edges and those three.
}

void TestCopyAround::aChunkWithGapsIsNeverCalledDone()
{
    Setup setup;
    setup.spoil({4 * kChunkBytes + kSector, kSector});
    setup.spoil({kSector, kSector});
    QVERIFY(setup.copy().has_value());
    QVERIFY(!setup.journal.done.contains(4));
    QVERIFY(!setup.journal.done.contains(0));
    QCOMPARE(setup.journal.done.count(), kChunks - 2);
    QCOMPARE(setup.journal.segments[0].size(), std::size_t{kChunks});
    setup.heal();
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QVERIFY(outcome->unreadable.empty());
    QVERIFY(setup.target.content() == setup.content);
}

void TestCopyAround::aReadThatFailsOnlyOnceSkipsNothing()
{
    Setup setup;
    std::set<std::pair<std::uint64_t, std::uint64_t>> failed;
    std::mutex mutex;
    setup.source.observer.setHook([&](IoCall call, ByteRange range, std::uint64_t) {
        const std::scoped_lock guard(mutex);
        if (call == IoCall::Read && failed.insert({range.offsetBytes, range.lengthBytes}).second)
            return std::optional(Error{ErrorCode::ReadFailed, EIO, "hook", {}, 0});
        return std::optional<Error>();
    });
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QVERIFY(outcome->unreadable.empty());
    QVERIFY(setup.target.content() == setup.content);
}

void TestCopyAround::aHealthySourceIsReadAsWithoutSkipping()
{
    Setup skipping;
    Setup failing;
    const auto skipped = skipping.copy(OnUnreadable::Skip);
    const auto plain = failing.copy(OnUnreadable::Fail);
    QVERIFY(skipped && plain && *skipped == *plain);
    for (const IoCall call : {IoCall::Read, IoCall::NextData, IoCall::DropCache}) {
        QCOMPARE(skipping.source.observer.count(call).calls,
                 failing.source.observer.count(call).calls);
        QCOMPARE(skipping.source.observer.count(call).bytes,
                 failing.source.observer.count(call).bytes);
    }
    QCOMPARE(skipping.target.observer.totalCalls(), failing.target.observer.totalCalls());
}

void TestCopyAround::aDeviceThatIsGoneIsNotTakenForBadSectors()
{
    Setup setup;
    setup.spoil({4 * kChunkBytes + kSector, kSector});
    setup.source.observer.setHook([](IoCall call, ByteRange range, std::uint64_t) {
        const bool gone = call == IoCall::Read && range.lengthBytes < kChunkBytes;
        return gone ? std::optional(Error{ErrorCode::MemberFailed, ENODEV, "hook", {}, 0})
                    : std::nullopt;
    });
    QCOMPARE(setup.copy().error().code, ErrorCode::MemberFailed);
    Setup pulled; // Some report nothing but I/O errors then.
    pulled.spoil({4 * kChunkBytes + kSector, kSector});
    pulled.source.medium()->named = false;
    QCOMPARE(pulled.copy().error().code, ErrorCode::MemberFailed);
}

void TestCopyAround::aCopyCanceledAnywhereGoesOn()
{
    for (std::uint64_t stopAt = 1; stopAt < 400; ++stopAt) {
        Setup setup;
        setup.spoil({2 * kChunkBytes + 5 * kSector, 3 * kSector});
        setup.spoil({6 * kChunkBytes, kSector});
        setup.spoil({kSector, kSector});
        StoppingControl control(stopAt);
        const auto outcome = setup.copy(control);
        if (outcome)
            return;
        QCOMPARE(outcome.error().code, ErrorCode::Canceled);
        const auto wentOn = setup.copy();
        QVERIFY(wentOn.has_value());
        QVERIFY(wentOn->unreadable == setup.bad);
        QVERIFY(setup.target.content() == setup.withGaps());
        QVERIFY(setup.verify()->good());
    }
    QFAIL("never came to its end");
}

// A dying disk gives less every time that it is read.
void TestCopyAround::whatWasCopiedBeforeItBecameUnreadableStays()
{
    Setup setup;
    setup.spoil({6 * kChunkBytes, kSector});
    QVERIFY(setup.copy().has_value());
    QVERIFY(setup.journal.done.contains(3));
    setup.source.medium()->unreadable.push_back({3 * kChunkBytes, kChunkBytes});
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QVERIFY(outcome->unreadable == setup.bad);
    QVERIFY(setup.target.content() == setup.withGaps());
    QVERIFY(setup.verify()->good());
}

void TestCopyAround::unlessTheRestHasChanged()
{
    Setup setup;
    setup.spoil({6 * kChunkBytes, kSector});
    QVERIFY(setup.copy().has_value());
    setup.spoil({3 * kChunkBytes, kChunkBytes});
    setup.content[2 * kChunkBytes] ^= std::byte{0xff};
    setup.source.fill(0, setup.content);
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QVERIFY(outcome->unreadable == setup.bad);
    QVERIFY(setup.target.content() == setup.withGaps());
    QVERIFY(setup.verify()->good());
}

void TestCopyAround::beliefInWhatTheGapsWereIsKept()
{
    Setup setup;
    setup.spoil({4 * kChunkBytes + kSector, kSector});
    QVERIFY(setup.copy().has_value());
    MemoryDigests believed(setup.journal);
    MemoryJournal again;
    setup.target.observer.reset();
    UncontrolledCopy control;
    const CopyRequest request{.source = setup.source,
                              .target = setup.target,
                              .sizeBytes = kSizeBytes,
                              .believed = &believed,
                              .onUnreadable = OnUnreadable::Skip};
    const auto outcome = copyChunks(request, again, control, setup.environment.environment());
    QVERIFY(outcome.has_value());
    QVERIFY(outcome->unreadable == setup.bad);
    QCOMPARE(outcome->unchangedBytes, kSizeBytes);
    QCOMPARE(setup.target.observer.count(IoCall::Write).calls, std::uint64_t{0});
}

QTEST_GUILESS_MAIN(TestCopyAround)
#include "test_copy_around.moc"
