// Sharing blocks instead of copying them: the order of its writes, its fences, and its digests.
#include "core/copy/copy_engine.h"

#include "core/io/fenced_io.h"
#include "core/io/file_io.h"
#include "tests/support/memory_journal.h"
#include "tests/support/recording_io.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kChunks = 9;
constexpr std::uint64_t kSizeBytes = kChunks * kChunkBytes - 512;
constexpr std::uint64_t kSourceAt = 3 * kMiB;
constexpr std::uint64_t kTargetAt = 20 * kMiB;

// One device that can share blocks, with a source and a target on it.
struct Setup {
    TestEnvironment environment{testSeed()};
    std::shared_ptr<WriteLog> log = std::make_shared<WriteLog>();
    std::shared_ptr<MemoryMedium> medium = std::make_shared<MemoryMedium>(32 * kMiB);
    std::shared_ptr<RegionIo> device = std::make_shared<RecordingIo>(medium, 0, log);
    std::vector<std::byte> content = environment.random.bytes(kSizeBytes);
    MemoryJournal journal;
    std::unique_ptr<FencedIo> source = fence(kSourceAt, Access::Read);
    std::unique_ptr<FencedIo> target = fence(kTargetAt, Access::Write);

    Setup()
    {
        log->mayClone = true;
        medium->bytes = environment.random.bytes(32 * kMiB);
        put();
    }
    void put()
    {
        std::ranges::copy(content, medium->bytes.begin() + static_cast<std::ptrdiff_t>(kSourceAt));
    }
    [[nodiscard]] std::unique_ptr<FencedIo> fence(std::uint64_t offsetBytes, Access access) const
    {
        return FencedIo::create(device, {offsetBytes, kSizeBytes}, access, "region").value();
    }
    [[nodiscard]] std::vector<std::byte> copied() const
    {
        const auto from = medium->bytes.begin() + static_cast<std::ptrdiff_t>(kTargetAt);
        return {from, from + static_cast<std::ptrdiff_t>(kSizeBytes)};
    }
    Result<CopyOutcome> copy(CopyControl& control)
    {
        return copyChunks(
            {.source = *source, .target = *target, .sizeBytes = kSizeBytes, .clone = true}, journal,
            control, environment.environment());
    }
    Result<CopyOutcome> copy()
    {
        UncontrolledCopy control;
        return copy(control);
    }
    Result<VerifyOutcome> take(CopyControl& control)
    {
        MemoryDigests known(journal);
        return takeDigests(*target, kSizeBytes, known, journal, control, environment.environment());
    }
    Result<VerifyOutcome> take()
    {
        UncontrolledCopy control;
        return take(control);
    }
};

// "zero 0", "data 1", "flush" …: by the chunk of the target.
QStringList courseOf(const WriteLog& log)
{
    QStringList course;
    for (const WriteLog::Entry& entry : log.entries) {
        const bool zero =
            std::ranges::all_of(entry.bytes, [](std::byte b) { return b == std::byte{0}; });
        course << (entry.flush ? QString("flush")
                               : QString(zero ? "zero %1" : "data %1")
                                     .arg((entry.offsetBytes - kTargetAt) / kChunkBytes));
    }
    return course;
}

} // namespace

class TestCopyClone : public QObject {
    Q_OBJECT

private slots:
    void whatIsHalfClonedHasNoEdges();
    void theJournalIsToldNothing();
    void whatCannotBeClonedAfterAllIsCopied();
    void whereNothingCanBeSharedTheEdgesAreNotErasedForIt();
    void tooLittleToShareIsCopied();
    void canceledBeforeItChangesNothing();
    void aFailedFlushEndsIt();
    void aFenceKeepsCloningInside();
    void filesThatCannotShareAreLeftAlone();
    void digestsAreTakenOnceAndComparedFromThenOn();
    void whatCouldNotBeReadHasNoDigestYet();
    void digestsOfSegmentsThatWereReadAreKept();
};

void TestCopyClone::whatIsHalfClonedHasNoEdges()
{
    Setup setup;
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QCOMPARE(courseOf(*setup.log), (QStringList{"zero 0", "zero 8", "flush", "data 1", "flush",
                                                "data 0", "data 8", "flush"}));
    QVERIFY(setup.copied() == setup.content);
    QCOMPARE(outcome->clonedBytes, (kChunks - 2) * kChunkBytes);
    QCOMPARE(outcome->copiedBytes, kSizeBytes);
    QCOMPARE(outcome->writtenBytes, 2 * kChunkBytes - 512);
    QVERIFY(outcome->content == Digest{});
}

void TestCopyClone::theJournalIsToldNothing()
{
    Setup setup;
    UncontrolledCopy control;
    const CopyRequest request{.source = *setup.source,
                              .target = *setup.target,
                              .sizeBytes = kSizeBytes,
                              .clone = true,
                              .tuning = {.journalIntervalBytes = 1}}; // One would be due.
    QVERIFY(copyChunks(request, setup.journal, control, setup.environment.environment()));
    QCOMPARE(setup.journal.records, std::uint64_t{0});
}

