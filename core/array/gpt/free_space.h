// Finds room for a management region where nothing of a deleted partition is left.
#pragma once

#include "core/array/array.h"
#include "core/array/gpt/gpt_member.h"

#include <cstdint>

namespace cairn {

// The first free range that is large enough and zero as far as the region will reach, which is read
// whole. Where all hold something: with Leftovers::Overwrite one of those whose content is not
// recognised, if there is one; else ContentRecognised or ContentUnknown (subject: the member;
// detail: what would be lost, and where). NoSpace, ReadFailed.
[[nodiscard]] Result<ByteRange> findManagementPlace(const GptMember& member,
                                                    std::uint64_t sizeBytes, Leftovers leftovers);

} // namespace cairn
