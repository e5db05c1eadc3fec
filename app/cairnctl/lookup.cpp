// Searches layout and catalog for what was named.
#include "app/cairnctl/lookup.h"

#include "app/cairnctl/absence_text.h"
#include "app/cairnctl/invocation.h"
#include "app/cairnctl/refusal_text.h"
#include "core/array/path_member.h"
#include "core/backup/candidates.h"
#include "core/backup/catalog_file.h"
#include "core/backup/guards.h"
#include "core/backup/one_history.h"
#include "core/backup/salvage.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>

namespace cairn::ctl {
namespace {

// The error that a region's absence has: its member's, if the layout knows it to be away.
Error absenceOf(const ArrayLayout& layout, const RegionRef& reference)
{
    if (const Member* member = layout.findMember(reference.member); member != nullptr) {
        if (member->state == MemberState::Missing)
            return {ErrorCode::MemberMissing, 0, member->location, {}, 0};
        if (member->state == MemberState::Failed)
            return {ErrorCode::MemberFailed, 0, member->location, member->problem, 0};
    }
    const std::string uuid = reference.id.uuid.toString();
    if (reference.name.empty())
        return {ErrorCode::UnknownRegion, 0, uuid, {}, 0};
    return {ErrorCode::UnknownRegion, 0, reference.name, "PARTUUID " + uuid, 0};
}

bool isCalled(const RegionRef& reference, std::string_view nameOrUuid)
{
    return reference.name == nameOrUuid || reference.id.uuid == Uuid::parse(nameOrUuid);
}

} // namespace

Result<Region> regionNamed(Attachment& attachment, std::string_view nameOrUuid)
{
    auto found = findRegion(attachment, nameOrUuid);
    if (found || found.error().code != ErrorCode::UnknownRegion)
        return found;
    const auto absent = absentRegions(attachment);
    if (!absent)
        return found; // Nobody can say where else it may be.
    for (const AbsentRegion& region : *absent) {
        if (isCalled(region.region, nameOrUuid))
            return std::unexpected(absenceError(region));
    }
    return found;
}

Result<Region> regionOf(Attachment& attachment, const RegionRef& reference)
{
    const ArrayLayout layout = attachment.layout();
    if (const Region* region = layout.find(reference.id); region != nullptr)
        return *region;
    return std::unexpected(absenceOf(layout, reference));
}

Error memberError(Attachment& attachment, const Region& region, Error error)
{
    const ArrayLayout layout = attachment.layout();
    const Member* member = layout.findMember(region.member);
    // What has another subject is not of this region's member.
    const bool ofIt = error.subject.empty() || error.subject == region.name;
    if (error.code != ErrorCode::MemberFailed || member == nullptr || !ofIt)
        return error;
    if (member->state == MemberState::ReadOnly)
        return {ErrorCode::ReadOnlyArray, error.osError, member->location, member->problem, 0};
    error.subject = member->location;
    return error;
}

Result<Member> memberNamed(Attachment& attachment, const std::string& text)
{
    const ArrayLayout layout = attachment.layout();
    const auto uuid = Uuid::parse(text);
    std::size_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isNumber = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
    for (std::size_t index = 0; index < layout.members.size(); ++index) {
        const Member& member = layout.members[index];
        if ((isNumber && number == index + 1) || member.id == uuid ||
            isSamePlace(member.location, text)) {
            // What was named with -a and is none has a place in the list, and no identity.
            if (member.id.isNull())
                return failure(ErrorCode::UnknownMember, member.location, member.problem);
            return member;
        }
    }
    return failure(ErrorCode::UnknownMember, text);
}

Result<void> checkNoMember(ErrorContext& context, Attachment& attachment, const std::string& path)
{
    std::error_code ignored;
    for (const Member& member : attachment.layout().members) {
        if (path == "-" || !std::filesystem::equivalent(member.location, path, ignored))
            continue;
        context.advice =
            "Name another file. What is in a region of it, `cairnctl region export` writes to one.";
        return failure(ErrorCode::RegionInUse, path, "it is a member of this array");
    }
    return {};
}

std::size_t memberNumber(const ArrayLayout& layout, const Uuid& member)
{
    for (std::size_t index = 0; index < layout.members.size(); ++index) {
        if (layout.members[index].id == member)
            return index + 1;
    }
    return 0;
}

Result<GenerationNumber> parseNumber(const std::string& text)
{
    const std::string_view digits =
        text.starts_with('#') ? std::string_view(text).substr(1) : std::string_view(text);
    GenerationNumber number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || number == 0)
        return failure(ErrorCode::InvalidArgument, text, "not the number of a backup");
    return number;
}

Result<std::uint64_t> parsePositiveSize(const std::string& text)
{
    const std::uint64_t sizeBytes = CAIRN_TRY(parseSize(text));
    if (sizeBytes == 0)
        return failure(ErrorCode::InvalidSize, text);
    return sizeBytes;
}

Result<Generation> generationNumbered(Attachment& attachment, GenerationNumber number)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    return catalog->generation(number);
}

Result<std::vector<Generation>> recordsThatCanBeRead(Invocation& invocation, Catalog& catalog,
                                                     const GenerationFilter& filter, bool& whole)
{
    auto generations = catalog.generations(filter);
    if (generations || generations.error().code != ErrorCode::CatalogDamaged)
        return generations;
    auto readable = readableRecords(catalog);
    if (!readable || readable->generations.empty())
        return generations;
    whole = false;
    const ErrorText text = errorText(generations.error());
    invocation.warn("CatalogDamaged", {},
                    fmt::format("{}; {} of the records cannot be read, and are left out. {}",
                                text.what, readable->lost, text.advice));
    std::erase_if(readable->generations, [&](const Generation& generation) {
        return filter.source && generation.source.id != *filter.source;
    });
    return std::move(readable->generations);
}

