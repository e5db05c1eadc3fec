// A file behaves as a device does: any offset, any length, and errors that say what failed.
#include "core/io/file_io.h"

#include "core/copy/chunk_digest.h"
#include "tests/support/image_file.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSizeBytes = 4 * kMiB;

} // namespace

class TestFileIo : public QObject {
    Q_OBJECT

private slots:
    void init();
    void unalignedRequestsTouchNoOtherByte_data();
    void unalignedRequestsTouchNoOtherByte();
    void aSizeOfNoWholeBlockIsReadAndWritten();
    void zeroingTouchesNoOtherByte();
    void zeroingFreesSpace();
    void holesAreFound();
    void whatIsOutsideIsRefused();
    void aReadOnlyOpenWritesNothing();
    void aFileThatWasCutIsAReadError();
    void aFileThatWasDeletedOrReplacedIsNotFlushed();
    void anExistingFileIsNeverCreated();
    void whatIsNoFileIsRefused();
    void locksConflictBetweenDescriptors();
    void anotherFileHasAnotherIdentity();
    void droppingTheCacheKeepsTheContent();

private:
    [[nodiscard]] std::string path(const char* name) const
    {
        return m_directory->filePath(name).toStdString();
    }
    std::unique_ptr<QTemporaryDir> m_directory;
};

void TestFileIo::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
}

void TestFileIo::unalignedRequestsTouchNoOtherByte_data()
{
    QTest::addColumn<bool>("direct");
    QTest::newRow("past the cache") << true;
    QTest::newRow("through the cache") << false;
}

void TestFileIo::unalignedRequestsTouchNoOtherByte()
{
    QFETCH(bool, direct);
    SeededRandom random(testSeed());
    auto expected = random.bytes(kSizeBytes);
    writeImage(path("image"), expected);
    auto io = FileIo::open(path("image"), {.access = Access::Write, .direct = direct});
    QVERIFY(io.has_value());
    for (int step = 0; step < 150; ++step) {
        const std::uint64_t offset = random.below(kSizeBytes);
        const std::uint64_t longest = step % 10 == 0 ? kSizeBytes : 10000;
        const std::uint64_t length = random.below(std::min(longest, kSizeBytes - offset) + 1);
        const auto bytes = random.bytes(length);
        QVERIFY((*io)->write(offset, bytes).has_value());
        std::ranges::copy(bytes, expected.begin() + static_cast<std::ptrdiff_t>(offset));
        std::vector<std::byte> got(random.below(std::min<std::uint64_t>(9000, kSizeBytes)) + 1);
        const std::uint64_t from = random.below(kSizeBytes - got.size() + 1);
        QVERIFY((*io)->read(from, got).has_value());
        QVERIFY(std::equal(got.begin(), got.end(),
                           expected.begin() + static_cast<std::ptrdiff_t>(from)));
    }
    QVERIFY((*io)->flush().has_value());
    QVERIFY(readImage(path("image")) == expected);
}

void TestFileIo::aSizeOfNoWholeBlockIsReadAndWritten()
{
    SeededRandom random(testSeed());
    const std::uint64_t size = kMiB + 77;
    writeImage(path("image"), std::vector<std::byte>(size));
    auto io = FileIo::open(path("image"), {.access = Access::Write});
    QVERIFY(io.has_value());
    const auto bytes = random.bytes(size);
    QVERIFY((*io)->write(0, bytes).has_value());
    std::vector<std::byte> got(size);
    QVERIFY((*io)->read(0, got).has_value());
    QVERIFY(got == bytes);
    QVERIFY((*io)->flush().has_value());
    QCOMPARE(std::filesystem::file_size(path("image")), std::uintmax_t{size});
}

void TestFileIo::zeroingTouchesNoOtherByte()
{
    SeededRandom random(testSeed());
    auto expected = random.bytes(kSizeBytes);
    writeImage(path("image"), expected);
    auto io = FileIo::open(path("image"), {.access = Access::Write});
    QVERIFY(io.has_value());
    for (int step = 0; step < 30; ++step) {
        const std::uint64_t offset = random.below(kSizeBytes);
        const std::uint64_t length =
            random.below(std::min<std::uint64_t>(20000, kSizeBytes - offset));
        QVERIFY((*io)->zero({offset, length}).has_value());
        std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(offset), length, std::byte{0});
    }
    QVERIFY((*io)->flush().has_value());
    QVERIFY(readImage(path("image")) == expected);
}

