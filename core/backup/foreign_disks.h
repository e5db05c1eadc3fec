// Tells disks and management regions that are none of the array's from those that are.
#pragma once

#include "core/array/array.h"
#include "core/base/uuid.h"
#include "core/catalog/catalog.h"

#include <map>
#include <string>
#include <vector>

namespace cairn {

// Why a disk is Foreign whose regions may be taken in: addMember() with `adopt` makes it a member.
inline constexpr const char* kNotListed = "the catalog does not list it";

// Of a disk that the array's catalog does not list; empty where it is a member all the same: of
// what has a management region that was made there for the array, nobody else can have made it
// one, and adding it was cut short. Reads the disk.
[[nodiscard]] std::string whyUnlisted(Array& array, const ArrayLayout& layout, const Uuid& disk,
                                      const Uuid& arrayId);

// Of each disk whose management region was copied there from another: kOfAnotherDisk, and of which.
[[nodiscard]] std::map<Uuid, std::string> findCopied(const std::vector<CatalogCopy>& copies);

} // namespace cairn
