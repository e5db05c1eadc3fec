// Which copies are not where their records say.
#pragma once

#include "core/backup/copy_presence.h"

#include <map>

namespace cairn {

// Also those that are in doubt there; all others are present.
using AbsentCopies = std::map<GenerationNumber, CopyPresence>;

[[nodiscard]] inline CopyPresence presenceIn(const AbsentCopies& absent, GenerationNumber number)
{
    const auto found = absent.find(number);
    return found == absent.end() ? CopyPresence::Present : found->second;
}

} // namespace cairn
