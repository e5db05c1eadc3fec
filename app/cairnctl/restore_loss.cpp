// Takes together what the records and the region itself tell of what is lost.
#include "app/cairnctl/restore_loss.h"

#include "app/cairnctl/lookup.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/time_text.h"

#include <fmt/format.h>

namespace cairn::ctl {
namespace {

bool isUndone(const Generation& generation)
{
    return generation.undo && !canBeUndone(generation);
}

// What becomes of the record of what lies in the target; nothing where it has none to lose.
std::string lossOfRecord(const Records& records, const Generation& occupant,
                         const std::string& target)
{
    if (!hasCopy(occupant))
        return fmt::format("#{} in {}, which is incomplete, is given up. ", occupant.number,
                           target);
    if (isUndone(occupant))
        return {};
    const std::string source = titleOf(occupant.source);
    if (occupant.undo)
        return fmt::format("#{} in {}, which keeps what a restore of {} overwrote, is given up: "
                           "that restore can then not be undone. ",
                           occupant.number, target, source);
    const auto missed = records.missedWith(occupant);
    return fmt::format("Backup #{} of {} in {} is given up{}. ", occupant.number, source, target,
                       missed
                           ? ", " + lastCopyText(missed->detail, flawOf(*missed), missed->content)
                           : std::string());
}

std::string lossOfContent(const Records& records, const RestorePlan& plan,
                          const std::string& target)
{
    if (records.unfinishedIn(plan.target.id) != nullptr)
        return fmt::format("{} is half-written: neither content in it can be used.", target);
    if (plan.target.content.kind == ContentKind::Empty)
        return plan.target.content.sampled
                   ? fmt::format("{} seems empty: not all of it was read.", target)
                   : fmt::format("{} is empty: nothing is lost.", target);
    const Generation* newest = records.find(plan.newestBackupOfTarget);
    if (newest != nullptr)
        return fmt::format("Backup #{} holds what {} held on {}; what was changed since is not in "
                           "it.",
                           newest->number, target, localTimeText(newest->startedMs));
    // A backup that cannot be reached now, and a restore from elsewhere, may well have it too.
    return fmt::format("No backup of {} can be restored: what it holds now may be nowhere else.",
                       target);
}

} // namespace

std::string lossText(const Records& records, const RestorePlan& plan)
{
    const std::string target = titleOf(plan.target);
    const Generation* occupant = records.occupant(plan.target.id);
    if (occupant == nullptr)
        return lossOfContent(records, plan, target);
    const std::string record = lossOfRecord(records, *occupant, target);
    if (!hasCopy(*occupant) || !holdsContentOf(plan.target, *occupant))
        return record + lossOfContent(records, plan, target);
    return record.empty() ? fmt::format("What #{} keeps in {} was brought back already: nothing is "
                                        "lost.",
                                        occupant->number, target)
                          : record.substr(0, record.size() - 1);
}

} // namespace cairn::ctl
