// Bytes of an image file or block device, past the page cache where that is possible.
#pragma once

#include "core/io/device_identity.h"
#include "core/io/device_opener.h"
#include "core/io/region_io.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace cairn {

// With O_DIRECT, requests that are not aligned go through a buffer of their own; an unaligned write
// reads the blocks at its edges first. Such writes wait for each other, but not for aligned ones:
// two writes at once into one block of traits().alignmentBytes are for the caller to order.
class FileIo final : public RegionIo {
public:
    struct Options {
        Access access = Access::Read;
        bool exclusive = false; // O_EXCL: a block device is claimed. Has no meaning for a file.
        // O_DIRECT where the file system has it, and a file's size is a multiple of what it needs.
        bool direct = true;
        // Opens a block device where set, and outlives what is opened here.
        DeviceOpener* devices = nullptr;
    };

    // A symbolic link is followed; anything but a block device or regular file is OpenFailed.
    // OpenFailed (ENOENT, EACCES …), ReadOnlyArray (EROFS, or EACCES for writing), RegionInUse
    // (EBUSY: somebody else has claimed it), NotAuthorized. IdentityChanged: what was opened by
    // `devices` is not the device that the path led to, or not opened as it was asked for.
    [[nodiscard]] static Result<std::unique_ptr<FileIo>> open(const std::string& path,
                                                              const Options& options);

    // Gives a file another name, durably; one that has that name already is never touched
    // (OpenFailed, EEXIST).
    [[nodiscard]] static Result<void> rename(const std::string& from, const std::string& to);

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
    Result<void> checkNamed() override;
    // Between files of one filesystem that shares blocks (FICLONERANGE: XFS, btrfs), and only while
    // it has room for all of them twice: whoever changes what is shared needs it.
    bool mayClone(const CloneSource& from) override;
    Result<bool> clone(std::uint64_t offsetBytes, const CloneSource& from) override;
    Result<void> readMedium(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> writeShared(std::uint64_t offsetBytes, std::span<const std::byte> from) override;
    // Of a loop device the file behind it is locked too: whoever opens that file meets the lock.
    Result<bool> tryLock(ByteRange range, LockMode mode) override;

private:
    struct Opened {
        int descriptor = -1;
        DeviceOpener* givenBy = nullptr;
        DeviceRequest request;
    };
    FileIo(Opened opened, DeviceIdentity identity, IoTraits traits, bool direct);
    [[nodiscard]] bool isAligned(std::uint64_t offsetBytes, const void* buffer,
                                 std::size_t sizeBytes) const;
    Result<void> readThroughBuffer(std::uint64_t offsetBytes, std::span<std::byte> into);
    Result<void> writeThroughBuffer(std::uint64_t offsetBytes, std::span<const std::byte> from);
    Result<bool> deallocate(ByteRange range);
    Result<void> writeZeroes(ByteRange range);
    [[nodiscard]] int sharedDescriptor();
    [[nodiscard]] Result<bool> tryLockHere(ByteRange range, LockMode mode);
    void openBacking();
    [[nodiscard]] Error ioError(ErrorCode otherwise, int osError) const;

    std::string m_path;
    int m_descriptor;
    DeviceOpener* m_givenBy; // To whom the descriptor goes back; null: it is closed.
    DeviceRequest m_request;
    DeviceIdentity m_identity;
    IoTraits m_traits;
    bool m_direct;
    std::unique_ptr<FileIo> m_backing; // Of a loop device: for locks only.
    std::uint64_t m_backingOffset = 0;
    std::mutex m_edgeMutex; // Held over every read-modify-write.
    std::mutex m_flushMutex;
    std::optional<Error> m_flushFailure; // The first one; it is final.
    std::mutex m_sharedMutex;
    int m_sharedDescriptor = -1; // Of writeShared(); its errors are not those of flush().
};

} // namespace cairn
