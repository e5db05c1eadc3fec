// Words who holds the writer lease, and what the operator can say to that.
#include "app/cairnctl/lease_text.h"

#include "app/cairnctl/time_text.h"
#include "core/base/printable_text.h"

#include <fmt/format.h>

namespace cairn::ctl {

std::string leaseHolderText(const std::string& hostName, std::int64_t sinceMs)
{
    const std::string host =
        hostName.empty() ? std::string("another host") : printableShort(hostName, 64);
    return sinceMs == 0 ? host : fmt::format("{} since {}", host, localTimeText(sinceMs));
}

std::string leaseWaitText(const LeaseWait& wait)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait.mostMs).count();
    if (wait.ownHost)
        return fmt::format("this computer held the writer lease when it went down; it is watched "
                           "for {} s, in case another computer has the same machine-id",
                           seconds);
    if (wait.holder.host.id.isNull())
        return fmt::format("the writer lease is damaged; it is watched for {} s, to see whether "
                           "anybody writes",
                           seconds);
    return fmt::format("the writer lease is held by {}; it is watched for {} s, to see whether it "
                       "is renewed",
                       leaseHolderText(wait.holder.host.name, wait.holder.sinceMs), seconds);
}

ErrorText leaseErrorText(const Error& error)
{
    const std::string holder =
        leaseHolderText(error.subject, static_cast<std::int64_t>(error.amount));
    switch (error.code) {
    case ErrorCode::LeaseHeld:
        return {
            fmt::format("another host may write the array: the writer lease is held by {}", holder),
            leaseAdvice(error, {})};
    case ErrorCode::LeaseNotRenewed:
        return {fmt::format("the writer lease is held by {}, and was not renewed while it was "
                            "watched",
                            holder),
                leaseAdvice(error, {})};
    case ErrorCode::LeaseDamaged:
        return {fmt::format("nobody can say which host may write the array: the writer lease on "
                            "{} is damaged",
                            error.subject.empty() ? "it" : printableShort(error.subject, 120)),
                leaseAdvice(error, {})};
    default:
        break;
    }
    const std::string member =
        error.subject.empty() ? "the array" : printableShort(error.subject, 120);
    if (!error.detail.empty())
        return {
            fmt::format("{} was taken over by {} while it was written", member,
                        printableShort(error.detail, 64)),
            "Nothing more is written from here. Look at what that host does, then start again."};
    return {fmt::format("the writer lease on {} could not be renewed in time, so that nothing more "
                        "is written there",
                        member),
            "The device did not answer for seconds, or this computer stood still. Check both, then "
            "start again; an interrupted job goes on with `cairnctl resume`"};
}

bool isOfLease(const Error& error)
{
    return error.code == ErrorCode::LeaseHeld || error.code == ErrorCode::LeaseNotRenewed ||
           error.code == ErrorCode::LeaseDamaged;
}

std::string leaseAdvice(const Error& error, const std::string& retry)
{
    const std::string way =
        retry.empty() ? std::string("give --take-over with the command") : fmt::format("{}", retry);
    switch (error.code) {
    case ErrorCode::LeaseHeld:
        return fmt::format("Wait until it has ended there; reading works meanwhile. Only if that "
                           "host runs no more, and cannot come back to the array: {}",
                           way);
    case ErrorCode::LeaseNotRenewed:
        return fmt::format("If that host still runs and reaches the array, two would write. Make "
                           "sure that it does not, then: {}",
                           way);
    default:
        break;
    }
    return fmt::format("Make sure that no other host writes the array, then: {}", way);
}

} // namespace cairn::ctl
