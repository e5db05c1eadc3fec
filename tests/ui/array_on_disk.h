// A simulated array in a temporary folder, with known bytes in one region and an empty one beside.
#pragma once

#include "core/array/simulated/simulated_array.h"
#include "core/backup/administer.h"
#include "core/backup/back_up.h"
#include "core/backup/keep.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <vector>

namespace cairn::test {

class ArrayOnDisk {
public:
    static constexpr std::uint64_t kSourceBytes = 24 * kMiB;

    ArrayOnDisk()
    {
        auto created = Attachment::create(
            {.array = {.uris = {uri()}, .memberSizeBytes = 96 * kMiB, .managementBytes = 0},
             .label = "test array"},
            systemEnvironment());
        must(created, "create");
        Attachment& attachment = **created;
        std::vector<Uuid> members;
        for (const Member& member : attachment.layout().members)
            members.push_back(member.id);
        must(addRegion(attachment, {"db", kSourceBytes, &members.at(0), RegionRole::Data}), "db");
        must(addRegion(attachment, {"vault", 32 * kMiB, &members.at(1), RegionRole::Data}),
             "vault");
        must(addRegion(attachment, {"small", 4 * kMiB, &members.at(1), RegionRole::Data}), "small");
        fill(attachment, "db", 1);
    }

    [[nodiscard]] std::string directory() const
    {
        return m_folder.filePath(QStringLiteral("array")).toStdString();
    }
    [[nodiscard]] std::string uri() const { return "sim:" + directory(); }

    // An empty region with room for an undo copy of db.
    void addSpare() const { addBeside("db", "spare", 32 * kMiB); }
    // On the member of the region that is there already.
    void addBeside(const char* there, const char* name, std::uint64_t sizeBytes) const
    {
        auto attached = Attachment::attach({uri()}, systemEnvironment());
        must(attached, "attach");
        const Uuid member = find(**attached, there).member;
        must(addRegion(**attached, {name, sizeBytes, &member, RegionRole::Data}), name);
    }

    // As somebody else would, while no window has the array open for writing.
    void overwriteSource(std::uint64_t seed) const { overwrite("db", seed); }
    void overwrite(const std::string& region, std::uint64_t seed) const
    {
        auto attached = Attachment::attach({uri()}, systemEnvironment());
        must(attached, "attach");
        fill(**attached, region, seed);
    }

    // Leaves the region half-written: what was imported broke off.
    void importHalf(const std::string& region) const
    {
        auto attached = Attachment::attach({uri()}, systemEnvironment());
        must(attached, "attach");
        std::size_t given = 0;
        UncontrolledCopy control;
        const auto broken = importRegion(
            **attached, {.region = find(**attached, region).id, .confirmedName = region},
            [&](std::span<std::byte> into) -> Result<std::size_t> {
                if (given >= 4 * kMiB)
                    return failure(ErrorCode::ReadFailed, "stream");
                std::ranges::fill(into, std::byte{7});
                given += into.size();
                return into.size();
            },
            control);
        if (broken)
            qFatal("the import did not break off");
    }

    // As another program would, that knows nothing of the array.
    void zeroBehindItsBack(const std::string& region) const
    {
        auto attached = Attachment::attach({uri()}, systemEnvironment());
        must(attached, "attach");
        const Region wiped = find(**attached, region);
        const ArrayLayout layout = (*attached)->layout();
        QFile file(QString::fromStdString(layout.findMember(wiped.member)->location));
        const auto size = static_cast<qint64>(wiped.extent.lengthBytes);
        if (!file.open(QIODevice::ReadWrite) ||
            !file.seek(static_cast<qint64>(wiped.extent.offsetBytes)) ||
            file.write(QByteArray(size, '\0')) != size)
            qFatal("%s cannot be zeroed", region.c_str());
    }

    // Of db, as somebody else would.
    void backUpInto(const std::string& target, const std::string& label) const
    {
        auto attached = Attachment::attach({uri()}, systemEnvironment());
        must(attached, "attach");
        BackupOptions options;
        options.label = label;
        options.confirmedName = target;
        auto plan =
            planBackup(**attached, find(**attached, "db").id, find(**attached, target).id, options);
        must(plan, "planBackup");
        UncontrolledCopy control;
        must(backUp(**attached, *plan, control), "backUp");
    }

    void holdBackup(GenerationNumber number) const
    {
        auto attached = Attachment::attach({uri()}, systemEnvironment());
        must(attached, "attach");
        must(hold(**attached, number), "hold");
    }

    // The files of the members, to attach one without the other.
    [[nodiscard]] std::vector<std::string> memberFiles() const
    {
        auto attached = Attachment::attach({uri()}, systemEnvironment());
        must(attached, "attach");
        std::vector<std::string> files;
        for (const Member& member : (*attached)->layout().members)
            files.push_back(member.location);
        return files;
    }

    [[nodiscard]] bool sourceHolds(std::uint64_t seed) const { return holds("db", seed); }
    [[nodiscard]] bool holds(const std::string& name, std::uint64_t seed) const
    {
        auto attached = Attachment::attach({uri()}, systemEnvironment());
        must(attached, "attach");
        auto region = (*attached)->array().openRegion(find(**attached, name).id, Access::Read);
        must(region, "openRegion");
        std::vector<std::byte> bytes(kSourceBytes);
        must((*region)->read(0, bytes), "read");
        return bytes == content(seed);
    }

    // Of the disk with vault, or of that with db.
    void setBandwidth(std::uint64_t bytesPerSecond, std::size_t disk = 1) const
    {
        Faults faults;
        faults.bandwidthBytesPerSecond = bytesPerSecond;
        must(setFaults(directory(), disk, faults), "setFaults");
    }

private:
    template<typename Value>
    static void must(const Result<Value>& result, const char* what)
    {
        if (!result)
            qFatal("%s: %s %s %s", what, errorName(result.error().code),
                   result.error().subject.c_str(), result.error().detail.c_str());
    }

    static Region find(Attachment& attachment, const std::string& name)
    {
        for (const Region& region : attachment.layout().regions) {
            if (region.name == name)
                return region;
        }
        qFatal("no %s", name.c_str());
    }

    static std::vector<std::byte> content(std::uint64_t seed)
    {
        std::vector<std::byte> bytes(kSourceBytes);
        std::uint64_t state = seed * 0x9e3779b97f4a7c15ULL;
        for (std::byte& byte : bytes) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            byte = static_cast<std::byte>(state >> 56U);
        }
        return bytes;
    }

    static void fill(Attachment& attachment, const std::string& name, std::uint64_t seed)
    {
        const auto bytes = content(seed);
        std::size_t given = 0;
        UncontrolledCopy control;
        must(importRegion(
                 attachment,
                 {.region = find(attachment, name).id,
                  .sizeBytes = bytes.size(),
                  .confirmedName = name},
                 [&](std::span<std::byte> into) -> Result<std::size_t> {
                     const std::size_t count = std::min(into.size(), bytes.size() - given);
                     std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(given), count,
                                 into.begin());
                     given += count;
                     return count;
                 },
                 control),
             "import");
    }

    QTemporaryDir m_folder;
};

} // namespace cairn::test
