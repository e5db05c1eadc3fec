// Exchanges of two regions' extents: their beginning, their two ends, and what is recorded of them.
#include "core/catalog/stored_catalog.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

std::unexpected<Error> notUsable(const Generation& generation, const char* why)
{
    return failure(ErrorCode::BackupNotUsable, generation.target.name, why, generation.number);
}

Result<void> checkSwapped(const RegionSwap& wanted, const Generation& generation)
{
    if (generation.source.id != wanted.source.id || generation.target.id != wanted.target.id)
        return failure(ErrorCode::InvalidArgument, wanted.source.name, "not its regions",
                       generation.number);
    if (generation.sizeBytes != wanted.sizeBytes || wanted.sizeBytes > INT64_MAX)
        return failure(ErrorCode::InvalidSize, wanted.source.name);
    const bool whole =
        generation.state == GenerationState::Copied || generation.state == GenerationState::Good;
    if (!wanted.undoes && (!whole || generation.undo))
        return notUsable(generation, stateName(generation.state));
    if (wanted.undoes && (!hasCopy(generation) || !generation.undo || !generation.undo->swapped))
        return notUsable(generation, stateName(generation.state));
    if (wanted.undoes && generation.undo->undoneMs != 0)
        return notUsable(generation, "undone");
    return {};
}

} // namespace

Result<std::vector<RegionSwap>> StoredCatalog::swaps()
{
    return read([&] { return readSwaps(*m_parts.database); });
}

Result<void> StoredCatalog::checkNoSwapOf(const RegionRef& region)
{
    for (const RegionSwap& swap : CAIRN_TRY(readSwaps(*m_parts.database))) {
        if (swap.names(region.id))
            return failure(ErrorCode::RegionBusy, region.name,
                           "swap of backup " + std::to_string(swap.generation), swap.generation);
    }
    return {};
}

Result<RegionSwap> StoredCatalog::findSwap(std::uint64_t id)
{
    for (RegionSwap& swap : CAIRN_TRY(readSwaps(*m_parts.database))) {
        if (swap.id == id)
            return RegionSwap(std::move(swap));
    }
    return failure(ErrorCode::InvalidArgument, std::to_string(id), "no such swap");
}

Result<std::uint64_t> StoredCatalog::beginSwap(const RegionSwap& wanted)
{
    return write(Room::Ordinary, [&]() -> Result<std::uint64_t> {
        RegionDatabase& database = *m_parts.database;
        const auto generation = CAIRN_TRY(readGeneration(database, wanted.generation));
        CAIRN_TRY(checkSwapped(wanted, generation));
        CAIRN_TRY(checkTarget({.target = wanted.source}));
        CAIRN_TRY(checkTarget({.target = wanted.target}));
        // Whose signatures they are could not be told apart.
        if (CAIRN_TRY(readSealStates(database)).contains(wanted.source.id))
            return failure(ErrorCode::PlanChanged, wanted.source.name, "it is sealed");
        RegionSwap swap = wanted;
        swap.id =
            CAIRN_TRY(record(wanted.undoes ? EventKind::UndoStarted : EventKind::SwapStarted,
                             wanted.generation, wanted.source.name, "with " + wanted.target.name));
        CAIRN_TRY(insertSwap(database, swap));
        if (swap.seals)
            CAIRN_TRY(writeSeal(database, swap.source.id, 0));
        return swap.id;
    });
}

Result<GenerationNumber> StoredCatalog::endSwap(std::uint64_t id, const Content& content)
{
    return write(Room::Headroom, [&]() -> Result<GenerationNumber> {
        RegionDatabase& database = *m_parts.database;
        const RegionSwap swap = CAIRN_TRY(findSwap(id));
        const auto swapped = CAIRN_TRY(readGeneration(database, swap.generation));
        CAIRN_TRY(checkSwapped(swap, swapped));
        CAIRN_TRY(deleteSwap(database, id));
        CAIRN_TRY(deleteSeal(database, swap.target.id));
        if (swap.seals) {
            CAIRN_TRY(moveSeal(database, swap.source.id, swap.target.id));
            CAIRN_TRY(writeSeal(database, swap.target.id, m_parts.environment.clock.nowUnixMs()));
        }
        if (!swap.undoes)
            return endForward(swap, content);
        CAIRN_TRY(endBack(swap));
        return GenerationNumber{0};
    });
}

