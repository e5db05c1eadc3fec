// Where a member's bytes come from: a path or a simulated disk, which can be opened again.
#pragma once

#include "core/base/error.h"
#include "core/io/device_identity.h"
#include "core/io/device_opener.h"
#include "core/io/region_io.h"

#include <memory>
#include <string>

namespace cairn {

// One opening of a member.
struct OpenedMember {
    std::shared_ptr<RegionIo> io;
    DeviceIdentity identity;
    std::string model;
    std::string readOnlyReason; // Opened for reading: why it could not be written; empty: it could.
    int descriptor = -1;        // Of the device or file; lives as long as io.
};

// Safe to call from any thread.
class MemberSource {
public:
    virtual ~MemberSource() = default;
    MemberSource() = default;
    MemberSource(const MemberSource&) = delete;
    MemberSource& operator=(const MemberSource&) = delete;

    // The path that a person would look for.
    [[nodiscard]] virtual std::string location() const = 0;

    // Each call gives an opening of its own, which outlives the others. `exclusive` claims a block
    // device (RegionInUse) and has no meaning for a file. As FileIo::open() otherwise.
    [[nodiscard]] virtual Result<OpenedMember> open(Access access, bool exclusive) = 0;

    // Who opens the nodes of its partitions; null: open(2) does.
    [[nodiscard]] virtual DeviceOpener* devices() const { return nullptr; }
};

} // namespace cairn