void TestFileIo::zeroingFreesSpace()
{
    writeImage(path("image"), std::vector<std::byte>(kSizeBytes, std::byte{1}));
    auto io = FileIo::open(path("image"), {.access = Access::Write});
    QVERIFY(io.has_value());
    QVERIFY((*io)->zero({0, kSizeBytes}).has_value());
    QVERIFY((*io)->flush().has_value());
    struct stat status{};
    QCOMPARE(::stat(path("image").c_str(), &status), 0);
    QVERIFY(status.st_blocks < 64 * 1024 / 512);
    QVERIFY(isZero(readImage(path("image"))));
}

void TestFileIo::holesAreFound()
{
    auto io = FileIo::create(path("image"), kSizeBytes);
    QVERIFY(io.has_value());
    QVERIFY((*io)->traits().sparse);
    QVERIFY((*io)->write(2 * kMiB, std::vector<std::byte>(kMiB, std::byte{1})).has_value());
    QCOMPARE((*io)->nextData(0).value_or(ByteRange{}), (ByteRange{2 * kMiB, kMiB}));
    QCOMPARE((*io)->nextData(2 * kMiB + 5).value_or(ByteRange{}),
             (ByteRange{2 * kMiB + 5, kMiB - 5}));
    QCOMPARE((*io)->nextData(3 * kMiB).value_or(ByteRange{}), (ByteRange{kSizeBytes, 0}));
    QCOMPARE((*io)->nextData(kSizeBytes).value_or(ByteRange{}), (ByteRange{kSizeBytes, 0}));
}

void TestFileIo::whatIsOutsideIsRefused()
{
    auto io = FileIo::create(path("image"), kSizeBytes);
    QVERIFY(io.has_value());
    std::vector<std::byte> two(2);
    QCOMPARE((*io)->write(kSizeBytes - 1, two).error().code, ErrorCode::OutsideFence);
    QCOMPARE((*io)->read(UINT64_MAX, two).error().code, ErrorCode::OutsideFence);
    QCOMPARE((*io)->zero({kSizeBytes, 1}).error().code, ErrorCode::OutsideFence);
    QCOMPARE(std::filesystem::file_size(path("image")), std::uintmax_t{kSizeBytes});
}

void TestFileIo::aReadOnlyOpenWritesNothing()
{
    makeSparseImage(path("image"), kSizeBytes);
    auto io = FileIo::open(path("image"), {});
    QVERIFY(io.has_value());
    QVERIFY(!(*io)->traits().writable);
    std::vector<std::byte> bytes(4096, std::byte{1});
    QCOMPARE((*io)->write(0, bytes).error().code, ErrorCode::ReadOnlyArray);
    QCOMPARE((*io)->zero({0, 4096}).error().code, ErrorCode::ReadOnlyArray);
    QVERIFY(isZero(readImage(path("image"))));
}

void TestFileIo::aFileThatWasCutIsAReadError()
{
    writeImage(path("image"), std::vector<std::byte>(kSizeBytes, std::byte{1}));
    auto io = FileIo::open(path("image"), {});
    QVERIFY(io.has_value());
    QCOMPARE(::truncate(path("image").c_str(), 100), 0);
    std::vector<std::byte> bytes(8192);
    const auto got = (*io)->read(kMiB, bytes);
    QVERIFY(!got.has_value());
    QCOMPARE(got.error().code, ErrorCode::ReadFailed);
    QCOMPARE(got.error().subject, path("image"));
}

void TestFileIo::aFileThatWasDeletedOrReplacedIsNotFlushed()
{
    for (const bool replaced : {false, true}) {
        const std::string name = path(replaced ? "replaced" : "deleted");
        writeImage(name, std::vector<std::byte>(kSizeBytes, std::byte{1}));
        auto io = FileIo::open(name, {.access = Access::Write});
        QVERIFY(io.has_value());
        QVERIFY((*io)->flush().has_value());
        QVERIFY((*io)->checkNamed().has_value());
        QCOMPARE(::rename(name.c_str(), path("elsewhere").c_str()), 0);
        if (replaced)
            writeImage(name, std::vector<std::byte>(kSizeBytes, std::byte{1}));
        const auto named = (*io)->checkNamed();
        QVERIFY(!named.has_value());
        const auto flushed = (*io)->flush();
        QVERIFY(!flushed.has_value());
        QCOMPARE(flushed.error().code, ErrorCode::FlushFailed);
        // It is final, as any failure to flush.
        QCOMPARE(::rename(path("elsewhere").c_str(), name.c_str()), 0);
        QVERIFY(!(*io)->flush().has_value());
    }
}

