// Makes the array, records the work, and goes through its cuts.
#include "tests/support/undo_story.h"

#include "core/backup/candidates.h"
#include "core/backup/resume.h"
#include "core/catalog/management_region.h"
#include "tests/support/image_file.h"
#include "tests/support/state_stride.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace cairn::test {
namespace {

constexpr std::uint64_t kSize = 4 * kMiB;
constexpr std::size_t kDataDisk = 1;

std::shared_ptr<MemoryMedium> mediumOf(const std::vector<std::byte>& bytes)
{
    auto medium = std::make_shared<MemoryMedium>(bytes.size());
    medium->bytes = bytes;
    medium->durable = bytes;
    return medium;
}

// Without a management region, which only the fourth disk of an array is.
Uuid addDataDisk(Attachment& attachment, const std::string& path)
{
    const auto writing = must(WriteAccess::take(attachment), "write access");
    Array::NewMember wanted;
    wanted.uri = path;
    wanted.createSizeBytes = 14 * kMiB;
    const Member disk = must(attachment.array().addMember(wanted), "add member");
    auto known = must(writing.catalog().members(), "members");
    known.push_back({.id = disk.id,
                     .location = disk.location,
                     .model = disk.model,
                     .sizeBytes = disk.sizeBytes,
                     .holdsCatalog = false,
                     .stale = false,
                     .removed = false});
    must(writing.catalog().setMembers(known), "set members");
    return disk.id;
}

} // namespace

UndoStory::UndoStory(const std::string& directory)
{
    ArrayFixture array(
        directory,
        {.members = 1, .memberSizeBytes = 8 * kMiB, .managementBytes = kMinimumManagementBytes});
    m_paths = {directory + "/member0.img", directory + "/data.img"};
    const Uuid member = addDataDisk(*array, m_paths.back());
    const auto add = [&](const char* name, std::uint64_t sizeBytes) {
        return must(addRegion(*array, {.name = name, .sizeBytes = sizeBytes, .member = &member}),
                    "add region")
            .id;
    };
    const RegionId source = add("root", kSize);
    const RegionId copy = add("copy", kSize);
    add("spare", 3 * kMiB);
    array.fillRandom(source, 1);
    m_backedUp = array.read(source);
    must(array.backUp(source, copy));
    array.write(source, kMiB + 77, std::vector<std::byte>(99, std::byte{0x5a}));
    m_before = array.read(source);
    m_extent = array.region(source).extent;
    array.detach();
    for (const std::string& path : m_paths)
        m_media.push_back(mediumOf(readImage(path)));
}

std::vector<MemoryDisk> UndoStory::disks() const
{
    std::vector<MemoryDisk> disks;
    for (std::size_t i = 0; i < m_paths.size(); ++i)
        disks.push_back({m_media[i], m_paths[i]});
    return disks;
}

void UndoStory::run(const std::function<void(Attachment&)>& work)
{
    const auto attachment = attachMemory(disks(), m_machine.environment());
    work(*attachment);
}

void UndoStory::record(const std::function<void(Attachment&)>& work)
{
    m_start.clear();
    for (const auto& medium : m_media)
        m_start.push_back(medium->bytes);
    m_log->entries.clear();
    const auto attachment = attachMemory(disks(), m_machine.environment(), m_log);
    work(*attachment);
}

void UndoStory::setUnreadable(const std::vector<ByteRange>& ofRegion)
{
    m_unreadable = ofRegion;
    applyUnreadable(ofRegion);
}

void UndoStory::applyUnreadable(const std::vector<ByteRange>& ofRegion)
{
    MemoryMedium& medium = *m_media[kDataDisk];
    const std::scoped_lock guard(medium.mutex);
    medium.unreadable.clear();
    for (const ByteRange& range : ofRegion)
        medium.unreadable.push_back({m_extent.offsetBytes + range.offsetBytes, range.lengthBytes});
}

void UndoStory::heal()
{
    applyUnreadable({});
}

std::vector<std::byte> UndoStory::now() const
{
    const auto& bytes = m_media[kDataDisk]->bytes;
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(m_extent.offsetBytes);
    return {from, from + static_cast<std::ptrdiff_t>(kSize)};
}

