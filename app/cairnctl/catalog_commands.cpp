// The commands on the catalog as a whole: catalog export, catalog rebuild.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/foreign_text.h"
#include "app/cairnctl/input_file.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/output_file.h"
#include "app/cairnctl/question.h"
#include "core/backup/catalog_file.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"

#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <optional>
#include <vector>

namespace cairn::ctl {
namespace {

// Where the bytes of each copy of the catalog lie, as commands that keep them.
std::string commandsToKeepCopies(const ArrayLayout& layout)
{
    std::string commands;
    for (const Region& region : layout.regions) {
        const Member* member = layout.findMember(region.member);
        if (region.role != RegionRole::Management || member == nullptr)
            continue;
        commands += fmt::format("{}`dd if={} of=catalog-{}.bin bs=1M skip={} count={}`",
                                commands.empty() ? "" : ", ",
                                wordOnCommandLine(printable(member->location), "MEMBER"),
                                memberNumber(layout, member->id), region.extent.offsetBytes / kMiB,
                                region.extent.lengthBytes / kMiB);
    }
    return commands;
}

// What was copied there may be the only catalog of its array: nothing replaces it unasked, and
// whoever wants that erases it first.
Result<void> requireNoneCopied(Invocation& invocation, Attachment& attachment)
{
    const ArrayLayout layout = attachment.layout();
    for (const Region& region : layout.regions) {
        const Member* member = layout.findMember(region.member);
        if (region.role != RegionRole::Management || member == nullptr ||
            !isCopiedCatalog(member->problem))
            continue;
        invocation.failureContext().advice = fmt::format(
            "Attach the array's other members first, if it has any: with a good copy of the "
            "catalog on one of them, `cairnctl array add-catalog` fills the region again. With "
            "none left, keep what was copied there: {}; then erase it: `dd if=/dev/zero of={} "
            "bs=1M seek={} count=1 conv=notrunc`, and rebuild once more.",
            commandsToKeepCopies(layout), wordOnCommandLine(printable(member->location), "MEMBER"),
            region.extent.offsetBytes / kMiB);
        return failure(ErrorCode::CatalogForeign, member->location, member->problem);
    }
    return {};
}

// What is left of it cannot be exported; what can be done with it is told.
Error damageExplained(Invocation& invocation, Attachment& attachment, const Error& error)
{
    if (error.code == ErrorCode::CatalogDamaged)
        invocation.failureContext().advice = fmt::format(
            "Attach the array's other members first, if it has any: a good copy on one of them "
            "repairs this one. With no good copy left, `cairnctl catalog rebuild` writes a new "
            "catalog with the records that can still be read, and with what the regions show; "
            "that one can be exported. It overwrites the damaged one, so keep its bytes before: "
            "{}.",
            commandsToKeepCopies(attachment.array().layout()));
    return error;
}

// Of histories that grew apart, one can be exported at a time.
void warnOfOneHistory(Invocation& invocation, Attachment& attachment)
{
    const auto catalog = attachment.catalog();
    const CatalogStatus status = catalog ? (*catalog)->status() : CatalogStatus();
    if (status.histories.size() < 2)
        return;
    const ArrayLayout layout = attachment.layout();
    const CatalogHistory& exported = status.histories.front();
    std::string holders;
    for (const Uuid& id : exported.members) {
        const Member* member = layout.findMember(id);
        holders += (holders.empty() ? "" : " and ") +
                   (member != nullptr ? printable(member->location) : id.toString());
    }
    std::string others;
    for (auto other = status.histories.begin() + 1; other != status.histories.end(); ++other)
        others += (others.empty() ? "" : ", ") + other->id;
    invocation.warn("HistoryExported", exported.id,
                    fmt::format("only the history {} on {} is exported; what {} holds alone is "
                                "exported with that member attached alone",
                                exported.id, holders, others));
}

Result<ExitCode> exportTo(Invocation& invocation, const std::string& path)
{
    invocation.attempt(fmt::format("export the catalog to {}",
                                   path == "-" ? "the standard output" : printable(path)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    if (const auto catalog = attachment.catalog(); !catalog)
        return std::unexpected(damageExplained(invocation, attachment, catalog.error()));
    OutputFile file = CAIRN_TRY(OutputFile::open(invocation, &attachment, path));
    const auto exported = exportCatalog(
        attachment, [&](std::span<const std::byte> bytes) { return file.write(bytes); });
    if (!exported)
        return std::unexpected(damageExplained(invocation, attachment, exported.error()));
    CAIRN_TRY(file.finish());
    warnOfOneHistory(invocation, attachment);
    if (file.isStandardStream())
        return ExitCode::Done;
    invocation.announce(
        [&] { return Json{{"file", path}}; },
        [&] { return fmt::format("Exported the catalog to {}.\n", printable(path)); });
    return ExitCode::Done;
}

using TemporaryFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// What comes through a pipe, in a file without a name: an export is read twice.
Result<TemporaryFile> spooled(const InputFile& input)
{
    TemporaryFile file(std::tmpfile(), &std::fclose);
    if (!file)
        return osFailure(ErrorCode::OpenFailed, "a temporary file");
    std::vector<std::byte> block(256 * kKiB); // Few calls, little memory.
    const Interruptible reading;
    while (const std::size_t got = CAIRN_TRY(input.read(block))) {
        if (std::fwrite(block.data(), 1, got, file.get()) != got)
            return osFailure(ErrorCode::NoSpace, "the directory of temporary files");
    }
    if (std::fflush(file.get()) != 0)
        return osFailure(ErrorCode::NoSpace, "the directory of temporary files");
    return file;
}

// An export that can be read twice, wherever it comes from.
class ExportFile {
public:
    [[nodiscard]] static Result<ExportFile> open(const std::string& path)
    {
        ExportFile file(CAIRN_TRY(InputFile::open(path)));
        if (!file.m_input.isSeekable())
            file.m_spooled = CAIRN_TRY(spooled(file.m_input));
        return file;
    }

    [[nodiscard]] Result<void> check(Attachment& attachment) const
    {
        std::ifstream file = CAIRN_TRY(stream());
        return checkExport(attachment, file);
    }

    [[nodiscard]] Result<RebuildOutcome> rebuild(Attachment& attachment) const
    {
        std::ifstream file = CAIRN_TRY(stream());
        const Interruptible finishes;
        return rebuildCatalog(attachment, file);
    }

private:
    explicit ExportFile(InputFile input) : m_input(std::move(input)) {}

    // From its beginning.
    [[nodiscard]] Result<std::ifstream> stream() const
    {
        const int descriptor = m_spooled ? ::fileno(m_spooled.get()) : m_input.descriptor();
        const std::string path = fmt::format("/proc/self/fd/{}", descriptor);
        std::ifstream file(path, std::ios::binary);
        if (!file)
            return osFailure(ErrorCode::OpenFailed, path);
        return file;
    }

    InputFile m_input;
    TemporaryFile m_spooled{nullptr, &std::fclose};
};

void explainRebuild(ErrorContext& context, const Error& error)
{
    if (error.code == ErrorCode::InvalidDescription)
        context.advice =
            "It is no export of a catalog, or it was changed or cut off: use another one.";
    else if (error.code == ErrorCode::InvalidArgument)
        context.advice = "Use an export of this array, or check the -a options.";
    else if (errorClass(error.code) == ErrorClass::Failed)
        context.state = "The regions are unchanged; `cairnctl list` shows what is in the catalog "
                        "now";
}

// Core reads a stream, and does not know where it comes from.
Error namingFile(Error error, const std::string& path)
{
    if (error.subject == "catalog export")
        error.subject = path == "-" ? "the standard input" : path;
    return error;
}

constexpr const char* kAttachFirst =
    "Attach the array's other members first, if it has any: a good copy of the catalog on one of "
    "them repairs this one with nothing lost, and a new catalog is no copy of theirs.";

// `fromFile`: what the old catalog knew comes from an export.
Result<void> askToReplace(Invocation& invocation, Attachment& attachment, bool fromFile)
{
    return ask(invocation,
               fmt::format("{} {}{}", kAttachFirst,
                           fromFile ? ""
                                    : "An export of the catalog has to be named now: it does not "
                                      "fit the new one. ",
                           attachment.catalog()
                               ? "The catalog is damaged. Write a new one into the management "
                                 "regions, with every record that can still be read?"
                               : "The catalog cannot be read. Write a new one into the management "
                                 "regions, with every disk that is named as a member?"));
}

// For who was not asked.
void warnOfReplaced(Invocation& invocation, Attachment& attachment)
{
    invocation.warn("CatalogReplaced", attachment.array().layout().uri,
                    "a new catalog was written. A member that is not attached and has a good copy "
                    "would have repaired the old one; if there is one, attach both, and give this "
                    "one up: cairnctl array add-catalog MEMBER");
}

std::string namesText(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + printable(name);
    return text;
}

std::string rebuildText(const RebuildOutcome& outcome, bool fromFile)
{
    std::string text = fmt::format("{} recovered, {} skipped.",
                                   countText(outcome.recovered, "record"), outcome.skipped);
    if (outcome.leftOut != 0)
        text += fmt::format(
            " Left out: {} that the table marks as a backup and that holds none, because "
            "a copy was running there, or a restore kept what it overwrote.",
            countText(outcome.leftOut, "region"));
    if (outcome.doubted != 0)
        text += fmt::format(" {} may be half-written, since the old catalog cannot tell any more: "
                            "look at what is in each, then `cairnctl region accept REGION`.",
                            countText(outcome.doubted, "region"));
    if (!outcome.signaturesLost.empty())
        text += fmt::format(
            " Sealed, and without the signatures that only the lost catalog had: {}. To mount or "
            "restore one needs them: attach a member with a good copy of the catalog, or rebuild "
            "from an export made after the backup; or put them back by hand with dd, if you know "
            "what it held (of ext2, ext3 and ext4: bytes 53 ef at byte 1080).",
            namesText(outcome.signaturesLost));
    if (outcome.recovered == 0)
        return text + '\n';
    if (fromFile)
        return text + " Those recovered are not proved yet: cairnctl verify --all\n";
    return text + " That a backup is whole cannot be proved from its region alone: look at what "
                  "is in it before you trust it.\n";
}

Result<ExitCode> rebuild(Invocation& invocation, const std::string& path)
{
    invocation.attempt("rebuild the catalog");
    std::optional<ExportFile> file;
    if (!path.empty())
        file.emplace(CAIRN_TRY(ExportFile::open(path)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const auto explained = [&](const Error& error) {
        explainRebuild(invocation.failureContext(), error);
        return namingFile(error, path);
    };
    // What would be refused all the same needs no answer.
    if (const auto checked = file ? file->check(attachment) : Result<void>(); !checked)
        return std::unexpected(explained(checked.error()));
    const bool anew = CAIRN_TRY(needsNewCatalog(attachment));
    if (anew) {
        CAIRN_TRY(requireNoneCopied(invocation, attachment));
        CAIRN_TRY(askToReplace(invocation, attachment, file.has_value()));
    }
    const auto outcome = [&] {
        if (file)
            return file->rebuild(attachment);
        ProgressBar progress(invocation.environment().clock, invocation.progress({}));
        return rebuildCatalog(attachment, progress);
    }();
    if (!outcome)
        return std::unexpected(explained(outcome.error()));
    if (anew && invocation.options().yes)
        warnOfReplaced(invocation, attachment);
    invocation.announce(
        [&] {
            return Json{{"recovered", outcome->recovered},
                        {"skipped", outcome->skipped},
                        {"leftOut", outcome->leftOut},
                        {"doubted", outcome->doubted},
                        {"signaturesLost", outcome->signaturesLost}};
        },
        [&] { return rebuildText(*outcome, file.has_value()); });
    return ExitCode::Done;
}

} // namespace

void addCatalogCommands(CommandLine& line)
{
    Command group = line.addGroup("catalog", "The catalog as a whole: export, rebuild");
    const auto path = std::make_shared<std::string>();
    Command exporting =
        line.add(group,
                 {.name = "export",
                  .purpose = "Write all records, digests and the ledger as JSON lines",
                  .example = "catalog export catalog.jsonl"},
                 [path](Invocation& invocation) { return exportTo(invocation, *path); });
    exporting.addOption("FILE", *path, "The file; - is the standard output").required().notEmpty();

    Command rebuilding =
        line.add(group,
                 {.name = "rebuild",
                  .purpose = "Make a catalog from an export, or from what the regions show",
                  .example = "catalog rebuild catalog.jsonl"},
                 [path](Invocation& invocation) { return rebuild(invocation, *path); });
    rebuilding.addOption("FILE", *path, "An export; without it, regions marked as backups are read")
        .notEmpty();
}

} // namespace cairn::ctl
