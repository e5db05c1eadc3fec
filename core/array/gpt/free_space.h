// Finds room for a management region where nothing of a deleted partition is left.
#pragma once

#include "core/array/array.h"
#include "core/array/gpt/gpt_member.h"

#include <cstdint>

namespace cairn {

// Zero throughout, which is read: the front of the first free range where it is so; else a stretch
// inside of one, behind whatever deleted partitions left there. A large free range is looked
// through in part: its front, its end and some places between. Where all hold something: with
// Leftovers::Overwrite the front of one whose content is not recognised, if there is one; else
// ContentRecognised or ContentUnknown (subject: the member; detail: what would be lost, and where).
// NoSpace, ReadFailed.
[[nodiscard]] Result<ByteRange> findManagementPlace(const GptMember& member,
                                                    std::uint64_t sizeBytes, Leftovers leftovers);

} // namespace cairn
