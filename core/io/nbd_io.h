// The export of a network block device server that this process starts for itself, to read from.
#pragma once

#include "core/io/read_only_io.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct nbd_handle;

namespace cairn {

class NbdIo final : public ReadOnlyIo {
public:
    // Runs the server by systemd's socket activation, which qemu-nbd and nbdkit understand, and
    // ends it when this goes; a server that serves one client ends by itself when this process is
    // gone. What it says of errors it says on the standard error. OpenFailed, with libnbd's words.
    [[nodiscard]] static Result<std::unique_ptr<NbdIo>>
    start(const std::vector<std::string>& command, const std::string& name);
    ~NbdIo() override;

    [[nodiscard]] std::uint64_t sizeBytes() const override { return m_sizeBytes; }
    [[nodiscard]] std::string name() const override { return m_name; }
    [[nodiscard]] Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;

private:
    NbdIo(nbd_handle* handle, std::string name) : m_handle(handle), m_name(std::move(name)) {}

    nbd_handle* m_handle;
    std::string m_name;
    std::uint64_t m_sizeBytes = 0;
    std::mutex m_mutex; // One request at a time.
};

} // namespace cairn
