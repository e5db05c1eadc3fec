// Holding, releasing and forgetting generations.
#pragma once

#include "core/backup/attachment.h"

namespace cairn {

// A held generation is refused as a target, and cannot be forgotten.
[[nodiscard]] Result<void> hold(Attachment& attachment, GenerationNumber number);
[[nodiscard]] Result<void> release(Attachment& attachment, GenerationNumber number);

// The record stays as Forgotten, the bytes stay until overwritten; the region becomes an ordinary
// candidate. GenerationHeld. Forgetting the last good copy of a source needs the target region's
// name (ConfirmationNeeded).
[[nodiscard]] Result<void> forget(Attachment& attachment, GenerationNumber number,
                                  const std::string& confirmedName);

} // namespace cairn
