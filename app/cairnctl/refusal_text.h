// Why a region cannot be a target, in words.
#pragma once

#include "core/array/candidate_target.h"
#include "core/backup/attachment.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::ctl {

// Stable word for JSON: "too-small" …
[[nodiscard]] const char* refusalName(RefusalReason reason) noexcept;
// Printable: "too small by 512 MiB (536870912 bytes)" …
[[nodiscard]] std::string refusalText(const Refusal& refusal);
// "a restore of backup #3" …; the kind is writeKindName()'s.
[[nodiscard]] std::string unfinishedText(std::string_view kind, std::uint64_t generation);
// The two commands that end an interrupted restore or undo: "finish it with `cairnctl resume 1`,
// or go back with `cairnctl undo 2`"; written: it had begun to overwrite its target.
[[nodiscard]] std::string waysToEnd(const Job& job, bool written);
// The same as a sentence.
[[nodiscard]] std::string adviceToEnd(const Job& job, bool written);
[[nodiscard]] std::vector<std::string> refusalTexts(const std::vector<Refusal>& refusals);

// "the last good copy of db"; of one with a flaw, "the last copy of db, though partial"; of one
// whose `content` others do not hold, "the newest of db that holds ext4 …".
[[nodiscard]] std::string lastCopyText(const std::string& source, const std::string& flaw = {},
                                       const std::string& content = {});
// The flaw of a Refusal's copy, or of a LostSource's.
[[nodiscard]] std::string flawOf(const auto& copy)
{
    return copy.partial ? "partial" : copy.inconsistent ? "inconsistent" : "";
}

// That a name must be typed, as an error that tells what would be lost with an undo record; any
// other error as it is.
[[nodiscard]] Error lossError(Attachment& attachment, const Error& error);

} // namespace cairn::ctl
