// Writes and checks the stamp at the end of each page.
#include "core/catalog/page_stamp.h"

#include "core/catalog/stored_integers.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <xxhash.h>

namespace cairn {
namespace {

constexpr std::size_t kNumberAt = kPageBytes - kPageReservedBytes;
constexpr std::size_t kTagAt = kNumberAt + 4;
constexpr std::size_t kGenerationAt = kNumberAt + 8;
constexpr std::size_t kHashAt = kNumberAt + 16;
static_assert(kHashAt + 16 == kPageBytes);

} // namespace

StampKey StampKey::of(const Uuid& arrayId)
{
    StampKey key;
    key.seed = XXH3_64bits(arrayId.bytes.data(), arrayId.bytes.size());
    key.tag = loadLittle<std::uint32_t>(std::as_bytes(std::span(arrayId.bytes)), 0);
    return key;
}

void storeKeyedHash(std::span<const std::byte> of, const StampKey& key,
                    std::span<std::byte, 16> into)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_withSeed(of.data(), of.size(), key.seed));
    std::memcpy(into.data(), canonical.digest, sizeof(canonical.digest));
}

bool keyedHashHolds(std::span<const std::byte> of, const StampKey& key,
                    std::span<const std::byte, 16> stored)
{
    std::array<std::byte, 16> computed{};
    storeKeyedHash(of, key, computed);
    return std::ranges::equal(computed, stored);
}

void stampPage(PageBytes page, std::uint32_t number, std::uint64_t generation, const StampKey& key)
{
    storeLittle(page, kNumberAt, number);
    storeLittle(page, kTagAt, key.tag);
    storeLittle(page, kGenerationAt, generation);
    storeKeyedHash(page.first(kHashAt), key, page.subspan<kHashAt, 16>());
}

std::optional<std::uint64_t> stampedGeneration(ConstPageBytes page, std::uint32_t number,
                                               const StampKey& key)
{
    if (loadLittle<std::uint32_t>(page, kNumberAt) != number ||
        loadLittle<std::uint32_t>(page, kTagAt) != key.tag ||
        !keyedHashHolds(page.first(kHashAt), key, page.subspan<kHashAt, 16>()))
        return std::nullopt;
    return loadLittle<std::uint64_t>(page, kGenerationAt);
}

} // namespace cairn