void TestCopyClone::whatCannotBeClonedAfterAllIsCopied()
{
    Setup setup;
    setup.log->canClone = false;
    const auto outcome = setup.copy();
    QVERIFY(outcome.has_value());
    QCOMPARE(outcome->clonedBytes, std::uint64_t{0});
    QCOMPARE(outcome->writtenBytes, kSizeBytes);
    QVERIFY(outcome->content != Digest{});
    QVERIFY(setup.copied() == setup.content);
    QCOMPARE(setup.journal.done.count(), kChunks);
    QCOMPARE(courseOf(*setup.log).first(3), (QStringList{"zero 0", "zero 8", "flush"}));
}

void TestCopyClone::whereNothingCanBeSharedTheEdgesAreNotErasedForIt()
{
    Setup setup;
    setup.log->mayClone = false;
    QVERIFY(setup.copy().has_value());
    MemoryDigests believed(setup.journal);
    setup.log->entries.clear();
    UncontrolledCopy control;
    MemoryJournal journal;
    const CopyRequest request{.source = *setup.source,
                              .target = *setup.target,
                              .sizeBytes = kSizeBytes,
                              .believed = &believed,
                              .clone = true};
    const auto again = copyChunks(request, journal, control, setup.environment.environment());
    QVERIFY(again.has_value());
    QCOMPARE(again->unchangedBytes, kSizeBytes);
    QVERIFY(!courseOf(*setup.log).contains("zero 0"));
}

void TestCopyClone::tooLittleToShareIsCopied()
{
    Setup setup;
    UncontrolledCopy control;
    const CopyRequest request{.source = *setup.source,
                              .target = *setup.target,
                              .sizeBytes = 2 * kChunkBytes,
                              .clone = true};
    const auto outcome =
        copyChunks(request, setup.journal, control, setup.environment.environment());
    QVERIFY(outcome.has_value());
    QCOMPARE(outcome->clonedBytes, std::uint64_t{0});
    QCOMPARE(outcome->writtenBytes, 2 * kChunkBytes);
}

void TestCopyClone::canceledBeforeItChangesNothing()
{
    Setup setup;
    StoppingControl control(1);
    const auto outcome = setup.copy(control);
    QVERIFY(!outcome && outcome.error().code == ErrorCode::Canceled);
    QVERIFY(setup.log->entries.empty());
}

void TestCopyClone::aFailedFlushEndsIt()
{
    // Each in turn: after the erasing, after the sharing, at the end.
    for (std::uint64_t nth = 1; nth <= 3; ++nth) {
        Setup setup;
        class FailingFlush final : public RegionIo {
        public:
            FailingFlush(RegionIo& below, std::uint64_t failAt) : m_below(below), m_left(failAt) {}
            std::uint64_t sizeBytes() const override { return m_below.sizeBytes(); }
            IoTraits traits() const override { return m_below.traits(); }
            std::string name() const override { return "failing"; }
            Result<void> read(std::uint64_t at, std::span<std::byte> into) override
            {
                return m_below.read(at, into);
            }
            Result<void> write(std::uint64_t at, std::span<const std::byte> from) override
            {
                return m_below.write(at, from);
            }
            Result<void> zero(ByteRange range) override { return m_below.zero(range); }
            Result<void> flush() override
            {
                if (--m_left == 0)
                    return failure(ErrorCode::FlushFailed, name());
                return m_below.flush();
            }
            Result<ByteRange> nextData(std::uint64_t at) override { return m_below.nextData(at); }
            Result<void> dropCache(ByteRange range) override { return m_below.dropCache(range); }
            bool mayClone(const CloneSource& from) override { return m_below.mayClone(from); }
            Result<bool> clone(std::uint64_t at, const CloneSource& from) override
            {
                return m_below.clone(at, from);
            }
            Result<bool> tryLock(ByteRange range, LockMode mode) override
            {
                return m_below.tryLock(range, mode);
            }

        private:
            RegionIo& m_below;
            std::uint64_t m_left;
        } failing(*setup.target, nth);
        UncontrolledCopy control;
        const CopyRequest request{
            .source = *setup.source, .target = failing, .sizeBytes = kSizeBytes, .clone = true};
        const auto outcome =
            copyChunks(request, setup.journal, control, setup.environment.environment());
        QVERIFY(!outcome && outcome.error().code == ErrorCode::FlushFailed);
        QCOMPARE(setup.journal.records, std::uint64_t{0});
    }
}

