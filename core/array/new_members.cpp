// What may become a member: a file that is made now, or one that holds nothing.
#include "core/array/new_members.h"

#include "core/array/gpt/gpt_types.h"
#include "core/array/in_use.h"
#include "core/array/path_member.h"
#include "core/array/probe.h"
#include "core/base/size_text.h"
#include "core/copy/chunk_digest.h"
#include "core/io/fenced_io.h"
#include "core/io/file_io.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <ranges>
#include <sys/stat.h>
#include <tuple>

namespace cairn {
namespace {

// Every sector size divides it.
constexpr std::uint64_t kFileUnitBytes = 4096;

bool holdsManagementRegion(RegionIo& member)
{
    const auto table = GptTable::read(member);
    return table && std::ranges::any_of(table->entries(), [](const GptEntry& entry) {
               return entry.type == kManagementType;
           });
}

bool holdsManagementRegion(const NewMemberFile& member)
{
    const auto file =
        FileIo::open(member.path, {.access = Access::Read, .devices = member.devices});
    return file && holdsManagementRegion(**file);
}

// A new member's table stands in its first and last MiB, and the management region comes next; the
// rest stays as it is.
Result<bool> isZeroWhereWritten(RegionIo& member, std::uint64_t managementBytes)
{
    const std::uint64_t sizeBytes = member.sizeBytes();
    const std::uint64_t head = std::min(sizeBytes, roundUp(managementBytes, kMiB) + kMiB);
    const std::uint64_t tail =
        std::max(head, roundDown(sizeBytes - std::min(sizeBytes, kMiB), kMiB));
    std::vector<std::byte> bytes(kMiB);
    for (const ByteRange range : {ByteRange{0, head}, ByteRange{tail, sizeBytes - tail}}) {
        for (std::uint64_t done = 0; done < range.lengthBytes; done += kMiB) {
            const auto piece = std::span(bytes).first(
                static_cast<std::size_t>(std::min(kMiB, range.lengthBytes - done)));
            CAIRN_TRY(member.read(range.offsetBytes + done, piece));
            if (!isZero(piece))
                return false;
        }
    }
    return true;
}

// With a table that has but a management region, and one that was never used.
bool isUnfinished(const std::shared_ptr<RegionIo>& member, const Array::NewMember& wanted)
{
    const auto table = GptTable::read(*member);
    if (!table || !wanted.isUnfinished || table->entries().size() != 1)
        return false;
    const GptEntry& only = table->entries().front();
    const auto region = FencedIo::create(member, only.extent, Access::Read, member->name());
    return only.type == kManagementType && region && wanted.isUnfinished(**region, table->diskId());
}

// Of a file until it is whole. What stands there was cut short while it was made.
std::string unfinishedName(const std::string& path)
{
    constexpr std::size_t kLongestPart = 200; // Of 255 bytes that a name may have.
    const std::filesystem::path file(path);
    return file.parent_path() /
           fmt::format(".{}.unfinished", file.filename().string().substr(0, kLongestPart));
}

// Another file of that name is none of ours, and stays: making the new one then fails.
void removeUnfinished(const std::string& path)
{
    struct stat status{};
    if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode))
        std::ignore = std::remove(path.c_str());
}

Result<MemberMaking> makeUnfinished(const NewMemberFile& file)
{
    const NewMemberFile unfinished{unfinishedName(file.path), file.sizeBytes, false};
    removeUnfinished(unfinished.path);
    MadeFiles made;
    if (auto done = makeFile(unfinished, made); !done) {
        done.error().subject = file.path;
        return std::unexpected(std::move(done).error());
    }
    made.keep();
    MemberMaking making;
    making.source = std::make_unique<PathMember>(unfinished.path);
    const auto name = std::make_shared<std::string>(unfinished.path);
    making.undo = [name] { std::ignore = std::remove(name->c_str()); };
    making.finish = [name, path = file.path]() -> Result<std::unique_ptr<MemberSource>> {
        CAIRN_TRY(FileIo::rename(*name, path));
        *name = path;
        return std::make_unique<PathMember>(path);
    };
    return making;
}

} // namespace

