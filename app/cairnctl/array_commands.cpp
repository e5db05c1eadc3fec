// Commands on the array as a whole: create, adopt, show, choose-history.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/disk_advice.h"
#include "app/cairnctl/lease_text.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/table_output.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/administer.h"
#include "core/backup/histories_apart.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <system_error>

namespace cairn::ctl {
namespace {

Tone toneOf(MemberState state)
{
    switch (state) {
    case MemberState::Present:
        return Tone::Good;
    case MemberState::ReadOnly:
    case MemberState::Foreign:
        return Tone::Warning;
    case MemberState::Missing:
    case MemberState::Failed:
        break;
    }
    return Tone::Bad;
}

std::string freeText(const Member& member)
{
    const auto bytes = freeBytes(member);
    return bytes ? sizeText(*bytes) : "-";
}

std::string problemText(const Member& member, bool gone)
{
    if (gone)
        return "it was replaced or released: no part of this array any more";
    if (member.state != MemberState::Foreign)
        return printable(member.problem);
    const std::string why = member.bare
                                ? fmt::format("it has no GPT, and holds {}", titleOf(*member.bare))
                                : printable(member.problem);
    return why + ": no part of this array";
}

// Whether it was replaced or released, and is attached all the same.
bool hasLeft(const std::vector<Uuid>& left, const Member& member)
{
    return !member.id.isNull() && std::ranges::find(left, member.id) != left.end();
}

std::string memberTable(const ArrayLayout& layout, const std::vector<Uuid>& left)
{
    Table table({{"#", Table::Align::Right},
                 {"Member"},
                 {"State"},
                 {"Size", Table::Align::Right},
                 {"Free", Table::Align::Right},
                 {"Catalog"},
                 {"UUID"},
                 {"Problem"}});
    for (std::size_t index = 0; index < layout.members.size(); ++index) {
        const Member& member = layout.members[index];
        const bool foreign = member.state == MemberState::Foreign;
        const bool gone = !foreign && hasLeft(left, member);
        const std::string state = memberStateName(member.state);
        table.add({std::to_string(index + 1),
                   printable(member.location),
                   {gone ? state + ", left" : state, gone ? Tone::Warning : toneOf(member.state)},
                   member.sizeBytes != 0 ? sizeText(member.sizeBytes) : "-",
                   freeText(member),
                   std::string(member.holdsCatalog ? "yes" : "no"),
                   member.id.isNull() ? std::string("-") : member.id.toString(),
                   problemText(member, gone)});
    }
    return table.text();
}

// "12: held, region-added": how many entries the ledger has of its own, and of which kinds.
std::string ownChangesText(const CatalogHistory& history)
{
    std::vector<std::string> kinds;
    for (const Event& event : history.ownEvents) {
        const std::string kind = eventName(event.kind);
        if (std::ranges::find(kinds, kind) == kinds.end())
            kinds.push_back(kind);
    }
    if (kinds.empty())
        return "-";
    return fmt::format("{}: {}", history.ownEventCount, fmt::join(kinds, ", "));
}

// "home, vault": by the names that they have now.
std::string namesOf(const std::vector<RegionRef>& regions, const ArrayLayout& layout)
{
    constexpr std::size_t kMostNames = 20;
    std::vector<std::string> names;
    for (const RegionRef& region : regions) {
        const Region* known = layout.find(region.id);
        names.push_back(printable(known != nullptr ? known->name : region.name));
    }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    const std::size_t more = names.size() - std::min(names.size(), kMostNames);
    names.resize(names.size() - more);
    return fmt::format("{}{}", fmt::join(names, ", "),
                       more == 0 ? std::string() : fmt::format(" and {} more", more));
}

std::string historyTable(const CatalogStatus& status, const ArrayLayout& layout)
{
    Table table({{"History"},
                 {"Commits", Table::Align::Right},
                 {"Last commit"},
                 {"By"},
                 {"Members"},
                 {"Backups of its own"},
                 {"Regions it alone wrote"},
                 {"Ledger entries of its own"}});
    for (const CatalogHistory& history : status.histories) {
        std::vector<std::string> members;
        for (const Uuid& member : history.members)
            members.push_back(std::to_string(memberNumber(layout, member)));
        table.add(
            {printable(history.id), std::to_string(history.commits),
             localTimeText(history.lastCommitMs), printable(history.lastHost),
             fmt::format("{}", fmt::join(members, ", ")),
             history.ownGenerations.empty()
                 ? std::string("-")
                 : fmt::format("#{}", fmt::join(history.ownGenerations, ", #")),
             history.ownRegions.empty() ? std::string("-") : namesOf(history.ownRegions, layout),
             ownChangesText(history)});
    }
    return table.text();
}

std::string catalogText(const CatalogStatus& status, const ArrayLayout& layout)
{
    Table table({{"Catalog copy"}, {"State"}, {"Commits", Table::Align::Right}, {"Detail"}});
    for (const CatalogCopyStatus& copy : status.copies) {
        const bool current = copy.state == CatalogCopyState::Current;
        table.add({printable(copy.memberName),
                   {copyStateName(copy.state), current ? Tone::Good : Tone::Warning},
                   std::to_string(copy.commits),
                   printable(copy.detail)});
    }
    std::string text = table.text();
    if (status.histories.size() > 1) {
        text += "\nThe members were written apart: nothing is written until you choose a history "
                "with\n`cairnctl array choose-history ID`.\n" +
                historyTable(status, layout);
    }
    return text;
}

struct ArrayView {
    std::vector<std::string> uris;
    ArrayLayout layout;
    std::optional<CatalogStatus> status;
    std::optional<LeaseBlock> lease; // Of another host.
    std::optional<Error> problem;
    std::vector<HalfWritten> half;
    std::vector<Uuid> left; // Members that were replaced or released.
};

ArrayView viewOf(const Invocation& invocation, Attachment& attachment)
{
    ArrayView view{.uris = invocation.options().uris,
                   .layout = attachment.layout(),
                   .status = {},
                   .lease = attachment.leaseHolder(),
                   .problem = {},
                   .half = {},
                   .left = {}};
    if (const auto catalog = attachment.catalog()) {
        view.status = (*catalog)->status();
        for (const KnownMember& member :
             (*catalog)->members().value_or(std::vector<KnownMember>())) {
            if (member.removed)
                view.left.push_back(member.id);
        }
    } else {
        view.problem = catalog.error();
    }
    view.half = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
    return view;
}

Json arrayJson(const ArrayView& view)
{
    Json members = Json::array();
    for (std::size_t index = 0; index < view.layout.members.size(); ++index) {
        const Member& member = view.layout.members[index];
        Json one = jsonOf(member, index + 1);
        one["left"] = hasLeft(view.left, member);
        members.push_back(std::move(one));
    }
    Json json = {{"uri", view.layout.uri},
                 {"uris", view.uris},
                 {"id", nullptr},
                 {"label", nullptr},
                 {"members", std::move(members)},
                 {"catalog", nullptr},
                 {"catalogProblem", nullptr}};
    json["halfWritten"] = Json::array();
    for (const HalfWritten& half : view.half) {
        Json one = jsonOf(&half);
        one["region"] = half.write.region.name;
        one["regionId"] = half.write.region.id.uuid.toString();
        json["halfWritten"].push_back(std::move(one));
    }
    if (view.status) {
        json["id"] = view.status->arrayId.toString();
        json["label"] = view.status->arrayLabel;
        json["catalog"] = jsonOf(*view.status);
    }
    json["lease"] = nullptr;
    if (view.lease)
        json["lease"] = {{"host", view.lease->host.name},
                         {"hostId", view.lease->host.id.toString()},
                         {"since", jsonTime(view.lease->sinceMs)}};
    if (view.problem)
        json["catalogProblem"] = jsonOf(*view.problem, errorText(*view.problem).what);
    return json;
}

std::string arrayText(const ArrayView& view)
{
    FactList facts;
    if (view.status) {
        facts.add("Label",
                  view.status->arrayLabel.empty() ? "(none)" : printable(view.status->arrayLabel));
        facts.add("Array", view.status->arrayId.toString());
        facts.add("Catalog", fmt::format("{} of {} used", sizeText(view.status->usedBytes),
                                         sizeText(view.status->capacityBytes)));
        facts.add("Writer", view.status->writerAlive ? "a process has it open for writing" : "");
        if (view.lease)
            facts.add("Writer lease",
                      fmt::format("held by another host, {}",
                                  leaseHolderText(view.lease->host.name, view.lease->sinceMs)),
                      Tone::Warning);
        for (const HalfWritten& half : view.half) {
            if (half.state != HalfWrittenState::Accepted)
                facts.add("Half-written",
                          fmt::format("{}, by {}", printable(half.write.region.name),
                                      unfinishedText(writeKindName(half.write.kind),
                                                     half.write.generation)),
                          Tone::Warning);
        }
    } else {
        facts.add("Catalog", errorText(*view.problem).what, Tone::Bad);
    }
    std::string text = facts.text() + '\n' + memberTable(view.layout, view.left);
    if (view.status)
        text += '\n' + catalogText(*view.status, view.layout);
    return text;
}

Result<ExitCode> show(Invocation& invocation)
{
    invocation.attempt("show the array");
    const ArrayView view = viewOf(invocation, *CAIRN_TRY(invocation.attach()));
    invocation.print([&] { return arrayJson(view); }, [&] { return arrayText(view); });
    if (!view.problem)
        return ExitCode::Done;
    invocation.attempt("show all of the array");
    return std::unexpected(*view.problem);
}

struct CreateArguments {
    std::string memberSize;
    std::string label;
};

Result<ExitCode> create(Invocation& invocation, const CreateArguments& arguments, bool adopt)
{
    invocation.attempt(adopt ? "adopt the array" : "create the array");
    Attachment::Creation wanted;
    wanted.array.uris = CAIRN_TRY(invocation.uris());
    if (!arguments.memberSize.empty())
        wanted.array.memberSizeBytes = CAIRN_TRY(parsePositiveSize(arguments.memberSize));
    for (const std::string& uri : wanted.array.uris) {
        std::error_code ignored;
        if (wanted.array.memberSizeBytes != 0 && std::filesystem::exists(uri, ignored)) {
            adviseOnDisk(invocation, {ErrorCode::AlreadyAnArray, 0, uri, {}, 0});
            return failure(ErrorCode::InvalidArgument, uri,
                           "it exists already, and --member-size is for files that are made");
        }
    }
    wanted.label = arguments.label;
    wanted.adopt = adopt;
    const auto make = [&] {
        const Interruptible finishes; // A table is written whole before a signal is heeded.
        return Attachment::create(wanted, invocation.environment());
    };
    auto created = make();
    auto& over = wanted.array.overLeftovers;
    while (adopt && !created && isOfLeftovers(created.error()) &&
           std::ranges::find(over, created.error().subject) == over.end()) {
        CAIRN_TRY(askForLeftovers(invocation, created.error()));
        over.push_back(created.error().subject);
        created = make();
    }
    if (!created) {
        adviseOnDisk(invocation, created.error());
        if (created.error().osError == ENOENT && arguments.memberSize.empty() && !adopt)
            invocation.failureContext().advice = "To make image files, give their --member-size.";
        if (adopt && created.error().code == ErrorCode::NotAnArray && created.error().amount == 0)
            invocation.failureContext().advice =
                "It has no GPT that could be kept. gdisk turns an MBR into one (copy the disk "
                "before); an empty disk becomes an array with `cairnctl array create`.";
        return std::unexpected(created.error());
    }
    invocation.adopt(*std::move(created));
    const ArrayView view = viewOf(invocation, *CAIRN_TRY(invocation.attach()));
    invocation.announce(
        [&] { return arrayJson(view); },
        [&] {
            return arrayText(view) +
                   fmt::format("\nNext: cairnctl {} {}\n", arrayArguments(wanted.array.uris),
                               adopt ? "region list" : "region add NAME --size SIZE");
        });
    invocation.setAchievement(adopt ? "The array was adopted.\n" : "The array was created.\n");
    return ExitCode::Done;
}

const HistoryApart* findApart(const std::vector<HistoryApart>& all, const std::string& id)
{
    const auto found = std::ranges::find(all, id, &HistoryApart::id);
    return found == all.end() ? nullptr : &*found;
}

// "b.img, d.img": of those whom the one history has, the attached that the other does not have.
std::string membersOnlyIn(const HistoryApart& one, const HistoryApart& other,
                          const ArrayLayout& layout)
{
    std::string names;
    for (const KnownMember& member : one.members) {
        const auto same = std::ranges::find(other.members, member.id, &KnownMember::id);
        if (member.removed || (same != other.members.end() && !same->removed))
            continue;
        const Member* seen = layout.findMember(member.id);
        names += (names.empty() ? "" : ", ") +
                 printable(seen != nullptr ? seen->location : member.location);
    }
    return names;
}

// Of a choice that undoes a replacement or release; empty where it undoes none.
std::string undoneText(Attachment& attachment, const std::string& id)
{
    const auto left = membersLeftApart(attachment);
    const auto returning = std::ranges::find(left, id, &LeftApart::holds);
    if (returning == left.end())
        return {};
    const auto all = historiesApart(attachment);
    const HistoryApart* chosen = findApart(all, id);
    const HistoryApart* givenUp = findApart(all, returning->left);
    if (chosen == nullptr || givenUp == nullptr)
        return {};
    const ArrayLayout layout = attachment.array().layout();
    const std::string back = membersOnlyIn(*chosen, *givenUp, layout);
    const std::string gone = membersOnlyIn(*givenUp, *chosen, layout);
    return fmt::format(
        " This undoes that {} was replaced or released: it is a member again{}.", back,
        gone.empty() ? std::string() : fmt::format(", and {} is none any more", gone));
}

// "#3 in vault, #4 in t2": the backups that go with the other histories.
std::string droppedText(Attachment& attachment, const std::string& id)
{
    std::string dropped;
    for (const HistoryApart& apart : historiesApart(attachment)) {
        for (const Generation& generation : apart.generations) {
            if (apart.id != id && hasCopy(generation) && !generation.undo)
                dropped += fmt::format("{}#{} in {}", dropped.empty() ? "" : ", ",
                                       generation.number, titleOf(generation.target));
        }
    }
    return dropped.empty() ? dropped
                           : fmt::format(" The backups that it alone made are dropped: {}.",
                                         printableShort(dropped, 400));
}

std::string choiceQuestion(Attachment& attachment, const CatalogStatus& status,
                           const std::string& id)
{
    const ArrayLayout layout = attachment.layout();
    std::string text =
        fmt::format("Keep history {} and overwrite the other? What only the other "
                    "holds is listed in the ledger.{}{}",
                    printable(id), undoneText(attachment, id), droppedText(attachment, id));
    const auto written = writtenByOthers(status.histories, id);
    if (written.empty())
        return text;
    return text + fmt::format(" The regions that the other wrote keep their bytes: {}. Interrupted "
                              "jobs of this history on them end as failed, and its good backups in "
                              "them count as copied until you verify them.",
                              namesOf(written, layout));
}

Result<ExitCode> chooseHistory(Invocation& invocation, const std::string& id)
{
    invocation.attempt(id.empty() ? "list the histories"
                                  : fmt::format("choose the history {}", printable(id)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const CatalogStatus status = CAIRN_TRY(attachment.catalog())->status();
    if (!id.empty()) {
        if (std::ranges::find(status.histories, id, &CatalogHistory::id) == status.histories.end())
            return failure(ErrorCode::UnknownHistory, id);
        if (status.histories.size() > 1) {
            CAIRN_TRY(ask(invocation, choiceQuestion(attachment, status, id)));
        }
        const Interruptible finishes;
        CAIRN_TRY(cairn::chooseHistory(attachment, id));
    }
    const ArrayView view = viewOf(invocation, attachment);
    if (!id.empty() && invocation.options().quiet && !invocation.options().json)
        return ExitCode::Done;
    invocation.print(
        [&] { return arrayJson(view); },
        [&] { return view.status ? historyTable(*view.status, view.layout) : arrayText(view); });
    return ExitCode::Done;
}

} // namespace

void addArrayCommands(CommandLine& line)
{
    Command group = line.addGroup("array", "Create, adopt and show the array; its members");
    const auto arguments = std::make_shared<CreateArguments>();
    Command creation = line.add(
        group,
        {.name = "create",
         .purpose = "Make a new, empty array of the members named by -a",
         .example = "array create --member-size 2G --label rack-07"},
        [arguments](Invocation& invocation) { return create(invocation, *arguments, false); });
    creation
        .addOption("--member-size", arguments->memberSize,
                   "Size of each image file, which must not exist yet")
        .typeName("SIZE")
        .notEmpty();
    creation.addOption("--label", arguments->label, "What people call the array").typeName("TEXT");

    Command adoption = line.add(
        group,
        {.name = "adopt",
         .purpose = "Keep a disk's GPT and regions, and add a catalog in its free space",
         .example = "array adopt --label office"},
        [arguments](Invocation& invocation) { return create(invocation, *arguments, true); });
    adoption.addOption("--label", arguments->label, "What people call the array").typeName("TEXT");

    line.add(group,
             {.name = "show",
              .purpose = "Show label, members, copies of the catalog, and histories",
              .example = "array show"},
             show);

    addMemberCommands(line, group);

    const auto id = std::make_shared<std::string>();
    Command choice =
        line.add(group,
                 {.name = "choose-history",
                  .purpose = "Decide which history counts after members were written apart",
                  .example = "array choose-history 9f3c07d1b2e4"},
                 [id](Invocation& invocation) { return chooseHistory(invocation, *id); });
    choice.addOption("ID", *id, "The history to keep; without it, the histories are listed")
        .notEmpty();
}

} // namespace cairn::ctl
