// The only switch from error code to sentence in cairnctl.
#include "app/cairnctl/error_text.h"

#include "app/cairnctl/foreign_text.h"
#include "app/cairnctl/lease_text.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/swap_text.h"
#include "core/backup/undo_area.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"
#include "core/base/uuid.h"
#include "core/catalog/records.h"
#include "core/copy/stream_copy.h"

#include <cstring>
#include <fmt/format.h>

namespace cairn::ctl {
namespace {

// Long enough for any path worth reading, short enough for a line.
constexpr std::size_t kLongestSubject = 120;
constexpr std::size_t kLongestDetail = 240;

constexpr const char* kFullAdvice =
    "Everything in it stays readable, and `cairnctl catalog export FILE` writes it to a file. Its "
    "size was set when the array was made; forgetting gives back only what the digests took. "
    "`restore N --no-undo` needs no room in it.";

struct Words {
    std::string subject;
    std::string detail;
    std::string system; // " (No such file or directory)", or empty.
};

// Blanks at the ends of a name are the mistake that nobody sees.
std::string quotedIfBlank(const std::string& text)
{
    const bool blank = !text.empty() && (text.front() == ' ' || text.back() == ' ');
    return blank ? '"' + text + '"' : text;
}

Words wordsOf(const Error& error)
{
    Words words{.subject = quotedIfBlank(printableShort(error.subject, kLongestSubject)),
                .detail = printableShort(error.detail, kLongestDetail),
                .system = {}};
    if (error.osError != 0)
        words.system = fmt::format(" ({})", std::strerror(error.osError));
    return words;
}

std::string withDetail(const std::string& text, const Words& words)
{
    return words.detail.empty() ? text : fmt::format("{}: {}", text, words.detail);
}

ErrorText usageText(const Error& error, const Words& words)
{
    switch (error.code) {
    case ErrorCode::InvalidName:
        return {fmt::format("\"{}\" cannot be a name{}",
                            printableShort(error.subject, kLongestSubject),
                            words.detail.empty() ? "" : ": " + words.detail),
                "A name has 1 to 36 printable characters (UTF-16 units: an emoji counts as two), "
                "no blank at its beginning or end, and no < or >."};
    case ErrorCode::InvalidSize:
        if (error.amount != 0) {
            return {withDetail(fmt::format("{} is too small", words.subject), words),
                    "Choose a larger one, or a larger --member-size."};
        }
        return {fmt::format("\"{}\" is not a size that can be used{}",
                            printableShort(error.subject, kLongestSubject),
                            words.detail.empty() ? "" : ": " + words.detail),
                "Sizes are written as 64M, 1.5G or in bytes, and are larger than zero."};
    case ErrorCode::NameInUse:
        return {fmt::format("the name {} is used already", words.subject),
                "Choose another name; `cairnctl region list` shows those in use."};
    case ErrorCode::AmbiguousName:
        return {fmt::format("several regions are named {}", words.subject),
                "Use the PARTUUID instead; `cairnctl region list` shows it."};
    case ErrorCode::UnknownRegion:
        if (!words.detail.empty())
            return {fmt::format("the region {} with the {} is not in this array", words.subject,
                                words.detail),
                    "`cairnctl region list` shows the regions that are."};
        return {fmt::format("the array has no region {}", orElse(words.subject, "of that name")),
                "`cairnctl region list` shows its regions."};
    case ErrorCode::UnknownMember:
        return {fmt::format("the array has no member {}", orElse(words.subject, "of that name")),
                "`cairnctl array show` shows its members."};
    case ErrorCode::UnknownGeneration:
        if (error.amount == 0 && error.detail == "undo")
            return {
                "nothing is kept of what a restore overwrote",
                "In `cairnctl list`, what can be undone says \"undoes\" and a backup's number."};
        return {fmt::format("the catalog has no backup #{}", error.amount != 0
                                                                 ? std::to_string(error.amount)
                                                                 : orElse(words.subject, "?")),
                "`cairnctl list` shows the backups."};
    case ErrorCode::UnknownHistory:
        return {fmt::format("the array has no history {}", orElse(words.subject, "of that id")),
                "`cairnctl array choose-history` lists the histories."};
    default:
        break;
    }
    if (error.detail == "too long")
        return {withDetail(words.subject, words),
                fmt::format("It may have {} bytes at most (a letter outside ASCII has several).",
                            error.amount)};
    if (error.detail == "control character")
        return {withDetail(words.subject, words),
                "Only a note may have line feeds; no control character besides is allowed."};
    return {withDetail(orElse(words.subject, "the arguments cannot be understood"), words),
            "`cairnctl --help` and the help of each command describe what is understood."};
}

ErrorText regionRefusalText(const Error& error, const Words& words)
{
    const std::string region = orElse(words.subject, "the region");
    switch (error.code) {
    case ErrorCode::SourceIsTarget:
        if (error.detail == kIsRestored)
            return {fmt::format("{} is the region that would be restored", region),
                    "Choose another region with --undo-to."};
        if (error.detail == kIsRead)
            return {fmt::format("{} holds the backup that would be restored", region),
                    "Choose another region with --undo-to."};
        return {fmt::format("{} is the source itself", region), "Choose another target."};
    case ErrorCode::TargetTooSmall:
        return {error.amount != 0
                    ? fmt::format("{} is too small by {} ({} bytes)", region,
                                  sizeText(error.amount), error.amount)
                    : fmt::format("{} is smaller than what is to be written to it", region),
                "Choose or add a larger region."};
    case ErrorCode::RegionInUse:
        return {withDetail(fmt::format("{} is in use", region), words),
                "End that use first (unmount, swapoff, losetup -d), then try again."};
    case ErrorCode::CannotFreeze:
        return {withDetail(fmt::format("the filesystem in {} cannot be frozen", region), words) +
                    (error.osError == EBUSY ? ": somebody has frozen it already" : words.system),
                "Unmount it first; or copy it as it is with --live: that copy is inconsistent, "
                "and never good."};
    case ErrorCode::RegionHoldsCatalog:
        return {fmt::format("{} is a management region: it holds the catalog", region),
                "Choose another region."};
    case ErrorCode::RegionHoldsBackup:
        return {fmt::format("{} holds backup #{}", region, error.amount),
                fmt::format("Forget the backup first: cairnctl forget {}", error.amount)};
    case ErrorCode::RegionBusy:
        if (error.amount != 0) {
            return {fmt::format("{} is in a job of #{} that has not ended", region, error.amount),
                    fmt::format("Wait for it; or if it was interrupted, continue it with `cairnctl "
                                "resume {0}` or give it up with `cairnctl discard {0}`.",
                                error.amount)};
        }
        return {fmt::format("a job is writing {} already", region),
                "Wait for it; if it was interrupted, continue it with `cairnctl resume` or give "
                "it up with `cairnctl discard`."};
    case ErrorCode::ContentUnknown:
        return {fmt::format("{} holds something that is not recognised", region),
                "If it may be erased, confirm it with --confirm and the region's name."};
    default:
        break;
    }
    return {fmt::format("{} holds {}", region, orElse(words.detail, "a filesystem")),
            "If it may be erased, confirm it with --confirm and the region's name."};
}

std::string unfinishedAdvice(const Error& error)
{
    return fmt::format("Finish it with `cairnctl resume {0}`, or give it up with `cairnctl discard "
                       "{0}`.",
                       error.amount);
}

// Of an error whose subject is the region whose name must be given.
std::string confirmOptionOf(const Error& error)
{
    return error.subject.empty() ? "--confirm REGION" : confirmOption(error.subject);
}

// Of a ConfirmationNeeded that costs the last copy of a source; `copy` as lastCopyText().
ErrorText lossErrorText(const Error& error, const Words& words, const std::string& copy)
{
    return {fmt::format("backup #{} in {} is {}, and giving it up was not confirmed", error.amount,
                        orElse(words.subject, "its region"), copy),
            fmt::format("Make another backup first. Or, if it may be lost, give {}; --yes does not "
                        "stand for it.",
                        confirmOptionOf(error))};
}

// Of ConfirmationNeeded and ConfirmationMismatch.
ErrorText confirmationErrorText(const Error& error, const Words& words)
{
    if (error.code == ErrorCode::ConfirmationNeeded) {
        if (error.detail == kNoUndoRoom)
            return {
                fmt::format("nothing can be kept of what it overwrites in {}: no region is "
                            "free and large enough{}",
                            orElse(words.subject, "the region"),
                            error.amount != 0 ? fmt::format(" for {} bytes", error.amount) : ""),
                fmt::format("Add a region for it with `cairnctl region add`, or name one with "
                            "--undo-to REGION. Or, if what {} holds now may be erased, give "
                            "{}; --yes does not stand for it.",
                            orElse(words.subject, "it"), confirmOptionOf(error))};
        if (error.amount != 0)
            return lossErrorText(error, words, lastCopyText(error.detail));
        return {fmt::format("it erases what {} holds now{}, and that was not confirmed",
                            orElse(words.subject, "the region"),
                            words.detail.empty() ? "" : fmt::format(" ({})", words.detail)),
                fmt::format("If it may be erased, give {}; --yes does not stand for it.",
                            confirmOptionOf(error))};
    }
    if (Uuid::parse(error.subject))
        return {fmt::format("the region that loses its content is the one with the PARTUUID {}, "
                            "and \"{}\" does not name it alone",
                            words.subject, words.detail),
                "Look again which region you mean; then give its PARTUUID with --confirm."};
    return {fmt::format("the region that loses its content is {}, and \"{}\" was confirmed",
                        orElse(words.subject, "another one"), words.detail),
            "Look again which region you mean; then confirm with its exact name."};
}

ErrorText backupRefusalText(const Error& error, const Words& words)
{
    switch (error.code) {
    case ErrorCode::RestoreUnfinished:
        return {fmt::format("{} into {} was interrupted, so that it holds half of each",
                            unfinishedText(error.detail, error.amount),
                            orElse(words.subject, "the region")),
                unfinishedAdvice(error)};
    case ErrorCode::RestoreWaiting:
        return {fmt::format("{} into {} was interrupted before it overwrote anything",
                            unfinishedText(error.detail, error.amount),
                            orElse(words.subject, "the region")),
                unfinishedAdvice(error)};
    case ErrorCode::HalfWritten:
        return {
            fmt::format("{} is half-written: {} did not end", orElse(words.subject, "the region"),
                        unfinishedText(error.detail, error.amount)),
            fmt::format("Restore, undo or import it again. Or, if its content is right as it is: "
                        "cairnctl region accept {}",
                        error.subject.empty()
                            ? "REGION"
                            : wordOnCommandLine(printable(error.subject), "REGION"))};
    case ErrorCode::NeededByRestore:
        return {fmt::format("what was interrupted in {} needs #{} to be finished",
                            orElse(words.detail, "a region"), error.amount),
                unfinishedAdvice(error)};
    case ErrorCode::GenerationHeld:
        return {fmt::format("backup #{} is held", error.amount),
                fmt::format("Release it first: cairnctl release {}", error.amount)};
    case ErrorCode::LastGoodCopy:
        return {fmt::format("backup #{} is {}", error.amount, lastCopyText(error.subject)),
                "Make another backup first, or confirm it with --confirm and the region's name."};
    case ErrorCode::KeepsUndo:
        return {
            fmt::format("#{} keeps what a restore of {} overwrote", error.amount,
                        orElse(words.subject, "its source")),
            fmt::format("Undo it first (cairnctl undo {}), or confirm it with {}.", error.amount,
                        error.detail.empty() ? "--confirm REGION" : confirmOption(error.detail))};
    case ErrorCode::BackupNotUsable:
        return {withDetail(fmt::format("backup #{} cannot be used for this", error.amount), words),
                error.detail == stateName(GenerationState::Partial)
                    ? fmt::format("Part of it differs from what was copied, or could not be read: "
                                  "`cairnctl show {0}` lists it, and cairnctl verify {0} looks "
                                  "again. What there is of it, `cairnctl region export "
                                  "--skip-unreadable` writes to a file.",
                                  error.amount)
                    : fmt::format("`cairnctl show {}` tells its state.", error.amount)};
    default:
        break;
    }
    return confirmationErrorText(error, words);
}

ErrorText arrayRefusalText(const Error& error, const Words& words)
{
    const std::string subject = orElse(words.subject, "the array");
    switch (error.code) {
    case ErrorCode::IdentityChanged:
        return {withDetail(fmt::format("{} is not the device any more that was opened", subject),
                           words),
                "Check what is attached, then start again."};
    case ErrorCode::PlanChanged:
        if (words.detail.starts_with(kOtherStream))
            return {words.detail, "Name the file that it began with."};
        return {withDetail("what was confirmed no longer holds", words),
                "Look again with `cairnctl targets` or `cairnctl region list`, then start again."};
    case ErrorCode::ContentChanged:
        return {
            fmt::format("{} has been changed since the restore, where the restore wrote nothing",
                        subject),
            "As it is now, its old content cannot come back whole. Restore the same backup once "
            "more, then undo this restore by its number."};
    case ErrorCode::ArrayBusy:
        return {withDetail(fmt::format("{} is open for writing elsewhere", subject), words),
                "Wait until that has ended, then try again. Reading works meanwhile."};
    case ErrorCode::HistoriesDiverged:
        return {"its members were written apart, so there are two histories",
                "Until you choose one it can only be read: cairnctl array choose-history"};
    case ErrorCode::ReadOnlyArray:
        return {withDetail(fmt::format("{} cannot be written", subject), words) + words.system,
                "Make the file or device writable, then try again."};
    case ErrorCode::DuplicateIdentity:
        return {
            withDetail(fmt::format("{} carries an identity that another one carries too", subject),
                       words),
            "One is a copy of the other: name the original only, and detach the copy."};
    case ErrorCode::FormatNewer:
        return {withDetail(fmt::format("{} was written by a newer Cairn", subject), words),
                "Use that version, or a newer one, to change it."};
    case ErrorCode::ForeignMember:
        return foreignMemberText(error);
    case ErrorCode::AlreadyAnArray:
        return carriesCatalogText(subject, words.detail, error.subject);
    case ErrorCode::TableLost:
        return {fmt::format("{} has lost its partition table: a catalog of Cairn begins at byte {} "
                            "of it",
                            subject, error.amount),
                "Erase nothing, and create no array there: the backups are on it. Write the same "
                "partitions again, with the same PARTUUIDs (sgdisk, from its backup or from "
                "`cairnctl region list` of earlier), or search them with testdisk; then name it "
                "again. Only if nothing on it is needed any more, as after `array release-disk`: "
                "`shred -n 0 -z " +
                    subject + "`"};
    case ErrorCode::NotAuthorized:
        return {withDetail(fmt::format("{} may not be opened", subject), words),
                "Run the same command as root."};
    default:
        break;
    }
    return {
        withDetail(fmt::format("a write outside the confirmed extent of {} was stopped", subject),
                   words),
        "This is a fault in Cairn: please report it with the output of `cairnctl report`."};
}

ErrorText arrayFailureText(const Error& error, const Words& words)
{
    const std::string subject = orElse(words.subject, "the array");
    switch (error.code) {
    case ErrorCode::NotAnArray:
        if (error.amount != 0) {
            const std::string members =
                error.amount == 1
                    ? withDetail(fmt::format("{} alone is not an array", subject), words)
                    : fmt::format("no catalog is on any of the {} members named", error.amount);
            return {members,
                    "Name the array's other members too: only some hold the catalog. A disk that "
                    "is in no array becomes one with `cairnctl array adopt`; if the management "
                    "regions were deleted, `cairnctl catalog rebuild` comes after it."};
        }
        return {withDetail(fmt::format("{} is not an array", subject), words) + words.system,
                "An empty disk becomes one with `cairnctl array create`; a disk with a GPT keeps "
                "its partitions with `cairnctl array adopt`. An MBR is turned into a GPT by gdisk "
                "(copy the disk before)."};
    case ErrorCode::InvalidTable:
        if (error.amount != 0) {
            return {fmt::format("{} is shorter than its partition table says: {} are missing at "
                                "the end",
                                subject, sizeText(error.amount)),
                    "Copy it whole again, or name another copy of it."};
        }
        return {withDetail(fmt::format("the partition table of {} is damaged", subject), words),
                "Do not write to it. A table can often be restored from its backup with gdisk."};
    case ErrorCode::InvalidDescription:
        return {withDetail(fmt::format("{} cannot be understood", subject), words),
                "Correct its simulation.json."};
    case ErrorCode::InvalidArchive:
        return {withDetail(fmt::format("{} is no whole export", orElse(words.subject, "the file")),
                           words),
                "Get a sound copy of it, and import that."};
    case ErrorCode::MemberMissing:
        return {withDetail(fmt::format("the member {} is not attached", subject), words),
                "Attach it and name it with -a. If it is lost, `cairnctl array replace-member` or, "
                "without a new one, `release-disk`."};
    case ErrorCode::MemberFailed:
        return {withDetail(fmt::format("the member {} failed", subject), words) + words.system,
                "Check its cable and health. What other members hold can be used without it."};
    case ErrorCode::CatalogFull:
        return {withDetail("the management region is full", words), kFullAdvice};
    case ErrorCode::CatalogDamaged:
        return {withDetail("the catalog cannot be read", words) + words.system,
                "Attach the other members, whose copies may be good. With no good copy: cairnctl "
                "catalog rebuild [EXPORT]"};
    case ErrorCode::CatalogForeign:
        return foreignCatalogText(error);
    default:
        break;
    }
    return {withDetail(fmt::format("{} is not supported", orElse(words.subject, "this")), words),
            "The manual page tells what is."};
}

ErrorText ioFailureText(const Error& error, const Words& words)
{
    const std::string subject = orElse(words.subject, "the device");
    switch (error.code) {
    case ErrorCode::Canceled:
        return {"canceled", ""};
    case ErrorCode::OpenFailed:
        return {withDetail(fmt::format("{} cannot be opened", subject), words) + words.system,
                "Check the path and your permissions."};
    case ErrorCode::ReadFailed:
        if (error.osError == 0) // A fact about what is there, not a device's answer.
            return {withDetail(fmt::format("{} cannot be read", subject), words), ""};
        return {withDetail(fmt::format("{} cannot be read", subject), words) + words.system,
                "The device may be failing: look at the kernel's log (dmesg)."};
    case ErrorCode::WriteFailed:
        return {withDetail(fmt::format("{} cannot be written", subject), words) + words.system,
                "The device may be failing: look at the kernel's log (dmesg)."};
    case ErrorCode::FlushFailed:
        return {
            withDetail(fmt::format("{} did not confirm that the data is stored", subject), words) +
                words.system,
            "What was written last may be lost. Check the device, then `cairnctl list`."};
    case ErrorCode::NoSpace:
        if (words.subject.empty()) {
            return {withDetail(fmt::format("no member has a gap that large{}",
                                           error.amount != 0
                                               ? ": " + sizeText(error.amount) + " are missing"
                                               : std::string{}),
                               words),
                    "Remove a region, add a member, or choose a smaller size."};
        }
        // No size that is chosen changes what the system said is full.
        if (error.osError != 0) {
            return {withDetail(fmt::format("{} has no space left", subject), words) + words.system,
                    "Make room there, or choose another place. Of a region, that is in the "
                    "filesystem that holds its image file, or in the pool of its thin volume."};
        }
        return {withDetail(fmt::format("{} has no space left{}", subject,
                                       error.amount != 0
                                           ? ": " + sizeText(error.amount) + " are missing"
                                           : std::string{}),
                           words),
                "Make space, or choose another member or a smaller size."};
    case ErrorCode::DigestMismatch:
        return {fmt::format("{}{} of the backup's chunks differ{} from what was recorded",
                            error.detail.starts_with("chunk ") ? "at least " : "",
                            error.amount != 0 ? std::to_string(error.amount) : "some",
                            error.amount == 1 ? "s" : ""),
                "Check the disk. Which other backups there are tells `cairnctl list`"};
    case ErrorCode::Unreadable:
        return {fmt::format("{} of {} could not be read",
                            error.amount != 0 ? countText(error.amount, "chunk") : "some chunks",
                            subject),
                "The device is failing: look at the kernel's log (dmesg)."};
    default:
        break;
    }
    return {"there is not enough memory", "Close other programs, then try again."};
}

std::string endOfSentence(const std::string& text)
{
    // An advice that ends in a command must be copyable as it stands.
    return text.empty() || text.back() == '.' || text.find("cairnctl ") != std::string::npos
               ? text
               : text + ".";
}

ErrorText textOf(const Error& error, const ErrorContext& context)
{
    if (error.code == ErrorCode::ConfirmationNeeded && !context.question.empty()) {
        return {fmt::format("\"{}\" needs an answer, and there is no terminal to ask on",
                            context.question),
                "Give --yes to answer it beforehand."};
    }
    if (error.code == ErrorCode::ConfirmationNeeded && !context.unconfirmed.empty())
        return {fmt::format("{}, and that was not confirmed", context.unconfirmed), ""};
    if (error.code == ErrorCode::ConfirmationNeeded && context.losesUndo) {
        const Words words = wordsOf(error);
        return {fmt::format("#{} in {} keeps what a restore of {} overwrote, and giving it up was "
                            "not confirmed",
                            error.amount, words.subject, orElse(words.detail, "a region")),
                fmt::format("Undo the restore first, if it is to be undone: cairnctl undo {}. Or, "
                            "if that may be lost, give {}; --yes does not stand for it.",
                            error.amount, confirmOptionOf(error))};
    }
    if (error.code == ErrorCode::ConfirmationNeeded && !context.lastCopy.empty())
        return lossErrorText(error, wordsOf(error), context.lastCopy);
    return errorText(error);
}

std::string headline(const Error& error, const ErrorContext& context)
{
    if (error.code == ErrorCode::Canceled) {
        return context.action.empty() ? "canceled" : fmt::format("canceled: {}", context.action);
    }
    const std::string what = textOf(error, context).what;
    return context.action.empty() ? what : fmt::format("cannot {}: {}", context.action, what);
}

std::string afterwards(const Error& error, const ErrorContext& context)
{
    const std::string state = context.state.empty() ? "Nothing was changed" : context.state;
    const std::string advice =
        context.advice.empty() ? textOf(error, context).advice : context.advice;
    return advice.empty() ? state + "." : fmt::format("{}. {}", state, endOfSentence(advice));
}

} // namespace

std::string countText(std::uint64_t count, const char* noun)
{
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

ErrorText errorText(const Error& error)
{
    if (errorClass(error.code) == ErrorClass::Usage)
        return usageText(error, wordsOf(error));
    switch (error.code) {
    case ErrorCode::SourceIsTarget:
    case ErrorCode::TargetTooSmall:
    case ErrorCode::RegionInUse:
    case ErrorCode::CannotFreeze:
    case ErrorCode::RegionHoldsCatalog:
    case ErrorCode::RegionHoldsBackup:
    case ErrorCode::RegionBusy:
    case ErrorCode::ContentUnknown:
    case ErrorCode::ContentRecognised:
        return regionRefusalText(error, wordsOf(error));
    case ErrorCode::RestoreUnfinished:
    case ErrorCode::RestoreWaiting:
    case ErrorCode::NeededByRestore:
    case ErrorCode::HalfWritten:
    case ErrorCode::GenerationHeld:
    case ErrorCode::LastGoodCopy:
    case ErrorCode::KeepsUndo:
    case ErrorCode::BackupNotUsable:
    case ErrorCode::ConfirmationNeeded:
    case ErrorCode::ConfirmationMismatch:
        return backupRefusalText(error, wordsOf(error));
    case ErrorCode::IdentityChanged:
    case ErrorCode::PlanChanged:
    case ErrorCode::ContentChanged:
    case ErrorCode::ArrayBusy:
    case ErrorCode::HistoriesDiverged:
    case ErrorCode::ReadOnlyArray:
    case ErrorCode::DuplicateIdentity:
    case ErrorCode::FormatNewer:
    case ErrorCode::OutsideFence:
    case ErrorCode::ForeignMember:
    case ErrorCode::NotAuthorized:
    case ErrorCode::AlreadyAnArray:
    case ErrorCode::TableLost:
        return arrayRefusalText(error, wordsOf(error));
    case ErrorCode::LeaseHeld:
    case ErrorCode::LeaseNotRenewed:
    case ErrorCode::LeaseDamaged:
    case ErrorCode::Fenced:
        return leaseErrorText(error);
    case ErrorCode::NotAnArray:
    case ErrorCode::InvalidTable:
    case ErrorCode::InvalidDescription:
    case ErrorCode::InvalidArchive:
    case ErrorCode::MemberMissing:
    case ErrorCode::MemberFailed:
    case ErrorCode::CatalogFull:
    case ErrorCode::CatalogDamaged:
    case ErrorCode::CatalogForeign:
    case ErrorCode::Unsupported:
        return arrayFailureText(error, wordsOf(error));
    case ErrorCode::CannotSwap:
    case ErrorCode::KernelNotTold:
        return swapErrorText(error, wordsOf(error).subject);
    default: // Canceled, and what the devices or the memory would not do.
        return ioFailureText(error, wordsOf(error));
    }
}

std::string errorMessage(const Error& error, const ErrorContext& context)
{
    std::string message = headline(error, context);
    if (context.reasons.size() > 1)
        message += fmt::format(" (all reasons: {})", fmt::join(context.reasons, "; "));
    return fmt::format("{}. {}", message, afterwards(error, context));
}

std::string errorReport(const Error& error, const ErrorContext& context)
{
    std::string report = fmt::format("cairnctl: {}.\n", headline(error, context));
    if (context.reasons.size() > 1) {
        report += "  All reasons:\n";
        for (const std::string& reason : context.reasons)
            report += fmt::format("    - {}\n", reason);
    }
    return report + fmt::format("  {}\n", afterwards(error, context));
}

} // namespace cairn::ctl
