// What went wrong, as data: core returns errors and never words them for the user.
#pragma once

#include <cstdint>
#include <expected>
#include <new>
#include <string>
#include <utility>

namespace cairn {

// Grouped by what the caller should do; errorClass() tells the group.
enum class ErrorCode : std::uint8_t {
    Canceled, // The operator asked to stop; nothing is wrong.

    // Usage: what was asked for cannot be understood, or names something that is not there.
    InvalidArgument,
    InvalidName, // Empty, too long for GPT (36 UTF-16 units), or holds what cannot be shown.
    InvalidSize, // amount: bytes missing of the least that a member needs, or 0.
    NameInUse,
    AmbiguousName, // Several regions carry the name; the PARTUUID tells them apart.
    UnknownRegion,
    UnknownMember,
    UnknownGeneration,
    UnknownHistory,

    // Refused: a guard said no and nothing was changed.
    SourceIsTarget,
    TargetTooSmall,     // amount: bytes missing.
    RegionInUse,        // detail: who uses it ("mounted at /home").
    CannotFreeze,       // The filesystem in it; detail: why.
    CannotSwap,         // The region with another; detail: why; amount: the generation's number.
    RegionHoldsCatalog, // The management region is never a source or a target.
    RegionHoldsBackup,  // The region holds backup number `amount`, which must be forgotten first.
    RegionBusy,         // Another job of this array is writing it.
    RestoreUnfinished,  // amount: the generation's number; subject: the half-restored region.
    RestoreWaiting,     // The same, but it has overwritten nothing yet.
    NeededByRestore,    // amount: the generation's number; detail: the half-restored region.
    HalfWritten,        // subject: half-written; detail: writeKindName(); amount: its generation.
    GenerationHeld,     // amount: the generation's number.
    LastGoodCopy,       // amount: the generation's number; subject: its source.
    KeepsUndo,          // amount: the generation by which a restore of `subject` is undone.
    ContentUnknown,
    ContentRecognised,    // detail: what was found ("ext4 \"home\"").
    ConfirmationNeeded,   // subject: the region whose name must be given.
    ConfirmationMismatch, // subject: the right name; detail: the one that was given.
    IdentityChanged,      // The device behind the path is not the one that was confirmed.
    PlanChanged,          // What the operator confirmed no longer holds; detail says what moved.
    ContentChanged,       // What was written there has been changed since: undoing would mix both.
    ArrayBusy,            // Open for writing elsewhere; detail: by whom, where known.
    HistoriesDiverged,    // Members were written apart; the operator must choose.
    ReadOnlyArray,        // detail: why it cannot be written.
    DuplicateIdentity,    // Two members or regions carry one UUID; subject and detail name both.
    FormatNewer,          // Written by a newer Cairn.
    BackupNotUsable,      // amount: the generation; its state does not allow the verb.
    OutsideFence,         // A write outside the confirmed extent was stopped.
    ForeignMember,  // subject: a member of another array, or one that was replaced; detail: which.
    NotAuthorized,  // A device that this user was not allowed to open; detail: why.
    AlreadyAnArray, // The device already carries a catalog.
    TableLost, // A disk without a partition table; amount: where a catalog begins on it, bytes.
    // The array's writer lease is another host's; subject: its name; amount: since when, in ms
    // since 1970. Held: it was renewed, or nobody has watched it. NotRenewed: while it was watched.
    LeaseHeld,
    LeaseNotRenewed,
    LeaseDamaged, // Nobody can say whose it is; subject: the member.

    // Failed: the world would not.
    NotAnArray,   // No GPT, or no management region (amount: members with a GPT); detail: what is.
    InvalidTable, // amount: bytes by which the device is too short for it, or 0.
    InvalidDescription, // simulation.json; detail: where and why.
    InvalidArchive,     // No export, or one that is cut off or changed; detail: where and why.
    MemberMissing,
    MemberFailed,
    OpenFailed,
    ReadFailed,
    WriteFailed,
    FlushFailed,
    // The writer lease was lost while writing; subject: the member; detail: the host that took it,
    // or nothing where it could not be renewed in time.
    Fenced,
    NoSpace, // The medium or the table is full; amount: bytes missing, where known.
    CatalogFull,
    CatalogDamaged,
    CatalogForeign, // A management region whose super block is not Cairn's or not this array's.
    DigestMismatch, // amount: chunks that differ.
    Unreadable,     // amount: chunks that could not be read.
    KernelNotTold,  // The table of the disk `subject` is durable; its nodes are those of before.
    OutOfMemory,
    Unsupported,
};

enum class ErrorClass : std::uint8_t { Canceled, Usage, Refused, Failed };

struct Error {
    ErrorCode code = ErrorCode::InvalidArgument;
    int osError = 0;          // errno, or 0.
    std::string subject;      // What it happened to: a name or path, unescaped as it was found.
    std::string detail;       // A fact for the sentence, never a sentence itself.
    std::uint64_t amount = 0; // The number the code's comment names.
};

template<typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] ErrorClass errorClass(ErrorCode code) noexcept;

// The code's identifier as written above, for logs, JSON and tests; stable across versions.
[[nodiscard]] const char* errorName(ErrorCode code) noexcept;

[[nodiscard]] inline std::unexpected<Error> failure(ErrorCode code, std::string subject = {},
                                                    std::string detail = {},
                                                    std::uint64_t amount = 0, int osError = 0)
{
    return std::unexpected(Error{code, osError, std::move(subject), std::move(detail), amount});
}

// The same with errno, read before anything else can change it.
[[nodiscard]] std::unexpected<Error> osFailure(ErrorCode code, std::string subject,
                                               std::string detail = {});

// A verb's or a thread's entry: an allocation that fails in there becomes an Error.
template<typename Body>
auto catchOutOfMemory(Body&& body) -> decltype(body())
{
    try {
        return std::forward<Body>(body)();
    } catch (const std::bad_alloc&) {
        return std::unexpected(Error{ErrorCode::OutOfMemory, 0, {}, {}, 0});
    }
}

} // namespace cairn

// The value of a Result, or return its error from the enclosing function.
#define CAIRN_TRY(expression)                                                                      \
    __extension__({                                                                                \
        auto cairnTried = (expression);                                                            \
        if (!cairnTried) [[unlikely]]                                                              \
            return std::unexpected(std::move(cairnTried).error());                                 \
        *std::move(cairnTried);                                                                    \
    })

// A broken promise between programmers: stays on in release, and ends the program.
#define CAIRN_ASSERT(condition)                                                                    \
    ((condition) ? static_cast<void>(0) : ::cairn::assertionFailed(#condition, __FILE__, __LINE__))

namespace cairn {
[[noreturn]] void assertionFailed(const char* condition, const char* file, int line) noexcept;
}
