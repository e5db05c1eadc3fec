// The words for each reason of refusal.
#include "app/cairnctl/refusal_text.h"

#include "app/cairnctl/lease_text.h"
#include "app/cairnctl/lookup.h"
#include "core/backup/guards.h"
#include "core/backup/undo_area.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"
#include "core/catalog/records.h"

#include <fmt/format.h>

namespace cairn::ctl {

const char* refusalName(RefusalReason reason) noexcept
{
    switch (reason) {
    case RefusalReason::IsSource:
        return "is-source";
    case RefusalReason::TooSmall:
        return "too-small";
    case RefusalReason::InUse:
        return "in-use";
    case RefusalReason::HoldsCatalog:
        return "holds-catalog";
    case RefusalReason::BeingWritten:
        return "being-written";
    case RefusalReason::ToBeWritten:
        return "to-be-written";
    case RefusalReason::BeingRead:
        return "being-read";
    case RefusalReason::RestoreUnfinished:
        return "restore-unfinished";
    case RefusalReason::RestoreWaiting:
        return "restore-waiting";
    case RefusalReason::NeededByRestore:
        return "needed-by-restore";
    case RefusalReason::SwapUnfinished:
        return "swap-unfinished";
    case RefusalReason::Held:
        return "held";
    case RefusalReason::ForeignMember:
        return "foreign-member";
    case RefusalReason::MemberFailed:
        return "member-failed";
    case RefusalReason::LeaseHeld:
        return "lease-held";
    case RefusalReason::LastGoodCopy:
        return "last-good-copy";
    case RefusalReason::LastRecognised:
        return "last-recognised";
    case RefusalReason::KeepsUndo:
        return "keeps-undo";
    case RefusalReason::HalfWritten:
        return "half-written";
    case RefusalReason::ContentUnknown:
        return "content-unknown";
    case RefusalReason::ContentRecognised:
        return "content-recognised";
    }
    return "unknown";
}

std::string refusalText(const Refusal& refusal)
{
    const std::string detail = printableShort(refusal.detail, 120);
    switch (refusal.reason) {
    case RefusalReason::IsSource:
        if (refusal.detail == kIsRestored)
            return "is the region that would be restored";
        return refusal.detail == kIsRead ? "holds the backup that would be restored"
                                         : "is the source";
    case RefusalReason::TooSmall:
        return fmt::format("too small by {} ({} bytes)", sizeText(refusal.amount), refusal.amount);
    case RefusalReason::InUse:
        return detail.empty() ? "in use" : "in use: " + detail;
    case RefusalReason::HoldsCatalog:
        return "holds the catalog";
    case RefusalReason::BeingWritten:
        return refusal.amount == 0 ? "a job is writing it"
                                   : fmt::format("backup #{} is being written to it or was "
                                                 "interrupted",
                                                 refusal.amount);
    case RefusalReason::ToBeWritten:
        return "a job will write it: " + detail;
    case RefusalReason::BeingRead:
        return refusal.amount == 0 ? "a job reads it: " + detail
                                   : fmt::format("backup #{} of it has not ended", refusal.amount);
    case RefusalReason::RestoreUnfinished:
        return fmt::format("{} into it is not finished",
                           unfinishedText(refusal.detail, refusal.amount));
    case RefusalReason::RestoreWaiting:
        return fmt::format("{} into it waits to go on",
                           unfinishedText(refusal.detail, refusal.amount));
    case RefusalReason::NeededByRestore:
        return fmt::format("what was interrupted in {} needs #{} from it", detail, refusal.amount);
    case RefusalReason::SwapUnfinished:
        return fmt::format("an exchange with another region, for backup #{}, has not ended",
                           refusal.amount);
    case RefusalReason::Held:
        return fmt::format("holds backup #{}, which is held", refusal.amount);
    case RefusalReason::ForeignMember:
        return fmt::format("lies on {}, which is no member of this array", detail);
    case RefusalReason::MemberFailed:
        return detail.empty() ? "its member failed" : "its member failed: " + detail;
    case RefusalReason::LeaseHeld:
        return fmt::format(
            "another host may write it: {} holds the writer lease",
            leaseHolderText(refusal.detail, static_cast<std::int64_t>(refusal.amount)));
    case RefusalReason::LastGoodCopy:
    case RefusalReason::LastRecognised:
        return fmt::format("holds backup #{}, {}", refusal.amount,
                           lastCopyText(refusal.detail, flawOf(refusal), refusal.content));
    case RefusalReason::KeepsUndo:
        return fmt::format("holds backup #{}, which undoes a restore of {}", refusal.amount,
                           detail);
    case RefusalReason::HalfWritten:
        return fmt::format("is half-written: {} did not end",
                           unfinishedText(refusal.detail, refusal.amount));
    case RefusalReason::ContentUnknown:
        return "holds something that is not recognised";
    case RefusalReason::ContentRecognised:
        return fmt::format("holds {}", detail);
    }
    return "refused for a reason that this version does not know";
}

std::string unfinishedText(std::string_view kind, std::uint64_t generation)
{
    if (generation == 0 && kind != writeKindName(WriteKind::RegionImport))
        return fmt::format("what another history began ({})", kind);
    if (kind == writeKindName(WriteKind::Restore))
        return fmt::format("a restore of backup #{}", generation);
    if (kind == writeKindName(WriteKind::Undo))
        return fmt::format("the undo with #{}", generation);
    if (kind == writeKindName(WriteKind::Backup))
        return fmt::format("backup #{}", generation);
    if (kind == writeKindName(WriteKind::Import))
        return fmt::format("the import of backup #{}", generation);
    return "an import";
}

std::string waysToEnd(const Job& job, bool written)
{
    if (job.kind == JobKind::Undo)
        return fmt::format("finish it with `cairnctl undo {0}`, or give it up with `cairnctl "
                           "discard {0}`",
                           job.generation);
    const std::string back = job.undo != 0 ? fmt::format("undo {}", job.undo)
                                           : fmt::format("discard {}", job.generation);
    return fmt::format("finish it with `cairnctl resume {}`, or {} with `cairnctl {}`",
                       job.generation, job.undo != 0 && written ? "go back" : "give it up", back);
}

std::string adviceToEnd(const Job& job, bool written)
{
    std::string advice = waysToEnd(job, written) + '.';
    advice.front() = 'F';
    return advice;
}

std::vector<std::string> refusalTexts(const std::vector<Refusal>& refusals)
{
    std::vector<std::string> texts;
    for (const Refusal& refusal : refusals)
        texts.push_back(refusalText(refusal));
    return texts;
}

std::string lastCopyText(const std::string& source, const std::string& flaw,
                         const std::string& content)
{
    const std::string name = source.empty() ? "an unknown region" : printableShort(source, 60);
    if (!content.empty())
        return fmt::format("the newest of {} that holds {} ({}no newer one holds anything "
                           "recognised)",
                           name, printableShort(content, 60),
                           flaw.empty() ? flaw : fmt::format("though {}: ", flaw));
    return flaw.empty() ? fmt::format("the last good copy of {}", name)
                        : fmt::format("the last copy of {}, though {}", name, flaw);
}

Error lossError(Attachment& attachment, const Error& error)
{
    if (error.code != ErrorCode::ConfirmationNeeded || error.amount == 0 ||
        error.detail == kNoUndoRoom)
        return error;
    const auto lost = generationNumbered(attachment, error.amount);
    if (!lost || !lost->undo)
        return error;
    return {ErrorCode::KeepsUndo, 0, nameOrUuid(lost->source), error.subject, lost->number};
}

} // namespace cairn::ctl
