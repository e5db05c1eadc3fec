// Names the member that has to come back.
#include "app/cairnctl/absence_text.h"

#include "core/base/printable_text.h"

#include <fmt/format.h>

namespace cairn::ctl {

std::string awayNames(const AbsentRegion& region)
{
    std::string names;
    for (const Member& member : region.members)
        names += (names.empty() ? "" : " or ") + member.location;
    return names;
}

Error absenceError(const AbsentRegion& region)
{
    const Member& member = region.members.front();
    const std::string lies = region.region.name + " lies on it";
    if (region.members.size() > 1)
        return {ErrorCode::MemberMissing, 0, awayNames(region),
                region.region.name + " lies on one of them", 0};
    if (member.state == MemberState::Failed)
        return {ErrorCode::MemberFailed, 0, member.location,
                member.problem.empty() ? lies : lies + ": " + member.problem, 0};
    return {ErrorCode::MemberMissing, 0, member.location, lies, 0};
}

std::string absenceText(const AbsentRegion& region)
{
    const bool failed =
        region.members.size() == 1 && region.members.front().state == MemberState::Failed;
    return fmt::format("its member {} {}", printableShort(awayNames(region), 120),
                       failed ? "failed" : "is missing");
}

} // namespace cairn::ctl
