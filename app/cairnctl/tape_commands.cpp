// The commands that carry a backup out of the array and into one: export, import.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/backup_outcome.h"
#include "app/cairnctl/import_command.h"
#include "app/cairnctl/input_file.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/missing_text.h"
#include "app/cairnctl/output_file.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/seal_options.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/candidates.h"
#include "core/backup/export_generation.h"
#include "core/backup/guards.h"
#include "core/backup/import_generation.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cairn::ctl {
namespace {

struct ExportArguments {
    std::string number;
    std::string file;
    std::string location;
};

struct ImportArguments {
    std::string file;
    std::string target;
    std::string location;
    std::string source;  // Of a bare image.
    std::string mapfile; // The same, where ddrescue made it.
    std::string format;  // The same: raw or qcow2.
    std::optional<std::string> label;
    std::optional<std::string> note;
    bool image = false;
    bool noVerify = false;
    SealArguments seal;
};

// Where the file lies, as it will still be understood from another folder.
std::string locationOf(const std::string& file, const std::string& given, const char* stream)
{
    if (!given.empty())
        return given;
    if (file == "-")
        return stream;
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(file, failed);
    return failed ? file : absolute.lexically_normal().string();
}

Result<ExitCode> exportBackup(Invocation& invocation, const ExportArguments& arguments)
{
    invocation.attempt(
        fmt::format("export the backup {} to {}", printable(arguments.number),
                    arguments.file == "-" ? "the standard output" : printable(arguments.file)));
    const GenerationNumber number = CAIRN_TRY(parseNumber(arguments.number));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    CAIRN_TRY(generationNumbered(attachment, number));
    OutputFile output = CAIRN_TRY(OutputFile::open(invocation, &attachment, arguments.file));
    const std::string location =
        locationOf(arguments.file, arguments.location, "the standard output");
    ProgressBar progress(invocation.environment().clock, invocation.progress({}));
    const auto sink = [&](std::span<const std::byte> bytes) { return output.write(bytes); };
    const auto outcome = exportGeneration(attachment, number, sink, progress);
    // What the output itself says goes before.
    if (!outcome && errorClass(outcome.error().code) == ErrorClass::Failed &&
        invocation.failureContext().advice.empty())
        invocation.failureContext().advice =
            fmt::format("See whether the backup itself is sound: cairnctl verify {}", number);
    if (!outcome && outcome.error().code == ErrorCode::BackupNotUsable)
        adviseOnMissing(invocation, attachment, number);
    const ExportOutcome exported = CAIRN_TRY(outcome);
    CAIRN_TRY(output.finish());
    progress.clear();
    // An array that cannot be written now is exported all the same.
    const auto recorded = recordExport(attachment, number, location);
    if (!recorded)
        invocation.warn("NotRecorded", location,
                        fmt::format("the export is complete, but is not recorded on the array: {}",
                                    errorText(recorded.error()).what));
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, number));
    const ExitCode code = warnOfMissing(invocation, attachment.layout(), generation)
                              ? ExitCode::Partial
                              : ExitCode::Done;
    // The standard output is the data itself: nothing may be mixed into it.
    if (output.isStandardStream() || (invocation.options().quiet && !invocation.options().json))
        return code;
    const auto makeJson = [&] {
        return Json{{"number", number},
                    {"file", arguments.file},
                    {"location", location},
                    {"imageBytes", exported.imageBytes},
                    {"archiveBytes", exported.archiveBytes},
                    {"missing", jsonOf(exported.unreadable.ranges())},
                    {"recorded", recorded.has_value()}};
    };
    const auto makeText = [&] {
        return fmt::format("Exported backup #{} to {}: {} of image in {} of archive.\n", number,
                           printable(arguments.file), sizeText(exported.imageBytes),
                           sizeText(exported.archiveBytes));
    };
    invocation.print(makeJson, makeText);
    return code;
}

// The image that an export or a bare image file holds; `input` must outlive it.
Result<ImportedImage> openArchive(Invocation& invocation, const InputFile& input,
                                  const ImportArguments& arguments)
{
    ArchiveInput archive{
        .read = [&input](std::span<std::byte> into) { return input.read(into); },
        .skip = [&input](std::uint64_t lengthBytes) { return input.skip(lengthBytes); },
        .name = arguments.file == "-" ? "the standard input" : arguments.file};
    auto image = openExport(std::move(archive),
                            locationOf(arguments.file, arguments.location, "the standard input"));
    if (!image && image.error().code == ErrorCode::InvalidArchive && arguments.file != "-")
        invocation.failureContext().advice =
            "Get a sound copy of it, and import that. Or, if it is a bare image, give --image.";
    return image;
}

