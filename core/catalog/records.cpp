// The stable words for states, writings and events.
#include "core/catalog/records.h"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

struct EventName {
    EventKind kind;
    const char* name;
};
constexpr std::array kEventNames{
    EventName{EventKind::ArrayCreated, "array-created"},
    EventName{EventKind::ArrayAdopted, "array-adopted"},
    EventName{EventKind::RegionAdded, "region-added"},
    EventName{EventKind::RegionRenamed, "region-renamed"},
    EventName{EventKind::RegionRemoved, "region-removed"},
    EventName{EventKind::MemberAdded, "member-added"},
    EventName{EventKind::MemberReplaced, "member-replaced"},
    EventName{EventKind::MemberReleased, "member-released"},
    EventName{EventKind::MemberStale, "member-stale"},
    EventName{EventKind::HistoryChosen, "history-chosen"},
    EventName{EventKind::BackupStarted, "backup-started"},
    EventName{EventKind::BackupCopied, "backup-copied"},
    EventName{EventKind::BackupResumed, "backup-resumed"},
    EventName{EventKind::BackupFailed, "backup-failed"},
    EventName{EventKind::BackupInterrupted, "backup-interrupted"},
    EventName{EventKind::Verified, "verified"},
    EventName{EventKind::VerifyFailed, "verify-failed"},
    EventName{EventKind::RestoreStarted, "restore-started"},
    EventName{EventKind::RestoreFinished, "restore-finished"},
    EventName{EventKind::RestoreFailed, "restore-failed"},
    EventName{EventKind::Held, "held"},
    EventName{EventKind::Released, "released"},
    EventName{EventKind::Forgotten, "forgotten"},
    EventName{EventKind::Superseded, "superseded"},
    EventName{EventKind::CatalogRebuilt, "catalog-rebuilt"},
    EventName{EventKind::MirrorRepaired, "mirror-repaired"},
    EventName{EventKind::RegionImported, "region-imported"},
    EventName{EventKind::RegionExported, "region-exported"},
    EventName{EventKind::UndoStarted, "undo-started"},
    EventName{EventKind::UndoFinished, "undo-finished"},
    EventName{EventKind::UndoFailed, "undo-failed"},
    EventName{EventKind::BackupExported, "backup-exported"},
    EventName{EventKind::ImportStarted, "import-started"},
    EventName{EventKind::ContentAccepted, "content-accepted"},
    EventName{EventKind::RestoreCanceled, "restore-canceled"},
    EventName{EventKind::UndoCanceled, "undo-canceled"},
    EventName{EventKind::Reinstated, "reinstated"},
    EventName{EventKind::RegionImportStarted, "region-import-started"},
    EventName{EventKind::RegionImportFailed, "region-import-failed"},
    EventName{EventKind::RestoreInterrupted, "restore-interrupted"},
    EventName{EventKind::UndoInterrupted, "undo-interrupted"},
    EventName{EventKind::GivenUp, "given-up"},
    EventName{EventKind::SourceUnreadable, "source-unreadable"},
    EventName{EventKind::SourceFrozen, "source-frozen"},
    EventName{EventKind::SourceThawedEarly, "source-thawed-early"},
    EventName{EventKind::Sealed, "sealed"},
    EventName{EventKind::Unsealed, "unsealed"},
    EventName{EventKind::LeaseTakenOver, "lease-taken-over"},
    EventName{EventKind::SwapStarted, "swap-started"},
    EventName{EventKind::SwapFinished, "swap-finished"},
    EventName{EventKind::SwapFailed, "swap-failed"},
    EventName{EventKind::SourceUsed, "source-used"},
};

} // namespace

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

const char* consistencyName(Consistency consistency) noexcept
{
    switch (consistency) {
    case Consistency::Offline:
        return "offline";
    case Consistency::Frozen:
        return "frozen";
    case Consistency::Cloned:
        return "cloned";
    case Consistency::Inconsistent:
        break;
    }
    return "inconsistent";
}

const char* sealStateName(SealState state) noexcept
{
    switch (state) {
    case SealState::Plain:
        return "plain";
    case SealState::Unfinished:
        return "unfinished";
    case SealState::Sealed:
        return "sealed";
    }
    return "unfinished";
}

const char* writeKindName(WriteKind kind) noexcept
{
    switch (kind) {
    case WriteKind::Backup:
        return "backup";
    case WriteKind::Restore:
        return "restore";
    case WriteKind::Undo:
        return "undo";
    case WriteKind::Import:
        return "import";
    case WriteKind::RegionImport:
        return "region-import";
    }
    return "unknown";
}

bool hasCopy(const Generation& generation)
{
    return generation.state == GenerationState::Copied ||
           generation.state == GenerationState::Good ||
           generation.state == GenerationState::Partial;
}

bool lacksDigests(const Generation& generation)
{
    const bool cloned = generation.consistency == Consistency::Cloned && !generation.recovered;
    const bool swapped = generation.undo && generation.undo->swapped;
    return hasCopy(generation) && (cloned || swapped) && generation.digest == Digest{};
}

const char* eventName(EventKind kind) noexcept
{
    const auto* const found = std::ranges::find(kEventNames, kind, &EventName::kind);
    return found == kEventNames.end() ? "unknown" : found->name; // As above.
}

} // namespace cairn
