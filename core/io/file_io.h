// Bytes of an image file or block device, past the page cache where that is possible.
#pragma once

#include "core/io/device_identity.h"
#include "core/io/region_io.h"

#include <memory>
#include <string>

namespace cairn {

class FileIo final : public RegionIo {
public:
    struct Options {
        Access access = Access::Read;
        bool exclusive = false; // O_EXCL: a block device is claimed. Has no meaning for a file.
        bool direct = true;     // O_DIRECT where the file system has it.
    };

    // A symbolic link is followed; anything but a block device or regular file is OpenFailed.
    // OpenFailed (ENOENT, EACCES …), ReadOnlyArray (EROFS, or EACCES for writing), RegionInUse
    // (EBUSY: somebody else has claimed it).
    [[nodiscard]] static Result<std::unique_ptr<FileIo>> open(const std::string& path,
                                                              const Options& options);

    // A new sparse file of that size, open for writing; an existing one is never touched
    // (OpenFailed, EEXIST). Removed again where its size cannot be had (NoSpace).
    [[nodiscard]] static Result<std::unique_ptr<FileIo>> create(const std::string& path,
                                                                std::uint64_t sizeBytes);

    ~FileIo() override;

    [[nodiscard]] const DeviceIdentity& identity() const { return m_identity; }
    [[nodiscard]] bool isBlockDevice() const { return m_identity.blockDevice; }
    [[nodiscard]] int descriptor() const { return m_descriptor; }

    std::uint64_t sizeBytes() const override { return m_identity.sizeBytes; }
    IoTraits traits() const override { return m_traits; }
    std::string name() const override { return m_path; }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override;
    Result<void> zero(ByteRange range) override;
    Result<void> flush() override;
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override;
    Result<void> dropCache(ByteRange range) override;
    Result<bool> tryLock(ByteRange range, LockMode mode) override;

private:
    FileIo(std::string path, int descriptor, DeviceIdentity identity, IoTraits traits);

    std::string m_path;
    int m_descriptor;
    DeviceIdentity m_identity;
    IoTraits m_traits;
};

} // namespace cairn
