// The sentences about the writer lease of another host.
#pragma once

#include "app/cairnctl/error_text.h"
#include "core/catalog/writer_lease.h"

namespace cairn::ctl {

// Of LeaseHeld, LeaseNotRenewed, LeaseDamaged and Fenced.
[[nodiscard]] ErrorText leaseErrorText(const Error& error);

// "db-2 since 2025-05-01 12:00:03 CEST", as far as either is known.
[[nodiscard]] std::string leaseHolderText(const std::string& hostName, std::int64_t sinceMs);

// Why a command waits before it writes, and for how long at most; without a full stop.
[[nodiscard]] std::string leaseWaitText(const LeaseWait& wait);

// Whether a verb was refused for another host's lease: with the operator's word it is not.
[[nodiscard]] bool isOfLease(const Error& error);
// What the operator does about such an error; `retry` is the command that takes the lease over.
[[nodiscard]] std::string leaseAdvice(const Error& error, const std::string& retry);

} // namespace cairn::ctl
