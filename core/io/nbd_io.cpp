// Talks to the server through libnbd.
#include "core/io/nbd_io.h"

#include <algorithm>
#include <cerrno>
#include <libnbd.h>
#include <utility>

namespace cairn {
namespace {

constexpr int kPatienceMs = 30'000;            // For the server to be there.
constexpr std::size_t kRequestBytes = 1 << 20; // Every server takes as much at once.

std::string libnbdText()
{
    const char* text = nbd_get_error();
    return text != nullptr ? text : "libnbd gives no reason";
}

// Until it is ready, or will never be.
Result<void> waitUntilReady(nbd_handle* handle, const std::string& name)
{
    while (nbd_aio_is_connecting(handle) == 1) {
        const int polled = nbd_poll(handle, kPatienceMs);
        if (polled == 0)
            return failure(ErrorCode::OpenFailed, name, "its server does not answer");
        if (polled < 0)
            return failure(ErrorCode::OpenFailed, name, libnbdText());
    }
    if (nbd_aio_is_ready(handle) != 1)
        return failure(ErrorCode::OpenFailed, name, "its server has ended");
    return {};
}

} // namespace

Result<std::unique_ptr<NbdIo>> NbdIo::start(const std::vector<std::string>& command,
                                            const std::string& name)
{
    nbd_handle* handle = nbd_create();
    if (handle == nullptr)
        return failure(ErrorCode::OutOfMemory, name, libnbdText());
    std::unique_ptr<NbdIo> io(new NbdIo(handle, name));
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (nbd_aio_connect_systemd_socket_activation(handle, arguments.data()) != 0)
        return failure(ErrorCode::OpenFailed, name, libnbdText());
    CAIRN_TRY(waitUntilReady(handle, name));
    const std::int64_t size = nbd_get_size(handle);
    if (size < 0)
        return failure(ErrorCode::OpenFailed, name, libnbdText());
    io->m_sizeBytes = static_cast<std::uint64_t>(size);
    return io;
}

NbdIo::~NbdIo()
{
    nbd_close(m_handle);
}

Result<void> NbdIo::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    CAIRN_ASSERT(offsetBytes <= m_sizeBytes && into.size() <= m_sizeBytes - offsetBytes);
    const std::scoped_lock lock(m_mutex);
    while (!into.empty()) {
        const std::size_t some = std::min(into.size(), kRequestBytes);
        if (nbd_pread(m_handle, into.data(), some, offsetBytes, 0) != 0) {
            const int osError = nbd_get_errno();
            return failure(ErrorCode::ReadFailed, m_name, libnbdText(), 0,
                           osError != 0 ? osError : EIO);
        }
        into = into.subspan(some);
        offsetBytes += some;
    }
    return {};
}

} // namespace cairn