bool warnOfUnrecorded(Invocation& invocation, Attachment& attachment)
{
    const auto regions = unrecordedBackups(attachment);
    if (!regions || regions->empty())
        return false; // What cannot be read is told by what needs it.
    // The other history may have their records.
    if (!requireOneHistory(attachment))
        return true;
    std::string names;
    for (const Region& region : *regions)
        names += (names.empty() ? "" : ", ") + titleOf(region);
    invocation.warn("BackupUnrecorded", names,
                    fmt::format("the table marks regions as backups of which the catalog tells "
                                "nothing: {}; `cairnctl catalog rebuild` makes records of them",
                                printableShort(names, 200)));
    return true;
}

std::string titleOf(const Region& region)
{
    return region.name.empty() ? region.id.uuid.toString() : printable(region.name);
}

std::string titleOf(const RegionRef& region)
{
    if (region.id.uuid.isNull()) // Of a record that was made from a backup region alone.
        return "unknown";
    return region.name.empty() ? region.id.uuid.toString() : printable(region.name);
}

std::string titleOf(const Content& content)
{
    switch (content.kind) {
    case ContentKind::Unread:
        return "unread";
    case ContentKind::Empty:
        return content.sampled ? "seems empty" : "empty";
    case ContentKind::Unknown:
        return "unknown content";
    case ContentKind::Recognised:
        break;
    }
    const std::string type = printableShort(content.type, 32);
    return content.label.empty()
               ? type
               : fmt::format("{} \"{}\"", type, printableShort(content.label, 64));
}

std::string argumentFor(const Region& region)
{
    return argumentFor(RegionRef{region.id, region.name, region.member});
}

std::string argumentFor(const RegionRef& region)
{
    // One that begins with a dash would be taken for an option.
    return region.name.starts_with('-')
               ? region.id.uuid.toString()
               : wordOnCommandLine(titleOf(region), region.id.uuid.toString());
}

std::string confirmOption(const std::string& name)
{
    const std::string shown = printable(name);
    const char quote = shown.find_first_of("\"$`\\!") == std::string::npos ? '"' : '\'';
    return fmt::format("--confirm {0}{1}{0}", quote, shown);
}

std::string arrayArguments(const std::vector<std::string>& uris)
{
    std::string arguments;
    for (const std::string& uri : uris) {
        const bool plain = uri.find_first_of(" \t'\"$&;|<>()*?\\`!#~") == std::string::npos;
        arguments += (arguments.empty() ? "-a " : " -a ") +
                     (plain ? printable(uri) : "'" + printable(uri) + "'");
    }
    return arguments;
}

bool overwroteNothing(Attachment& attachment, const RegionId& region)
{
    const auto records = readRecords(attachment);
    const auto unfinished =
        records ? unfinishedRestore(attachment, *records, region) : std::optional<Refusal>();
    return unfinished && unfinished->reason == RefusalReason::RestoreWaiting;
}

std::string halfWrittenText(Attachment& attachment, const HalfWritten& half)
{
    const WriteKind kind = half.write.kind;
    const GenerationNumber number = half.write.generation;
    const auto records = readRecords(attachment);
    std::string back;
    for (const Generation& kept : records ? records->generations : std::vector<Generation>()) {
        const bool undoesIt = kind == WriteKind::Undo ? kept.number == number
                                                      : kept.undo && kept.undo->restored == number;
        if (kept.source.id == half.write.region.id && canBeUndone(kept) && undoesIt &&
            (kind == WriteKind::Undo || kind == WriteKind::Restore)) {
            back = fmt::format(" (`cairnctl undo {} {}` brings back what it held before)",
                               kept.number, confirmOption(nameOrUuid(half.write.region)));
            break; // Newest first.
        }
    }
    return fmt::format("{} is half-written: {} did not end; restore, undo or import it again{}, or "
                       "take its content as it is with `cairnctl region accept {}`",
                       titleOf(half.write.region), unfinishedText(writeKindName(kind), number),
                       back, argumentFor(half.write.region));
}

bool warnIfHalfWritten(Invocation& invocation, Attachment& attachment, const RegionId& region)
{
    const auto all = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
    const HalfWritten* half = findHalfWritten(all, region);
    if (half == nullptr || half->state != HalfWrittenState::GivenUp)
        return false;
    invocation.warn("HalfWritten", half->write.region.name, halfWrittenText(attachment, *half));
    return true;
}

std::string stateOfTarget(Attachment& attachment, const Region& region)
{
    const auto all = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
    const HalfWritten* half = findHalfWritten(all, region.id);
    return half != nullptr && half->state == HalfWrittenState::GivenUp
               ? fmt::format("{} is half-written", titleOf(region))
               : fmt::format("{} is unchanged", titleOf(region));
}

std::uint64_t commitsOf(Attachment& attachment)
{
    const auto catalog = attachment.catalog();
    const auto histories = catalog ? (*catalog)->status().histories : std::vector<CatalogHistory>();
    return histories.empty() ? 0 : histories.front().commits;
}

Result<ExitCode> endSince(Invocation& invocation, Attachment& attachment, std::uint64_t commits,
                          const Error& error)
{
    if (errorClass(error.code) != ErrorClass::Refused || commitsOf(attachment) == commits)
        return std::unexpected(error);
    invocation.report(error, ExitCode::Failed);
    return ExitCode::Failed;
}

} // namespace cairn::ctl