void TestCopyClone::aFenceKeepsCloningInside()
{
    const Setup setup;
    const auto beyond = setup.source->cloneSource({kSizeBytes - kMiB, kMiB + 1});
    QVERIFY(!beyond && beyond.error().code == ErrorCode::OutsideFence);
    const auto from = setup.source->cloneSource({kMiB, 2 * kMiB}).value();
    QVERIFY((from.range == ByteRange{kSourceAt + kMiB, 2 * kMiB}));
    const auto outside = setup.target->clone(kSizeBytes - 2 * kMiB + 1, from);
    QVERIFY(!outside && outside.error().code == ErrorCode::OutsideFence);
    const auto reading = setup.source->clone(0, from);
    QVERIFY(!reading && reading.error().code == ErrorCode::ReadOnlyArray);
    QVERIFY(!setup.source->mayClone(from));
    QVERIFY(setup.log->entries.empty());
}

void TestCopyClone::filesThatCannotShareAreLeftAlone()
{
    const QTemporaryDir directory;
    const auto file = FileIo::create(directory.filePath("a.img").toStdString(), 16 * kMiB).value();
    const auto before = std::vector<std::byte>(kMiB, std::byte{7});
    QVERIFY(file->write(4 * kMiB, before).has_value());
    // Bytes of something that is no file, and an overlap, which no filesystem shares.
    Setup setup;
    const auto memory = setup.source->cloneSource({0, kMiB}).value();
    QVERIFY(!file->mayClone(memory));
    QVERIFY(file->clone(4 * kMiB, memory).value() == false);
    const auto same = file->cloneSource({4 * kMiB, kMiB}).value();
    QVERIFY(file->clone(4 * kMiB, same).value() == false);
    QVERIFY(file->clone(4 * kMiB, {*file, {15 * kMiB, 2 * kMiB}}).value() == false);
    const auto outside = file->clone(16 * kMiB, same);
    QVERIFY(!outside && outside.error().code == ErrorCode::OutsideFence);
    std::vector<std::byte> after(kMiB);
    QVERIFY(file->read(4 * kMiB, after).has_value());
    QVERIFY(after == before);
    const auto reading = FileIo::open(directory.filePath("a.img").toStdString(), {}).value();
    QVERIFY(!reading->mayClone(same));
    const auto refused = reading->clone(0, same);
    QVERIFY(!refused && refused.error().code == ErrorCode::ReadOnlyArray);
}

void TestCopyClone::digestsAreTakenOnceAndComparedFromThenOn()
{
    Setup setup;
    QVERIFY(setup.copy().has_value());
    const auto first = setup.take();
    QVERIFY(first && first->good());
    QCOMPARE(first->verifiedBytes, kSizeBytes);
    QCOMPARE(setup.journal.records, std::uint64_t{1});
    RunningDigest content;
    for (std::uint64_t chunk = 0; chunk < kChunks; ++chunk) {
        const ByteRange range = chunkRange(chunk, kSizeBytes);
        content.add(
            digestOf(std::span(setup.content).subspan(range.offsetBytes, range.lengthBytes)));
    }
    QVERIFY(first->content == content.digest());
    QVERIFY(setup.take()->good());
    QCOMPARE(setup.journal.records, std::uint64_t{1}); // Nothing was new.
    QVERIFY(setup.target->write(4 * kMiB, std::vector(1, std::byte{1})).has_value());
    const auto changed = setup.take();
    QVERIFY(changed.has_value());
    QCOMPARE(changed->different.count(), std::uint64_t{1});
    QVERIFY(changed->different.contains(4));
}

void TestCopyClone::whatCouldNotBeReadHasNoDigestYet()
{
    Setup setup;
    QVERIFY(setup.copy().has_value());
    setup.medium->unreadable = {{kTargetAt + 3 * kMiB + 4096, 512}};
    const auto first = setup.take();
    QVERIFY(first.has_value());
    QVERIFY(!first->good() && first->unreadable.contains(3));
    QVERIFY(setup.journal.segments[0][3] == Digest{});
    QVERIFY(setup.journal.segments[0][4] != Digest{});
    setup.medium->unreadable.clear();
    // What was read is compared with what it was then, and only the rest is new.
    QVERIFY(setup.target->write(5 * kMiB, std::vector(1, std::byte{1})).has_value());
    const auto second = setup.take();
    QVERIFY(second.has_value());
    QVERIFY(second->unreadable.empty());
    QVERIFY(second->different.contains(5) && second->different.count() == 1);
    QVERIFY(setup.journal.segments[0][3] != Digest{});
}

void TestCopyClone::digestsOfSegmentsThatWereReadAreKept()
{
    Setup setup;
    QVERIFY(setup.copy().has_value());
    StoppingControl control(4);
    const auto stopped = setup.take(control);
    QVERIFY(!stopped && stopped.error().code == ErrorCode::Canceled);
    QVERIFY(setup.journal.segments.empty()); // No half of a segment.
    QVERIFY(setup.take()->good());
    QCOMPARE(setup.journal.segments.size(), std::size_t{1});
}

QTEST_GUILESS_MAIN(TestCopyClone)
#include "test_copy_clone.moc"