Result<GenerationNumber> StoredCatalog::endForward(const RegionSwap& swap, const Content& content)
{
    RegionDatabase& database = *m_parts.database;
    const auto restored = CAIRN_TRY(readGeneration(database, swap.generation));
    Generation kept;
    kept.number = CAIRN_TRY(nextGenerationNumber(database));
    CAIRN_TRY(supersede(restored, {.target = swap.target, .by = kept.number, .kept = true}));
    kept.source = swap.source;
    kept.target = swap.target;
    kept.sizeBytes = swap.sizeBytes;
    kept.content = content;
    kept.startedMs = m_parts.environment.clock.nowUnixMs();
    kept.finishedMs = kept.startedMs;
    kept.hostId = m_parts.environment.host.id;
    kept.hostName = m_parts.environment.host.name;
    kept.state = GenerationState::Copied; // Nobody has read it.
    UndoCopy& undo = kept.undo.emplace();
    undo.restored = swap.generation;
    undo.sizeBytes = swap.sizeBytes;
    undo.keptMs = kept.startedMs;
    undo.swapped = true;
    CAIRN_TRY(insertGeneration(database, kept, m_parts.head.id + 1));
    // Where the source was half-written, what is kept of it is.
    CAIRN_TRY(keepUnfinished(database, swap.source.id, swap.sizeBytes, kept.number));
    CAIRN_TRY(endWrite(restored, swap.source));
    CAIRN_TRY(record(EventKind::SwapFinished, swap.generation, swap.source.name,
                     "what it held is #" + std::to_string(kept.number)));
    CAIRN_TRY(record(EventKind::BackupCopied, kept.number, swap.target.name, "by swap"));
    return kept.number;
}

Result<void> StoredCatalog::endBack(const RegionSwap& swap)
{
    RegionDatabase& database = *m_parts.database;
    const auto kept = CAIRN_TRY(readGeneration(database, swap.generation));
    CAIRN_TRY(markUndone(database, kept, m_parts.environment.clock.nowUnixMs()));
    CAIRN_TRY(endUnfinished(database, swap.source.id, swap.sizeBytes));
    CAIRN_TRY(bringBackUnfinished(database, kept.number));
    auto restored = CAIRN_TRY(readGeneration(database, kept.undo->restored));
    const bool returns =
        restored.state == GenerationState::Superseded && restored.supersededBy == kept.number &&
        CAIRN_TRY(countSegments(database, restored.number)) == segmentCount(restored.sizeBytes);
    if (returns) {
        // Whoever has read it back since records that besides.
        const bool whole = swap.damaged.empty();
        restored.state = whole ? GenerationState::Copied : GenerationState::Partial;
        restored.damaged = swap.damaged;
        restored.failure = whole ? ErrorCode{} : ErrorCode::DigestMismatch;
        restored.supersededBy = 0;
        CAIRN_TRY(updateGeneration(database, restored));
        CAIRN_TRY(placeAgain(database, restored.number));
    }
    CAIRN_TRY(supersede(kept, {.target = swap.target, .by = restored.number}));
    if (returns)
        CAIRN_TRY(record(EventKind::Reinstated, restored.number, swap.target.name,
                         "by undo " + std::to_string(kept.number)));
    CAIRN_TRY(record(EventKind::UndoFinished, kept.number, swap.source.name, "by swap"));
    return {};
}

Result<void> StoredCatalog::failSwap(std::uint64_t id, const std::string& why)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        const RegionSwap swap = CAIRN_TRY(findSwap(id));
        CAIRN_TRY(deleteSwap(database, id));
        CAIRN_TRY(deleteSeal(database, swap.source.id));
        CAIRN_TRY(record(swap.undoes ? EventKind::UndoFailed : EventKind::SwapFailed,
                         swap.generation, swap.source.name, why));
        return {};
    });
}

Result<void> StoredCatalog::dropSwapsOn(const Uuid& member)
{
    for (const RegionSwap& swap : CAIRN_TRY(readSwaps(*m_parts.database))) {
        if (swap.source.member != member)
            continue;
        CAIRN_TRY(deleteSwap(*m_parts.database, swap.id));
        CAIRN_TRY(record(swap.undoes ? EventKind::UndoFailed : EventKind::SwapFailed,
                         swap.generation, swap.source.name, "its disk has left the array"));
    }
    return {};
}

Result<void> StoredCatalog::moveSealTo(const RegionId& from, const std::optional<RegionId>& to)
{
    RegionDatabase& database = *m_parts.database;
    if (!CAIRN_TRY(readSealStates(database)).contains(from) || to == from)
        return {};
    return to ? moveSeal(database, from, *to) : deleteSeal(database, from);
}

Result<void> StoredCatalog::giveUpSwap(std::uint64_t id, const std::optional<RegionId>& sourceBytes,
                                       const std::optional<RegionId>& targetBytes)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        const RegionSwap swap = CAIRN_TRY(findSwap(id));
        const std::string why = "in doubt: the partition table was changed meanwhile";
        CAIRN_TRY(deleteSwap(*m_parts.database, id));
        // What one of them leaves behind first, so that the other's can go there.
        if (sourceBytes != swap.target.id)
            CAIRN_TRY(moveSealTo(swap.source.id, sourceBytes));
        CAIRN_TRY(moveSealTo(swap.target.id, targetBytes));
        if (sourceBytes == swap.target.id)
            CAIRN_TRY(moveSealTo(swap.source.id, sourceBytes));
        CAIRN_TRY(record(swap.undoes ? EventKind::UndoFailed : EventKind::SwapFailed,
                         swap.generation, swap.source.name, why));
        return doubt({swap.generation}, EventKind::MemberStale, why);
    });
}

} // namespace cairn
