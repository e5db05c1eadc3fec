// The lowest seam: bytes at an offset of one device, file or extent.
#pragma once

#include "core/base/byte_range.h"
#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace cairn {

// How much a read after flush() proves about the medium; recorded with every verification.
enum class ReadBack : std::uint8_t {
    Direct,  // O_DIRECT: the device was asked again.
    Dropped, // The page cache was written and dropped first (fsync + POSIX_FADV_DONTNEED).
    Cached,  // Nothing bypasses the cache (memory-backed files, pipes).
};

struct IoTraits {
    std::uint32_t sectorBytes = 512;     // Logical sector: the unit of atomicity and of the GPT.
    std::uint32_t alignmentBytes = 4096; // Offsets, lengths and buffers so aligned are fastest.
    ReadBack readBack = ReadBack::Cached;
    bool writable = false;
    bool sparse = false; // zero() frees space, nextData() skips what was never written.
};

enum class Access : std::uint8_t { Read, Write };

enum class LockMode : std::uint8_t { Unlocked, Shared, Exclusive };

class RegionIo;

// Bytes of what is open below all fences, which another device may share instead of copying them.
struct CloneSource {
    RegionIo& io;
    ByteRange range;
};

// Every call may block on a device, is safe from any thread, and takes any offset and length
// inside the size: an implementation that needs alignment provides it. Nothing is ever written
// short: a call that fails leaves the content of its range undefined, and touches no other byte
// outside the sectors that the range lies in.
class RegionIo {
public:
    virtual ~RegionIo() = default;
    RegionIo() = default;
    RegionIo(const RegionIo&) = delete;
    RegionIo& operator=(const RegionIo&) = delete;

    [[nodiscard]] virtual std::uint64_t sizeBytes() const = 0;
    [[nodiscard]] virtual IoTraits traits() const = 0;
    // A path or name for errors; unescaped.
    [[nodiscard]] virtual std::string name() const = 0;

    // Fills `into` whole. ReadFailed (osError EIO: some sector of it is unreadable).
    [[nodiscard]] virtual Result<void> read(std::uint64_t offsetBytes,
                                            std::span<std::byte> into) = 0;

    // Success says nothing about durability: flush() does. NoSpace, WriteFailed, OutsideFence.
    [[nodiscard]] virtual Result<void> write(std::uint64_t offsetBytes,
                                             std::span<const std::byte> from) = 0;

    // Makes the range read as zeroes by the cheapest means that is as durable as a write.
    [[nodiscard]] virtual Result<void> zero(ByteRange range) = 0;

    // On success everything written before it is on the medium. A failure is final: what of it
    // arrived is unknown, and a later success does not make up for it.
    [[nodiscard]] virtual Result<void> flush() = 0;

    // The first range at or after the offset that may hold anything but zeroes; empty at the end.
    // It may end before the data does. Without knowledge of holes: all the rest.
    [[nodiscard]] virtual Result<ByteRange> nextData(std::uint64_t offsetBytes) = 0;

    // Makes later reads of the range ask the medium, as far as traits().readBack promises it.
    [[nodiscard]] virtual Result<void> dropCache(ByteRange range) = 0;

    // Whether what is open here is what its name still leads to, so that who opens it next finds
    // the same bytes: a file can be deleted or replaced while it is read and written. FlushFailed;
    // Fenced, where another host may write them by now.
    [[nodiscard]] virtual Result<void> checkNamed() { return {}; }

    // Where the bytes of the range really are. OutsideFence.
    [[nodiscard]] virtual Result<CloneSource> cloneSource(ByteRange range)
    {
        return CloneSource{*this, range};
    }

    // Whether clone() is worth trying with these bytes. Changes nothing.
    [[nodiscard]] virtual bool mayClone(const CloneSource&) { return false; }

    // Makes as many bytes from the offset on the same as those, at one moment for whoever writes
    // there, by sharing the blocks that they are in until either changes: as good as a write.
    // false: it cannot be done here; no other bytes were changed than those.
    [[nodiscard]] virtual Result<bool> clone(std::uint64_t, const CloneSource&) { return false; }

    // As read(), of what is on the medium now, whatever this host has kept in a cache of clean
    // pages. What has no such cache reads.
    [[nodiscard]] virtual Result<void> readMedium(std::uint64_t offsetBytes,
                                                  std::span<std::byte> into)
    {
        return read(offsetBytes, into);
    }

    // As write(), and every other host that the medium is connected to reads it from then on. It
    // waits for no other write, and is as little durable as one. What has no cache writes.
    [[nodiscard]] virtual Result<void> writeShared(std::uint64_t offsetBytes,
                                                   std::span<const std::byte> from)
    {
        return write(offsetBytes, from);
    }

    // Advisory locks between processes of this host, as fcntl(2) describes for F_OFD_SETLK;
    // false: someone else holds a conflicting one. Held until Unlocked or until destroyed.
    [[nodiscard]] virtual Result<bool> tryLock(ByteRange range, LockMode mode) = 0;
};

} // namespace cairn
