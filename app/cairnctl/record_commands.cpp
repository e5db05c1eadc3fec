// The commands on records: list, show, verify, hold, release, forget, history.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/guid_text.h"
#include "app/cairnctl/import_command.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/missing_text.h"
#include "app/cairnctl/output_file.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/record_text.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "core/base/printable_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <span>

namespace cairn::ctl {
namespace {

struct RecordArguments {
    std::string number;
    std::string source;
    std::string mapfile;
};

// Also finds the records of a region that is gone, or whose member is.
Result<std::vector<Generation>> recordsOf(Invocation& invocation, Attachment& attachment,
                                          const std::string& source, bool& whole)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    GenerationFilter filter;
    if (source.empty())
        return recordsThatCanBeRead(invocation, *catalog, filter, whole);
    const auto region = regionNamed(attachment, source);
    if (!region && region.error().code == ErrorCode::AmbiguousName)
        return std::unexpected(region.error());
    // The name as it was recorded, too: the region may have another one now, or be another one.
    auto generations = CAIRN_TRY(recordsThatCanBeRead(invocation, *catalog, filter, whole));
    std::erase_if(generations, [&](const Generation& generation) {
        const RegionRef& from = generation.source;
        return from.name != source && from.id.uuid != Uuid::parse(source) &&
               (!region || from.id != region->id);
    });
    if (generations.empty() && !region)
        return failure(ErrorCode::UnknownRegion, source);
    return generations;
}

// Records and the layout, of one time.
struct Listing {
    std::vector<Generation> generations;
    ArrayLayout layout;
    std::vector<GenerationNumber> absent; // Have a copy that is not there, or not as it was.
    bool whole = true;                    // Every record could be read.
};

bool hasCopyIn(const std::vector<Generation>& generations, GenerationNumber number)
{
    const auto found = std::ranges::find(generations, number, &Generation::number);
    return found != generations.end() && hasCopy(*found);
}

// Another process may write between the reading of the layout and that of the records: a copy that
// seems to be changed is so if its record was there both before and after the layout was read.
Result<Listing> listingOf(Invocation& invocation, Attachment& attachment, const std::string& source)
{
    constexpr int kLooks = 4;
    Listing listing;
    for (int look = 1;; ++look) {
        const auto before = std::move(listing.generations);
        listing = Listing();
        listing.layout = attachment.layout();
        listing.generations = CAIRN_TRY(recordsOf(invocation, attachment, source, listing.whole));
        bool settled = true;
        for (const Generation& generation : listing.generations) {
            const auto presence = findCopy(listing.layout, generation).presence;
            if (!hasCopy(generation) || presence == CopyPresence::Present)
                continue;
            const bool mayHaveMoved =
                presence == CopyPresence::RegionChanged || presence == CopyPresence::RegionGone;
            if (mayHaveMoved && !hasCopyIn(before, generation.number))
                settled = false;
            else
                listing.absent.push_back(generation.number);
        }
        if (settled || !listing.whole || look == kLooks)
            return listing;
        CAIRN_TRY(attachment.refresh());
    }
}

// Of members that have regions of the same names, but with other PARTUUIDs.
std::string waysToFormerRegions(const Listing& listing)
{
    std::string ways;
    for (const Member& member : listing.layout.members) {
        const auto regions = findFormerRegions(listing.layout, listing.generations, member.id);
        if (!regions.empty())
            ways += fmt::format(". If PARTUUIDs of {} were changed from outside (as `sgdisk -G` "
                                "does), this gives them back: {}",
                                printableShort(member.location, 120),
                                wayToFormerRegions(regions, member.location));
    }
    return ways;
}

// What the state of a record alone would not tell.
void warnOfAbsentCopies(Invocation& invocation, const Listing& listing)
{
    std::string numbers;
    for (const GenerationNumber number : listing.absent)
        numbers += fmt::format("{}#{}", numbers.empty() ? "" : ", ", number);
    if (!numbers.empty())
        invocation.warn("CopyNotThere", numbers,
                        fmt::format("the catalog tells of copies that are not there, or not as "
                                    "they were: {}; `cairnctl show N` tells more of one{}",
                                    printableShort(numbers, 200), waysToFormerRegions(listing)));
}

Result<ExitCode> list(Invocation& invocation, const RecordArguments& arguments)
{
    invocation.attempt("list the backups");
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Listing listing = CAIRN_TRY(listingOf(invocation, attachment, arguments.source));
    warnOfAbsentCopies(invocation, listing);
    const bool unrecorded =
        arguments.source.empty() && listing.whole && warnOfUnrecorded(invocation, attachment);
    const auto makeJson = [&] {
        Json all = Json::array();
        for (const Generation& generation : listing.generations)
            all.push_back(jsonOf(generation, listing.layout));
        return all;
    };
    const auto makeText = [&]() -> std::string {
        if (!listing.generations.empty())
            return recordTable(listing.generations, listing.layout);
        if (!invocation.talkative())
            return {};
        return unrecorded ? "The catalog tells of no backup.\n"
                          : "No backups yet: cairnctl backup SOURCE TARGET\n";
    };
    invocation.print(makeJson, makeText);
    return listing.whole ? ExitCode::Done : ExitCode::Partial;
}

// Where it went besides is not worth losing the record for.
std::vector<ExportedCopy> exportsOf(Invocation& invocation,
                                    const Result<std::vector<ExportedCopy>>& exports)
{
    if (exports)
        return *exports;
    invocation.warn("CatalogDamaged", {},
                    "where it was exported to cannot be read: " + errorText(exports.error()).what);
    return {};
}

// For GNU ddrescue: what of the source the backup holds.
Result<void> writeMapfile(Invocation& invocation, Attachment& attachment,
                          const Generation& generation, const std::string& path)
{
    if (!hasCopy(generation) || generation.undo)
        return failure(ErrorCode::BackupNotUsable, generation.source.name,
                       stateName(generation.state), generation.number);
    OutputFile output = CAIRN_TRY(OutputFile::open(invocation, &attachment, path));
    const std::string text = mapfileText(generation);
    CAIRN_TRY(output.write(std::as_bytes(std::span(text))));
    return output.finish();
}

// What ends the job that was interrupted on it; empty where none was.
std::string wayOnText(Attachment& attachment, const Generation& generation)
{
    if (generation.state != GenerationState::Interrupted)
        return {};
    const auto jobs = interruptedJobs(attachment).value_or(std::vector<Job>());
    const auto job = std::ranges::find_if(jobs, [&](const Job& one) {
        return generation.undo ? one.undo == generation.number
                               : makesGeneration(one.kind) && one.generation == generation.number;
    });
    if (job == jobs.end())
        return {};
    if (job->kind == JobKind::Import)
        return fmt::format("Import the same file again: {}; or give it up: cairnctl discard {}\n",
                           importCommand(attachment, *job), job->generation);
    return adviceToEnd(*job, !overwroteNothing(attachment, job->target.id)) + '\n';
}

Result<ExitCode> show(Invocation& invocation, const RecordArguments& arguments)
{
    invocation.attempt(fmt::format("show the backup {}", printable(arguments.number)));
    const GenerationNumber number = CAIRN_TRY(parseNumber(arguments.number));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const Generation generation = CAIRN_TRY(catalog->generation(number));
    const auto stored = catalog->exports(number);
    if (!stored && stored.error().code != ErrorCode::CatalogDamaged)
        return std::unexpected(stored.error());
    const auto exports = exportsOf(invocation, stored);
    if (!arguments.mapfile.empty())
        CAIRN_TRY(writeMapfile(invocation, attachment, generation, arguments.mapfile));
    // The standard output is the mapfile itself then.
    if (arguments.mapfile == "-")
        return stored ? ExitCode::Done : ExitCode::Partial;
    const ArrayLayout layout = attachment.layout();
    const auto makeJson = [&] {
        Json json = jsonOf(generation, layout);
        json["exports"] = jsonOf(exports);
        return json;
    };
    invocation.print(makeJson, [&] {
        return recordText(generation, exports, layout) + wayOnText(attachment, generation);
    });
    return stored ? ExitCode::Done : ExitCode::Partial;
}

Result<ExitCode> printRecord(Invocation& invocation, Attachment& attachment,
                             GenerationNumber number, const std::string& message)
{
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, number));
    invocation.announce([&] { return jsonOf(generation, attachment.layout()); },
                        [&] { return message + '\n'; });
    return ExitCode::Done;
}

