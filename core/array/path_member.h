// A member that is an image file or a block device.
#pragma once

#include "core/array/member_source.h"
#include "core/io/file_io.h"

namespace cairn {

class PathMember final : public MemberSource {
public:
    explicit PathMember(std::string path, DeviceOpener* devices = nullptr)
        : m_path(std::move(path)), m_devices(devices)
    {}

    std::string location() const override { return m_path; }
    Result<OpenedMember> open(Access access, bool exclusive) override;
    DeviceOpener* devices() const override { return m_devices; }

private:
    std::string m_path;
    DeviceOpener* m_devices;
};

// What an open file says of the member it is: identity, model, and whether it could be written.
[[nodiscard]] OpenedMember describeOpened(std::shared_ptr<FileIo> file,
                                          bool givenOnRequest = false);

// Whether two paths lead to the same file or, where nothing is, to the same place.
[[nodiscard]] bool isSamePlace(const std::string& one, const std::string& other);

} // namespace cairn
