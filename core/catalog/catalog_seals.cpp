// What the catalog keeps of sealed regions, and when they are so.
#include "core/catalog/stored_catalog.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cairn {
namespace {

std::string sealedText(const std::vector<SealedBytes>& pieces)
{
    std::uint64_t bytes = 0;
    for (const SealedBytes& piece : pieces)
        bytes += piece.bytes.size();
    return std::to_string(bytes) + " bytes at " + std::to_string(pieces.size()) + " places";
}

Result<std::optional<RegionSeal>> findSeal(RegionDatabase& database, const RegionId& region)
{
    for (RegionSeal& seal : CAIRN_TRY(readSeals(database))) {
        if (seal.region == region)
            return std::optional(std::move(seal));
    }
    return std::optional<RegionSeal>();
}

} // namespace

Result<std::vector<RegionSeal>> StoredCatalog::seals()
{
    return read([&] { return readSeals(*m_parts.database); });
}

Result<void> StoredCatalog::beginSeal(GenerationNumber number)
{
    return write(Room::Ordinary, [&]() -> Result<void> {
        const auto generation = CAIRN_TRY(readGeneration(*m_parts.database, number));
        CAIRN_TRY(checkNoSwapOf(generation.target));
        return writeSeal(*m_parts.database, generation.target.id, 0);
    });
}

Result<void> StoredCatalog::recordSealedBytes(const RegionId& region,
                                              const std::vector<SealedBytes>& pieces)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        if (!CAIRN_TRY(readSealStates(*m_parts.database)).contains(region))
            return failure(ErrorCode::InvalidArgument, region.uuid.toString(), "it is not sealed");
        return writeSealedBytes(*m_parts.database, region, pieces);
    });
}

Result<void> StoredCatalog::endSeal(GenerationNumber number)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        return finishSeal(CAIRN_TRY(readGeneration(*m_parts.database, number)));
    });
}

Result<void> StoredCatalog::finishSeal(const Generation& generation)
{
    const auto seal = CAIRN_TRY(findSeal(*m_parts.database, generation.target.id));
    if (!seal || seal->sealedMs != 0)
        return {};
    CAIRN_TRY(
        writeSeal(*m_parts.database, generation.target.id, m_parts.environment.clock.nowUnixMs()));
    CAIRN_TRY(record(EventKind::Sealed, generation.number, generation.target.name,
                     sealedText(seal->pieces)));
    return {};
}

Result<void> StoredCatalog::endUnseal(const RegionRef& region, GenerationNumber number)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        const auto seal = CAIRN_TRY(findSeal(*m_parts.database, region.id));
        if (!seal)
            return {};
        CAIRN_TRY(deleteSeal(*m_parts.database, region.id));
        CAIRN_TRY(record(EventKind::Unsealed, number, region.name, sealedText(seal->pieces)));
        return {};
    });
}

Result<void> StoredCatalog::takeOverSeals(const std::vector<RegionSeal>& seals)
{
    if (seals.empty())
        return {};
    CAIRN_TRY(upgrade());
    RegionDatabase& database = *m_parts.database;
    for (const RegionSeal& seal : seals) {
        auto own = CAIRN_TRY(findSeal(database, seal.region));
        std::vector<SealedBytes> pieces = own ? std::move(own->pieces) : std::vector<SealedBytes>();
        for (const SealedBytes& piece : seal.pieces) {
            if (std::ranges::none_of(pieces, [&](const SealedBytes& known) {
                    return known.range().overlaps(piece.range());
                }))
                pieces.push_back(piece);
        }
        std::ranges::sort(pieces, {}, &SealedBytes::offsetBytes);
        // Where the two are not of one mind, nothing is sure of the medium.
        const bool same = own && own->sealedMs != 0 && seal.sealedMs != 0;
        CAIRN_TRY(writeSeal(database, seal.region, same ? own->sealedMs : 0));
        CAIRN_TRY(writeSealedBytes(database, seal.region, pieces));
    }
    return {};
}

Result<void> StoredCatalog::insertRecovered(const RegionSeal& seal)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        if (CAIRN_TRY(readSealStates(*m_parts.database)).contains(seal.region))
            return {};
        CAIRN_TRY(writeSeal(*m_parts.database, seal.region, seal.sealedMs));
        return writeSealedBytes(*m_parts.database, seal.region, seal.pieces);
    });
}

} // namespace cairn