Result<ExitCode> setHeld(Invocation& invocation, const RecordArguments& arguments, bool held)
{
    invocation.attempt(
        fmt::format("{} the backup {}", held ? "hold" : "release", printable(arguments.number)));
    const GenerationNumber number = CAIRN_TRY(parseNumber(arguments.number));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const bool wasHeld = CAIRN_TRY(generationNumbered(attachment, number)).held;
    const Interruptible finishes;
    CAIRN_TRY(held ? cairn::hold(attachment, number) : cairn::release(attachment, number));
    std::string message = fmt::format(
        "Backup #{} is held: nothing overwrites it, and it cannot be forgotten.", number);
    if (!held)
        message = fmt::format("Backup #{} {}.", number,
                              wasHeld ? "is no longer held" : "was not held; nothing was written");
    return printRecord(invocation, attachment, number, message);
}

// What an interrupted restore keeps is gone back to by its own number, and finished by another.
void adviseOnUnfinished(Invocation& invocation, Attachment& attachment, GenerationNumber kept)
{
    for (const Job& job : interruptedJobs(attachment).value_or(std::vector<Job>())) {
        if (job.undo == kept)
            invocation.failureContext().advice =
                fmt::format("Finish it with `cairnctl resume {}`, or go back with `cairnctl undo "
                            "{}`.",
                            job.generation, kept);
    }
}

