// Finds what the operator named: regions, members, backups.
#pragma once

#include "app/cairnctl/exit_code.h"
#include "core/backup/attachment.h"
#include "core/backup/half_written.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::ctl {

class Invocation;
struct ErrorContext;

// By name or PARTUUID. MemberMissing instead of UnknownRegion where the catalog knows the region
// to lie on a member that is not attached.
[[nodiscard]] Result<Region> regionNamed(Attachment& attachment, std::string_view nameOrUuid);

// The region as a record remembers it; MemberMissing where its member is not attached.
[[nodiscard]] Result<Region> regionOf(Attachment& attachment, const RegionRef& reference);

// The error as it concerns a region's member: a member that fails or cannot be written is named by
// its location, and told apart. Other errors are returned as they are.
[[nodiscard]] Error memberError(Attachment& attachment, const Region& region, Error error);

// By number as `array show` counts from 1, UUID, or a path to it. UnknownMember.
[[nodiscard]] Result<Member> memberNamed(Attachment& attachment, const std::string& text);

// RegionInUse where the path is a member of the array, with advice.
[[nodiscard]] Result<void> checkNoMember(ErrorContext& context, Attachment& attachment,
                                         const std::string& path);

// From 1, in the order of `array show`; 0 for a member that is not in the layout.
[[nodiscard]] std::size_t memberNumber(const ArrayLayout& layout, const Uuid& member);

// "12" or "#12". InvalidArgument.
[[nodiscard]] Result<GenerationNumber> parseNumber(const std::string& text);

// As parseSize() reads it; InvalidSize for 0 too.
[[nodiscard]] Result<std::uint64_t> parsePositiveSize(const std::string& text);

// UnknownGeneration where there is no such number.
[[nodiscard]] Result<Generation> generationNumbered(Attachment& attachment,
                                                    GenerationNumber number);

// The records, newest first. Of a damaged catalog those that can be read, with a warning; then
// `whole` becomes false.
[[nodiscard]] Result<std::vector<Generation>> recordsThatCanBeRead(Invocation& invocation,
                                                                   Catalog& catalog,
                                                                   const GenerationFilter& filter,
                                                                   bool& whole);

// Warns of unrecordedBackups(); returns whether there are any.
bool warnOfUnrecorded(Invocation& invocation, Attachment& attachment);

// What left the region half-written, and what ends that.
[[nodiscard]] std::string halfWrittenText(Attachment& attachment, const HalfWritten& half);

// Warns if the region is half-written, and nothing goes on with it; returns whether it is.
bool warnIfHalfWritten(Invocation& invocation, Attachment& attachment, const RegionId& region);

// Printable; the PARTUUID where there is no name.
[[nodiscard]] std::string titleOf(const Region& region);
[[nodiscard]] std::string titleOf(const RegionRef& region);
// 'ext4 "home"', "empty", "unknown content", "unreadable".
[[nodiscard]] std::string titleOf(const Content& content);

// The region as it is named on a command line: its name, or the PARTUUID where quotes do not help.
[[nodiscard]] std::string argumentFor(const Region& region);
[[nodiscard]] std::string argumentFor(const RegionRef& region);
// `--confirm "NAME"`, in quotes that a shell leaves alone.
[[nodiscard]] std::string confirmOption(const std::string& name);

// The array as the operator would name it on a command line: "-a x.img -a y.img".
[[nodiscard]] std::string arrayArguments(const std::vector<std::string>& uris);

// Whether the restore or undo that waits to be resumed on the region has overwritten nothing yet.
[[nodiscard]] bool overwroteNothing(Attachment& attachment, const RegionId& region);

// What to say of the region after a restore or undo of it failed, where no job waits there.
[[nodiscard]] std::string stateOfTarget(Attachment& attachment, const Region& region);

// How often anything was written to the catalog.
[[nodiscard]] std::uint64_t commitsOf(Attachment& attachment);

// The end of what failed since there were so many. A refusal that came after the first write is not
// one with which nothing was changed: it is reported as a failure.
[[nodiscard]] Result<ExitCode> endSince(Invocation& invocation, Attachment& attachment,
                                        std::uint64_t commits, const Error& error);

} // namespace cairn::ctl
