// The exit codes of cairnctl, a promise to scripts.
#pragma once

#include "core/base/error.h"

namespace cairn::ctl {

enum class ExitCode : int {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Refused = 3,
    Partial = 4, // Done, but not all of it could be read or proved, or is half-written.
    Canceled = 130,
};

[[nodiscard]] constexpr ExitCode exitCodeFor(ErrorClass errorClass)
{
    switch (errorClass) {
    case ErrorClass::Canceled:
        return ExitCode::Canceled;
    case ErrorClass::Usage:
        return ExitCode::Usage;
    case ErrorClass::Refused:
        return ExitCode::Refused;
    case ErrorClass::Failed:
        break;
    }
    return ExitCode::Failed;
}

} // namespace cairn::ctl