// What is left of the copy once its record says that it is given up.
std::string remainsOf(Attachment& attachment, const Generation& generation)
{
    if (generation.state == GenerationState::Superseded)
        return "Its bytes were overwritten before.";
    const ArrayLayout layout = attachment.layout();
    const Member* member = layout.findMember(generation.target.member);
    const bool away = member != nullptr && member->state == MemberState::Missing;
    if (layout.find(generation.target.id) == nullptr && !away)
        return "Its region is gone.";
    return fmt::format("{} in {} until they are overwritten.",
                       generation.state == GenerationState::Good ? "Its bytes stay"
                                                                 : "What bytes it has stay",
                       titleOf(generation.target));
}

std::string lossOf(const Records& records, const Generation& generation)
{
    const std::string target = titleOf(generation.target);
    const std::string source = titleOf(generation.source);
    if (generation.undo)
        return fmt::format("#{} in {} keeps what a restore of {} overwrote: without it the "
                           "restore cannot be undone.",
                           generation.number, target, source);
    const auto missed = records.missedWith(generation);
    return fmt::format("Backup #{} in {} is {}.", generation.number, target,
                       lastCopyText(nameOrUuid(generation.source),
                                    flawOf(lastCopyRefusal(generation)),
                                    missed ? missed->content : std::string()));
}

Result<ExitCode> forget(Invocation& invocation, const RecordArguments& arguments)
{
    invocation.attempt(fmt::format("forget the backup {}", printable(arguments.number)));
    const GenerationNumber number = CAIRN_TRY(parseNumber(arguments.number));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, number));
    const Records records = CAIRN_TRY(readRecords(attachment));
    // Where its region's name is needed, --yes would be no answer.
    const bool asksForName = records.missedWith(generation) || canBeUndone(generation);
    if (isUsable(generation) && !generation.held && !asksForName &&
        invocation.options().confirm.empty()) {
        CAIRN_TRY(ask(invocation,
                      fmt::format("Forget backup #{} of {}?", number, titleOf(generation.source))));
    }
    const std::string bytesLeft = remainsOf(attachment, generation);
    const auto forgotten =
        withConfirmedName(invocation, attachment, targetOf(attachment.layout(), generation),
                          lossOf(records, generation), [&](const std::string& confirmed) {
                              const Interruptible finishes;
                              return cairn::forget(attachment, number, confirmed);
                          });
    if (!forgotten) {
        adviseOnUnfinished(invocation, attachment, number);
        return std::unexpected(lossError(attachment, forgotten.error()));
    }
    return printRecord(invocation, attachment, number,
                       fmt::format("Backup #{} is forgotten. {}", number, bytesLeft));
}

