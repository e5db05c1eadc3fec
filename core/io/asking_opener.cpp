// Keeps the descriptors that were given for reading.
#include "core/io/asking_opener.h"

#include "core/io/device_identity.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <tuple>
#include <unistd.h>

namespace cairn {
namespace {

bool isKept(const DeviceRequest& request)
{
    return request.access == Access::Read && !request.exclusive;
}

// Whoever gets it next begins without locks, as with a descriptor that was just opened.
bool unlock(int descriptor)
{
    struct flock all{};
    all.l_type = F_UNLCK;
    all.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_OFD_SETLK, &all) == 0 && ::flock(descriptor, LOCK_UN) == 0;
}

// That the node leads to the same device now as when it was opened.
bool isSameDevice(int descriptor, const std::string& path)
{
    const auto opened = identify(descriptor, path);
    const auto named = identifyNode(path);
    return opened && named && *opened == *named;
}

} // namespace

int AskingOpener::takeKept(const std::string& path)
{
    const std::scoped_lock lock(m_keptMutex);
    for (;;) {
        const auto found = std::ranges::find(m_kept, path, &Kept::path);
        if (found == m_kept.end())
            return -1;
        const int descriptor = found->descriptor;
        m_kept.erase(found);
        if (isSameDevice(descriptor, path))
            return descriptor;
        std::ignore = ::close(descriptor);
    }
}

Result<int> AskingOpener::open(const DeviceRequest& request)
{
    if (m_first == First::OpenPlainly) {
        const int plain = ::open(request.path.c_str(), openFlags(request));
        if (plain >= 0)
            return plain;
        if (errno != EACCES && errno != EPERM)
            return std::unexpected(openError(request, errno));
    }
    // Nobody waits for another's question who needs none.
    if (const int kept = isKept(request) ? takeKept(request.path) : -1; kept >= 0)
        return kept;
    const std::scoped_lock lock(m_askMutex);
    return m_ask(request);
}

void AskingOpener::close(int descriptor, const DeviceRequest& request)
{
    if (!isKept(request) || !asks(request.path) || !unlock(descriptor)) {
        std::ignore = ::close(descriptor);
        return;
    }
    const std::scoped_lock lock(m_keptMutex);
    m_kept.push_back({request.path, descriptor});
}

bool AskingOpener::asks(const std::string& path) const
{
    if (m_first == First::Ask)
        return true;
    return ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0 &&
           (errno == EACCES || errno == EPERM);
}

void AskingOpener::closeUnused()
{
    const std::scoped_lock lock(m_keptMutex);
    for (const Kept& kept : m_kept)
        std::ignore = ::close(kept.descriptor);
    m_kept.clear();
}

} // namespace cairn
