// Encodes and decodes lease blocks.
//
// A lease block is 4096 bytes, integers little-endian. All that it says is in its first 512, which
// no power cut tears:
//      0  u8[8]    "CAIRNLSE"
//      8  u32      format version, 1
//     12  u32      0 free, 1 held, 2 claimed
//     16  u8[16]   array UUID
//     32  u8[16]   host id            48  u8[16]  boot id
//     64  u64      counter            72  u64     since, in ms since 1970-01-01 UTC
//     80  u32      duration in ms     84  u32     length of the host's name
//     88  u8[255]  the host's name, then zeroes
//    504  u64      XXH3-64 of bytes 0 … 503
#include "core/catalog/lease_block.h"

#include "core/catalog/stored_integers.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <xxhash.h>

namespace cairn {
namespace {

constexpr char kMagic[] = "CAIRNLSE"; // Eight bytes are stored.
constexpr std::size_t kMagicBytes = 8;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kNameAt = 88;
constexpr std::size_t kMostNameBytes = 255;
constexpr std::size_t kSaidBytes = 512;
constexpr std::size_t kChecksumAt = kSaidBytes - 8;

void storeUuid(LeaseBytes& bytes, std::size_t offset, const Uuid& uuid)
{
    std::memcpy(&bytes[offset], uuid.bytes.data(), uuid.bytes.size());
}

Uuid loadUuid(const LeaseBytes& bytes, std::size_t offset)
{
    Uuid uuid;
    std::memcpy(uuid.bytes.data(), &bytes[offset], uuid.bytes.size());
    return uuid;
}

} // namespace

LeaseBytes encodeLease(const LeaseBlock& block)
{
    LeaseBytes bytes{};
    std::memcpy(bytes.data(), kMagic, kMagicBytes);
    storeLittle(bytes, 8, kVersion);
    storeLittle(bytes, 12, static_cast<std::uint32_t>(block.state));
    storeUuid(bytes, 16, block.arrayId);
    storeUuid(bytes, 32, block.host.id);
    storeUuid(bytes, 48, block.host.bootId);
    storeLittle(bytes, 64, block.counter);
    storeLittle(bytes, 72, static_cast<std::uint64_t>(block.sinceMs));
    storeLittle(bytes, 80, block.durationMs);
    const std::size_t nameBytes = std::min(block.host.name.size(), kMostNameBytes);
    storeLittle(bytes, 84, static_cast<std::uint32_t>(nameBytes));
    std::memcpy(&bytes[kNameAt], block.host.name.data(), nameBytes);
    storeLittle(bytes, kChecksumAt, std::uint64_t{XXH3_64bits(bytes.data(), kChecksumAt)});
    return bytes;
}

FoundLease decodeLease(const LeaseBytes& bytes)
{
    if (std::ranges::all_of(std::span(bytes).first(kSaidBytes),
                            [](std::byte one) { return one == std::byte{0}; }))
        return {FoundLease::Kind::Never, {}};
    const FoundLease damaged{FoundLease::Kind::Damaged, {}};
    if (std::memcmp(bytes.data(), kMagic, kMagicBytes) != 0 ||
        loadLittle<std::uint64_t>(bytes, kChecksumAt) != XXH3_64bits(bytes.data(), kChecksumAt) ||
        loadLittle<std::uint32_t>(bytes, 8) != kVersion)
        return damaged;
    const auto state = loadLittle<std::uint32_t>(bytes, 12);
    const auto nameBytes = loadLittle<std::uint32_t>(bytes, 84);
    if (state > static_cast<std::uint32_t>(LeaseState::Claimed) || nameBytes > kMostNameBytes)
        return damaged;
    LeaseBlock block;
    block.state = static_cast<LeaseState>(state);
    block.arrayId = loadUuid(bytes, 16);
    block.host.id = loadUuid(bytes, 32);
    block.host.bootId = loadUuid(bytes, 48);
    block.counter = loadLittle<std::uint64_t>(bytes, 64);
    block.sinceMs = static_cast<std::int64_t>(loadLittle<std::uint64_t>(bytes, 72));
    block.durationMs = loadLittle<std::uint32_t>(bytes, 80);
    block.host.name.assign(reinterpret_cast<const char*>(&bytes[kNameAt]), nameBytes);
    return {FoundLease::Kind::Valid, std::move(block)};
}

std::uint64_t claimOffset(const HostIdentity& host)
{
    std::array<std::uint8_t, 32> both{};
    std::ranges::copy(host.id.bytes, both.begin());
    std::ranges::copy(host.bootId.bytes, both.begin() + 16);
    const std::uint64_t number = XXH3_64bits(both.data(), both.size()) % kClaimBlocks;
    return kLeaseOffset + (1 + number) * kPageBytes;
}

Result<void> clearLease(RegionIo& region, const Uuid& arrayId)
{
    LeaseBytes bytes{};
    CAIRN_TRY(region.readMedium(kLeaseOffset, bytes));
    const FoundLease found = decodeLease(bytes);
    if (found.kind == FoundLease::Kind::Valid && found.block.arrayId == arrayId)
        return {};
    return region.writeShared(kLeaseOffset, LeaseBytes{});
}

} // namespace cairn
