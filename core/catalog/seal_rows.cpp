// The rows that keep what was taken out of sealed regions.
#include "core/catalog/catalog_rows.h"
#include "core/catalog/schema.h"
#include "core/catalog/statement.h"

#include <algorithm>

namespace cairn {

Result<std::map<RegionId, SealState>> readSealStates(RegionDatabase& database)
{
    std::map<RegionId, SealState> found;
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithSeals)))
        return found;
    auto statement =
        CAIRN_TRY(Statement::prepare(database, "SELECT region_uuid, sealed_ms FROM sealed"));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "sealed");
        const RegionId region{row.uuid(0)};
        const bool sealed = row.timeMs(1) != 0;
        CAIRN_TRY(row.valid());
        found.emplace(region, sealed ? SealState::Sealed : SealState::Unfinished);
    }
    return found;
}

Result<std::vector<RegionSeal>> readSeals(RegionDatabase& database)
{
    std::vector<RegionSeal> found;
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithSeals)))
        return found;
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "SELECT s.region_uuid, s.sealed_ms, b.offset_bytes, b.bytes FROM sealed s"
                  " LEFT JOIN sealed_bytes b ON b.region_uuid = s.region_uuid"
                  " ORDER BY s.region_uuid, b.offset_bytes"));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "sealed");
        const RegionId region{row.uuid(0)};
        if (found.empty() || found.back().region != region)
            found.push_back({.region = region, .sealedMs = row.timeMs(1), .pieces = {}});
        auto& pieces = found.back().pieces;
        if (!row.isNull(2)) {
            SealedBytes piece{.offsetBytes = row.number(2),
                              .bytes = row.blob(3, kMostSealedPieceBytes)};
            const std::uint64_t end =
                pieces.empty() ? 0 : pieces.back().range().end().value_or(UINT64_MAX);
            if (piece.bytes.empty() || piece.offsetBytes < end)
                row.reject(2, "overlapping");
            if (pieces.size() == kMostSealedPieces)
                row.reject(2, "too many");
            pieces.push_back(std::move(piece));
        }
        CAIRN_TRY(row.valid());
    }
    return found;
}

Result<void> writeSeal(RegionDatabase& database, const RegionId& region, std::int64_t sealedMs)
{
    auto statement = CAIRN_TRY(
        Statement::prepare(database,
                           "INSERT INTO sealed(region_uuid, sealed_ms) VALUES(?, ?)"
                           " ON CONFLICT(region_uuid) DO UPDATE SET sealed_ms = excluded.sealed_ms",
                           region.uuid, sealedMs));
    return statement.run();
}

Result<void> writeSealedBytes(RegionDatabase& database, const RegionId& region,
                              const std::vector<SealedBytes>& pieces)
{
    if (pieces.size() > kMostSealedPieces)
        return failure(ErrorCode::InvalidArgument, region.uuid.toString(), "sealed pieces");
    auto clear = CAIRN_TRY(Statement::prepare(
        database, "DELETE FROM sealed_bytes WHERE region_uuid = ?", region.uuid));
    CAIRN_TRY(clear.run());
    std::uint64_t end = 0;
    for (const SealedBytes& piece : pieces) {
        if (piece.bytes.empty() || piece.bytes.size() > kMostSealedPieceBytes ||
            piece.offsetBytes < end || piece.offsetBytes > INT64_MAX)
            return failure(ErrorCode::InvalidArgument, region.uuid.toString(), "sealed piece");
        end = piece.offsetBytes + piece.bytes.size();
        auto insert =
            CAIRN_TRY(Statement::prepare(database, "INSERT INTO sealed_bytes VALUES(?, ?, ?)",
                                         region.uuid, piece.offsetBytes, piece.bytes));
        CAIRN_TRY(insert.run());
    }
    return {};
}

Result<void> deleteSeal(RegionDatabase& database, const RegionId& region)
{
    for (const char* sql : {"DELETE FROM sealed_bytes WHERE region_uuid = ?",
                            "DELETE FROM sealed WHERE region_uuid = ?"}) {
        auto statement = CAIRN_TRY(Statement::prepare(database, sql, region.uuid));
        CAIRN_TRY(statement.run());
    }
    return {};
}

} // namespace cairn
