// Looks for writes to regions in the newest entries of the ledger.
#include "core/backup/written_since.h"

#include <algorithm>
#include <string>

namespace cairn {
namespace {

// What an entry says was written.
enum class Written : std::uint8_t { Nothing, Named, Target, Restored, Anything };

// An end that was no success follows on a beginning, and one by the next writer may tell of a
// process that died long ago: those entries tell of nothing new.
Written writtenBy(EventKind kind)
{
    switch (kind) {
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
    case EventKind::SwapStarted:
    case EventKind::SwapFinished:
        return Written::Target;
    case EventKind::UndoStarted:
    case EventKind::UndoFinished:
        return Written::Restored;
    case EventKind::HistoryChosen:
    case EventKind::CatalogRebuilt:
    case EventKind::MemberReplaced:
        return Written::Anything;
    default:
        return Written::Nothing;
    }
}

bool isWritten(Catalog& catalog, const Event& event, const Region& region)
{
    const Written written = writtenBy(event.kind);
    if (written == Written::Nothing)
        return false;
    if (written == Written::Anything || event.subject == region.name ||
        event.subject == region.id.uuid.toString())
        return true;
    if (written == Written::Named)
        return false;
    const auto generation = catalog.generation(event.generation);
    if (!generation)
        return true; // What cannot be told is not relied on.
    return generation->target.id == region.id ||
           (written == Written::Restored && generation->source.id == region.id);
}

} // namespace

Result<HistoryMark> ledgerMark(Attachment& attachment)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    return CAIRN_TRY(catalog->history(0, 0)).mark;
}

Result<void> requireNotWrittenSince(Catalog& catalog, const HistoryMark& mark,
                                    const std::vector<Region>& regions)
{
    const HistoryMark now = CAIRN_TRY(catalog.history(0, 0)).mark;
    if (now == mark)
        return {};
    const auto changed = [](const Region& region) {
        return failure(ErrorCode::PlanChanged, region.name, "content");
    };
    const Ledger ledger = CAIRN_TRY(catalog.ledger());
    const auto known = std::ranges::find(ledger.events, mark.event, &Event::id);
    const bool follows =
        mark.event == 0 || (known != ledger.events.end() && known->hash == mark.hash);
    for (const Region& region : regions) {
        if (!follows)
            return changed(region);
        for (const Event& event : ledger.events) {
            if (event.id > mark.event && isWritten(catalog, event, region))
                return changed(region);
        }
    }
    return {};
}

} // namespace cairn
