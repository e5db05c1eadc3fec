// Builds real arrays for tests, and reads and writes them behind the programs' back.
#include "tests/support/array_fixture.h"

#include "core/backup/candidates.h"
#include "tests/support/image_file.h"
#include "tests/support/test_environment.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace cairn::test {
namespace {

[[noreturn]] void stopSystem(const std::string& what)
{
    std::perror(what.c_str());
    std::abort();
}

class File {
public:
    File(const std::string& path, int flags) : m_descriptor(::open(path.c_str(), flags | O_CLOEXEC))
    {
        if (m_descriptor < 0)
            stopSystem(path);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { ::close(m_descriptor); }
    [[nodiscard]] int descriptor() const { return m_descriptor; }

private:
    int m_descriptor;
};

// Two files, so that a restored filesystem can be told from an empty one.
void makeContent(const std::string& directory)
{
    if (::mkdir(directory.c_str(), 0700) != 0)
        stopSystem(directory);
    SeededRandom random(7);
    writeImage(directory + "/small", random.bytes(4097));
    writeImage(directory + "/large", random.bytes(kMiB + 5));
}

std::vector<std::string> makeCommand(const std::string& type, const std::string& label,
                                     const std::string& content, const std::string& image)
{
    if (type == "ext4")
        return {"mkfs.ext4", "-q", "-F", "-L", label, "-d", content, image};
    return {"mkfs.xfs", "-q", "-f", "-L", label, image};
}

} // namespace

void stopTest(const char* what, const Error& error)
{
    std::fprintf(stderr, "%s failed: %s, errno %d, subject \"%s\", detail \"%s\", amount %llu\n",
                 what, errorName(error.code), error.osError, error.subject.c_str(),
                 error.detail.c_str(), static_cast<unsigned long long>(error.amount));
    std::abort();
}

int runProgram(const std::vector<std::string>& arguments)
{
    const char* path = std::getenv("PATH");
    std::vector<std::string> copies = {"/usr/bin/env",
                                       "PATH=" + std::string(path != nullptr ? path : "/usr/bin") +
                                           ":/usr/sbin:/sbin"};
    copies.insert(copies.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& argument : copies)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_t child = 0;
    if (::posix_spawn(&child, pointers.front(), nullptr, nullptr, pointers.data(), environ) != 0)
        return -1;
    int status = 0;
    if (::waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

ArrayFixture::ArrayFixture(std::string directory, const Options& options)
    : m_directory(std::move(directory))
{
    if (options.simulated)
        m_uris.push_back("sim:" + m_directory);
    for (std::size_t member = 0; member < options.members && !options.simulated; ++member)
        m_uris.push_back(m_directory + "/member" + std::to_string(member) + ".img");
    Attachment::Creation wanted;
    wanted.array.uris = m_uris;
    wanted.array.memberSizeBytes = options.memberSizeBytes;
    wanted.array.managementBytes = options.managementBytes;
    wanted.label = "fixture";
    m_attachment = must(Attachment::create(wanted, systemEnvironment()), "create array");
    for (const Member& member : m_attachment->layout().members)
        m_paths.push_back(member.location);
}

void ArrayFixture::attach()
{
    attach(m_uris);
}

void ArrayFixture::attach(const std::vector<std::string>& uris)
{
    m_attachment.reset();
    m_attachment = must(Attachment::attach(uris, systemEnvironment()), "attach array");
}

RegionId ArrayFixture::addRegion(const std::string& name, std::uint64_t sizeBytes,
                                 std::size_t member)
{
    Uuid memberId;
    for (const Member& each : m_attachment->layout().members) {
        if (each.location == m_paths.at(member))
            memberId = each.id;
    }
    Array::NewRegion wanted;
    wanted.name = name;
    wanted.sizeBytes = sizeBytes;
    wanted.member = &memberId;
    return must(cairn::addRegion(*m_attachment, wanted), "add region").id;
}

Region ArrayFixture::region(const RegionId& id)
{
    return must(findRegion(*m_attachment, id.uuid.toString()), "find region");
}

void ArrayFixture::write(const RegionId& id, std::uint64_t offsetBytes,
                         std::span<const std::byte> bytes)
{
    const Region where = region(id);
    const ArrayLayout layout = m_attachment->layout();
    const File file(layout.findMember(where.member)->location, O_WRONLY);
    std::uint64_t at = where.extent.offsetBytes + offsetBytes;
    while (!bytes.empty()) {
        const ssize_t put =
            ::pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (put <= 0)
            stopSystem(where.name);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        at += static_cast<std::uint64_t>(put);
    }
    // Incident: a disk and its partitions have page caches apart, and what stood in that of the
    // disk came to it while a restore into the partition was read back.
    struct stat status{};
    if (::fstat(file.descriptor(), &status) != 0 ||
        (S_ISBLK(status.st_mode) && ::fsync(file.descriptor()) != 0))
        stopSystem(where.name);
}

std::vector<std::byte> ArrayFixture::read(const RegionId& id, std::uint64_t offsetBytes,
                                          std::uint64_t lengthBytes)
{
    const Region where = region(id);
    const ArrayLayout layout = m_attachment->layout();
    const File file(layout.findMember(where.member)->location, O_RDONLY);
    std::vector<std::byte> bytes(static_cast<std::size_t>(lengthBytes));
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got =
            ::pread(file.descriptor(), bytes.data() + filled, bytes.size() - filled,
                    static_cast<off_t>(where.extent.offsetBytes + offsetBytes + filled));
        if (got <= 0)
            stopSystem(where.name);
        filled += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::vector<std::byte> ArrayFixture::read(const RegionId& id)
{
    return read(id, 0, region(id).extent.lengthBytes);
}

void ArrayFixture::fillRandom(const RegionId& id, std::uint64_t seed)
{
    SeededRandom random(seed);
    write(id, 0, random.bytes(region(id).extent.lengthBytes));
    must(m_attachment->refresh(), "refresh");
}

void ArrayFixture::makeFilesystem(const RegionId& id, const std::string& type,
                                  const std::string& label)
{
    const std::string image = m_directory + "/mkfs.img";
    const std::string content = m_directory + "/mkfs.content";
    makeSparseImage(image, region(id).extent.lengthBytes);
    makeContent(content);
    if (runProgram(makeCommand(type, label, content, image)) != 0)
        stopSystem("mkfs." + type);
    write(id, 0, readImage(image));
    for (const char* file : {"/small", "/large"})
        ::unlink((content + file).c_str());
    ::rmdir(content.c_str());
    ::unlink(image.c_str());
    must(m_attachment->refresh(), "refresh");
}

std::vector<Digest> ArrayFixture::memberDigests() const
{
    std::vector<Digest> digests;
    for (const std::string& path : m_paths)
        digests.push_back(digestOf(readImage(path)));
    return digests;
}

Result<BackupOutcome> ArrayFixture::backUp(const RegionId& source, const RegionId& target,
                                           CopyControl& control)
{
    BackupOptions options;
    options.confirmedName = region(target).name;
    const BackupPlan plan = CAIRN_TRY(cairn::planBackup(*m_attachment, source, target, options));
    return cairn::backUp(*m_attachment, plan, control);
}

Result<BackupOutcome> ArrayFixture::backUp(const RegionId& source, const RegionId& target)
{
    UncontrolledCopy control;
    return backUp(source, target, control);
}

Result<CopyOutcome> ArrayFixture::restore(GenerationNumber number,
                                          const std::optional<RegionId>& to, CopyControl& control)
{
    const RegionId target = to ? *to : generation(number).source.id;
    const RestorePlan plan = CAIRN_TRY(
        cairn::planRestore(*m_attachment, number,
                           {.to = target, .confirmedName = region(target).name, .undo = false}));
    return CAIRN_TRY(cairn::restore(*m_attachment, plan, control)).copy;
}

Result<CopyOutcome> ArrayFixture::restore(GenerationNumber number,
                                          const std::optional<RegionId>& to)
{
    UncontrolledCopy control;
    return restore(number, to, control);
}

Generation ArrayFixture::generation(GenerationNumber number)
{
    const auto catalog = must(m_attachment->catalog(), "catalog");
    return must(catalog->generation(number), "generation");
}

GenerationState ArrayFixture::state(GenerationNumber number)
{
    return generation(number).state;
}

std::vector<EventKind> ArrayFixture::eventKinds()
{
    const auto catalog = must(m_attachment->catalog(), "catalog");
    std::vector<EventKind> kinds;
    for (const Event& event : must(catalog->ledger(), "ledger").events)
        kinds.push_back(event.kind);
    return kinds;
}

} // namespace cairn::test
