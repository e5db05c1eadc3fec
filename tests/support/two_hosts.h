// One array in memory that two computers have attached, each with locks of its own.
#pragma once

#include "core/catalog/lease_block.h"
#include "tests/support/memory_array.h"
#include "tests/support/test_environment.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace cairn::test {

// Two members, each with a copy of the catalog; on the first the regions "data", "copy" and
// "other", of 4 MiB each. One virtual clock.
class TwoHosts {
public:
    explicit TwoHosts(const std::string& directory);

    TestEnvironment machine{testSeed()};
    std::array<HostIdentity, 2> hosts; // "db-1" and "db-2".

    // As that host; what it does to a device calls the device's hook.
    [[nodiscard]] std::unique_ptr<Attachment> attach(std::size_t host,
                                                     const std::vector<std::size_t>& members);
    [[nodiscard]] std::unique_ptr<Attachment> attach(std::size_t host)
    {
        return attach(host, {0, 1});
    }
    [[nodiscard]] HookedCalls& calls(std::size_t host, std::size_t member)
    {
        return *m_calls.at(host).at(member);
    }

    [[nodiscard]] const RegionId& data() const { return m_data; }
    [[nodiscard]] const RegionId& copy() const { return m_copy; }
    [[nodiscard]] const RegionId& other() const { return m_other; }

    // Every byte of every member.
    [[nodiscard]] std::vector<std::vector<std::byte>> content() const;
    // Where the management region begins on the member.
    [[nodiscard]] std::uint64_t managementOffset(std::size_t member) const
    {
        return m_management.at(member);
    }
    [[nodiscard]] FoundLease lease(std::size_t member) const;
    void fillLease(std::size_t member, std::byte with);
    // What a host that died while it took the lease leaves in its claim block.
    void leaveClaim(std::size_t member, const HostIdentity& host);
    // Puts the members into other computers as they are now: whoever has them attached is gone.
    void moveAway();

private:
    std::vector<std::string> m_paths;
    std::vector<std::shared_ptr<MemoryMedium>> m_media;
    std::vector<std::uint64_t> m_management; // Where the region begins on each member.
    std::array<std::array<std::shared_ptr<HookedCalls>, 2>, 2> m_calls;
    RegionId m_data;
    RegionId m_copy;
    RegionId m_other;
};

} // namespace cairn::test