std::string ledgerTable(const Ledger& ledger)
{
    Table table({{"Entry", Table::Align::Right},
                 {"Time"},
                 {"Event"},
                 {"Backup", Table::Align::Right},
                 {"Subject"},
                 {"Detail"},
                 {"Host"}});
    for (const Event& event : ledger.events) {
        table.add({std::to_string(event.id), localTimeText(event.timeMs),
                   std::string(eventName(event.kind)),
                   event.generation == 0 ? std::string() : fmt::format("#{}", event.generation),
                   printable(event.subject), printable(event.detail), printable(event.hostName)});
    }
    return table.text();
}

Result<ExitCode> history(Invocation& invocation)
{
    invocation.attempt("show the history");
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const Ledger ledger = CAIRN_TRY(catalog->ledger());
    const auto makeJson = [&] {
        Json events = Json::array();
        for (const Event& event : ledger.events)
            events.push_back(jsonOf(event));
        return Json{
            {"chainIntact", ledger.chainIntact},
            {"firstBrokenId", ledger.chainIntact ? Json(nullptr) : Json(ledger.firstBrokenId)},
            {"events", std::move(events)}};
    };
    const auto makeText = [&] {
        return ledgerTable(ledger) +
               (ledger.chainIntact
                    ? fmt::format("The chain of {} entries is intact.\n", ledger.events.size())
                    : std::string());
    };
    invocation.print(makeJson, makeText);
    if (ledger.chainIntact)
        return ExitCode::Done;
    invocation.attempt("vouch for the history");
    return failure(ErrorCode::CatalogDamaged, {},
                   fmt::format("the ledger's chain is broken at entry {}", ledger.firstBrokenId));
}

Command addNumbered(CommandLine& line, const std::shared_ptr<RecordArguments>& arguments,
                    const CommandHelp& help,
                    Result<ExitCode> (*body)(Invocation&, const RecordArguments&))
{
    Command command = line.add(line.root(), help, [arguments, body](Invocation& invocation) {
        return body(invocation, *arguments);
    });
    command.addOption("N", arguments->number, "Number of the backup, from `list`").required();
    return command;
}

} // namespace

void addRecordCommands(CommandLine& line)
{
    const auto arguments = std::make_shared<RecordArguments>();
    Command listing =
        line.add(line.root(),
                 {.name = "list",
                  .purpose = "List the backups in the catalog, newest first",
                  .example = "list --source db"},
                 [arguments](Invocation& invocation) { return list(invocation, *arguments); });
    listing
        .addOption("--source", arguments->source,
                   "Only backups of this region; it may be gone meanwhile")
        .typeName("NAME")
        .notEmpty();
    Command showing = addNumbered(
        line, arguments,
        {.name = "show", .purpose = "Show all that is known of a backup", .example = "show 12"},
        show);
    showing
        .addOption("--mapfile", arguments->mapfile,
                   "Also write which bytes of the source it holds, for GNU ddrescue")
        .typeName("FILE")
        .notEmpty();
    addNumbered(line, arguments,
                {.name = "hold",
                 .purpose = "Protect a backup from being overwritten or forgotten",
                 .example = "hold 12"},
                [](Invocation& invocation, const RecordArguments& given) {
                    return setHeld(invocation, given, true);
                });
    addNumbered(
        line, arguments,
        {.name = "release", .purpose = "End the protection of a backup", .example = "release 12"},
        [](Invocation& invocation, const RecordArguments& given) {
            return setHeld(invocation, given, false);
        });
    addNumbered(line, arguments,
                {.name = "forget",
                 .purpose = "Give a backup up; the last good copy of a region needs --confirm",
                 .example = "forget 12 --yes",
                 .losesContent = true},
                forget);
    line.add(line.root(),
             {.name = "history",
              .purpose = "Show the ledger of all that was done, and check its chain of hashes",
              .example = "history"},
             history);
}

} // namespace cairn::ctl