// Before anything is overwritten by it, or superseded: a pipe or a tape cannot be read twice.
Result<void> checkFirst(Invocation& invocation, const InputFile& input,
                        const ImportArguments& arguments, const GenerationImport& plan,
                        ImportedImage& image)
{
    if (arguments.image || plan.interrupted || !input.isSeekable() || input.sizeBytes() == 0)
        return {};
    ProgressBar progress(invocation.environment().clock, invocation.progress({}));
    if (auto sound = checkImport(plan, *image.chunks, progress); !sound) {
        const ErrorCode code = sound.error().code;
        if (code == ErrorCode::InvalidArchive || code == ErrorCode::DigestMismatch)
            invocation.failureContext().advice = "Get a sound copy of it, and import that.";
        return sound;
    }
    CAIRN_TRY(input.rewind());
    image.chunks = CAIRN_TRY(openArchive(invocation, input, arguments)).chunks;
    return {};
}

ImageFormat formatOf(const ImportArguments& arguments)
{
    if (arguments.format.empty())
        return ImageFormat::Unnamed;
    return arguments.format == "qcow2" ? ImageFormat::Qcow2 : ImageFormat::Raw;
}

Result<ImportedImage> openBareImage(Invocation& invocation, Attachment& attachment,
                                    const ImportArguments& arguments)
{
    if (arguments.file == "-")
        return failure(ErrorCode::InvalidArgument,
                       "a bare image is read from a file: of a stream the size is not known");
    RegionRef source;
    if (!arguments.source.empty())
        source = refTo(CAIRN_TRY(regionNamed(attachment, arguments.source)));
    auto image = openImage(
        {.path = arguments.file, .mapfile = arguments.mapfile, .format = formatOf(arguments)},
        source);
    if (!image && image.error().detail == kFormatUnnamed)
        invocation.failureContext().advice =
            "If it is the disk of a virtual machine, give --format qcow2; if these are the bytes "
            "that are to be backed up, --format raw.";
    if (!image && image.error().code == ErrorCode::InvalidDescription)
        invocation.failureContext().advice =
            "Name the mapfile that ddrescue wrote with this very image.";
    if (image)
        image->record.import->location = locationOf(arguments.file, arguments.location, "");
    return image;
}

Result<GenerationImport> makePlan(Invocation& invocation, Attachment& attachment,
                                  const NewGeneration& record, const Region& target,
                                  const ImportArguments& arguments)
{
    auto plan = withConfirmedName(
        invocation, attachment, target,
        fmt::format("{} loses what it holds now: {}.", titleOf(target), titleOf(target.content)),
        [&](const std::string& confirmed) {
            return planImport(attachment, record, target.id,
                              {.verify = !arguments.noVerify,
                               .confirmedName = confirmed,
                               .seal = chosenSeal(arguments.seal)});
        });
    if (!plan) {
        const auto candidate = candidateFor(attachment, target, record.sizeBytes);
        if (candidate && errorClass(plan.error().code) == ErrorClass::Refused &&
            plan.error().code != ErrorCode::ConfirmationMismatch &&
            plan.error().code != ErrorCode::SourceIsTarget)
            invocation.failureContext().reasons = refusalTexts(candidate->refusals);
        return std::unexpected(memberError(attachment, target, plan.error()));
    }
    if (plan->candidate.replaces != 0 && plan->confirmedName.empty())
        CAIRN_TRY(ask(invocation, fmt::format("Supersede backup #{} in {} by the imported one?",
                                              plan->candidate.replaces, titleOf(target))));
    return plan;
}

// How the import goes on that ended with that error.
std::string resumptionOf(const ImportArguments& arguments, const Region& target, const Error& error)
{
    const bool damaged =
        error.code == ErrorCode::InvalidArchive || error.code == ErrorCode::DigestMismatch;
    const bool named = !damaged && arguments.file != "-" && isPrintable(arguments.file);
    std::string command = fmt::format("cairnctl import {}{} {}", arguments.image ? "--image " : "",
                                      named ? wordOnCommandLine(arguments.file, "FILE") : "FILE",
                                      argumentFor(target));
    if (!arguments.source.empty())
        command += " --source " + wordOnCommandLine(printable(arguments.source), "REGION");
    if (!arguments.mapfile.empty())
        command += " --mapfile " + wordOnCommandLine(printable(arguments.mapfile), "MAP");
    if (!arguments.format.empty())
        command += " --format " + arguments.format;
    return damaged
               ? "The file is damaged. Get a sound copy of it, and continue with that: " + command
               : continuation(error, command);
}

