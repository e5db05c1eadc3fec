// The peers' commands, and plain loops of reading and writing.
#include "bench/peers.h"

#include "core/base/environment.h"
#include "core/copy/chunk_digest.h"
#include "core/io/aligned_buffer.h"
#include "core/io/file_io.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <tuple>
#include <unistd.h>

namespace cairn::bench {
namespace {

// Every run finds the page cache empty, whatever ran before.
std::function<Result<void>()> coldFiles(const FilePair& pair)
{
    return [pair]() -> Result<void> {
        dropCache(pair.source);
        dropCache(pair.target);
        return {};
    };
}

Contestant command(const FilePair& pair, std::string name, const std::string& text)
{
    return {.name = std::move(name), .command = text, .prepare = coldFiles(pair), .run = [text] {
                return measureCommand(text);
            }};
}

Contestant fio(const FilePair& pair, std::string name, const std::string& jobs, unsigned depth)
{
    const std::string report = pair.directory + "/fio.json";
    const std::string text = fmt::format(
        "fio --output-format=json --output={} --ioengine=io_uring --direct=1 --bs=1M --iodepth={}"
        " --size={} --overwrite=1 --end_fsync=1 {}",
        report, depth, pair.sizeBytes, jobs);
    return {.name = std::move(name),
            .command = text,
            .prepare = coldFiles(pair),
            .run = [text, report] { return measureFio(text, report); }};
}

using Step = std::function<Result<void>(std::uint64_t chunk, std::span<std::byte> buffer)>;

// Four threads share the chunks; the first error ends them all.
Result<void> forAllChunks(std::uint64_t sizeBytes, const Step& step)
{
    constexpr unsigned kThreads = 4;
    std::atomic<std::uint64_t> next{0};
    std::mutex mutex;
    std::optional<Error> failed;
    const auto work = [&]() -> Result<void> {
        const auto buffer = CAIRN_TRY(AlignedBuffer::create(2 * kChunkBytes));
        for (std::uint64_t chunk = next++; chunk < chunkCount(sizeBytes); chunk = next++) {
            const ByteRange range = chunkRange(chunk, sizeBytes);
            CAIRN_TRY(step(chunk, buffer.bytes().first(range.lengthBytes)));
        }
        return {};
    };
    systemEnvironment().executor.runWorkers(kThreads, [&](unsigned) {
        if (auto done = work(); !done) {
            const std::scoped_lock guard(mutex);
            failed = std::move(done).error();
        }
    });
    return failed ? Result<void>(std::unexpected(*failed)) : Result<void>();
}

Result<void> copyByRange(const FilePair& pair)
{
    const auto source = CAIRN_TRY(FileIo::open(pair.source, {.direct = false}));
    const auto target =
        CAIRN_TRY(FileIo::open(pair.target, {.access = Access::Write, .direct = false}));
    off64_t from = 0;
    off64_t onto = 0;
    while (static_cast<std::uint64_t>(from) < pair.sizeBytes) {
        const auto rest = pair.sizeBytes - static_cast<std::uint64_t>(from);
        const auto copied =
            ::copy_file_range(source->descriptor(), &from, target->descriptor(), &onto, rest, 0);
        if (copied < 0 && errno == EINTR)
            continue;
        if (copied <= 0)
            return osFailure(ErrorCode::WriteFailed, "copy_file_range");
    }
    return target->flush();
}

} // namespace

Contestant dd(const FilePair& pair, Medium medium)
{
    const std::string direct = medium == Medium::Disk ? " iflag=direct oflag=direct" : "";
    return command(pair, "dd",
                   fmt::format("dd if={} of={} bs=1M{} conv=notrunc,fdatasync", pair.source,
                               pair.target, direct));
}

Contestant cpSparse(const FilePair& pair)
{
    return command(pair, "cp --sparse=always",
                   fmt::format("cp --sparse=always {0} {1} && sync {1}", pair.source, pair.target));
}

Contestant qemuConvert(const FilePair& pair)
{
    return command(pair, "qemu-img convert",
                   fmt::format("qemu-img convert -n -t none -T none -m 16 -W -f raw -O raw {} {}",
                               pair.source, pair.target));
}

Contestant qemuCompare(const FilePair& pair)
{
    return command(
        pair, "qemu-img compare",
        fmt::format("qemu-img compare -T none -f raw -F raw {} {}", pair.source, pair.target));
}

Contestant qemuConvertAndCompare(const FilePair& pair)
{
    return command(pair, "qemu-img convert and compare",
                   qemuConvert(pair).command + " && " + qemuCompare(pair).command);
}

Contestant ddrescue(const FilePair& pair)
{
    return command(pair, "ddrescue",
                   fmt::format("ddrescue --quiet --force --idirect --odirect --cluster-size=2Ki"
                               " {0} {1} && sync {1}",
                               pair.source, pair.target));
}

Contestant nbdcopy(const FilePair& pair)
{
    return command(pair, "nbdcopy",
                   fmt::format("nbdcopy --flush -- [ nbdkit --exit-with-parent file {} cache=none ]"
                               " [ nbdkit --exit-with-parent file {} cache=none ]",
                               pair.source, pair.target));
}

Contestant partclone(const FilePair& pair)
{
    return command(pair, "partclone.dd",
                   fmt::format("partclone.dd -q -L {2}/partclone.log -s {0} -O {1} && sync {1}",
                               pair.source, pair.target, pair.directory));
}

Contestant rsyncInPlace(const FilePair& pair)
{
    return command(pair, "rsync --inplace",
                   fmt::format("rsync --inplace --no-whole-file --ignore-times {0} {1} && sync {1}",
                               pair.source, pair.target));
}

Contestant fioMixed(const FilePair& pair, unsigned depth)
{
    return fio(pair, fmt::format("fio, depth {}", depth),
               fmt::format("--name=read --rw=read --filename={} --name=write --rw=write"
                           " --filename={}",
                           pair.source, pair.target),
               depth);
}

Contestant fioRead(const FilePair& pair, unsigned depth)
{
    return fio(pair, fmt::format("fio reads, depth {}", depth),
               fmt::format("--name=read --rw=read --filename={}", pair.source), depth);
}

Contestant plainCopy(const FilePair& pair)
{
    const auto copy = [pair](Stopwatch& watch) -> Result<void> {
        const auto source = CAIRN_TRY(FileIo::open(pair.source, {}));
        const auto target = CAIRN_TRY(FileIo::open(pair.target, {.access = Access::Write}));
        watch.start();
        const auto step = [&](std::uint64_t chunk, std::span<std::byte> bytes) -> Result<void> {
            CAIRN_TRY(source->read(chunk * kChunkBytes, bytes));
            return target->write(chunk * kChunkBytes, bytes);
        };
        CAIRN_TRY(forAllChunks(pair.sizeBytes, step));
        CAIRN_TRY(target->flush());
        watch.stop();
        return {};
    };
    return {.name = "read and write, huge pages",
            .command = {},
            .prepare = coldFiles(pair),
            .run = [copy] { return measure(copy); }};
}

Contestant plainRead(const FilePair& pair)
{
    const auto read = [pair](Stopwatch& watch) -> Result<void> {
        const auto source = CAIRN_TRY(FileIo::open(pair.source, {}));
        watch.start();
        CAIRN_TRY(
            forAllChunks(pair.sizeBytes, [&](std::uint64_t chunk, std::span<std::byte> bytes) {
                return source->read(chunk * kChunkBytes, bytes);
            }));
        watch.stop();
        return {};
    };
    return {.name = "read alone, huge pages",
            .command = {},
            .prepare = coldFiles(pair),
            .run = [read] { return measure(read); }};
}

Contestant copyFileRange(const FilePair& pair)
{
    const auto copy = [pair](Stopwatch& watch) -> Result<void> {
        watch.start();
        CAIRN_TRY(copyByRange(pair));
        watch.stop();
        return {};
    };
    return {.name = "copy_file_range", .command = {}, .prepare = {}, .run = [copy] {
                return measure(copy);
            }};
}

} // namespace cairn::bench
