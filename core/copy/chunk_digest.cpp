// XXH3-128 of chunks.
#include "core/copy/chunk_digest.h"

#include "core/base/error.h"

#include <algorithm>
#include <cstring>
#include <vector>
// Chooses AVX2 or AVX-512 where the processor has it, which is three times as fast as SSE2.
#if defined(__x86_64__)
#    include <xxh_x86dispatch.h>
#else
#    include <xxhash.h>
#endif

namespace cairn {
namespace {

Digest canonical(XXH128_hash_t hash)
{
    XXH128_canonical_t stored;
    XXH128_canonicalFromHash(&stored, hash);
    Digest digest;
    static_assert(sizeof(stored.digest) == sizeof(digest.bytes));
    std::memcpy(digest.bytes.data(), stored.digest, digest.bytes.size());
    return digest;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

Digest computeZeroDigest(std::uint64_t lengthBytes)
{
    const std::vector<std::byte> zeroes(static_cast<std::size_t>(lengthBytes));
    return digestOf(zeroes);
}

} // namespace

std::string Digest::toHex() const
{
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::byte byte : bytes) {
        text.push_back(kDigits[std::to_integer<std::size_t>(byte >> 4U)]);
        text.push_back(kDigits[std::to_integer<std::size_t>(byte & std::byte{0x0f})]);
    }
    return text;
}

std::optional<Digest> Digest::fromHex(std::string_view text)
{
    Digest digest;
    if (text.size() != 2 * digest.bytes.size())
        return std::nullopt;
    for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
        const int high = hexDigit(text[2 * i]);
        const int low = hexDigit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        digest.bytes[i] = static_cast<std::byte>(high * 16 + low);
    }
    return digest;
}

Digest digestOf(std::span<const std::byte> bytes)
{
    return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

RunningDigest::RunningDigest() : m_state(XXH3_createState())
{
    if (m_state == nullptr)
        throw std::bad_alloc(); // Caught, as that of any allocation, at the entry of a verb.
    XXH3_128bits_reset(static_cast<XXH3_state_t*>(m_state));
}

RunningDigest::~RunningDigest()
{
    XXH3_freeState(static_cast<XXH3_state_t*>(m_state));
}

void RunningDigest::add(std::span<const std::byte> bytes)
{
    XXH3_128bits_update(static_cast<XXH3_state_t*>(m_state), bytes.data(), bytes.size());
}

Digest RunningDigest::digest() const
{
    return canonical(XXH3_128bits_digest(static_cast<const XXH3_state_t*>(m_state)));
}

Digest digestOfZeroes(std::uint64_t lengthBytes)
{
    CAIRN_ASSERT(lengthBytes <= kChunkBytes);
    static const Digest fullChunk = computeZeroDigest(kChunkBytes);
    return lengthBytes == kChunkBytes ? fullChunk : computeZeroDigest(lengthBytes);
}

bool isZero(std::span<const std::byte> bytes)
{
    // Data shows itself in the first bytes nearly always; after those, equal to itself one byte
    // further on means equal throughout, and memcmp() is the fastest way to ask.
    constexpr std::size_t kHeadBytes = 16;
    const auto head = bytes.first(std::min(kHeadBytes, bytes.size()));
    if (std::ranges::any_of(head, [](std::byte byte) { return byte != std::byte{0}; }))
        return false;
    if (bytes.size() <= kHeadBytes)
        return true;
    return std::memcmp(bytes.data(), bytes.data() + kHeadBytes, bytes.size() - kHeadBytes) == 0;
}

} // namespace cairn