Result<ExitCode> importBackup(Invocation& invocation, const ImportArguments& arguments)
{
    const std::string file =
        arguments.file == "-" ? "the standard input" : printable(arguments.file);
    invocation.attempt(
        fmt::format("import {} into {}", file, printableShort(arguments.target, 60)));
    if (!arguments.source.empty() && !arguments.image)
        return failure(ErrorCode::InvalidArgument,
                       "--source is for --image: an export names its own");
    if (!arguments.mapfile.empty() && !arguments.image)
        return failure(ErrorCode::InvalidArgument,
                       "--mapfile is for --image: an export has its own list");
    if (!arguments.format.empty() && !arguments.image)
        return failure(ErrorCode::InvalidArgument, "--format is for --image");
    if (!arguments.format.empty() && arguments.format != "raw" && arguments.format != "qcow2")
        return failure(ErrorCode::InvalidArgument, "--format takes raw or qcow2");
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Region target = CAIRN_TRY(regionNamed(attachment, arguments.target));
    CAIRN_TRY(checkNoMember(invocation.failureContext(), attachment, arguments.file));
    const InputFile input = CAIRN_TRY(InputFile::open(arguments.file));
    ImportedImage image =
        CAIRN_TRY(arguments.image ? openBareImage(invocation, attachment, arguments)
                                  : openArchive(invocation, input, arguments));
    image.record.label = arguments.label.value_or(image.record.label);
    image.record.note = arguments.note.value_or(image.record.note);
    const GenerationImport plan =
        CAIRN_TRY(makePlan(invocation, attachment, image.record, target, arguments));
    CAIRN_TRY(checkFirst(invocation, input, arguments, plan, image));
    const GenerationNumber before =
        plan.interrupted ? plan.interrupted->generation - 1 : newestNumber(attachment);
    Clock& clock = invocation.environment().clock;
    const auto started = clock.monotonic();
    const auto outcome = [&] {
        ProgressBar progress(clock, invocation.progress({}));
        return importGeneration(attachment, plan, *image.chunks, progress);
    }();
    if (outcome)
        return printBackup(invocation, attachment, *outcome, clock.monotonic() - started);
    const std::string resumption =
        plan.interrupted && outcome.error().code == ErrorCode::PlanChanged
            ? fmt::format("Import that one: {}; or give this import up: cairnctl discard {}",
                          importCommand(attachment, *plan.interrupted),
                          plan.interrupted->generation)
            : resumptionOf(arguments, target, outcome.error());
    return explainBackupFailure(invocation, attachment, {target.id, before, resumption},
                                outcome.error());
}

} // namespace

void addTapeCommands(CommandLine& line)
{
    const auto out = std::make_shared<ExportArguments>();
    Command exporting =
        line.add(line.root(),
                 {.name = "export",
                  .purpose = "Write a backup with its record and digests into a file, pipe or tape",
                  .example = "export 12 db.tar"},
                 [out](Invocation& invocation) { return exportBackup(invocation, *out); });
    exporting.addOption("N", out->number, "Number of the backup, from `list`").required();
    exporting.addOption("FILE", out->file, "The file; - is the standard output")
        .required()
        .notEmpty();
    exporting.addOption("--location", out->location, "Where it will lie, for the record")
        .typeName("TEXT");

    const auto in = std::make_shared<ImportArguments>();
    Command importing =
        line.add(line.root(),
                 {.name = "import",
                  .purpose = "Make a backup of an export; again with the same file, it goes on",
                  .example = "import db.tar target-02",
                  .losesContent = true},
                 [in](Invocation& invocation) { return importBackup(invocation, *in); });
    importing.addOption("FILE", in->file, "The export; - is the standard input")
        .required()
        .notEmpty();
    importing.addOption("TARGET", in->target, "Region to write: name or PARTUUID").required();
    importing.addOption("--location", in->location, "Where it lies, for the record")
        .typeName("TEXT");
    importing.addOption("--label", in->label, "Instead of the label that it had").typeName("TEXT");
    importing.addOption("--note", in->note, "Instead of the note that it had").typeName("TEXT");
    importing.addFlag("--image", in->image, "FILE is a bare image of a disk or partition");
    importing.addOption("--source", in->source, "With --image: the region that it is an image of")
        .typeName("REGION");
    importing
        .addOption("--mapfile", in->mapfile,
                   "With --image: the mapfile by which ddrescue made it; what it does not call "
                   "finished is missing")
        .typeName("MAP");
    importing
        .addOption("--format", in->format,
                   "With --image: raw or qcow2, which is read through qemu-nbd")
        .typeName("FORMAT");
    addSealOptions(importing, in->seal);
    importing.addFlag("--no-verify", in->noVerify,
                      "Do not read the copy back; it is then \"copied\", not \"good\"");
}

} // namespace cairn::ctl
