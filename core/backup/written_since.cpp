// Looks for writes to regions in the newest entries of the ledger.
#include "core/backup/written_since.h"

#include "core/backup/guards.h"

#include <algorithm>
#include <set>
#include <string>

namespace cairn {
namespace {

// What an entry says was written: the region that it names, the target of its generation, also the
// source of it, or what nobody can tell.
enum class Written : std::uint8_t { Nothing, Named, Target, Restored, Anything };

// An end that was no success follows on a beginning, and one by the next writer may tell of a
// process that died long ago: those entries tell of nothing new.
Written writtenBy(EventKind kind, Sealing sealing)
{
    switch (kind) {
    case EventKind::Sealed:
    case EventKind::Unsealed:
        return sealing == Sealing::IsAChange ? Written::Target : Written::Nothing;
    case EventKind::RestoreStarted:
    case EventKind::RestoreFinished:
    case EventKind::RegionImportStarted:
    case EventKind::RegionImported:
    case EventKind::RegionRemoved:
        return Written::Named;
    case EventKind::BackupStarted:
    case EventKind::BackupResumed:
    case EventKind::BackupCopied:
    case EventKind::ImportStarted:
    case EventKind::SourceUnreadable:
        return Written::Target;
    case EventKind::UndoStarted:
    case EventKind::UndoFinished:
    case EventKind::SwapStarted:
    case EventKind::SwapFinished:
        return Written::Restored;
    case EventKind::HistoryChosen:
    case EventKind::CatalogRebuilt:
    case EventKind::MemberReplaced:
    case EventKind::MemberReleased:
        return Written::Anything;
    default:
        return Written::Nothing;
    }
}

bool isWritten(Catalog& catalog, const Event& event, const Region& region,
               const std::set<std::string>& names, Sealing sealing)
{
    const Written written = writtenBy(event.kind, sealing);
    if (written == Written::Nothing)
        return false;
    if (written == Written::Anything || names.contains(event.subject) ||
        event.detail == region.id.uuid.toString())
        return true;
    // An entry of no backup tells of the region that it names.
    if (written == Written::Named || event.generation == 0)
        return false;
    const auto generation = catalog.generation(event.generation);
    if (!generation)
        return true; // What cannot be told is not relied on.
    return generation->target.id == region.id ||
           (written == Written::Restored && generation->source.id == region.id);
}

// Entries name a region as it was called when they were written.
bool isWrittenSince(Catalog& catalog, const Ledger& ledger, std::uint64_t mark,
                    const Region& region, Sealing sealing)
{
    std::set<std::string> names{region.name};
    for (const Event& event : ledger.events) {
        if (event.id <= mark)
            continue;
        if (event.kind == EventKind::RegionRenamed && names.contains(event.detail))
            names.insert(event.subject);
        if (isWritten(catalog, event, region, names, sealing))
            return true;
    }
    return false;
}

} // namespace

Result<HistoryMark> ledgerMark(Attachment& attachment)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    return CAIRN_TRY(catalog->history(0, 0)).mark;
}

Result<void> requireNotWrittenSince(Catalog& catalog, const HistoryMark& mark,
                                    const std::vector<Region>& regions, Sealing sealing)
{
    const HistoryMark now = CAIRN_TRY(catalog.history(0, 0)).mark;
    if (now == mark)
        return {};
    const Ledger ledger = CAIRN_TRY(catalog.ledger());
    const auto known = std::ranges::find(ledger.events, mark.event, &Event::id);
    const bool follows =
        mark.event == 0 || (known != ledger.events.end() && known->hash == mark.hash);
    for (const Region& region : regions) {
        if (!follows || isWrittenSince(catalog, ledger, mark.event, region, sealing))
            return failure(ErrorCode::PlanChanged, region.name, "content");
    }
    return {};
}

Result<void> requireAsSeen(Attachment& attachment, const std::vector<Region>& seen)
{
    std::vector<RegionId> regions;
    std::ranges::transform(seen, std::back_inserter(regions), &Region::id);
    CAIRN_TRY(attachment.array().probeAgain(regions));
    const ArrayLayout now = attachment.array().layout();
    for (const Region& region : seen)
        CAIRN_TRY(requireUnchanged(now, region, true));
    return {};
}

} // namespace cairn
