// Nothing outside the confirmed extent is ever read or written.
#include "core/io/fenced_io.h"

#include "tests/support/counting_io.h"
#include "tests/support/memory_io.h"

#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr ByteRange kExtent{kMiB, 2 * kMiB};

struct Setup {
    std::shared_ptr<MemoryIo> memory = std::make_shared<MemoryIo>(4 * kMiB);
    std::shared_ptr<CountingIo> device = std::make_shared<CountingIo>(memory);
    std::unique_ptr<FencedIo> io;

    explicit Setup(Access access = Access::Write)
    {
        memory->fill(0, std::vector<std::byte>(4 * kMiB, std::byte{1}));
        if (auto made = FencedIo::create(device, kExtent, access, "home"))
            io = *std::move(made);
    }
};

} // namespace

class TestFencedIo : public QObject {
    Q_OBJECT

private slots:
    void aWriteOutsideTheExtentIsStopped();
    void aWriteInsideLandsInTheExtent();
    void aReaderCannotWrite();
    void anExtentBeyondTheDeviceIsRefused();
    void holesEndAtTheFence();
    void locksAreTranslatedAndGivenBack();
};

void TestFencedIo::aWriteOutsideTheExtentIsStopped()
{
    Setup setup;
    QVERIFY(setup.io != nullptr);
    std::vector<std::byte> bytes(512);
    for (const std::uint64_t offset :
         {2 * kMiB, 2 * kMiB - 511, UINT64_MAX, UINT64_MAX - 511, std::uint64_t{0} - kMiB}) {
        QCOMPARE(setup.io->write(offset, bytes).error().code, ErrorCode::OutsideFence);
        QCOMPARE(setup.io->read(offset, bytes).error().code, ErrorCode::OutsideFence);
        QCOMPARE(setup.io->zero({offset, 512}).error().code, ErrorCode::OutsideFence);
        QCOMPARE(setup.io->dropCache({offset, 512}).error().code, ErrorCode::OutsideFence);
        QCOMPARE(setup.io->tryLock({offset, 512}, LockMode::Shared).error().code,
                 ErrorCode::OutsideFence);
    }
    QCOMPARE(setup.device->observer.totalCalls(), std::uint64_t{0});
}

void TestFencedIo::aWriteInsideLandsInTheExtent()
{
    Setup setup;
    QVERIFY(setup.io->zero({0, kExtent.lengthBytes}).has_value());
    QVERIFY(setup.io->write(kExtent.lengthBytes - 1, std::vector<std::byte>(1, std::byte{7}))
                .has_value());
    const auto content = setup.memory->content();
    for (std::uint64_t at = 0; at < content.size(); ++at) {
        const bool inside = at >= kMiB && at < 3 * kMiB;
        const std::byte wanted = !inside              ? std::byte{1}
                                 : at == 3 * kMiB - 1 ? std::byte{7}
                                                      : std::byte{0};
        if (content[at] != wanted)
            QFAIL("a byte outside what was asked for has changed");
    }
}

void TestFencedIo::aReaderCannotWrite()
{
    Setup setup(Access::Read);
    QVERIFY(!setup.io->traits().writable);
    const std::vector<std::byte> bytes(512);
    QCOMPARE(setup.io->write(0, bytes).error().code, ErrorCode::ReadOnlyArray);
    QCOMPARE(setup.io->zero({0, 512}).error().code, ErrorCode::ReadOnlyArray);
    QCOMPARE(setup.io->flush().error().code, ErrorCode::ReadOnlyArray);
    QCOMPARE(setup.device->observer.totalCalls(), std::uint64_t{0});
}

void TestFencedIo::anExtentBeyondTheDeviceIsRefused()
{
    const auto device = std::make_shared<MemoryIo>(4 * kMiB);
    for (const ByteRange extent : {ByteRange{4 * kMiB, 1}, ByteRange{0, 4 * kMiB + 1},
                                   ByteRange{UINT64_MAX, 2}, ByteRange{kMiB, UINT64_MAX}}) {
        const auto io = FencedIo::create(device, extent, Access::Read, "x");
        QVERIFY(!io.has_value());
        QCOMPARE(io.error().code, ErrorCode::OutsideFence);
    }
}

void TestFencedIo::holesEndAtTheFence()
{
    Setup setup;
    QCOMPARE(setup.io->nextData(0).value_or(ByteRange{}), (ByteRange{0, 2 * kMiB}));
    QVERIFY(setup.io->zero({0, kMiB}).has_value());
    QCOMPARE(setup.io->nextData(5).value_or(ByteRange{}), (ByteRange{kMiB, kMiB}));
    QVERIFY(setup.io->zero({0, 2 * kMiB}).has_value());
    QCOMPARE(setup.io->nextData(0).value_or(ByteRange{}), (ByteRange{2 * kMiB, 0}));
    QCOMPARE(setup.io->nextData(UINT64_MAX).value_or(ByteRange{}), (ByteRange{2 * kMiB, 0}));
}

void TestFencedIo::locksAreTranslatedAndGivenBack()
{
    Setup setup;
    MemoryIo other(setup.memory->medium());
    QCOMPARE(setup.io->tryLock({0, 512}, LockMode::Exclusive).value_or(false), true);
    QCOMPARE(other.tryLock({0, 512}, LockMode::Exclusive).value_or(false), true);
    QCOMPARE(other.tryLock({kMiB, 512}, LockMode::Shared).value_or(true), false);
    setup.io.reset(); // The device lives on, the lock does not.
    QCOMPARE(other.tryLock({kMiB, 512}, LockMode::Shared).value_or(false), true);
}

QTEST_GUILESS_MAIN(TestFencedIo)
#include "test_fenced_io.moc"
