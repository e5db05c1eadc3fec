// Looks at a disk that was refused, and words the way on.
#include "app/cairnctl/disk_advice.h"

#include "app/cairnctl/guid_text.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "core/array/path_member.h"
#include "core/backup/absent_member.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace cairn::ctl {
namespace {

// Only a management region that holds no catalog yet: what a killed `array create` or
// `array add-member` leaves.
bool isHalfMade(const Invocation& invocation, const std::string& path)
{
    const auto attached = Attachment::attach({path}, invocation.environment());
    if (!attached || (*attached)->catalog())
        return false;
    const auto& regions = (*attached)->array().layout().regions;
    return !regions.empty() && std::ranges::all_of(regions, [](const Region& region) {
        return region.role == RegionRole::Management;
    });
}

bool isFile(const std::string& path)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

std::string wayToErase(const std::string& path, const std::string& name)
{
    return isFile(path)
               ? fmt::format("remove the file: `rm {}`", name)
               : fmt::format("erase the table first: `wipefs --all {0}`, and `blkdiscard -z {0}`",
                             name);
}

} // namespace

bool isOfLeftovers(const Error& error)
{
    return error.code == ErrorCode::ContentRecognised || error.code == ErrorCode::ContentUnknown;
}

Result<void> askForLeftovers(Invocation& invocation, const Error& error)
{
    const std::string detail = printableShort(error.detail, 160);
    const std::string left = error.code == ErrorCode::ContentRecognised
                                 ? detail
                                 : fmt::format("bytes that are not recognised ({})", detail);
    const std::string name = printableShort(error.subject, 120);
    if (invocation.options().yes)
        invocation.warn("LeftoversOverwritten", error.subject,
                        fmt::format("the catalog is written over what a deleted partition left in "
                                    "the free space of {}: {}",
                                    name, left));
    return ask(invocation,
               fmt::format("No free space of {} is empty. Write the catalog over what a deleted "
                           "partition left there: {}?",
                           name, left));
}

void adviseOnDisk(Invocation& invocation, const Error& error)
{
    ErrorContext& context = invocation.failureContext();
    const std::string name = printableShort(error.subject, 120);
    if (error.code == ErrorCode::ContentRecognised)
        // Without --force a table stays in whatever is no whole disk, which a file never is.
        context.advice = fmt::format("If it may be erased, do so first: `wipefs --all {}{}`",
                                     isFile(error.subject) ? "--force " : "", name);
    else if (error.code == ErrorCode::ContentUnknown)
        context.advice = fmt::format("If it may be erased, fill it with zeroes first: "
                                     "`shred -n 0 -z {}`",
                                     name);
    else if (error.code == ErrorCode::AlreadyAnArray && isHalfMade(invocation, error.subject))
        context.advice = fmt::format("It has a management region with no catalog that can be read "
                                     "and no other region, as `array create` and `array "
                                     "add-member` leave it when they are interrupted. If that is "
                                     "what happened, {}",
                                     wayToErase(error.subject, name));
}

std::string wayBackFrom(const std::string& member, const std::string& why)
{
    const std::string alone = arrayArguments({member});
    const std::string backups =
        fmt::format("A backup that only it holds comes back by `cairnctl {} export N FILE.tar`, "
                    "and then, without it, `cairnctl import FILE.tar REGION`",
                    alone);
    if (why != kHasLeft)
        return backups;
    return backups + fmt::format(". The disk itself, with its partitions as ordinary ones, by "
                                 "`cairnctl {} array release-disk 1`, and then, without it, "
                                 "`cairnctl array add-member {} --adopt`",
                                 alone, wordOnCommandLine(printable(member), "DISK"));
}

bool adviseOnNewMember(Invocation& invocation, Attachment& attachment, const Error& error)
{
    ErrorContext& context = invocation.failureContext();
    const std::string name = printableShort(error.subject, 120);
    const ArrayLayout layout = attachment.array().layout();
    const auto attached = std::ranges::find_if(layout.members, [&](const Member& member) {
        return !member.id.isNull() && isSamePlace(member.location, error.subject);
    });
    // A member without a copy of the catalog is refused for what it holds: its table.
    const bool refused = error.code == ErrorCode::AlreadyAnArray || isOfLeftovers(error);
    if (refused && attached != layout.members.end()) {
        context.advice = "It is a member of this array already, as `cairnctl array show` tells: "
                         "where adding it was interrupted, the next command that writes ends that.";
        return true;
    }
    const bool simulated = layout.uri.starts_with("sim:");
    const auto absent = refused && !simulated ? findAbsentMember(attachment, error.subject)
                                              : std::optional<KnownMember>();
    const auto former = refused && !simulated ? findFormerDisk(attachment, error.subject)
                                              : std::optional<FormerDisk>();
    if (former && !former->location.empty()) {
        context.advice = wayToFormerGuids(*former, error.subject);
        return true;
    }
    if (!absent) {
        adviseOnDisk(invocation, error);
        return false;
    }
    if (isSamePlace(absent->location, error.subject))
        context.advice = fmt::format("It is a member of this array already: name it too (-a {}). "
                                     "Where adding it was interrupted, the next command that "
                                     "writes ends that.",
                                     name);
    else
        context.advice = fmt::format("It is the missing member of this array that was last seen at "
                                     "{}: name it where it is now (-a {}).",
                                     printableShort(absent->location, 120), name);
    return true;
}

} // namespace cairn::ctl