void TestFileIo::anExistingFileIsNeverCreated()
{
    writeImage(path("image"), std::vector<std::byte>(10, std::byte{1}));
    const auto io = FileIo::create(path("image"), kSizeBytes);
    QVERIFY(!io.has_value());
    QCOMPARE(io.error().code, ErrorCode::OpenFailed);
    QCOMPARE(io.error().osError, EEXIST);
    QCOMPARE(readImage(path("image")).size(), std::size_t{10});
    QVERIFY(!FileIo::create(path("large"), std::uint64_t{1} << 63U).has_value());
    QVERIFY(!std::filesystem::exists(path("large")));
}

void TestFileIo::whatIsNoFileIsRefused()
{
    QCOMPARE(::mkfifo(path("fifo").c_str(), 0600), 0);
    for (const std::string& no : {path("fifo"), m_directory->path().toStdString(),
                                  std::string("/dev/null"), path("missing")}) {
        const auto io = FileIo::open(no, {.access = Access::Read});
        QVERIFY(!io.has_value());
        QCOMPARE(io.error().code, ErrorCode::OpenFailed);
        QCOMPARE(io.error().subject, no);
    }
}

void TestFileIo::locksConflictBetweenDescriptors()
{
    makeSparseImage(path("image"), kSizeBytes);
    auto one = FileIo::open(path("image"), {.access = Access::Write});
    auto other = FileIo::open(path("image"), {.access = Access::Write});
    QVERIFY(one.has_value() && other.has_value());
    QCOMPARE((*one)->tryLock({0, 512}, LockMode::Exclusive).value_or(false), true);
    QCOMPARE((*other)->tryLock({0, 512}, LockMode::Shared).value_or(true), false);
    QCOMPARE((*other)->tryLock({512, 512}, LockMode::Shared).value_or(false), true);
    QCOMPARE((*one)->tryLock({0, 512}, LockMode::Unlocked).value_or(false), true);
    QCOMPARE((*other)->tryLock({0, 512}, LockMode::Shared).value_or(false), true);
    other->reset();
    QCOMPARE((*one)->tryLock({0, 1024}, LockMode::Exclusive).value_or(false), true);
}

void TestFileIo::anotherFileHasAnotherIdentity()
{
    makeSparseImage(path("image"), kSizeBytes);
    makeSparseImage(path("other"), kSizeBytes);
    const auto one = FileIo::open(path("image"), {});
    const auto again = FileIo::open(path("image"), {});
    const auto other = FileIo::open(path("other"), {});
    QVERIFY(one.has_value() && again.has_value() && other.has_value());
    QVERIFY((*one)->identity() == (*again)->identity());
    QVERIFY(!((*one)->identity() == (*other)->identity()));
    QCOMPARE((*one)->sizeBytes(), kSizeBytes);
    QVERIFY(!(*one)->isBlockDevice());
}

void TestFileIo::droppingTheCacheKeepsTheContent()
{
    auto io = FileIo::create(path("image"), kSizeBytes);
    QVERIFY(io.has_value());
    io->reset();
    io = FileIo::open(path("image"), {.access = Access::Write, .direct = false});
    QVERIFY(io.has_value());
    QVERIFY((*io)->traits().readBack != ReadBack::Direct);
    const std::vector<std::byte> bytes(kMiB, std::byte{9});
    QVERIFY((*io)->write(0, bytes).has_value());
    QVERIFY((*io)->dropCache({0, kSizeBytes}).has_value());
    std::vector<std::byte> got(kMiB);
    QVERIFY((*io)->read(0, got).has_value());
    QVERIFY(got == bytes);
}

QTEST_GUILESS_MAIN(TestFileIo)
#include "test_file_io.moc"
