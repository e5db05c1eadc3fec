// Opens disks in memory as the members of an array.
#include "tests/support/memory_array.h"

#include "core/array/gpt/gpt_array.h"
#include "core/array/member_source.h"
#include "core/io/file_io.h"
#include "tests/support/array_fixture.h"

namespace cairn::test {
namespace {

// The file lives as long as the opening: its descriptor is what identity is asked of.
struct Opening {
    std::unique_ptr<FileIo> file;
    std::unique_ptr<RegionIo> io;
};

class MemoryMember final : public MemberSource {
public:
    MemoryMember(MemoryDisk disk, std::size_t device, std::shared_ptr<WriteLog> log)
        : m_disk(std::move(disk)), m_device(device), m_log(std::move(log))
    {}

    std::string location() const override { return m_disk.identityPath; }
    Result<OpenedMember> open(Access, bool) override
    {
        auto opening = std::make_shared<Opening>();
        opening->file = CAIRN_TRY(FileIo::open(m_disk.identityPath, {}));
        if (m_log)
            opening->io = std::make_unique<RecordingIo>(m_disk.medium, m_device, m_log);
        else
            opening->io =
                std::make_unique<MemoryIo>(m_disk.medium, MemoryIo::defaultTraits(), m_disk.host);
        if (m_disk.hooked)
            opening->io = std::make_unique<HookedIo>(std::move(opening->io), m_disk.hooked);
        OpenedMember opened;
        opened.identity = opening->file->identity();
        opened.model = "memory";
        opened.descriptor = opening->file->descriptor();
        opened.io = std::shared_ptr<RegionIo>(opening, opening->io.get());
        return opened;
    }

private:
    MemoryDisk m_disk;
    std::size_t m_device;
    std::shared_ptr<WriteLog> m_log;
};

} // namespace

std::unique_ptr<Attachment> attachMemory(const std::vector<MemoryDisk>& disks,
                                         const Environment& environment,
                                         const std::shared_ptr<WriteLog>& log)
{
    GptArray::Sources sources;
    sources.uri = disks.front().identityPath;
    for (std::size_t device = 0; device < disks.size(); ++device)
        sources.members.push_back(std::make_unique<MemoryMember>(disks[device], device, log));
    auto array = must(GptArray::open(std::move(sources), environment), "open memory array");
    return Attachment::attach(std::move(array), environment);
}

} // namespace cairn::test
