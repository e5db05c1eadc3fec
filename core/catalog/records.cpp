// The stable words for states and events.
#include "core/catalog/records.h"

namespace cairn {

const char* stateName(GenerationState state) noexcept
{
    switch (state) {
    case GenerationState::Copying:
        return "copying";
    case GenerationState::Copied:
        return "copied";
    case GenerationState::Good:
        return "good";
    case GenerationState::Partial:
        return "partial";
    case GenerationState::Interrupted:
        return "interrupted";
    case GenerationState::Failed:
        return "failed";
    case GenerationState::Superseded:
        return "superseded";
    case GenerationState::Forgotten:
        return "forgotten";
    }
    return "unknown"; // Written by a newer Cairn: shown and kept.
}

const char* eventName(EventKind kind) noexcept
{
    switch (kind) {
    case EventKind::ArrayCreated:
        return "array-created";
    case EventKind::ArrayAdopted:
        return "array-adopted";
    case EventKind::RegionAdded:
        return "region-added";
    case EventKind::RegionRenamed:
        return "region-renamed";
    case EventKind::RegionRemoved:
        return "region-removed";
    case EventKind::MemberAdded:
        return "member-added";
    case EventKind::MemberReplaced:
        return "member-replaced";
    case EventKind::MemberStale:
        return "member-stale";
    case EventKind::HistoryChosen:
        return "history-chosen";
    case EventKind::BackupStarted:
        return "backup-started";
    case EventKind::BackupCopied:
        return "backup-copied";
    case EventKind::BackupResumed:
        return "backup-resumed";
    case EventKind::BackupFailed:
        return "backup-failed";
    case EventKind::BackupInterrupted:
        return "backup-interrupted";
    case EventKind::Verified:
        return "verified";
    case EventKind::VerifyFailed:
        return "verify-failed";
    case EventKind::RestoreStarted:
        return "restore-started";
    case EventKind::RestoreFinished:
        return "restore-finished";
    case EventKind::RestoreFailed:
        return "restore-failed";
    case EventKind::Held:
        return "held";
    case EventKind::Released:
        return "released";
    case EventKind::Forgotten:
        return "forgotten";
    case EventKind::Superseded:
        return "superseded";
    case EventKind::CatalogRebuilt:
        return "catalog-rebuilt";
    case EventKind::MirrorRepaired:
        return "mirror-repaired";
    case EventKind::RegionImported:
        return "region-imported";
    case EventKind::RegionExported:
        return "region-exported";
    case EventKind::UndoStarted:
        return "undo-started";
    case EventKind::UndoFinished:
        return "undo-finished";
    case EventKind::UndoFailed:
        return "undo-failed";
    case EventKind::BackupExported:
        return "backup-exported";
    case EventKind::ImportStarted:
        return "import-started";
    }
    return "unknown";
}

} // namespace cairn
