// What a backup or an import came to, for the operator.
#pragma once

#include "app/cairnctl/invocation.h"
#include "core/backup/back_up.h"

#include <chrono>
#include <optional>
#include <string>

namespace cairn::ctl {

// The number of the newest backup; 0 where there is none.
[[nodiscard]] GenerationNumber newestNumber(Attachment& attachment);

// Its record and how long it took. Done, or Partial where the record says so.
[[nodiscard]] Result<ExitCode> printBackup(Invocation& invocation, Attachment& attachment,
                                           const BackupOutcome& outcome,
                                           std::chrono::nanoseconds took);

struct BackupAttempt {
    RegionId target;
    GenerationNumber newestBefore = 0;
    std::string resumption = {}; // How it goes on, a sentence without a stop; empty: by resume
    std::string options = {};    // with these.
};

// Adds to the error what the record tells now. Partial, with the error reported, where all that
// could be had was copied.
[[nodiscard]] Result<ExitCode> explainBackupFailure(Invocation& invocation, Attachment& attachment,
                                                    const BackupAttempt& attempt,
                                                    const Error& error);

// What has to be done before it is gone on with, and a blank; empty where nothing has.
[[nodiscard]] std::string roomFirst(const Error& error);
// How what was interrupted is gone on with: "Make room there first. Continue it with: <command>".
[[nodiscard]] std::string continuation(const Error& error, const std::string& command);

// Warns where the file that holds the source was deleted, moved or replaced while it was copied.
void warnOfSourceTakenAway(Invocation& invocation, const std::optional<Error>& takenAway,
                           const RegionRef& source);

// The same of the backup that a restore has read.
void warnOfBackupTakenAway(Invocation& invocation, const std::optional<Error>& takenAway,
                           const RegionRef& backup);

// The same of what an undo needs, for a restore that is done: Partial where it is away.
[[nodiscard]] ExitCode exitCodeWithUndo(Invocation& invocation,
                                        const std::optional<Error>& takenAway,
                                        const RegionRef& area);

} // namespace cairn::ctl
