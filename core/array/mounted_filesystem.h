// The filesystem that is mounted from a region, and what would wait for it if it stood still.
#pragma once

#include "core/array/mount_table.h"

#include <memory>
#include <optional>
#include <string>

namespace cairn {

class MountedFilesystem {
public:
    // The number as mountinfo has it. OpenFailed where no mount point leads to it.
    [[nodiscard]] static Result<std::unique_ptr<MountedFilesystem>> open(std::uint64_t filesystem);
    ~MountedFilesystem();
    MountedFilesystem(const MountedFilesystem&) = delete;
    MountedFilesystem& operator=(const MountedFilesystem&) = delete;

    // Its open directory, while this lives.
    [[nodiscard]] int descriptor() const { return m_descriptor; }

    // Whether writing to the file or device ends in this filesystem; of a path that does not exist,
    // where it would be made.
    [[nodiscard]] bool carries(const std::string& path) const;
    // What this process runs from, has mapped, or has open for writing, that lies there; nothing
    // where nothing does.
    [[nodiscard]] std::optional<std::string> carriesOfThisProcess() const;

    // Has the devices that it is mounted from hand on what they keep. FlushFailed.
    [[nodiscard]] Result<void> flushDevices() const;

private:
    MountedFilesystem(MountTable mounts, std::uint64_t filesystem, int descriptor)
        : m_mounts(std::move(mounts)), m_filesystem(filesystem), m_descriptor(descriptor)
    {}
    MountTable m_mounts;
    std::uint64_t m_filesystem;
    int m_descriptor;
};

} // namespace cairn
