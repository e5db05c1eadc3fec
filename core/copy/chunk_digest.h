// The digest of one chunk, the unit in which copies are compared.
#pragma once

#include "core/base/byte_range.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn {

inline constexpr std::uint64_t kChunkBytes = kMiB;
// A segment is the run of chunks whose digests share a row of the catalog: 1 GiB of source.
inline constexpr std::uint64_t kChunksPerSegment = 1024;

// XXH3-128 with seed 0, in XXH128_canonicalFromHash() byte order. It detects accidents, not a
// forger: the catalog's promises are about damage.
struct Digest {
    std::array<std::byte, 16> bytes{};

    [[nodiscard]] std::string toHex() const;
    [[nodiscard]] static std::optional<Digest> fromHex(std::string_view text);

    friend bool operator==(const Digest&, const Digest&) = default;
};

[[nodiscard]] Digest digestOf(std::span<const std::byte> bytes);

// digestOf() bytes that come in pieces. Not copyable; for one thread at a time.
class RunningDigest {
public:
    RunningDigest();
    ~RunningDigest();
    RunningDigest(const RunningDigest&) = delete;
    RunningDigest& operator=(const RunningDigest&) = delete;

    void add(std::span<const std::byte> bytes);
    void add(const Digest& digest) { add(std::span(digest.bytes)); }
    // Of everything added so far.
    [[nodiscard]] Digest digest() const;

private:
    void* m_state;
};

// The digest of lengthBytes zeroes, at most a chunk; a full chunk's is computed once.
[[nodiscard]] Digest digestOfZeroes(std::uint64_t lengthBytes);

// Whether all bytes are zero.
[[nodiscard]] bool isZero(std::span<const std::byte> bytes);

[[nodiscard]] constexpr std::uint64_t chunkCount(std::uint64_t sizeBytes)
{
    return divideUp(sizeBytes, kChunkBytes);
}

// The last chunk of a size that is no multiple of kChunkBytes is shorter.
[[nodiscard]] constexpr ByteRange chunkRange(std::uint64_t chunk, std::uint64_t sizeBytes)
{
    const std::uint64_t offset = chunk * kChunkBytes;
    const std::uint64_t rest = sizeBytes - offset;
    return {offset, rest < kChunkBytes ? rest : kChunkBytes};
}

} // namespace cairn
