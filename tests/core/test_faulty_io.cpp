// A simulated device fails as it was told to, and the same way every time.
#include "core/io/faulty_io.h"

#include "core/copy/chunk_digest.h"
#include "tests/support/memory_io.h"
#include "tests/support/test_environment.h"

#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

struct Setup {
    VirtualClock clock;
    std::shared_ptr<MemoryIo> memory = std::make_shared<MemoryIo>(kMiB);
    FaultyIo io;
    std::vector<std::byte> ones = std::vector<std::byte>(8192, std::byte{1});

    explicit Setup(Faults faults) : io(memory, std::move(faults), clock) {}
};

} // namespace

class TestFaultyIo : public QObject {
    Q_OBJECT

private slots:
    void withoutFaultsItIsTheDeviceBelow();
    void badSectorsStayBad();
    void theSameSeedGivesTheSameFaults();
    void afterAPowerCutNothingWorks();
    void aTornWriteArrivesInPart();
    void aPulledDeviceIsGone();
    void aFullDeviceStillReads();
    void bandwidthAndLatencyTakeTime();
};

void TestFaultyIo::withoutFaultsItIsTheDeviceBelow()
{
    Setup setup({});
    QVERIFY(setup.io.write(4096, setup.ones).has_value());
    std::vector<std::byte> got(8192);
    QVERIFY(setup.io.read(4096, got).has_value());
    QVERIFY(got == setup.ones);
    QVERIFY(setup.io.flush().has_value());
    QCOMPARE(setup.clock.monotonic().count(), std::int64_t{0});
}

void TestFaultyIo::badSectorsStayBad()
{
    Setup setup({.unreadable = {{8192, 512}}, .unwritable = {{16384, 512}}});
    std::vector<std::byte> got(8192);
    for (int i = 0; i < 3; ++i) {
        const auto result = setup.io.read(4096, got);
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().code, ErrorCode::ReadFailed);
        QCOMPARE(result.error().osError, EIO);
        QCOMPARE(setup.io.write(12288, setup.ones).error().code, ErrorCode::WriteFailed);
        QCOMPARE(setup.io.zero({16384, 512}).error().code, ErrorCode::WriteFailed);
    }
    QVERIFY(setup.io.read(0, got).has_value());
}

void TestFaultyIo::theSameSeedGivesTheSameFaults()
{
    const auto trace = [](std::uint64_t seed) {
        Setup setup({.readErrorRate = 0.3, .writeErrorRate = 0.3, .seed = seed});
        std::string seen;
        std::vector<std::byte> got(512);
        for (int i = 0; i < 200; ++i) {
            seen += setup.io.read(0, got).has_value() ? 'r' : '-';
            seen += setup.io.write(0, got).has_value() ? 'w' : '-';
        }
        return seen;
    };
    const std::uint64_t seed = testSeed();
    QCOMPARE(trace(seed), trace(seed));
    QVERIFY(trace(seed) != trace(seed + 1));
    const auto failures = std::ranges::count(trace(seed), '-');
    QVERIFY(failures > 60 && failures < 180); // Of 400, at 0.3: 120 on average.
}

void TestFaultyIo::afterAPowerCutNothingWorks()
{
    Setup setup({.cutPowerAtWrite = 2});
    QVERIFY(setup.io.write(0, setup.ones).has_value());
    QCOMPARE(setup.io.write(8192, setup.ones).error().code, ErrorCode::MemberFailed);
    QVERIFY(!setup.io.read(0, setup.ones).has_value());
    QVERIFY(!setup.io.flush().has_value());
    QVERIFY(!setup.io.zero({0, 512}).has_value());
    const auto content = setup.memory->content();
    QVERIFY(isZero(std::span(content).subspan(8192)));
    setup.io.setFaults({}); // Power is back.
    QVERIFY(setup.io.read(0, setup.ones).has_value());
}

void TestFaultyIo::aTornWriteArrivesInPart()
{
    SeededRandom random(testSeed());
    bool partly = false;
    for (int round = 0; round < 50; ++round) {
        Setup setup({.cutPowerAtWrite = 1, .tornWrite = true, .seed = random.below(UINT64_MAX)});
        QVERIFY(!setup.io.write(0, setup.ones).has_value());
        const auto content = setup.memory->content();
        const auto end = std::ranges::find(content, std::byte{0}) - content.begin();
        QVERIFY(end < 8192 && end % 512 == 0);
        QVERIFY(isZero(std::span(content).subspan(static_cast<std::size_t>(end))));
        partly |= end > 0;
    }
    QVERIFY(partly);
}

void TestFaultyIo::aPulledDeviceIsGone()
{
    Setup setup({});
    setup.io.setFaults({.pulled = true});
    QVERIFY(setup.io.faults().pulled);
    const auto result = setup.io.read(0, setup.ones);
    QVERIFY(!result.has_value());
    QCOMPARE(result.error().code, ErrorCode::MemberFailed);
    QCOMPARE(result.error().osError, ENODEV);
    QVERIFY(!setup.io.nextData(0).has_value());
    QVERIFY(!setup.io.dropCache({0, 512}).has_value());
}

void TestFaultyIo::aFullDeviceStillReads()
{
    Setup setup({.full = true});
    const auto result = setup.io.write(0, setup.ones);
    QVERIFY(!result.has_value());
    QCOMPARE(result.error().code, ErrorCode::NoSpace);
    QCOMPARE(result.error().osError, ENOSPC);
    QVERIFY(setup.io.read(0, setup.ones).has_value());
    QVERIFY(setup.io.flush().has_value());
}

void TestFaultyIo::bandwidthAndLatencyTakeTime()
{
    using namespace std::chrono_literals;
    Setup setup({.latencyUs = 500, .bandwidthBytesPerSecond = 8'192'000});
    QVERIFY(setup.io.write(0, setup.ones).has_value());
    QCOMPARE(setup.clock.monotonic(), std::chrono::nanoseconds(1500us));
    QVERIFY(setup.io.flush().has_value());
    QCOMPARE(setup.clock.monotonic(), std::chrono::nanoseconds(2000us));
    QVERIFY(setup.io.read(0, setup.ones).has_value());
    QCOMPARE(setup.clock.monotonic(), std::chrono::nanoseconds(3500us));
}

QTEST_GUILESS_MAIN(TestFaultyIo)
#include "test_faulty_io.moc"
