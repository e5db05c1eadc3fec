// Commands that stream a region out of a file or into one: region import, region export.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/input_file.h"
#include "app/cairnctl/json_output.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/missing_text.h"
#include "app/cairnctl/output_file.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/record_text.h"
#include "app/cairnctl/refusal_text.h"
#include "core/backup/administer.h"
#include "core/backup/guards.h"
#include "core/backup/half_written.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cairn::ctl {
namespace {

struct StreamArguments {
    std::string region;
    std::string file;
    bool skipUnreadable = false;
};

Json streamJson(const Region& region, const StreamArguments& arguments, std::uint64_t bytes)
{
    return {{"region", region.name},
            {"regionId", region.id.uuid.toString()},
            {"file", arguments.file},
            {"bytes", bytes}};
}

Result<ExitCode> importFile(Invocation& invocation, const StreamArguments& arguments)
{
    const std::string file =
        arguments.file == "-" ? "the standard input" : printable(arguments.file);
    invocation.attempt(
        fmt::format("import {} into {}", file, printableShort(arguments.region, 60)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Region region = CAIRN_TRY(regionNamed(attachment, arguments.region));
    CAIRN_TRY(checkNoMember(invocation.failureContext(), attachment, arguments.file));
    const InputFile input = CAIRN_TRY(InputFile::open(arguments.file));
    const std::string title = titleOf(region);
    bool begun = false;
    const auto verb = [&](const std::string& confirmed) {
        ProgressBar progress(invocation.environment().clock, invocation.progress({}));
        return importRegion(
            attachment,
            {.region = region.id,
             .sizeBytes = input.sizeBytes(),
             .confirmedName = confirmed,
             .seen = region,
             .begins = [&] { begun = true; }},
            [&](std::span<std::byte> into) { return input.read(into); }, progress);
    };
    const auto bytes = withConfirmedName(
        invocation, attachment, region,
        fmt::format("Importing erases what {} holds now: {}.", title, titleOf(region.content)),
        verb);
    if (!bytes) {
        if (begun)
            invocation.failureContext().state =
                fmt::format("The content of {} is incomplete and must not be used", title);
        // What the system said is full is the host's: the region's size has no part in it.
        if (bytes.error().code == ErrorCode::NoSpace && bytes.error().osError == 0)
            invocation.failureContext().advice = "Import less, or into a larger region.";
        return std::unexpected(memberError(attachment, region, bytes.error()));
    }
    invocation.announce([&] { return streamJson(region, arguments, *bytes); },
                        [&] {
                            return fmt::format("Imported {} from {} into {}.\n", sizeText(*bytes),
                                               file, title);
                        });
    return ExitCode::Done;
}

std::string halfExportedText(const HalfWritten& half, const Region& region)
{
    const WriteKind kind = half.write.kind;
    const std::uint64_t number = half.write.generation;
    const std::string began = unfinishedText(writeKindName(kind), number);
    // What lies there is that backup, and the backup is of such content.
    if (half.state == HalfWrittenState::Accepted && kind == WriteKind::Backup)
        return fmt::format("{} is of a source that was in use, or half-written and accepted; the "
                           "file does not tell that any more",
                           began);
    if (half.state == HalfWrittenState::Accepted)
        return fmt::format("{} did not end, and the content was accepted as it is; the file does "
                           "not tell that any more",
                           began);
    std::string way;
    if (half.state == HalfWrittenState::Running)
        way = "export again once it has ended";
    else if (half.state == HalfWrittenState::Interrupted && kind == WriteKind::Import)
        way = "import the same file again, which finishes it, then export again";
    else if (kind == WriteKind::Backup || kind == WriteKind::Import)
        way = half.state == HalfWrittenState::Interrupted
                  ? fmt::format("finish it with `cairnctl resume {}`, then export again", number)
                  : "it is no whole copy; look for another one with `cairnctl list`";
    else if (half.state == HalfWrittenState::Interrupted)
        way = fmt::format("finish it with `cairnctl {} {}`, then export again",
                          kind == WriteKind::Undo ? "undo" : "resume", number);
    else
        way = fmt::format("restore, undo or import it again, then export again; or, if its "
                          "content is right as it is, `cairnctl region accept {}`",
                          argumentFor(region));
    return fmt::format("{} {}, so that it is neither the old content nor the new. For a rescue "
                       "that may be what is wanted; else {}",
                       began, half.state == HalfWrittenState::Running ? "runs" : "did not end",
                       way);
}

// A file cannot carry the mark: whoever takes it for whole must have been told here.
void warnOfHalf(Invocation& invocation, const HalfWritten* half, const Region& region,
                const std::string& file)
{
    if (half != nullptr)
        invocation.warn("HalfWrittenExported", region.name,
                        fmt::format("what is written to {} is the half-written region {}: {}", file,
                                    titleOf(region), halfExportedText(*half, region)));
}

// The backup in the region, if it is known to be damaged, or to lack some of its source.
std::optional<Generation> damagedIn(Attachment& attachment, const Region& region)
{
    const auto records = readRecords(attachment);
    const Generation* occupant = records ? records->occupant(region.id) : nullptr;
    const bool whole =
        occupant == nullptr || (occupant->damaged.empty() && occupant->unreadable.empty());
    return whole ? std::nullopt : std::optional(*occupant);
}

void warnOfDamaged(Invocation& invocation, const std::optional<Generation>& damaged,
                   const Region& region, const std::string& file)
{
    if (damaged && !damaged->unreadable.empty())
        invocation.warn("MissingExported", region.name,
                        fmt::format("what is written to {} is a backup without all of its source: "
                                    "{}",
                                    file, missingText(*damaged)));
    if (damaged && !damaged->damaged.empty())
        invocation.warn("DamagedExported", region.name,
                        fmt::format("what is written to {} is the damaged backup #{}: what differs "
                                    "from what was copied, or could not be read, is {}",
                                    file, damaged->number, chunksText(damaged->damaged)));
}

void warnOfUnreadable(Invocation& invocation, const RegionExport& exported, const Region& region,
                      const std::string& file)
{
    if (!exported.unreadable.empty())
        invocation.warn("UnreadableSkipped", region.name,
                        fmt::format("parts of {} could not be read, and are zeroes in {}: {}",
                                    titleOf(region), file, rangesText(exported.unreadable)));
}

Json exportJson(const Region& region, const StreamArguments& arguments,
                const RegionExport& exported, const HalfWritten* half,
                const std::optional<Generation>& damaged)
{
    Json json = streamJson(region, arguments, exported.sizeBytes);
    json["halfWritten"] = jsonOf(half);
    json["damagedChunks"] = jsonOf(damaged ? damaged->damaged : ChunkMap{});
    json["unreadable"] = jsonOf(exported.unreadable);
    json["missing"] = jsonOf(damaged ? damaged->unreadable.ranges() : std::vector<ByteRange>());
    return json;
}

Result<ExitCode> exportFile(Invocation& invocation, const StreamArguments& arguments)
{
    const std::string file =
        arguments.file == "-" ? "the standard output" : printable(arguments.file);
    invocation.attempt(fmt::format("export {} to {}", printableShort(arguments.region, 60), file));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Region region = CAIRN_TRY(regionNamed(attachment, arguments.region));
    // Where the catalog cannot tell, a warning has said so already.
    const auto all = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
    const HalfWritten* half = findHalfWritten(all, region.id);
    const auto damaged = damagedIn(attachment, region);
    OutputFile output = CAIRN_TRY(OutputFile::open(invocation, &attachment, arguments.file));
    warnOfHalf(invocation, half, region, file);
    warnOfDamaged(invocation, damaged, region, file);
    ProgressBar progress(invocation.environment().clock, invocation.progress({}));
    const auto exported = exportRegion(
        attachment, region.id, [&](std::span<const std::byte> from) { return output.write(from); },
        progress, arguments.skipUnreadable ? OnUnreadable::Skip : OnUnreadable::Fail);
    if (!exported && exported.error().code == ErrorCode::ReadFailed)
        invocation.failureContext().advice =
            "With --skip-unreadable all the rest is written, and what cannot be read is listed.";
    CAIRN_TRY(exported);
    CAIRN_TRY(output.finish());
    progress.clear();
    warnOfUnreadable(invocation, *exported, region, file);
    const bool whole = (half == nullptr || half->state == HalfWrittenState::Accepted) &&
                       exported->unreadable.empty() && !damaged;
    const ExitCode code = whole ? ExitCode::Done : ExitCode::Partial;
    // The standard output is the data itself: nothing may be mixed into it.
    if (output.isStandardStream())
        return code;
    invocation.announce(
        [&] { return exportJson(region, arguments, *exported, half, damaged); },
        [&] {
            return fmt::format("Exported {} of {} to {}{}{}{}.\n", sizeText(exported->sizeBytes),
                               titleOf(region), file, half != nullptr ? "; it is half-written" : "",
                               !damaged                   ? ""
                               : damaged->damaged.empty() ? "; it lacks some of its source"
                                                          : "; it is a damaged backup",
                               exported->unreadable.empty() ? "" : "; not all could be read");
        });
    return code;
}

} // namespace

void addStreamCommands(CommandLine& line, Command region)
{
    const auto arguments = std::make_shared<StreamArguments>();
    Command import = line.add(
        region,
        {.name = "import",
         .purpose = "Write a file's bytes into a region; one with content needs --confirm",
         .example = "region import db db.img",
         .losesContent = true},
        [arguments](Invocation& invocation) { return importFile(invocation, *arguments); });
    import.addOption("REGION", arguments->region, "Name or PARTUUID").required();
    import.addOption("FILE", arguments->file, "File or device; - is the standard input")
        .required()
        .notEmpty();

    Command exporting = line.add(
        region,
        {.name = "export",
         .purpose = "Write a region's bytes into a file; an existing one needs --yes",
         .example = "region export db db.img"},
        [arguments](Invocation& invocation) { return exportFile(invocation, *arguments); });
    exporting.addOption("REGION", arguments->region, "Name or PARTUUID").required();
    exporting.addOption("FILE", arguments->file, "The file; - is the standard output")
        .required()
        .notEmpty();
    exporting.addFlag("--skip-unreadable", arguments->skipUnreadable,
                      "Write zeroes for what cannot be read, and list it; exit code 4");
}

} // namespace cairn::ctl
