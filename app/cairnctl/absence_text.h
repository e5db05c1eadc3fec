// The words for a region that lies on a member that is away.
#pragma once

#include "core/backup/absent_regions.h"

#include <string>

namespace cairn::ctl {

// MemberMissing, or MemberFailed: the member that it lies on, or those of which it is one.
[[nodiscard]] Error absenceError(const AbsentRegion& region);

// Where they were seen last: "a.img or b.img"; unescaped.
[[nodiscard]] std::string awayNames(const AbsentRegion& region);

// Why it is no target; printable.
[[nodiscard]] std::string absenceText(const AbsentRegion& region);

} // namespace cairn::ctl
