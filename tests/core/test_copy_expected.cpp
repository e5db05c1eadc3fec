// A restore proves what it reads and writes only what differs; a verification misses nothing.
#include "core/copy/copy_engine.h"

#include "tests/support/memory_io.h"
#include "tests/support/memory_journal.h"
#include "tests/support/test_environment.h"

#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kChunks = 8;
constexpr std::uint64_t kSizeBytes = kChunks * kChunkBytes - 512;

// A backup with its digests, and a target that holds the same bytes.
struct Setup {
    TestEnvironment environment{testSeed()};
    MemoryIo backup{kSizeBytes};
    MemoryIo target{kSizeBytes};
    MemoryJournal journal;
    std::vector<std::byte> content = environment.random.bytes(kSizeBytes);

    Setup()
    {
        std::fill_n(content.begin() + 3 * kChunkBytes, kChunkBytes, std::byte{0});
        backup.fill(0, content);
        target.fill(0, content);
    }
    [[nodiscard]] MemoryDigests digests() const
    {
        MemoryJournal made;
        for (std::uint64_t chunk = 0; chunk < kChunks; ++chunk) {
            const auto range = chunkRange(chunk, kSizeBytes);
            made.segments[0].push_back(
                digestOf(std::span(content).subspan(range.offsetBytes, range.lengthBytes)));
        }
        return MemoryDigests(made);
    }
    static void damage(MemoryIo& io, std::uint64_t chunk)
    {
        auto now = io.content();
        now[chunk * kChunkBytes + 77] ^= std::byte{4};
        io.fill(0, now);
    }
    Result<CopyOutcome> restore(CopyControl& control)
    {
        auto expected = digests();
        const CopyRequest request{.source = backup,
                                  .target = target,
                                  .sizeBytes = kSizeBytes,
                                  .done = journal.done,
                                  .expected = &expected,
                                  .tuning = {.workers = 2, .journalIntervalBytes = kChunkBytes}};
        return copyChunks(request, journal, control, environment.environment());
    }
    Result<CopyOutcome> restore()
    {
        UncontrolledCopy control;
        return restore(control);
    }
    Result<VerifyOutcome> verify()
    {
        auto expected = digests();
        UncontrolledCopy control;
        return verifyChunks(backup, kSizeBytes, expected, control, environment.environment());
    }
};

} // namespace

class TestCopyExpected : public QObject {
    Q_OBJECT

private slots:
    void anEqualTargetIsNotWritten();
    void onlyTheChunksThatDifferAreWritten_data();
    void onlyTheChunksThatDifferAreWritten();
    void aDamagedBackupIsNotRestored();
    void aRestoreCancelledAtAnyChunkGoesOn();
    void anUnreadableTargetChunkIsWritten();
    void aMissingDigestIsNoMatch();
    void aGoodCopyIsProved();
    void everyDamagedChunkIsListed();
    void unreadableChunksDoNotEndAVerification();
    void aLostDeviceEndsAVerification();
    void aVerificationWritesNothing();
};

void TestCopyExpected::anEqualTargetIsNotWritten()
{
    Setup setup;
    const auto outcome = setup.restore();
    QVERIFY(outcome.has_value());
    QCOMPARE(outcome->unchangedBytes, kSizeBytes);
    QCOMPARE(outcome->copiedBytes, kSizeBytes);
    QCOMPARE(setup.target.observer.count(IoCall::Write).calls, std::uint64_t{0});
    QCOMPARE(setup.target.observer.count(IoCall::Zero).calls, std::uint64_t{0});
}

void TestCopyExpected::onlyTheChunksThatDifferAreWritten_data()
{
    QTest::addColumn<quint64>("damaged");
    QTest::addColumn<quint64>("writtenChunks"); // With the edges, that are erased before others.
    QTest::newRow("first") << quint64{0} << quint64{2};
    QTest::newRow("inner") << quint64{4} << quint64{3};
    QTest::newRow("zero") << quint64{3} << quint64{2};
    QTest::newRow("last") << quint64{kChunks - 1} << quint64{1};
}

void TestCopyExpected::onlyTheChunksThatDifferAreWritten()
{
    QFETCH(quint64, damaged);
    QFETCH(quint64, writtenChunks);
    Setup setup;
    Setup::damage(setup.target, damaged);
    const auto outcome = setup.restore();
    QVERIFY(outcome.has_value());
    QCOMPARE(setup.target.content(), setup.content);
    QCOMPARE(setup.target.durableContent(), setup.content);
    QCOMPARE(setup.target.observer.count(IoCall::Write).calls, std::uint64_t{writtenChunks});
}