void MadeFiles::remove()
{
    for (const std::string& path : std::views::reverse(m_paths))
        std::ignore = std::remove(path.c_str());
    m_paths.clear();
}

Result<NewMemberFile> newMemberFile(const std::string& path, std::uint64_t sizeBytes,
                                    DeviceOpener* devices)
{
    if (path.starts_with("sim:"))
        return failure(ErrorCode::InvalidArgument, path, "a simulated array cannot be a member");
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        const auto file =
            CAIRN_TRY(FileIo::open(path, {.access = Access::Read, .devices = devices}));
        return NewMemberFile{path, file->sizeBytes(), true, devices};
    }
    if (errno != ENOENT || sizeBytes == 0)
        return osFailure(ErrorCode::OpenFailed, path);
    if (sizeBytes > INT64_MAX - kFileUnitBytes)
        return failure(ErrorCode::InvalidSize, path);
    return NewMemberFile{path, roundUp(sizeBytes, kFileUnitBytes), false, devices};
}

Result<void> checkBlank(const NewMemberFile& member, std::uint64_t managementBytes,
                        const Array::NewMember& wanted)
{
    if (!member.exists)
        return {};
    const std::shared_ptr<FileIo> file =
        CAIRN_TRY(FileIo::open(member.path, {.access = Access::Read, .devices = member.devices}));
    const RegionUse use = findUse(file->identity(), {0, file->sizeBytes()});
    if (use.inUse)
        return failure(ErrorCode::RegionInUse, member.path, use.by);
    if (isUnfinished(file, wanted))
        return {};
    if (holdsManagementRegion(*file))
        return failure(ErrorCode::AlreadyAnArray, member.path);
    const Content content = probeContent(*file);
    switch (content.kind) {
    case ContentKind::Empty:
        if (CAIRN_TRY(isZeroWhereWritten(*file, managementBytes)))
            return {};
        return failure(ErrorCode::ContentUnknown, member.path);
    case ContentKind::Recognised:
        return failure(ErrorCode::ContentRecognised, member.path, contentDetail(content));
    case ContentKind::Unknown:
        return failure(ErrorCode::ContentUnknown, member.path);
    case ContentKind::Unread:
        break;
    }
    return failure(ErrorCode::ReadFailed, member.path, "content");
}

Result<void> checkMemberSize(const NewMemberFile& member, std::uint64_t managementBytes)
{
    const std::uint64_t needed = 3 * kMiB + managementBytes;
    if (member.sizeBytes < needed)
        return failure(ErrorCode::InvalidSize, member.path,
                       "a member needs at least " + sizeText(needed), needed - member.sizeBytes);
    return {};
}

Result<void> makeFile(const NewMemberFile& member, MadeFiles& made)
{
    if (member.exists)
        return {};
    CAIRN_TRY(FileIo::create(member.path, member.sizeBytes));
    made.add(member.path);
    return {};
}

MemberMaker pathMemberMaker(DeviceOpener* devices)
{
    return [devices](const Array::NewMember& wanted) { return makePathMember(wanted, devices); };
}

Result<MemberMaking> makePathMember(const Array::NewMember& wanted, DeviceOpener* devices)
{
    const auto file = CAIRN_TRY(newMemberFile(wanted.uri, wanted.createSizeBytes, devices));
    if (!wanted.adopt)
        CAIRN_TRY(checkBlank(file, wanted.managementBytes, wanted));
    const bool unfinished = file.exists && holdsManagementRegion(file);
    const std::uint64_t madeBytes = roundUp(wanted.createSizeBytes, kFileUnitBytes);
    if (file.exists && madeBytes != 0 && !(unfinished && file.sizeBytes == madeBytes)) {
        return failure(ErrorCode::InvalidArgument, file.path,
                       "it exists already, and a size is for a file that is made");
    }
    CAIRN_TRY(checkMemberSize(file, wanted.managementBytes));
    if (!file.exists)
        return makeUnfinished(file);
    MemberMaking making;
    making.source = std::make_unique<PathMember>(wanted.uri, devices);
    making.undo = [] {};
    return making;
}

} // namespace cairn
