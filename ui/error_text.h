// The only place of the desktop where an error becomes sentences.
#pragma once

#include "core/base/error.h"
#include "core/catalog/records.h"

#include <QString>
#include <cstdint>

namespace cairn {

// What the operator had asked for when it happened.
enum class Verb : std::uint8_t {
    Open,
    Refresh,
    CreateArray,
    AdoptDisk,
    BackUp,
    Restore,
    Swap,
    Undo,
    Verify,
    Resume,
    Discard,
    Hold,
    Release,
    Forget,
    Seal,
    Unseal,
    AddRegion,
    RenameRegion,
    RemoveRegion,
    AcceptContent,
    Import,
    Export,
    ShowHistory,
    ExportCatalog,
    ExportBackup,
    AddMember,
    ReplaceMember,
    ReleaseDisk,
    ChooseHistory,
    ChangeFaults,
};

inline constexpr Verb kLastVerb = Verb::ChangeFaults;
inline constexpr ErrorCode kLastErrorCode = ErrorCode::Unsupported;

// In which state a job that did not succeed has left its target, where that is known.
enum class JobEnd : std::uint8_t {
    NotKnown,
    NothingWritten,          // Neither a record nor a byte of the target.
    CopyIncomplete,          // Of a backup; it can be resumed.
    CopyNotVerified,         // Of a backup: copied and recorded, but not read back.
    RegionUnchanged,         // Of a restore or undo: not one byte was overwritten.
    RestoreWaits,            // The same, and it can be resumed.
    RegionIncomplete,        // Half of one content, half of another, until it is resumed or undone.
    RegionNotReadBack,       // All is written, but it was not read back.
    RegionIncompleteForGood, // The same, and nothing is kept that would undo it.
};

// Plain text, safe to show: names in it went through displayText().
struct ErrorText {
    QString what;   // What failed, and why.
    QString state;  // What state things are in now.
    QString remedy; // What to do.
    // All three, as one paragraph.
    [[nodiscard]] QString paragraph() const;
};

[[nodiscard]] ErrorText errorText(Verb verb, const Error& error, JobEnd end = JobEnd::NotKnown);

// Only why, for a place that has said already what failed.
[[nodiscard]] QString causeText(const Error& error);
// The same of a record: why its job ended as it did; empty where it ended well.
[[nodiscard]] QString causeText(const Generation& generation);

} // namespace cairn
