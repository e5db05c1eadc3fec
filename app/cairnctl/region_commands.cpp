// Commands on regions: add, list, rename, remove, accept.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/table_output.h"
#include "core/array/in_use.h"
#include "core/backup/administer.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"
#include "core/io/file_io.h"

#include <fmt/format.h>
#include <memory>

namespace cairn::ctl {
namespace {

struct RegionArguments {
    std::string name;
    std::string newName;
    std::string size;
    std::string member;
};

// As it was typed; what is empty or begins or ends with a blank would not be seen.
std::string quoted(const std::string& name)
{
    const std::string text = printableShort(name, 60);
    const bool plain = !text.empty() && text.front() != ' ' && text.back() != ' ';
    return plain ? text : '"' + text + '"';
}

// What it holds, or that it holds half of it.
Table::Cell contentCell(const Region& region, const HalfWritten* half)
{
    if (region.role == RegionRole::Management)
        return {"the catalog"};
    const std::string content = titleOf(region.content);
    if (half == nullptr || half->state == HalfWrittenState::Accepted)
        return {content};
    return {fmt::format("{}, half-written{}", content,
                        half->state == HalfWrittenState::Running ? " so far" : ""),
            half->state == HalfWrittenState::Running ? Tone::Warning : Tone::Bad};
}

Result<ExitCode> list(Invocation& invocation)
{
    invocation.attempt("list the regions");
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const ArrayLayout layout = attachment.layout();
    // A table is listed also where the catalog cannot be read.
    const auto half = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
    const auto makeJson = [&] {
        Json regions = Json::array();
        for (const Region& region : layout.regions)
            regions.push_back(jsonOf(region, memberNumber(layout, region.member),
                                     findHalfWritten(half, region.id)));
        return regions;
    };
    const auto makeText = [&] {
        Table table({{"Region"},
                     {"Member", Table::Align::Right},
                     {"Size", Table::Align::Right},
                     {"Role"},
                     {"Content"},
                     {"In use"},
                     {"PARTUUID"}});
        for (const Region& region : layout.regions) {
            table.add({printable(region.name),
                       std::to_string(memberNumber(layout, region.member)),
                       sizeText(region.extent.lengthBytes),
                       std::string(roleName(region.role)),
                       contentCell(region, findHalfWritten(half, region.id)),
                       {printable(region.use.by), Tone::Warning},
                       region.id.uuid.toString()});
        }
        return table.text();
    };
    invocation.print(makeJson, makeText);
    return ExitCode::Done;
}

Result<ExitCode> printRegion(Invocation& invocation, Attachment& attachment, const Region& region,
                             const std::string& message)
{
    const std::size_t member = memberNumber(attachment.layout(), region.member);
    invocation.announce([&] { return jsonOf(region, member); }, [&] { return message + '\n'; });
    return ExitCode::Done;
}

// Where a device has no node of the region: what makes one.
std::string wayToNode(const Member& member, const Region& region)
{
    const auto disk = FileIo::open(member.location, {.access = Access::Read});
    if (!disk || !(*disk)->isBlockDevice() ||
        !findPartitionNode((*disk)->identity(), region.extent, member.sectorBytes).empty())
        return {};
    return fmt::format("\nIt has no device node yet: partx -u {}", printable(member.location));
}

Result<ExitCode> add(Invocation& invocation, const RegionArguments& arguments)
{
    invocation.attempt(fmt::format("add the region {}", quoted(arguments.name)));
    Array::NewRegion wanted;
    wanted.name = arguments.name;
    wanted.sizeBytes = CAIRN_TRY(parsePositiveSize(arguments.size));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    Member member;
    if (!arguments.member.empty()) {
        member = CAIRN_TRY(memberNamed(attachment, arguments.member));
        wanted.member = &member.id;
    }
    const Interruptible finishes;
    const Region region = CAIRN_TRY(cairn::addRegion(attachment, wanted));
    const ArrayLayout layout = attachment.layout();
    const Member* holder = layout.findMember(region.member);
    return printRegion(invocation, attachment, region,
                       fmt::format("Added {} ({}) on member {}.{}", titleOf(region),
                                   sizeText(region.extent.lengthBytes),
                                   memberNumber(layout, region.member),
                                   holder != nullptr ? wayToNode(*holder, region) : ""));
}

Result<ExitCode> rename(Invocation& invocation, const RegionArguments& arguments)
{
    invocation.attempt(
        fmt::format("rename {} to {}", quoted(arguments.name), quoted(arguments.newName)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    Region region = CAIRN_TRY(regionNamed(attachment, arguments.name));
    const std::string oldTitle = titleOf(region);
    const std::string oldName = region.name;
    const Interruptible finishes;
    CAIRN_TRY(cairn::renameRegion(attachment, region.id, arguments.newName));
    region.name = arguments.newName;
    return printRegion(invocation, attachment, region,
                       oldName == arguments.newName
                           ? fmt::format("{} is named so already; nothing was written.", oldTitle)
                           : fmt::format("{} is now named {}.", oldTitle, titleOf(region)));
}

Result<ExitCode> remove(Invocation& invocation, const RegionArguments& arguments)
{
    invocation.attempt(fmt::format("remove the region {}", quoted(arguments.name)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Region region = CAIRN_TRY(regionNamed(attachment, arguments.name));
    const std::string explanation =
        fmt::format("Removing {} gives its {} back to the member. It holds: {}.", titleOf(region),
                    sizeText(region.extent.lengthBytes), titleOf(region.content));
    CAIRN_TRY(withConfirmedName(invocation, attachment, region, explanation,
                                [&](const std::string& confirmed) {
                                    const Interruptible finishes;
                                    return cairn::removeRegion(attachment, region.id, confirmed);
                                }));
    return printRegion(invocation, attachment, region, fmt::format("Removed {}.", titleOf(region)));
}

Result<ExitCode> accept(Invocation& invocation, const RegionArguments& arguments)
{
    invocation.attempt(fmt::format("take {} as it is", quoted(arguments.name)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Region region = CAIRN_TRY(regionNamed(attachment, arguments.name));
    const std::string title = titleOf(region);
    const auto accepted = withConfirmedName(
        invocation, attachment, region,
        fmt::format("{} is half-written. It can be backed up again if its content is taken as it "
                    "is; such a backup never counts as another good copy of it.",
                    title),
        [&](const std::string& confirmed) {
            const Interruptible finishes;
            return cairn::acceptContent(attachment, region.id, confirmed);
        });
    if (!accepted) {
        ErrorContext& context = invocation.failureContext();
        context.unconfirmed = fmt::format(
            "it erases nothing, and lets {} be backed up with its half-written content", title);
        if (accepted.error().code == ErrorCode::ConfirmationNeeded)
            context.advice = fmt::format("Look at its content first; then give {}.",
                                         confirmOption(accepted.error().subject));
        return std::unexpected(accepted.error());
    }
    const auto half = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
    invocation.announce(
        [&] {
            return jsonOf(region, memberNumber(attachment.layout(), region.member),
                          findHalfWritten(half, region.id));
        },
        [&] { return fmt::format("{} is taken as it is, and can be backed up again.\n", title); });
    return ExitCode::Done;
}

} // namespace

void addRegionCommands(CommandLine& line)
{
    Command group =
        line.addGroup("region", "Regions: add, list, rename, remove, accept, import, export");
    const auto arguments = std::make_shared<RegionArguments>();

    Command addition =
        line.add(group,
                 {.name = "add",
                  .purpose = "Add an empty region",
                  .example = "region add db --size 64G --member 1"},
                 [arguments](Invocation& invocation) { return add(invocation, *arguments); });
    addition.addOption("NAME", arguments->name, "1 to 36 printable characters, not in use yet")
        .required();
    addition.addOption("--size", arguments->size, "Rounded up to whole MiB")
        .required()
        .typeName("SIZE");
    addition
        .addOption("--member", arguments->member,
                   "Number or UUID from `array show`, or path; else the one with most free space")
        .typeName("N")
        .notEmpty();

    line.add(group,
             {.name = "list",
              .purpose = "List the regions with size, role, content and use",
              .example = "region list"},
             list);

    Command renaming =
        line.add(group,
                 {.name = "rename",
                  .purpose = "Give a region another name; its identity and content stay",
                  .example = "region rename db db-old"},
                 [arguments](Invocation& invocation) { return rename(invocation, *arguments); });
    renaming.addOption("REGION", arguments->name, "Name or PARTUUID").required();
    renaming.addOption("NAME", arguments->newName, "The new name").required();

    Command removal =
        line.add(group,
                 {.name = "remove",
                  .purpose = "Remove a region from the table; one with content needs --confirm",
                  .example = "region remove db-old --confirm db-old",
                  .losesContent = true},
                 [arguments](Invocation& invocation) { return remove(invocation, *arguments); });
    removal.addOption("REGION", arguments->name, "Name or PARTUUID").required();

    Command acceptance =
        line.add(group,
                 {.name = "accept",
                  .purpose = "Take a half-written region's content as it is, to back it up again",
                  .example = "region accept db --confirm db",
                  .losesContent = true},
                 [arguments](Invocation& invocation) { return accept(invocation, *arguments); });
    acceptance.addOption("REGION", arguments->name, "Name or PARTUUID").required();

    addStreamCommands(line, group);
}

} // namespace cairn::ctl
