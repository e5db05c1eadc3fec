// The sentences about disks and management regions that are none of the array's.
#pragma once

#include "app/cairnctl/error_text.h"

namespace cairn::ctl {

// Whether the detail says that a management region was copied from another disk.
[[nodiscard]] bool isCopiedCatalog(const std::string& detail);

// Of ForeignMember.
[[nodiscard]] ErrorText foreignMemberText(const Error& error);

// Of AlreadyAnArray; subject and detail as they are shown.
[[nodiscard]] ErrorText carriesCatalogText(const std::string& subject, const std::string& detail,
                                           const std::string& uri);

// Of CatalogForeign.
[[nodiscard]] ErrorText foreignCatalogText(const Error& error);

} // namespace cairn::ctl
