// Which regions hold half of one content and half of another, for whoever shows them.
#pragma once

#include "core/backup/attachment.h"

#include <vector>

namespace cairn {

enum class HalfWrittenState : std::uint8_t {
    Running,     // Something writes it now.
    Interrupted, // A job can go on with it, or go back.
    GivenUp,     // Nothing can: to be restored or imported again, or accepted.
    Accepted,    // The operator took its content as it is.
};

// Stable lower-case word for JSON: "running", "given-up" …
[[nodiscard]] const char* halfWrittenStateName(HalfWrittenState state) noexcept;

struct HalfWritten {
    UnfinishedWrite write; // The last that began, and was not accepted if there is one.
    HalfWrittenState state = HalfWrittenState::GivenUp;
    friend bool operator==(const HalfWritten&, const HalfWritten&) = default;
};

// Reads only; one for each such region, also of members that are away.
[[nodiscard]] Result<std::vector<HalfWritten>> halfWrittenRegions(Attachment& attachment);

[[nodiscard]] const HalfWritten* findHalfWritten(const std::vector<HalfWritten>& all,
                                                 const RegionId& region);

} // namespace cairn