void TestCopyExpected::aDamagedBackupIsNotRestored()
{
    Setup setup;
    Setup::damage(setup.backup, 2);
    Setup::damage(setup.target, 2);
    const auto before = setup.target.content();
    const auto outcome = setup.restore();
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, ErrorCode::DigestMismatch);
    QCOMPARE(setup.target.content(), before);
}

void TestCopyExpected::aRestoreCancelledAtAnyChunkGoesOn()
{
    const auto damaged = [](Setup& setup) {
        for (const std::uint64_t chunk : {0U, 2U, 3U, 6U})
            Setup::damage(setup.target, chunk);
    };
    Setup first;
    damaged(first);
    StoppingControl whole;
    QVERIFY(first.restore(whole).has_value());
    for (std::uint64_t stopAt = 1; stopAt <= whole.seen.size(); ++stopAt) {
        Setup setup;
        damaged(setup);
        StoppingControl control(stopAt);
        QVERIFY(!setup.restore(control).has_value());
        setup.target.losePower(setup.environment.random);
        QVERIFY(setup.restore().has_value());
        QCOMPARE(setup.target.content(), setup.content);
    }
}

void TestCopyExpected::anUnreadableTargetChunkIsWritten()
{
    Setup setup;
    setup.target.observer.setHook(
        [](IoCall call, ByteRange range, std::uint64_t) -> std::optional<Error> {
            if (call != IoCall::Read || range.offsetBytes != 5 * kChunkBytes)
                return std::nullopt;
            return Error{ErrorCode::ReadFailed, EIO, "bad sector", {}, 0};
        });
    const auto outcome = setup.restore();
    QVERIFY(outcome.has_value());
    QVERIFY(outcome->writtenBytes >= kChunkBytes);
}

void TestCopyExpected::aMissingDigestIsNoMatch()
{
    Setup setup;
    auto digests = setup.digests();
    digests.segments[0].pop_back();
    UncontrolledCopy control;
    const auto outcome =
        verifyChunks(setup.backup, kSizeBytes, digests, control, setup.environment.environment());
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, ErrorCode::CatalogDamaged);
}

void TestCopyExpected::aGoodCopyIsProved()
{
    Setup setup;
    const auto copied = setup.restore();
    QVERIFY(copied.has_value());
    const auto outcome = setup.verify();
    QVERIFY(outcome.has_value());
    QVERIFY(outcome->good());
    QCOMPARE(outcome->verifiedBytes, kSizeBytes);
    QCOMPARE(outcome->content, copied->content);
    QVERIFY(setup.backup.observer.count(IoCall::DropCache).bytes >= kSizeBytes);
}

void TestCopyExpected::everyDamagedChunkIsListed()
{
    Setup setup;
    for (const std::uint64_t chunk : {0U, 3U, 4U, 7U})
        Setup::damage(setup.backup, chunk);
    const auto outcome = setup.verify();
    QVERIFY(outcome.has_value());
    QVERIFY(!outcome->good());
    QCOMPARE(outcome->different.runs(), (std::vector<ChunkMap::Run>{{0, 1}, {3, 2}, {7, 1}}));
    QVERIFY(outcome->unreadable.empty());
}

void TestCopyExpected::unreadableChunksDoNotEndAVerification()
{
    Setup setup;
    setup.backup.observer.setHook(
        [](IoCall call, ByteRange range, std::uint64_t) -> std::optional<Error> {
            if (call != IoCall::Read || !range.overlaps({2 * kChunkBytes, 2 * kChunkBytes}))
                return std::nullopt;
            return Error{ErrorCode::ReadFailed, EIO, "bad sector", {}, 0};
        });
    const auto outcome = setup.verify();
    QVERIFY(outcome.has_value());
    QCOMPARE(outcome->unreadable.runs(), (std::vector<ChunkMap::Run>{{2, 2}}));
    QVERIFY(outcome->different.empty());
    QCOMPARE(outcome->verifiedBytes, kSizeBytes - 2 * kChunkBytes);
}

void TestCopyExpected::aLostDeviceEndsAVerification()
{
    Setup setup;
    setup.backup.observer.setHook(
        [](IoCall, ByteRange, std::uint64_t index) -> std::optional<Error> {
            if (index < 4)
                return std::nullopt;
            return Error{ErrorCode::MemberFailed, ENODEV, "pulled", {}, 0};
        });
    const auto outcome = setup.verify();
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, ErrorCode::MemberFailed);
}

void TestCopyExpected::aVerificationWritesNothing()
{
    Setup setup;
    QVERIFY(setup.verify().has_value());
    QCOMPARE(setup.backup.content(), setup.content);
    QCOMPARE(setup.backup.observer.count(IoCall::Write).calls, std::uint64_t{0});
    QCOMPARE(setup.backup.observer.count(IoCall::Zero).calls, std::uint64_t{0});
}

QTEST_GUILESS_MAIN(TestCopyExpected)
#include "test_copy_expected.moc"
