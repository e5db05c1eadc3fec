// A disk on a loop device, and an array on it, as several tests begin.
#pragma once

#include "tests/support/array_files.h"
#include "tests/support/loop_device.h"

namespace cairn::test {

inline constexpr std::uint64_t kDiskBytes = 96 * kMiB;

// An image file of that size, and a loop device over it.
struct Disk {
    explicit Disk(ArrayFiles& files, const QStringList& options = {})
        : file(files.path("disk.img")), loop((makeSparseImage(file, kDiskBytes), file), options)
    {}
    std::string file;
    LoopDevice loop;
};

// "home" and "spare" of 16 MiB each, not open for writing.
inline std::unique_ptr<Array> arrayOn(ArrayFiles& files, const LoopDevice& loop)
{
    auto array = need(files.create({loop.path()}));
    need(array->addRegion({.name = "home", .sizeBytes = 16 * kMiB}));
    need(array->addRegion({.name = "spare", .sizeBytes = 16 * kMiB}));
    array->endWriting();
    return array;
}

} // namespace cairn::test
