// Words what is foreign by what is known of it: copied, released, or never listed.
#include "app/cairnctl/foreign_text.h"

#include "app/cairnctl/disk_advice.h"
#include "app/cairnctl/lookup.h"
#include "core/backup/foreign_disks.h"
#include "core/base/printable_text.h"
#include "core/catalog/management_region.h"

#include <fmt/format.h>

namespace cairn::ctl {
namespace {

std::string subjectOf(const Error& error)
{
    return printableShort(error.subject, 120);
}

std::string withDetail(const std::string& text, const Error& error)
{
    return error.detail.empty() ? text
                                : fmt::format("{}: {}", text, printableShort(error.detail, 240));
}

} // namespace

bool isCopiedCatalog(const std::string& detail)
{
    return detail.find(kOfAnotherDisk) != std::string::npos;
}

ErrorText foreignMemberText(const Error& error)
{
    const std::string subject = subjectOf(error);
    if (isCopiedCatalog(error.detail))
        return {withDetail(fmt::format("{} cannot be used", subject), error),
                fmt::format("It was copied there, perhaps with dd. Nothing is written while {0} is "
                            "attached: leave its -a out. If it is a member of this array: "
                            "`cairnctl array add-catalog {0}` fills the region with this array's "
                            "catalog again.",
                            subject)};
    const std::string what =
        withDetail(fmt::format("{} is no member of this array", subject), error);
    if (error.detail == kNotListed)
        return {what, fmt::format("Nothing is written while it is attached: leave its -a out. To "
                                  "make it a member with the partitions that are on it: `cairnctl "
                                  "array add-member {} --adopt`, without its -a",
                                  subject)};
    return {what, "Nothing is written while it is attached: leave its -a out. " +
                      wayBackFrom(error.subject, error.detail) + '.'};
}

ErrorText carriesCatalogText(const std::string& subject, const std::string& detail,
                             const std::string& uri)
{
    if (!detail.empty()) {
        return {fmt::format("{} needs no copy of the catalog: {}", subject, detail),
                "Which members have one tells `cairnctl array show`"};
    }
    return {fmt::format("{} carries a catalog already", subject),
            fmt::format("Use it as it is: `cairnctl {0} array show`. To take Cairn off it first: "
                        "`cairnctl {0} array release-disk 1`",
                        arrayArguments({uri}))};
}

ErrorText foreignCatalogText(const Error& error)
{
    const std::string subject = subjectOf(error);
    if (isCopiedCatalog(error.detail))
        return {withDetail(fmt::format("{} cannot be used", subject), error),
                fmt::format("It was copied there, perhaps with dd, and is neither believed nor "
                            "written. Name the other members of the array that {0} is of: with "
                            "them, `cairnctl array add-catalog {0}` fills the region with their "
                            "catalog again. What was copied is read on the disk that it is of.",
                            subject)};
    return {withDetail("the management region holds no catalog of this array", error),
            "Check that only members of one array are named, and name all of them. If no good "
            "copy is left: cairnctl catalog rebuild [EXPORT]"};
}

} // namespace cairn::ctl
