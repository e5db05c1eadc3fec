// Makes an array on files, and has it in memory from then on.
#include "tests/support/two_hosts.h"

#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"

#include <algorithm>

namespace cairn::test {
namespace {

constexpr std::uint64_t kRegionBytes = 4 * kMiB;

std::shared_ptr<MemoryMedium> mediumOf(const std::vector<std::byte>& bytes)
{
    auto medium = std::make_shared<MemoryMedium>(bytes.size());
    medium->bytes = bytes;
    medium->durable = bytes;
    return medium;
}

} // namespace

TwoHosts::TwoHosts(const std::string& directory)
    : hosts{machine.otherHost("db-1"), machine.otherHost("db-2")}
{
    ArrayFixture array(
        directory,
        {.members = 2, .memberSizeBytes = 32 * kMiB, .managementBytes = kMinimumManagementBytes});
    m_data = array.addRegion("data", kRegionBytes, 0);
    m_copy = array.addRegion("copy", kRegionBytes, 0);
    m_other = array.addRegion("other", kRegionBytes, 0);
    array.fillRandom(m_data, 1);
    m_paths = array.paths();
    const ArrayLayout layout = (*array).layout();
    for (const Member& member : layout.members) {
        const auto region = std::ranges::find_if(layout.regions, [&member](const Region& one) {
            return one.role == RegionRole::Management && one.member == member.id;
        });
        m_management.push_back(region->extent.offsetBytes);
    }
    array.detach();
    for (const std::string& path : m_paths)
        m_media.push_back(mediumOf(readImage(path)));
    for (auto& ofHost : m_calls) {
        for (auto& calls : ofHost)
            calls = std::make_shared<HookedCalls>();
    }
}

std::unique_ptr<Attachment> TwoHosts::attach(std::size_t host,
                                             const std::vector<std::size_t>& members)
{
    Environment environment = machine.environment();
    environment.host = hosts.at(host);
    std::vector<MemoryDisk> disks;
    for (const std::size_t member : members) {
        disks.push_back({.medium = m_media.at(member),
                         .identityPath = m_paths.at(member),
                         .host = static_cast<int>(host),
                         .hooked = m_calls.at(host).at(member)});
    }
    return attachMemory(disks, environment);
}

std::vector<std::vector<std::byte>> TwoHosts::content() const
{
    std::vector<std::vector<std::byte>> all;
    for (const auto& medium : m_media) {
        const std::scoped_lock guard(medium->mutex);
        all.push_back(medium->bytes);
    }
    return all;
}

FoundLease TwoHosts::lease(std::size_t member) const
{
    LeaseBytes bytes{};
    const auto& medium = m_media.at(member);
    const std::scoped_lock guard(medium->mutex);
    const auto from = static_cast<std::ptrdiff_t>(m_management.at(member) + kLeaseOffset);
    std::copy_n(medium->bytes.begin() + from, bytes.size(), bytes.begin());
    return decodeLease(bytes);
}

void TwoHosts::fillLease(std::size_t member, std::byte with)
{
    const std::vector<std::byte> bytes(kPageBytes, with);
    MemoryIo(m_media.at(member)).fill(m_management.at(member) + kLeaseOffset, bytes);
}

void TwoHosts::leaveClaim(std::size_t member, const HostIdentity& host)
{
    const auto claim = encodeLease({.state = LeaseState::Claimed,
                                    .arrayId = lease(member).block.arrayId,
                                    .host = host,
                                    .counter = 7,
                                    .sinceMs = 1,
                                    .durationMs = 12'000});
    MemoryIo(m_media.at(member)).fill(m_management.at(member) + claimOffset(host), claim);
}

void TwoHosts::moveAway()
{
    for (auto& medium : m_media) {
        std::vector<std::byte> bytes;
        {
            const std::scoped_lock guard(medium->mutex);
            bytes = medium->bytes;
        }
        medium = mediumOf(bytes);
    }
}

} // namespace cairn::test
