// Making files for new members, and refusing those that hold something.
#pragma once

#include "core/array/gpt/gpt_array.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

struct NewMemberFile {
    std::string path;
    std::uint64_t sizeBytes = 0;
    bool exists = false;
    DeviceOpener* devices = nullptr; // Opens it where it is a block device.
};

// Files and directories that are removed again unless they are to be kept.
class MadeFiles {
public:
    MadeFiles() = default;
    ~MadeFiles() { remove(); }
    MadeFiles(const MadeFiles&) = delete;
    MadeFiles& operator=(const MadeFiles&) = delete;

    void add(std::string path) { m_paths.push_back(std::move(path)); }
    void keep() { m_paths.clear(); }
    void remove(); // Last made first; never a directory that holds something else.

private:
    std::vector<std::string> m_paths;
};

// What stands at that path, or would be made: OpenFailed (ENOENT) where nothing does and
// sizeBytes is 0. InvalidArgument for the URI of a simulated array, which is no member.
[[nodiscard]] Result<NewMemberFile> newMemberFile(const std::string& path, std::uint64_t sizeBytes,
                                                  DeviceOpener* devices);

// Of an existing file or device: RegionInUse, AlreadyAnArray, ContentRecognised, ContentUnknown,
// ReadFailed. Reads only: where so large a management region and the tables go, every byte.
// What the wanted member's isUnfinished() takes for unfinished is blank.
[[nodiscard]] Result<void> checkBlank(const NewMemberFile& member, std::uint64_t managementBytes,
                                      const Array::NewMember& wanted = {});

// InvalidSize (amount: bytes missing) where tables, a management region of that size (0: none)
// and one MiB to put something in do not fit.
[[nodiscard]] Result<void> checkMemberSize(const NewMemberFile& member,
                                           std::uint64_t managementBytes);

// Does nothing where it exists.
[[nodiscard]] Result<void> makeFile(const NewMemberFile& member, MadeFiles& made);

// The MemberMaker of arrays of files and devices. The source of a file that is made has a name of
// its own until finish().
[[nodiscard]] Result<MemberMaking> makePathMember(const Array::NewMember& wanted,
                                                  DeviceOpener* devices = nullptr);
[[nodiscard]] MemberMaker pathMemberMaker(DeviceOpener* devices);

} // namespace cairn
