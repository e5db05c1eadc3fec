// The stable words for states, writings and events.
#include "core/catalog/records.h"

#include <array>

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

const char* eventName(EventKind kind) noexcept
{
    static constexpr std::array kNames = {
        "array-created",   "array-adopted",      "region-added",    "region-renamed",
        "region-removed",  "member-added",       "member-replaced", "member-stale",
        "history-chosen",  "backup-started",     "backup-copied",   "backup-resumed",
        "backup-failed",   "backup-interrupted", "verified",        "verify-failed",
        "restore-started", "restore-finished",   "restore-failed",  "held",
        "released",        "forgotten",          "superseded",      "catalog-rebuilt",
        "mirror-repaired", "region-imported",    "region-exported", "undo-started",
        "undo-finished",   "undo-failed",        "backup-exported", "import-started",
        "member-released", "content-accepted",
    };
    static_assert(kNames.size() == static_cast<std::size_t>(EventKind::ContentAccepted));
    const auto index = static_cast<std::size_t>(kind) - 1; // Of 0 as of a newer Cairn's, none.
    return index < kNames.size() ? kNames[index] : "unknown";
}

} // namespace cairn
