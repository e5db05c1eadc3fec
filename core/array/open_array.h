// Opens or creates the array that a list of URIs names, whatever kind it is.
#pragma once

#include "core/array/array.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn {

// A URI is the path of an image file or block device (one member each), or "sim:DIRECTORY" (all
// members of a simulated array). Nothing is written. A member that cannot be opened or has no
// valid GPT is kept in the layout as Missing or Failed as long as another one can be read; where
// none can, its own error is returned. DuplicateIdentity for two members or regions of one UUID.
[[nodiscard]] Result<std::unique_ptr<Array>> openArray(const std::vector<std::string>& uris,
                                                       const Environment& environment);

struct NewArray {
    std::vector<std::string> uris;
    std::uint64_t memberSizeBytes = 0; // For image files that do not exist yet; 0: they must exist.
    std::uint64_t managementBytes = 0; // Of each management region; 0: defaultManagementBytes().
    // Of an adoption: locations of members whose leftovers of deleted partitions may be
    // overwritten.
    std::vector<std::string> overLeftovers = {};
};

// Writes a new GPT with a management region on the first three members. An existing file or device
// that carries any signature is refused (ContentRecognised, ContentUnknown, AlreadyAnArray), as is
// one in use; a file that this call made is removed again on failure. The array is open for
// writing on success.
[[nodiscard]] Result<std::unique_ptr<Array>> createArray(const NewArray& wanted,
                                                         const Environment& environment);

// Keeps the device's GPT and adds a management region in its free space, where that is zero;
// NoSpace, NotAnArray where there is no valid GPT, AlreadyAnArray; ContentRecognised or
// ContentUnknown (subject: the member; detail: what) where all of it holds what deleted partitions
// left. No byte outside table and management region changes. The array is open for writing on
// success.
[[nodiscard]] Result<std::unique_ptr<Array>> adoptArray(const NewArray& wanted,
                                                        const Environment& environment);

// 1/64 of the member, at least 16 MiB and at most 1 GiB, a multiple of 1 MiB.
[[nodiscard]] std::uint64_t defaultManagementBytes(std::uint64_t memberSizeBytes);

} // namespace cairn
