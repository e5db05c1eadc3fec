// The command that goes on with an interrupted import.
#pragma once

#include "core/backup/attachment.h"

#include <string>

namespace cairn::ctl {

// As the region is named now, or was when the record was written.
[[nodiscard]] std::string titleNow(const ArrayLayout& layout, const RegionRef& region);

// "cairnctl import --image FILE TARGET --source SOURCE", with the file that it began with.
[[nodiscard]] std::string importCommand(Attachment& attachment, const Job& job);

} // namespace cairn::ctl
