// The first change of a region is told before it is made, and not made where that is refused.
#include "core/copy/first_write.h"

#include "tests/support/memory_io.h"

#include <QtTest>
#include <atomic>
#include <thread>
#include <vector>

using namespace cairn;
using namespace cairn::test;

namespace {

const std::vector<std::byte> kBytes(512, std::byte{7});

} // namespace

class TestFirstWrite : public QObject {
    Q_OBJECT

private slots:
    void readingAndFlushingTellsNothing();
    void itIsToldOnceAndBefore();
    void refusedNothingIsEverChanged();
    void theOthersWaitUntilItIsTold();
};

void TestFirstWrite::readingAndFlushingTellsNothing()
{
    MemoryIo memory(kMiB);
    int told = 0;
    FirstWriteIo io(memory, [&]() -> Result<void> {
        ++told;
        return {};
    });
    std::vector<std::byte> bytes(512);
    QVERIFY(io.read(0, bytes));
    QVERIFY(io.nextData(0));
    QVERIFY(io.dropCache({0, 512}));
    QVERIFY(io.flush());
    QCOMPARE(told, 0);
}

void TestFirstWrite::itIsToldOnceAndBefore()
{
    MemoryIo memory(kMiB);
    const auto empty = memory.content();
    int told = 0;
    FirstWriteIo io(memory, [&]() -> Result<void> {
        ++told;
        return memory.content() == empty ? Result<void>() : failure(ErrorCode::PlanChanged);
    });
    QVERIFY(io.write(0, kBytes));
    QVERIFY(io.zero({0, 512}));
    QVERIFY(io.write(512, kBytes));
    QCOMPARE(told, 1);
}

void TestFirstWrite::refusedNothingIsEverChanged()
{
    MemoryIo memory(kMiB);
    memory.fill(0, kBytes);
    const auto before = memory.content();
    int told = 0;
    FirstWriteIo io(memory, [&]() -> Result<void> {
        ++told;
        return failure(ErrorCode::CatalogFull, "home");
    });
    QCOMPARE(io.zero({0, 512}).error().code, ErrorCode::CatalogFull);
    QCOMPARE(io.write(512, kBytes).error().code, ErrorCode::CatalogFull);
    QVERIFY(memory.content() == before);
    QCOMPARE(told, 1);
}

void TestFirstWrite::theOthersWaitUntilItIsTold()
{
    MemoryIo memory(kMiB);
    std::atomic<bool> told{false};
    std::atomic<int> early{0};
    FirstWriteIo io(memory, [&]() -> Result<void> {
        for (int turn = 0; turn < 1000; ++turn)
            std::this_thread::yield();
        told = true;
        return {};
    });
    std::vector<std::jthread> writers;
    for (std::uint64_t writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
            if (!io.write(writer * 512, kBytes) || !told)
                ++early;
        });
    }
    writers.clear();
    QCOMPARE(early.load(), 0);
}

QTEST_GUILESS_MAIN(TestFirstWrite)
#include "test_first_write.moc"
