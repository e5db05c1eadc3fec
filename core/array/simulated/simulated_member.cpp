// Opening the file of a simulated disk under its faults and its sector size.
#include "core/array/simulated/simulated_member.h"

#include "core/array/path_member.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <sys/stat.h>

namespace cairn {
namespace {

// A file that claims to have the sectors of another disk.
class SectorIo final : public RegionIo {
public:
    SectorIo(std::shared_ptr<RegionIo> below, std::uint32_t sectorBytes)
        : m_below(std::move(below)), m_sectorBytes(sectorBytes)
    {}

    std::uint64_t sizeBytes() const override { return m_below->sizeBytes(); }
    IoTraits traits() const override
    {
        IoTraits traits = m_below->traits();
        traits.sectorBytes = m_sectorBytes;
        return traits;
    }
    std::string name() const override { return m_below->name(); }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override
    {
        return m_below->read(offsetBytes, into);
    }
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override
    {
        return m_below->write(offsetBytes, from);
    }
    Result<void> zero(ByteRange range) override { return m_below->zero(range); }
    Result<void> flush() override { return m_below->flush(); }
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override
    {
        return m_below->nextData(offsetBytes);
    }
    Result<void> dropCache(ByteRange range) override { return m_below->dropCache(range); }
    Result<void> checkNamed() override { return m_below->checkNamed(); }
    Result<bool> tryLock(ByteRange range, LockMode mode) override
    {
        return m_below->tryLock(range, mode);
    }
    Result<void> readMedium(std::uint64_t offsetBytes, std::span<std::byte> into) override
    {
        return m_below->readMedium(offsetBytes, into);
    }
    Result<void> writeShared(std::uint64_t offsetBytes, std::span<const std::byte> from) override
    {
        return m_below->writeShared(offsetBytes, from);
    }

private:
    std::shared_ptr<RegionIo> m_below;
    std::uint32_t m_sectorBytes;
};

// Which writing of the description this is: writeSimulation() makes a new file each time.
struct DescriptionStamp {
    ino_t inode = 0;
    std::int64_t changedNs = 0;
    friend bool operator==(const DescriptionStamp&, const DescriptionStamp&) = default;
};

DescriptionStamp stampOf(const std::string& directory)
{
    struct stat status{};
    if (::stat(fmt::format("{}/{}", directory, kSimulationFile).c_str(), &status) != 0)
        return {};
    return {status.st_ino, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

// The disk's faults as the description has them now; nothing where it cannot be read.
std::optional<Faults> faultsNow(const std::string& directory, const std::string& file)
{
    const auto simulation = readSimulation(directory);
    if (!simulation)
        return std::nullopt;
    const auto disk = std::ranges::find(simulation->members, file, &SimulatedDisk::file);
    return disk == simulation->members.end() ? std::nullopt : std::optional(disk->faults);
}

// Gives the device below the faults that the description has at the time of each call.
class FollowingIo final : public RegionIo {
public:
    FollowingIo(std::shared_ptr<FaultyIo> below, std::string directory, std::string file)
        : m_below(std::move(below)), m_directory(std::move(directory)), m_file(std::move(file)),
          m_seen(stampOf(m_directory))
    {}

    std::uint64_t sizeBytes() const override { return m_below->sizeBytes(); }
    IoTraits traits() const override { return m_below->traits(); }
    std::string name() const override { return m_below->name(); }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override
    {
        follow();
        return m_below->read(offsetBytes, into);
    }
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override
    {
        follow();
        return m_below->write(offsetBytes, from);
    }
    Result<void> zero(ByteRange range) override
    {
        follow();
        return m_below->zero(range);
    }
    Result<void> flush() override
    {
        follow();
        return m_below->flush();
    }
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override
    {
        return m_below->nextData(offsetBytes);
    }
    Result<void> dropCache(ByteRange range) override { return m_below->dropCache(range); }
    Result<void> checkNamed() override { return m_below->checkNamed(); }
    Result<bool> tryLock(ByteRange range, LockMode mode) override
    {
        return m_below->tryLock(range, mode);
    }

private:
    void follow()
    {
        const DescriptionStamp now = stampOf(m_directory);
        const std::scoped_lock guard(m_mutex);
        if (now == m_seen)
            return;
        m_seen = now;
        // A description that is damaged meanwhile changes nothing.
        if (auto faults = faultsNow(m_directory, m_file); faults && !same(*faults))
            m_below->setFaults(std::move(*faults));
    }

    [[nodiscard]] bool same(const Faults& faults) const
    {
        return SimulatedDisk{.file = {}, .faults = faults} ==
               SimulatedDisk{.file = {}, .faults = m_below->faults()};
    }

    std::shared_ptr<FaultyIo> m_below;
    std::string m_directory;
    std::string m_file;
    std::mutex m_mutex;
    DescriptionStamp m_seen;
};

} // namespace

SimulatedMember::SimulatedMember(std::string directory, SimulatedDisk disk, Clock& clock)
    : m_directory(std::move(directory)), m_disk(std::move(disk)), m_clock(clock)
{}

std::string SimulatedMember::location() const
{
    return fmt::format("{}/{}", m_directory, m_disk.file);
}

Result<OpenedMember> SimulatedMember::open(Access access, bool exclusive)
{
    const std::string path = location();
    Faults faults = faultsNow(m_directory, m_disk.file).value_or(m_disk.faults);
    if (faults.pulled) {
        errno = ENODEV;
        return osFailure(ErrorCode::OpenFailed, path);
    }
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0)
        return osFailure(ErrorCode::OpenFailed, path);
    if (!S_ISREG(status.st_mode))
        return failure(ErrorCode::InvalidDescription, path, "not a regular file");
    std::shared_ptr<FileIo> file =
        CAIRN_TRY(FileIo::open(path, {.access = access, .exclusive = exclusive}));
    // The path may have changed hands since it was looked at.
    if (file->identity().inode != status.st_ino || file->identity().device != status.st_dev)
        return failure(ErrorCode::IdentityChanged, path);
    if (file->sizeBytes() != m_disk.sizeBytes) {
        return failure(
            ErrorCode::InvalidDescription, path,
            fmt::format("{} bytes, described as {}", file->sizeBytes(), m_disk.sizeBytes));
    }
    OpenedMember opened = describeOpened(std::move(file));
    opened.model = m_disk.model;
    auto sectors = std::make_shared<SectorIo>(std::move(opened.io), m_disk.sectorBytes);
    auto faulty = std::make_shared<FaultyIo>(std::move(sectors), std::move(faults), m_clock);
    opened.io = std::make_shared<FollowingIo>(std::move(faulty), m_directory, m_disk.file);
    return opened;
}

} // namespace cairn
