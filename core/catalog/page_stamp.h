// What proves a page of the database to be the one that was written there.
//
// SQLite leaves the last 32 bytes of each 4096-byte page alone; little-endian, they hold:
//   4064  u32       page number, from 1
//   4068  u32       first four bytes of the array's UUID, for people who look at a dump
//   4072  u64       write generation; grows with every write of any page of the array
//   4080  u8[16]    XXH3-128 (canonical, big-endian) of bytes 0 … 4079, seeded with the
//                   XXH3-64 of the array's 16 UUID bytes
// The stamp finds damaged, misdirected and foreign pages; comparing generations between copies
// finds stale ones. It keeps no secret: whoever can write the device can stamp a page.
#pragma once

#include "core/base/uuid.h"
#include "core/catalog/management_region.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cairn {

using PageBytes = std::span<std::byte, kPageBytes>;
using ConstPageBytes = std::span<const std::byte, kPageBytes>;

// What ties a stamp to one array.
struct StampKey {
    std::uint64_t seed = 0;
    std::uint32_t tag = 0;

    [[nodiscard]] static StampKey of(const Uuid& arrayId);
};

void stampPage(PageBytes page, std::uint32_t number, std::uint64_t generation, const StampKey& key);

// The generation of a page whose stamp holds for that number and array.
[[nodiscard]] std::optional<std::uint64_t>
stampedGeneration(ConstPageBytes page, std::uint32_t number, const StampKey& key);

// XXH3-128 of the bytes in canonical order, seeded with the array's key.
void storeKeyedHash(std::span<const std::byte> of, const StampKey& key,
                    std::span<std::byte, 16> into);
[[nodiscard]] bool keyedHashHolds(std::span<const std::byte> of, const StampKey& key,
                                  std::span<const std::byte, 16> stored);

} // namespace cairn
