// Opens what this user may open, asks somebody for the rest, and asks once for each that is read.
#pragma once

#include "core/io/device_opener.h"

#include <functional>
#include <list>
#include <mutex>

namespace cairn {

// What was given for reading, and is not claimed, is kept when it is closed, and used again as long
// as the same device is there: a backup that took an hour would else end with the question for a
// password, to read what it has written. Whatever writes or claims is asked for each time.
class AskingOpener final : public DeviceOpener {
public:
    // Gives a descriptor of its own, or NotAuthorized, RegionInUse, OpenFailed … Called for one
    // request at a time, so that no two questions stand before the same person.
    using Ask = std::function<Result<int>(const DeviceRequest& request)>;

    enum class First : std::uint8_t {
        OpenPlainly, // Asks where the system says that this user may not.
        Ask,         // At once.
    };

    explicit AskingOpener(Ask ask, First first = First::OpenPlainly)
        : m_ask(std::move(ask)), m_first(first)
    {}
    ~AskingOpener() override { closeUnused(); }

    Result<int> open(const DeviceRequest& request) override;
    void close(int descriptor, const DeviceRequest& request) override;
    bool asks(const std::string& path) const override;
    void closeUnused() override;

private:
    struct Kept {
        std::string path;
        int descriptor = -1;
    };
    [[nodiscard]] int takeKept(const std::string& path);

    Ask m_ask;
    First m_first;
    std::mutex m_askMutex;
    std::mutex m_keptMutex;
    std::list<Kept> m_kept;
};

} // namespace cairn
