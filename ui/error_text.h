// The only place of the desktop where an error becomes sentences.
#pragma once

#include "core/base/error.h"

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
    Verify,
    Resume,
    Discard,
    Hold,
    Release,
    Forget,
    AddRegion,
    RenameRegion,
    RemoveRegion,
    Import,
    Export,
    AddMember,
    ReplaceMember,
    ChooseHistory,
    ChangeFaults,
};

inline constexpr Verb kLastVerb = Verb::ChangeFaults;
inline constexpr ErrorCode kLastErrorCode = ErrorCode::Unsupported;

// Plain text, safe to show: names in it went through displayText().
struct ErrorText {
    QString what;   // What failed, and why.
    QString state;  // What state things are in now.
    QString remedy; // What to do.
    // All three, as one paragraph.
    [[nodiscard]] QString paragraph() const;
};

[[nodiscard]] ErrorText errorText(Verb verb, const Error& error);

// Only why, for a place that has said already what failed.
[[nodiscard]] QString causeText(const Error& error);

} // namespace cairn
