// Lays out records; every string of theirs may come from a stranger's array.
#include "app/cairnctl/record_text.h"

#include "app/cairnctl/error_text.h"
#include "app/cairnctl/json_output.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/missing_text.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"
#include "core/catalog/recovered_record.h"

#include <algorithm>
#include <fmt/format.h>

namespace cairn::ctl {
namespace {

// The breaks between lines stay.
std::string printableLines(std::string_view text)
{
    std::string all;
    for (std::size_t end = 0; end != std::string_view::npos;) {
        end = text.find('\n');
        all += printable(text.substr(0, end));
        if (end != std::string_view::npos) {
            all += '\n';
            text.remove_prefix(end + 1);
        }
    }
    return all;
}

constexpr std::size_t kMostRuns = 12;

std::string regionText(const RegionRef& region)
{
    return region.name.empty() || region.id.uuid.isNull()
               ? titleOf(region)
               : fmt::format("{} ({})", printable(region.name), region.id.uuid.toString());
}

// As it was recorded, and what has become of the name since.
std::string nowText(const RegionRef& region, const ArrayLayout& layout, const std::string& recorded)
{
    const Region* now = layout.find(region.id);
    if (now != nullptr)
        return now->name == region.name ? recorded
                                        : fmt::format("{}, now {}", recorded, titleOf(*now));
    const bool taken =
        !region.name.empty() &&
        std::ranges::find(layout.regions, region.name, &Region::name) != layout.regions.end();
    return taken ? fmt::format("{}, not today's {}", recorded, printable(region.name)) : recorded;
}

std::string verifiedText(const Generation& generation)
{
    if (generation.verifiedMs == 0)
        return "never";
    return fmt::format("{}, read back {}", localTimeText(generation.verifiedMs),
                       readBackName(generation.readBack));
}

std::string failureText(const Generation& generation)
{
    if (generation.failure == ErrorCode{} && generation.failureDetail.empty())
        return {};
    // Recorded by whoever came next: nobody canceled anything.
    if (generation.failure == ErrorCode::Canceled && generation.failureDetail == kWriterEnded)
        return "its writer ended before the copy did: it was killed, or the power failed";
    if (!generation.unreadable.empty() && generation.failure == ErrorCode::ReadFailed)
        return "its source could not be read whole";
    Error error{generation.failure, 0, {}, generation.failureDetail, 0};
    if (generation.failure == ErrorCode::NoSpace)
        error.subject = generation.target.name; // Without one it is about the table.
    return errorText(error).what;
}

std::string keptText(const Generation& generation)
{
    const UndoCopy& undo = *generation.undo;
    if (undo.swapped)
        return fmt::format("all that {} held before backup #{} took its place",
                           titleOf(generation.source), undo.restored);
    std::string text =
        fmt::format("what the restore of backup #{} to {} overwrote, {}", undo.restored,
                    titleOf(generation.source), chunksText(undo.chunks));
    if (undo.undoneMs != 0)
        text += fmt::format("; brought back {}", localTimeText(undo.undoneMs));
    else if (undo.keptMs == 0)
        text += "; nothing was overwritten yet";
    return text;
}

// What stands behind the state of a backup whose copy is not there: "region changed".
std::string markOf(const FoundCopy& found)
{
    if (found.present())
        return {};
    std::string mark = presenceName(found.presence);
    std::ranges::replace(mark, '-', ' ');
    return ", " + mark;
}

Table::Cell stateCell(const Generation& generation, const ArrayLayout& layout)
{
    const FoundCopy found = hasCopy(generation) ? findCopy(layout, generation) : FoundCopy{};
    return {stateText(generation) + markOf(found),
            found.present() ? toneOf(generation.state) : Tone::Bad};
}

// Why the copy is not where the record says; empty where it is, or where there is none.
std::string absenceText(const Generation& generation, const ArrayLayout& layout)
{
    if (!hasCopy(generation))
        return {};
    const FoundCopy found = findCopy(layout, generation);
    switch (found.presence) {
    case CopyPresence::Present:
        return {};
    case CopyPresence::MemberMissing:
        return "not attached: its member is missing";
    case CopyPresence::MemberFailed:
        return "not readable: its member failed";
    case CopyPresence::MemberGone:
        return "gone: its member was replaced or released";
    case CopyPresence::RegionGone:
        return "gone: no attached member has its region";
    case CopyPresence::RegionChanged:
        break;
    }
    return fmt::format("{}: its region was changed, {}", found.readable ? "in doubt" : "gone",
                       found.detail);
}

// What the size was taken from that nobody recorded.
std::string sizeOriginText(const Generation& generation, const ArrayLayout& layout)
{
    const Region* region = layout.find(generation.target.id);
    if (region == nullptr)
        return "its size is that of its filesystem, or of its region";
    return region->extent.lengthBytes > generation.sizeBytes
               ? fmt::format("its size is that of its filesystem, and the region has {}",
                             sizeText(region->extent.lengthBytes))
               : "its size is that of its region, and may be more than its source had";
}

void addConsistency(FactList& facts, const Generation& generation)
{
    if (isInconsistent(generation))
        facts.add("Consistency",
                  "inconsistent: its source was in use while it was copied; it is never good",
                  Tone::Warning);
    else if (generation.consistency == Consistency::Frozen)
        facts.add("Consistency", "frozen: its filesystem stood still while it was copied");
    else if (generation.consistency == Consistency::Cloned)
        facts.add("Consistency",
                  "cloned: of one moment; source and copy share what neither changed since");
}

void addSeal(FactList& facts, const Generation& generation)
{
    if (generation.seal == SealState::Sealed)
        facts.add("Seal", "sealed: no program knows what it is before `cairnctl unseal`");
    else if (generation.seal == SealState::Unfinished && hasCopy(generation))
        facts.add("Seal",
                  fmt::format("sealing or unsealing was cut short: end it with `cairnctl seal {0}` "
                              "or `cairnctl unseal {0}`",
                              generation.number),
                  Tone::Warning);
}

} // namespace

Tone toneOf(GenerationState state)
{
    switch (state) {
    case GenerationState::Good:
        return Tone::Good;
    case GenerationState::Copying:
    case GenerationState::Copied:
    case GenerationState::Interrupted:
        return Tone::Warning;
    case GenerationState::Partial:
    case GenerationState::Failed:
        return Tone::Bad;
    case GenerationState::Superseded:
    case GenerationState::Forgotten:
        break;
    }
    return Tone::Plain;
}

std::string stateText(const Generation& generation)
{
    std::string text = stateName(generation.state);
    if (generation.state == GenerationState::Superseded && generation.supersededBy != 0)
        text += fmt::format(" by #{}", generation.supersededBy);
    if (generation.state == GenerationState::Forgotten && generation.supersededBy != 0)
        text += fmt::format(", superseded by #{}", generation.supersededBy);
    // By the operator, and nothing went wrong; a recovered record was only cut short.
    if (generation.state == GenerationState::Failed && generation.failure == ErrorCode::Canceled &&
        !generation.recovered)
        text += ", given up";
    if (generation.undo && generation.undo->undoneMs != 0 &&
        generation.state != GenerationState::Failed)
        text += ", undone";
    else if (canBeUndone(generation))
        text += fmt::format(", undoes #{}", generation.undo->restored);
    if (generation.takenAsIs)
        text += ", taken as it was";
    if (generation.consistency != Consistency::Offline)
        text += std::string(", ") + consistencyName(generation.consistency);
    if (generation.seal == SealState::Sealed)
        text += ", sealed";
    else if (generation.seal == SealState::Unfinished)
        text += ", half sealed";
    if (generation.held)
        text += ", held";
    if (generation.recovered)
        text += ", recovered";
    return text;
}

std::string recordTable(const std::vector<Generation>& generations, const ArrayLayout& layout)
{
    Table table({{"#", Table::Align::Right},
                 {"State"},
                 {"Source"},
                 {"Target"},
                 {"Size", Table::Align::Right},
                 {"Started"},
                 {"Content"},
                 {"Label"}});
    for (const Generation& generation : generations) {
        table.add({std::to_string(generation.number), stateCell(generation, layout),
                   nowText(generation.source, layout, titleOf(generation.source)),
                   nowText(generation.target, layout, titleOf(generation.target)),
                   sizeText(generation.sizeBytes), localTimeText(generation.startedMs),
                   titleOf(generation.content), printableShort(generation.label, 40)});
    }
    return table.text();
}

std::string recordText(const Generation& generation, const std::vector<ExportedCopy>& exports,
                       const ArrayLayout& layout)
{
    FactList facts;
    facts.add("Backup", fmt::format("#{}", generation.number));
    facts.add("State", stateText(generation), toneOf(generation.state));
    facts.add("Copy", absenceText(generation, layout), Tone::Bad);
    facts.add("Reason", failureText(generation));
    if (generation.takenAsIs)
        facts.add("Content as it was",
                  "its source was half-written and accepted, or held an inconsistent backup; it "
                  "never counts as another good copy",
                  Tone::Warning);
    addConsistency(facts, generation);
    addSeal(facts, generation);
    if (generation.undo && hasCopy(generation))
        facts.add("Keeps", keptText(generation));
    facts.add("Label", printable(generation.label));
    facts.add("Note", printableLines(generation.note));
    facts.add("Source", nowText(generation.source, layout, regionText(generation.source)));
    facts.add("Target", nowText(generation.target, layout, regionText(generation.target)));
    facts.add("Size",
              fmt::format("{} ({} bytes)", sizeText(generation.sizeBytes), generation.sizeBytes));
    if (const auto state = generation.state; state != GenerationState::Copying &&
                                             state != GenerationState::Interrupted &&
                                             state != GenerationState::Failed)
        facts.add("Written", sizeText(generation.writtenBytes)); // Recorded at the end.
    facts.add("Content", titleOf(generation.content));
    facts.add("Content UUID", printable(generation.content.uuid));
    facts.add("Started", localTimeText(generation.startedMs));
    facts.add("Finished", localTimeText(generation.finishedMs));
    facts.add("Verified", verifiedText(generation));
    if (isUnwitnessed(generation))
        facts.add("Recovered",
                  fmt::format("from its region alone: nothing proves that it was whole; {}",
                              sizeOriginText(generation, layout)),
                  Tone::Warning);
    facts.add("Host", printable(generation.hostName));
    if (generation.digest != Digest{})
        facts.add("Digest", generation.digest.toHex());
    else if (lacksDigests(generation))
        facts.add("Digest",
                  fmt::format("none before it is read: cairnctl verify {}", generation.number));
    if (!generation.unreadable.empty())
        facts.add("Missing",
                  fmt::format("{} that could not be read of the source: {}",
                              sizeText(generation.unreadable.bytes()),
                              rangesText(generation.unreadable.ranges())),
                  Tone::Bad);
    if (!generation.damaged.empty())
        facts.add("Damaged", chunksText(generation.damaged), Tone::Bad);
    for (const ExportedCopy& copy : exports) {
        facts.add(copy.imported ? "Imported from" : "Exported to",
                  fmt::format("{}, {}", printable(copy.location), localTimeText(copy.timeMs)));
    }
    return facts.text();
}

std::string chunksText(const ChunkMap& chunks)
{
    std::vector<std::string> runs;
    for (const ChunkMap::Run& run : chunks.runs()) {
        if (runs.size() == kMostRuns) {
            runs.push_back(fmt::format("and {} more runs", chunks.runs().size() - kMostRuns));
            break;
        }
        runs.push_back(run.count == 1 ? fmt::format("{}", run.first)
                                      : fmt::format("{}-{}", run.first, run.first + run.count - 1));
    }
    return fmt::format("{} of 1 MiB: {}", chunks.count() == 1 ? "chunk" : "chunks",
                       fmt::join(runs, ", "));
}

} // namespace cairn::ctl
