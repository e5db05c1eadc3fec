// Commands on members: add-member, replace-member, add-catalog, release-disk.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/disk_advice.h"
#include "app/cairnctl/foreign_text.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/refusal_text.h"
#include "core/array/path_member.h"
#include "core/backup/absent_member.h"
#include "core/backup/administer.h"
#include "core/backup/catalog_return.h"
#include "core/backup/release_disk.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <vector>

namespace cairn::ctl {
namespace {

struct MemberArguments {
    std::string old;
    std::string uri;
    std::string memberSize;
    bool adopt = false;
};

Result<Array::NewMember> wantedMember(const MemberArguments& arguments)
{
    Array::NewMember wanted;
    wanted.uri = arguments.uri;
    wanted.adopt = arguments.adopt;
    if (!arguments.memberSize.empty()) {
        wanted.createSizeBytes = CAIRN_TRY(parsePositiveSize(arguments.memberSize));
    }
    return wanted;
}

Result<ExitCode> printMember(Invocation& invocation, Attachment& attachment, const Member& member,
                             const std::string& message)
{
    const std::size_t number = memberNumber(attachment.layout(), member.id);
    invocation.announce([&] { return jsonOf(member, number); },
                        [&] {
                            // A simulated array is named as a whole.
                            if (attachment.array().layout().uri.starts_with("sim:"))
                                return message + '\n';
                            return fmt::format("{} From now on, name it too: -a {}\n", message,
                                               printable(member.location));
                        });
    return ExitCode::Done;
}

Result<Member> addWritten(Attachment& attachment, const Array::NewMember& wanted)
{
    const Interruptible finishes;
    return cairn::addMember(attachment, wanted);
}

// The disk's partitions, and what is in them.
std::string contentOf(Invocation& invocation, const std::string& path)
{
    const auto alone = Attachment::attach({path}, invocation.environment());
    if (!alone)
        return "its partitions";
    std::vector<std::string> titles;
    for (const Region& region : (*alone)->array().layout().regions)
        titles.push_back(fmt::format("{} ({})", titleOf(region), titleOf(region.content)));
    constexpr std::size_t kMostShown = 8;
    const std::size_t more = titles.size() - std::min(titles.size(), kMostShown);
    titles.resize(titles.size() - more);
    return titles.empty() ? "its free space"
                          : fmt::format("{}{}", fmt::join(titles, ", "),
                                        more == 0 ? "" : fmt::format(" and {} more", more));
}

// With its GPT as it is: whoever asks for it is told what may be written to from then on.
Result<Member> adoptMember(Invocation& invocation, Attachment& attachment, Array::NewMember wanted)
{
    CAIRN_TRY(ask(invocation,
                  fmt::format("Make {} a member as it is? Commands on the array may then write to "
                              "what is on it: {}. No other array must use it.",
                              printable(wanted.uri), contentOf(invocation, wanted.uri))));
    auto added = addWritten(attachment, wanted);
    if (!added && isOfLeftovers(added.error())) {
        CAIRN_TRY(askForLeftovers(invocation, added.error()));
        wanted.leftovers = Leftovers::Overwrite;
        added = addWritten(attachment, wanted);
    }
    return added;
}

Result<ExitCode> addMember(Invocation& invocation, const MemberArguments& arguments)
{
    invocation.attempt(fmt::format("add the member {}", printable(arguments.uri)));
    const Array::NewMember wanted = CAIRN_TRY(wantedMember(arguments));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const auto added =
        wanted.adopt ? adoptMember(invocation, attachment, wanted) : addWritten(attachment, wanted);
    if (!added) {
        const bool own = adviseOnNewMember(invocation, attachment, added.error());
        if (!own && added.error().code == ErrorCode::ContentRecognised &&
            added.error().detail == "gpt" && !attachment.array().layout().uri.starts_with("sim:"))
            invocation.failureContext().advice +=
                fmt::format(". To keep what is on it instead: `cairnctl array add-member {} "
                            "--adopt`",
                            printable(arguments.uri));
        return std::unexpected(added.error());
    }
    return printMember(
        invocation, attachment, *added,
        fmt::format("Added {} ({}).", printable(added->location), sizeText(added->sizeBytes)));
}

// What goes with a member, each sentence after a blank.
std::string lossText(const MemberLoss& loss)
{
    std::string text;
    if (!loss.backups.empty())
        text += fmt::format(" Backups that lie on it and can then not be restored: #{}.",
                            fmt::join(loss.backups, ", #"));
    for (const LostSource& source : loss.lastCopies)
        text += fmt::format(" #{} is {}.", source.number,
                            lastCopyText(source.name, flawOf(source), source.content));
    return text;
}

// A verb that gives a member up, after the region's name where one is lost by it.
template<typename Verb>
auto confirmedLoss(Invocation& invocation, Attachment& attachment, const Region& losing,
                   const std::string& question, const std::string& cost, const Verb& verb)
    -> decltype(verb(std::string{}))
{
    auto done = withConfirmedName(invocation, attachment, losing,
                                  fmt::format("{} {}", question, cost), verb);
    if (!done && done.error().code == ErrorCode::ConfirmationNeeded) {
        invocation.failureContext().advice =
            fmt::format("{} If that is meant, give {}; --yes does not stand for it.", cost,
                        confirmOption(done.error().subject));
    }
    return done;
}

Result<Member> confirmedReplacement(Invocation& invocation, Attachment& attachment,
                                    const MemberReplacement& replacement,
                                    const Array::NewMember& wanted)
{
    const std::string old = printable(replacement.old.location);
    const std::string cost =
        "The old member is then no part of the array." + lossText(replacement.loss);
    const auto verb = [&](const std::string& confirmed) {
        const Interruptible finishes;
        return cairn::replaceMember(attachment, replacement.old.id, wanted, confirmed);
    };
    if (replacement.losing)
        return confirmedLoss(invocation, attachment, *replacement.losing,
                             fmt::format("Replacing {} by {}.", old, printable(wanted.uri)), cost,
                             verb);
    CAIRN_TRY(requireNothingConfirmed(invocation));
    CAIRN_TRY(
        ask(invocation, fmt::format("Replace {} by {}? {}", old, printable(wanted.uri), cost)));
    return verb({});
}

// Where the catalog lists the new disk already: naming it too is what the same replacement needs
// to go on.
Result<void> adviseOnHalfReplaced(Invocation& invocation, Attachment& attachment, const Member& old,
                                  const Array::NewMember& wanted)
{
    const auto joined = findAbsentMember(attachment, wanted.uri);
    if (!joined || !isSamePlace(joined->location, wanted.uri))
        return {};
    auto uris = CAIRN_TRY(invocation.uris());
    uris.push_back(wanted.uri);
    invocation.failureContext().advice = fmt::format(
        "It is a member of this array already, and replacing the other one by it was "
        "interrupted. This ends that: cairnctl {} array replace-member {} {}",
        arrayArguments(uris), old.id.toString(), wordOnCommandLine(printable(wanted.uri), "DISK"));
    return {};
}

Result<ExitCode> replaceMember(Invocation& invocation, const MemberArguments& arguments)
{
    invocation.attempt(fmt::format("replace the member {} by {}", printable(arguments.old),
                                   printable(arguments.uri)));
    const Array::NewMember wanted = CAIRN_TRY(wantedMember(arguments));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Member old = CAIRN_TRY(memberNamed(attachment, arguments.old));
    const auto replacement = planReplacement(attachment, old.id);
    if (!replacement) {
        if (replacement.error().code == ErrorCode::RegionInUse) {
            invocation.failureContext().advice =
                "Only a member that is missing or has failed can be replaced. To take this one "
                "out, detach it and leave it out of the -a options.";
        }
        return std::unexpected(replacement.error());
    }
    const auto member = confirmedReplacement(invocation, attachment, *replacement, wanted);
    if (!member) {
        adviseOnNewMember(invocation, attachment, member.error());
        if (member.error().code == ErrorCode::AlreadyAnArray)
            CAIRN_TRY(adviseOnHalfReplaced(invocation, attachment, old, wanted));
        return std::unexpected(member.error());
    }
    return printMember(invocation, attachment, *member,
                       fmt::format("{} takes the place of {}.", printable(member->location),
                                   printable(old.location)));
}

Result<ExitCode> addCatalog(Invocation& invocation, const std::string& named)
{
    invocation.attempt(fmt::format("put a copy of the catalog on {}", printable(named)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Member member = CAIRN_TRY(memberNamed(attachment, named));
    if (const auto foreign = foreignCopyOn(attachment, member.id)) {
        CAIRN_TRY(withConfirmedName(
            invocation, attachment, *foreign,
            fmt::format("{} holds {}. What only that one tells is lost.",
                        printable(member.location),
                        isCopiedCatalog(member.problem)
                            ? "a catalog that was copied there from another disk"
                            : "a catalog of its own, made by a rebuild of it alone"),
            [&](const std::string& confirmed) {
                const Interruptible finishes;
                return takeCopyBack(attachment, member.id, confirmed);
            }));
    } else {
        CAIRN_TRY(requireNothingConfirmed(invocation));
        const auto add = [&](Leftovers leftovers) {
            const Interruptible finishes;
            return addCatalogCopy(attachment, member.id, leftovers);
        };
        auto added = add(Leftovers::Keep);
        if (!added && isOfLeftovers(added.error())) {
            CAIRN_TRY(askForLeftovers(invocation, added.error()));
            added = add(Leftovers::Overwrite);
        }
        if (!added && added.error().code == ErrorCode::AlreadyAnArray)
            invocation.failureContext().advice =
                member.holdsCatalog
                    ? "`cairnctl array show` tells the state of each copy. One that is behind or "
                      "damaged is repaired by the next command that writes."
                    : "Three are the most: `cairnctl array show` tells which members have one.";
        CAIRN_TRY(added);
    }
    const ArrayLayout layout = attachment.layout();
    const Member& holder = *layout.findMember(member.id);
    invocation.announce([&] { return jsonOf(holder, memberNumber(layout, holder.id)); },
                        [&] {
                            return fmt::format("{} holds a copy of the catalog.\n",
                                               printable(holder.location));
                        });
    return ExitCode::Done;
}

// After a blank, of a disk that is away.
std::string regionsText(const std::vector<std::string>& names)
{
    constexpr std::size_t kMostBytes = 400;
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? std::string(" The records name no region on it.")
                        : fmt::format(" Regions that the records name on it: {}.",
                                      printableShort(text, kMostBytes));
}

std::string costOf(const DiskRelease& release)
{
    if (isAway(release.member)) {
        const std::string regions = regionsText(release.regions);
        return "The array is then without it for good." + regions + lossText(release.loss);
    }
    const std::string cost =
        release.lastCatalog
            ? "It holds the only copy of the catalog that is attached: the whole backup history "
              "goes, unless it was written to a file with `catalog export FILE`."
        : release.management ? "Its copy of the catalog goes; the other members keep theirs."
                             : "It has no copy of the catalog.";
    return cost + lossText(release.loss);
}

Result<ExitCode> releaseDisk(Invocation& invocation, const std::string& named)
{
    invocation.attempt(fmt::format("release {}", printable(named)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Member member = CAIRN_TRY(memberNamed(attachment, named));
    const std::size_t number = memberNumber(attachment.layout(), member.id);
    const auto planned = planRelease(attachment, member.id);
    if (!planned && planned.error().code == ErrorCode::RegionInUse)
        invocation.failureContext().advice =
            fmt::format("Name it too (-a {}), so that Cairn's partition is taken off it; or detach "
                        "the disk, if it shall leave as it is.",
                        printable(member.location));
    const DiskRelease release = CAIRN_TRY(planned);
    const auto verb = [&](const std::string& confirmed) {
        const Interruptible finishes;
        return cairn::releaseDisk(attachment, member.id, confirmed);
    };
    const bool away = isAway(member);
    if (release.losing) {
        CAIRN_TRY(confirmedLoss(
            invocation, attachment, *release.losing,
            fmt::format("Releasing {}{}", printable(member.location),
                        away ? ", which is not attached."
                             : " takes Cairn's own partition off it; the others stay."),
            costOf(release), verb));
    } else {
        CAIRN_TRY(requireNothingConfirmed(invocation));
        CAIRN_TRY(ask(invocation,
                      fmt::format("Release {}{} from the array? {}", printable(member.location),
                                  away ? ", which is not attached," : "", costOf(release))));
        CAIRN_TRY(verb({}));
    }
    invocation.announce([&] { return jsonOf(member, number); },
                        [&] {
                            return fmt::format(
                                "{} {}\n", printable(member.location),
                                away ? "is no member of the array any more. Should it turn up "
                                       "again, nothing is written while it is attached."
                                     : "is a plain GPT disk again; its other partitions are as "
                                       "they were.");
                        });
    return ExitCode::Done;
}

} // namespace

void addMemberCommands(CommandLine& line, Command array)
{
    const auto arguments = std::make_shared<MemberArguments>();
    const auto addSize = [arguments](Command command) -> Option {
        return command
            .addOption("--member-size", arguments->memberSize,
                       "Make the image file with this size; it must not exist yet")
            .typeName("SIZE")
            .notEmpty();
    };
    Command addition = line.add(
        array,
        {.name = "add-member",
         .purpose = "Add an empty disk or image file, with a copy of the catalog where wanted",
         .example = "array add-member third.img --member-size 2G"},
        [arguments](Invocation& invocation) { return addMember(invocation, *arguments); });
    addition.addOption("URI", arguments->uri, "Path of the new member").required();
    const Option size = addSize(addition);
    addition
        .addFlag("--adopt", arguments->adopt,
                 "Keep the disk's GPT and partitions, as `array adopt` does")
        .excludes(size);

    Command replacement = line.add(
        array,
        {.name = "replace-member",
         .purpose = "Put an empty disk in the place of a missing or failed member",
         .example = "array replace-member 2 new.img --member-size 2G",
         .losesContent = true},
        [arguments](Invocation& invocation) { return replaceMember(invocation, *arguments); });
    replacement
        .addOption("OLD", arguments->old,
                   "The old member: its number or UUID from `array show`, or its path")
        .required();
    replacement.addOption("NEW", arguments->uri, "Path of the new member").required();
    addSize(replacement);

    Command copy = line.add(
        array,
        {.name = "add-catalog",
         .purpose = "Put a copy of the catalog on a member that holds none, three at most",
         .example = "array add-catalog 2",
         .losesContent = true},
        [arguments](Invocation& invocation) { return addCatalog(invocation, arguments->old); });
    copy.addOption("MEMBER", arguments->old, "Its number or UUID from `array show`, or its path")
        .required();

    Command release = line.add(
        array,
        {.name = "release-disk",
         .purpose = "Remove Cairn from a member, or from the array one that is lost",
         .example = "array release-disk 2",
         .losesContent = true},
        [arguments](Invocation& invocation) { return releaseDisk(invocation, arguments->old); });
    release.addOption("MEMBER", arguments->old, "Its number or UUID from `array show`, or its path")
        .required();
}

} // namespace cairn::ctl
