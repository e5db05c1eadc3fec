// A file in memory that libblkid is shown instead of the region itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/mman.h>
#include <unistd.h>

namespace cairn {

class MemoryFile {
public:
    explicit MemoryFile(std::uint64_t sizeBytes)
        : m_descriptor(::memfd_create("cairn-probe", MFD_CLOEXEC))
    {
        if (m_descriptor >= 0 && ::ftruncate(m_descriptor, static_cast<off_t>(sizeBytes)) != 0) {
            ::close(m_descriptor);
            m_descriptor = -1;
        }
    }
    ~MemoryFile()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    // Negative where there is no memory for it.
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] bool put(std::uint64_t offsetBytes, std::span<const std::byte> bytes) const
    {
        return ::pwrite(m_descriptor, bytes.data(), bytes.size(),
                        static_cast<off_t>(offsetBytes)) == static_cast<ssize_t>(bytes.size());
    }

private:
    int m_descriptor;
};

} // namespace cairn
