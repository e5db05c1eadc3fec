// Words how a job ended, and finds out what one that failed has left behind.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/jobs/running_job.h"
#include "ui/widgets/message_strip.h"

namespace cairn {

// `now` tells what else there is where the outcome is bad news.
[[nodiscard]] Message successMessage(const JobRequest& request, const JobOutcome& outcome,
                                     const ArraySnapshot& now);

// The same on the job's card.
[[nodiscard]] JobReport endedWell(const JobRequest& request, const Message& message);
// `after` was read when the job had ended. One that was canceled while it waited never began.
struct BadEnd {
    const JobRequest& request;
    const Error& error;
    bool began = true;
};
[[nodiscard]] JobReport endedBadly(const BadEnd& end, const ArraySnapshot& after);
// The sentences of its message; they name the job.
[[nodiscard]] ErrorText badEndText(const BadEnd& end, const ArraySnapshot& after);

// Whether the later job, which ended well, has done what the one of that report did not.
[[nodiscard]] bool makesGood(const JobRequest& failed, const JobReport& report,
                             const JobRequest& later);

// Whether the failed job can be done again without what could not be read, and how that is called.
[[nodiscard]] bool canSkipUnreadable(const JobRequest& request, const Error& error);
[[nodiscard]] QString skipUnreadableText();
// Whether the job can go on and leave out of its backup what could not be read of the source.
[[nodiscard]] bool leavesOutWhenResumed(const Job& left, const Error& error);

// The report of a failed job in the light of a newer snapshot: of what it left and what is no more
// as it was left, it tells what has become of it.
[[nodiscard]] JobReport judgedAgain(JobReport report, const Error& error, const ArraySnapshot& now);

// That not every copy of the catalog got what was written; nothing where each did.
[[nodiscard]] std::optional<Message> unwrittenMessage(const ArraySnapshot& now);

// The undo copy by which the restore that has just ended can be undone, or 0.
[[nodiscard]] GenerationNumber undoOf(const JobOutcome& outcome);

// What the array says about a job that did not succeed; `after` was read when it had ended.
[[nodiscard]] JobEnd endOf(const BadEnd& end, const ArraySnapshot& after);

} // namespace cairn
