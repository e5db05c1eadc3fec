// The first entry of an export, generation.json, as value and as JSON; docs/tape-format.md.
#pragma once

#include "core/base/error.h"
#include "core/catalog/records.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

inline constexpr std::uint64_t kTapeVersion = 2;

struct TapeRecord {
    Uuid arrayId; // The array that it was exported from,
    std::string arrayLabel;
    // and its record there. What of its source could not be read is in an entry of its own, behind
    // this one, where the state is Partial: version 2.
    Generation generation;
    std::int64_t exportedMs = 0;
};

// One object and a line feed, ASCII only.
[[nodiscard]] std::string toJsonText(const TapeRecord& record);

// The text is untrusted. InvalidArchive (subject: `name`, detail: the field) for anything that
// toJsonText() cannot have written of a usable generation; FormatNewer for a later version.
[[nodiscard]] Result<TapeRecord> parseTapeRecord(std::string_view text, const std::string& name);

} // namespace cairn
