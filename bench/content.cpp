// Writing test content.
#include "bench/content.h"

#include "core/copy/chunk_digest.h"
#include "core/io/aligned_buffer.h"
#include "core/io/file_io.h"

#include <cstring>
#include <fcntl.h>
#include <random>
#include <set>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace cairn::bench {
namespace {

// SplitMix64: quick enough not to be what a set-up waits for.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
        return z ^ (z >> 31U);
    }
    void fill(std::span<std::byte> into)
    {
        for (std::size_t at = 0; at + 8 <= into.size(); at += 8) {
            const std::uint64_t value = next();
            std::memcpy(into.data() + at, &value, 8);
        }
    }

private:
    std::uint64_t m_state;
};

} // namespace

Result<Place> makeFile(const std::string& path, std::uint64_t sizeBytes)
{
    const Place place{path, {0, sizeBytes}};
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0 &&
        static_cast<std::uint64_t>(status.st_size) == sizeBytes)
        return place;
    std::ignore = ::unlink(path.c_str());
    CAIRN_TRY(FileIo::create(path, sizeBytes));
    CAIRN_TRY(fillRandom(place, 1));
    return place;
}

Result<void> fillRandom(const Place& place, std::uint64_t seed)
{
    const auto file = CAIRN_TRY(FileIo::open(place.path, {.access = Access::Write}));
    const auto buffer = CAIRN_TRY(AlignedBuffer::create(2 * kMiB));
    for (std::uint64_t at = 0; at < place.extent.lengthBytes; at += 2 * kMiB) {
        const auto bytes = buffer.bytes().first(std::min(2 * kMiB, place.extent.lengthBytes - at));
        Random(seed * 1'000'003 + at).fill(bytes);
        CAIRN_TRY(file->write(place.extent.offsetBytes + at, bytes));
    }
    return file->flush();
}

Result<void> fillSparsely(const Place& place, Gaps gaps, std::uint64_t seed)
{
    constexpr std::uint64_t kDataChunks = 3;
    constexpr std::uint64_t kPeriodChunks = 10;
    const auto file = CAIRN_TRY(FileIo::open(place.path, {.access = Access::Write}));
    const auto data = CAIRN_TRY(AlignedBuffer::create(2 * kChunkBytes));
    const auto zeroes = CAIRN_TRY(AlignedBuffer::create(2 * kChunkBytes));
    std::memset(zeroes.bytes().data(), 0, zeroes.bytes().size());
    for (std::uint64_t chunk = 0; chunk < chunkCount(place.extent.lengthBytes); ++chunk) {
        const ByteRange range = chunkRange(chunk, place.extent.lengthBytes);
        const std::uint64_t offset = place.extent.offsetBytes + range.offsetBytes;
        if (chunk % kPeriodChunks < kDataChunks) {
            Random(seed * 1'000'003 + chunk).fill(data.bytes());
            CAIRN_TRY(file->write(offset, data.bytes().first(range.lengthBytes)));
        } else if (gaps == Gaps::Zeroes) {
            CAIRN_TRY(file->write(offset, zeroes.bytes().first(range.lengthBytes)));
        } else {
            CAIRN_TRY(file->zero({offset, range.lengthBytes}));
        }
    }
    return file->flush();
}

Result<void> change(const Place& place, const Change& wanted)
{
    const auto file = CAIRN_TRY(FileIo::open(place.path, {.access = Access::Write}));
    const auto buffer = CAIRN_TRY(AlignedBuffer::create(wanted.blockBytes));
    const std::uint64_t blocks = place.extent.lengthBytes / wanted.blockBytes;
    CAIRN_ASSERT(wanted.count < blocks);
    Random random(wanted.seed * 7'919 + 13);
    std::set<std::uint64_t> chosen;
    while (chosen.size() < wanted.count)
        chosen.insert(random.next() % blocks);
    for (const std::uint64_t block : chosen) {
        random.fill(buffer.bytes());
        CAIRN_TRY(
            file->write(place.extent.offsetBytes + block * wanted.blockBytes, buffer.bytes()));
    }
    return file->flush();
}

void dropCache(const std::string& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    std::ignore = ::fdatasync(descriptor);
    std::ignore = ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
}

} // namespace cairn::bench