std::string UndoStory::judgeAll(const Judge& judge)
{
    CrashStates states(*m_log, m_start);
    SeededRandom random(testSeed());
    const auto judgeOne = [&](Unflushed unflushed, Way way) -> std::string {
        m_media.clear();
        for (std::size_t device = 0; device < m_paths.size(); ++device)
            m_media.push_back(states.medium(device, unflushed, random));
        applyUnreadable(m_unreadable);
        std::string wrong;
        {
            const auto attachment = attachMemory(disks(), m_elsewhere.environment());
            wrong = judge(*attachment, way);
        }
        m_media.clear();
        if (!wrong.empty())
            wrong = "after " + std::to_string(states.position()) + " of " +
                    std::to_string(writes()) + " writes, " +
                    (way == Way::Forward ? "forward: " : "back: ") + wrong;
        return wrong;
    };
    for (std::uint64_t state = 0;; ++state) {
        const Way way = state % 2 == 0 ? Way::Forward : Way::Back;
        const auto unflushed = static_cast<Unflushed>(state / stateStride() % 3);
        const bool beforeFlush = !states.atEnd() && m_log->entries[states.position()].flush;
        if (state % stateStride() == 0) {
            std::string wrong = judgeOne(unflushed, way);
            if (wrong.empty() && beforeFlush && unflushed != Unflushed::Lost)
                wrong = judgeOne(Unflushed::Lost, way);
            if (!wrong.empty())
                return wrong;
        }
        if (states.atEnd())
            return {};
        states.advance();
    }
}

void undoNow(Attachment& attachment, GenerationNumber number)
{
    UncontrolledCopy control;
    must(undo(attachment, must(planUndo(attachment, number, {}), "plan undo"), control), "undo");
}

GenerationNumber restoreNow(Attachment& attachment)
{
    UncontrolledCopy control;
    return must(restore(attachment, must(planRestore(attachment, 1, {})), control), "restore").undo;
}

void resumeAll(Attachment& attachment)
{
    UncontrolledCopy control;
    for (const Job& job : must(interruptedJobs(attachment)))
        must(resume(attachment, job, control), "resume");
}

std::vector<std::byte> contentOf(Attachment& attachment, const char* name)
{
    const auto region = must(findRegion(attachment, name));
    const auto io = must(attachment.array().openRegion(region.id, Access::Read));
    std::vector<std::byte> content(static_cast<std::size_t>(io->sizeBytes()));
    must(io->read(0, content));
    return content;
}

void writeRegion(Attachment& attachment, const char* name, std::span<const std::byte> bytes)
{
    const auto writing = must(WriteAccess::take(attachment));
    const auto region = must(findRegion(attachment, name));
    const auto io = must(attachment.array().openRegion(region.id, Access::Write));
    must(io->write(0, bytes));
    must(io->flush());
}

void backUpNow(Attachment& attachment, bool sealed)
{
    UncontrolledCopy control;
    BackupOptions options;
    options.confirmedName = "copy";
    options.seal = sealed;
    const auto plan = must(planBackup(attachment, must(findRegion(attachment, "root")).id,
                                      must(findRegion(attachment, "copy")).id, options));
    must(backUp(attachment, plan, control));
}

std::vector<std::byte> onMedium(Attachment& attachment, const char* name)
{
    attachment.array().setSealed({}, {});
    auto bytes = contentOf(attachment, name);
    must(attachment.refresh());
    return bytes;
}

void makeSwapSpace(std::vector<std::byte>& bytes)
{
    std::fill_n(bytes.begin(), 64 * kKiB, std::byte{0});
    const auto lastPage = static_cast<std::uint32_t>(bytes.size() / 4096 - 1);
    const std::array<std::uint32_t, 3> header{1, lastPage, 0};
    std::memcpy(bytes.data() + 1024, header.data(), sizeof header);
    std::memcpy(bytes.data() + 1036, "sixteen bytes id", 16);
    std::memcpy(bytes.data() + 4086, "SWAPSPACE2", 10);
}

Generation generationOf(Attachment& attachment, GenerationNumber number)
{
    return must(must(attachment.catalog())->generation(number), "generation");
}

} // namespace cairn::test
