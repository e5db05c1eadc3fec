// Words for the reasons of a CannotSwap.
#include "app/cairnctl/swap_text.h"

#include "core/backup/exchange_regions.h"
#include "core/base/printable_text.h"

#include <fmt/format.h>

namespace cairn::ctl {

ErrorText swapErrorText(const Error& error, const std::string& subject)
{
    if (error.code == ErrorCode::KernelNotTold)
        return {
            fmt::format("the kernel has partitions of {} that are not where the table says, and "
                        "one of them is in use",
                        subject),
            fmt::format("Stop whatever has it open, and run `cairnctl verify {}`: that tells the "
                        "kernel, and ends the exchange.",
                        error.amount)};
    const char* instead = "Without --swap the backup is copied.";
    if (error.detail == kSwapUnfinished)
        return {
            fmt::format("an exchange of {} with another region has not ended", subject),
            fmt::format("`cairnctl verify {}` with all members attached ends it: made, or taken "
                        "back.",
                        error.amount)};
    if (error.detail == kLaterSwap)
        return {fmt::format("a later swap of {} was not undone", subject),
                fmt::format("Undo that one first: cairnctl undo {}", error.amount)};
    if (error.detail == kAnotherMember)
        return {fmt::format("{} lies on another member than the source", subject), instead};
    if (error.detail == kAnotherSize)
        return {fmt::format("{} and the source are not of one size, or the backup is not", subject),
                instead};
    if (error.detail == kDamagedTable)
        return {
            fmt::format("not both copies of the partition table that has {} are whole", subject),
            "Any change of a region on that disk repairs the table: cairnctl region rename"};
    if (error.detail == kStaleCatalog)
        return {fmt::format("the catalog on the disk that has {} cannot be written", subject),
                instead};
    if (error.detail == kSourceHoldsBackup)
        return {fmt::format("{} holds a backup itself", subject), instead};
    if (error.detail == kHalfSealed)
        return {fmt::format("the sealing or unsealing of {} was cut short", subject),
                "Finish it with `cairnctl seal` or `cairnctl unseal`."};
    if (error.detail == kSourceIsSealed)
        return {fmt::format("the catalog keeps signatures of {}", subject), instead};
    return {fmt::format("{} cannot be exchanged: {}", subject, printableShort(error.detail, 120)),
            instead};
}

} // namespace cairn::ctl
