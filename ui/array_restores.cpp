// Restoring, undoing a restore, and what is done with interrupted jobs.
#include "ui/array_actions.h"

#include "core/backup/reread.h"
#include "core/backup/resume.h"
#include "core/backup/undo_area.h"
#include "ui/asking.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/dialogs/restore_dialog.h"
#include "ui/dialogs/resume_dialog.h"
#include "ui/dialogs/undo_dialog.h"
#include "ui/interrupted_text.h"
#include "ui/job_report.h"
#include "ui/job_steps.h"
#include "ui/record_text.h"

#include <algorithm>

namespace cairn {
namespace {

QString keyOf(const Job& job)
{
    return QStringLiteral("interrupted-%1").arg(job.id);
}

} // namespace

void ArrayActions::restore()
{
    if (const Generation* selected = selectedGeneration())
        askRestore(*selected, std::nullopt);
}

void ArrayActions::askRestore(const Generation& generation,
                              const std::optional<RestoreChoice>& choice)
{
    if (!m_array)
        return;
    auto* dialog = new RestoreDialog(snapshot(), generation, &m_window);
    const GenerationNumber wanted = generation.number;
    connect(dialog, &RestoreDialog::planWanted, this, [this, dialog, wanted](RegionId target) {
        if (!m_array)
            return;
        m_array->read(
            dialog,
            [wanted, target, planned = plannedUses(m_array->jobs())](Attachment& attachment) {
                return offerRestore(attachment, wanted, target, planned);
            },
            [dialog, target](const Result<RestoreOffer>& offer) {
                if (dialog->target() == target)
                    dialog->setOffer(offer);
            });
    });
    if (choice)
        dialog->choose(*choice);
    ask(dialog, this, [this](const RestoreDialog& answered) {
        if (const auto plan = answered.plan())
            startRestore(*plan, answered.areas());
    });
}

void ArrayActions::startRestore(const RestorePlan& plan, const std::vector<RegionId>& areas)
{
    if (!m_array)
        return;
    const RestoreChoice choice{.target = plan.target.id,
                               .keeping = plan.undo ? RestoreChoice::Keeping::IfPossible
                                                    : RestoreChoice::Keeping::Nothing};
    m_array->start(
        {.verb = Verb::Restore,
         .title = tr("Restore backup %1 → %2")
                      .arg(numberDisplay(plan.generation.number), regionDisplay(plan.target)),
         .target = plan.target.id,
         .member = plan.target.member,
         .generation = plan.generation.number,
         .steps = stepsOf(plan),
         .areas = areas,
         .askName =
             [this, generation = plan.generation, choice](const Error& error) {
                 RestoreChoice again = choice;
                 if (error.detail == kNoUndoRoom)
                     again.bytesToKeep = error.amount;
                 askRestore(generation, again);
             },
         .askAgain = [this, generation = plan.generation,
                      choice] { askRestore(generation, choice); },
         .run = {}},
        [plan](Attachment& attachment, CopyControl& control) {
            return asOutcome(cairn::restore(attachment, plan, control));
        });
}

const Generation* ArrayActions::selectedUndo() const
{
    if (!m_array)
        return nullptr;
    const Generation* record = selectedGeneration();
    if (record != nullptr && record->undo)
        return snapshot().undoes(*record) ? record : nullptr;
    const auto region = m_view.selection().region;
    const Generation* undo = region ? snapshot().undoFor(*region) : nullptr;
    return undo == nullptr && record != nullptr ? snapshot().undoOf(record->number) : undo;
}

void ArrayActions::undoSelected()
{
    if (const Generation* undo = selectedUndo())
        askUndo(undo->number);
}

void ArrayActions::askUndo(GenerationNumber number, bool changedSince)
{
    if (!m_array)
        return;
    m_array->read(
        m_array,
        [number, planned = plannedUses(m_array->jobs())](Attachment& attachment) {
            return offerUndo(attachment, number, planned);
        },
        [this, changedSince](Result<UndoOffer> offer) {
            if (!offer) {
                m_messages.showError(Verb::Undo, offer.error());
                return;
            }
            const auto changed =
                changedSince ? UndoDialog::Changed::SinceTheRestore : UndoDialog::Changed::NotKnown;
            ask(new UndoDialog(snapshot(), *std::move(offer), changed, &m_window), this,
                [this](const UndoDialog& dialog) {
                    if (const auto plan = dialog.plan())
                        startUndo(*plan);
                });
        });
}

void ArrayActions::startUndo(const UndoPlan& plan)
{
    if (!m_array)
        return;
    m_messages.remove(QStringLiteral("restored"));
    m_array->start(
        {.verb = Verb::Undo,
         .title = tr("Undo restore of backup %1 → %2")
                      .arg(numberDisplay(plan.kept.undo->restored), regionDisplay(plan.target)),
         .target = plan.target.id,
         .member = plan.target.member,
         .generation = plan.kept.number,
         .steps = stepsOf(plan),
         .areas = plan.kept.undo->swapped ? std::vector{plan.area.id} : std::vector<RegionId>(),
         .askName = [this, number = plan.kept.number](const Error&) { askUndo(number, true); },
         .askAgain = [this, number = plan.kept.number] { askUndo(number); },
         .run = {}},
        [plan](Attachment& attachment, CopyControl& control) -> Result<JobOutcome> {
            auto undone = cairn::undo(attachment, plan, control);
            if (undone && plan.kept.undo->swapped)
                return JobOutcome(SwapOutcome());
            return asOutcome(std::move(undone));
        });
}

bool ArrayActions::isResumed(const Job& job) const
{
    return std::ranges::any_of(m_array->jobs(), [&](const auto& running) {
        const JobRequest& request = running->request();
        const bool undone = request.verb == Verb::Undo && (request.generation == job.undo ||
                                                           request.generation == job.generation);
        return !running->finished() &&
               ((request.resumes && request.resumes->id == job.id) || undone);
    });
}

const Job* ArrayActions::selectedInterrupted() const
{
    if (!m_array)
        return nullptr;
    const ArraySelection& selection = m_view.selection();
    const Job* job = selection.region ? snapshot().interruptedOn(*selection.region) : nullptr;
    if (job == nullptr && selection.generation)
        job = snapshot().interruptedOf(*selection.generation);
    return job != nullptr && !isResumed(*job) ? job : nullptr;
}

void ArrayActions::resumeSelected()
{
    if (const Job* job = selectedInterrupted())
        resumeJob(*job, OnUnreadable::Fail);
    else if (const Generation* lacking = selectedLacking())
        startReread(*lacking);
}

const Generation* ArrayActions::selectedLacking() const
{
    const Generation* backup = selectedGeneration();
    return backup != nullptr && lacksSource(*backup) ? backup : nullptr;
}

void ArrayActions::startReread(const Generation& partial)
{
    const Region* written =
        m_array != nullptr ? snapshot().layout.find(partial.target.id) : nullptr;
    if (!m_array || (written != nullptr && refusedAsUsed(Verb::Resume, *written)))
        return;
    m_array->start({.verb = Verb::Resume,
                    .title = tr("Read again what backup %1 lacks of %2")
                                 .arg(numberDisplay(partial.number), regionDisplay(partial.source)),
                    .target = partial.target.id,
                    .member = partial.target.member,
                    .source = partial.source.id,
                    .generation = partial.number,
                    .run = {}},
                   [wanted = partial.number](Attachment& attachment, CopyControl& control) {
                       return asOutcome(rereadSource(attachment, wanted, control));
                   });
}

void ArrayActions::discardSelected()
{
    if (const Job* job = selectedInterrupted())
        askDiscard(*job);
}

void ArrayActions::resumeJob(const Job& job, OnUnreadable onUnreadable)
{
    const Region* source = m_array != nullptr && job.kind == JobKind::Backup
                               ? snapshot().layout.find(job.source.id)
                               : nullptr;
    if (source == nullptr || !source->use.inUse) {
        startResume(job, onUnreadable, {});
        return;
    }
    m_array->read(
        m_array,
        [source = *source](Attachment& attachment) {
            return checkSourceUse(attachment.array(), source, {.inUse = SourceInUse::Freeze});
        },
        [this, job, onUnreadable, source = *source](const Result<void>& freezable) {
            if (!m_array)
                return;
            const auto why = freezable ? std::nullopt : std::optional(freezable.error());
            ask(new ResumeDialog(snapshot(), {job, source, why, onUnreadable}, &m_window), this,
                [this, job, onUnreadable](const ResumeDialog& answered) {
                    startResume(job, onUnreadable, answered.policy());
                });
        });
}

void ArrayActions::startResume(const Job& job, OnUnreadable onUnreadable,
                               const SourcePolicy& policy)
{
    const Region* written = m_array != nullptr ? snapshot().layout.find(job.target.id) : nullptr;
    if (!m_array || (written != nullptr && refusedAsUsed(Verb::Resume, *written)))
        return;
    const QString target = regionDisplay(job.target);
    const QString number = numberDisplay(job.generation);
    const QString title = job.kind == JobKind::Backup
                              ? tr("Resume backup %1 of %2").arg(number, regionDisplay(job.source))
                          : job.kind == JobKind::Undo
                              ? tr("Resume the undo of a restore → %1").arg(target)
                              : tr("Resume restore of backup %1 → %2").arg(number, target);
    std::vector<RegionId> areas;
    if (const Generation* kept = job.undo != 0 ? snapshot().find(job.undo) : nullptr)
        areas.push_back(kept->target.id);
    m_array->start({.verb = Verb::Resume,
                    .title = title,
                    .target = job.target.id,
                    .member = job.target.member,
                    .generation = job.generation,
                    .resumes = job,
                    .steps = stepsOf(job, snapshot()),
                    .areas = std::move(areas),
                    .run = {}},
                   [job, onUnreadable, policy](Attachment& attachment, CopyControl& control) {
                       return asOutcome(resume(attachment, job, control, onUnreadable, policy));
                   });
}

void ArrayActions::retry(RunningJob* job)
{
    if (!m_array)
        return;
    const JobRequest& request = job->request();
    const JobReport& report = job->report();
    const bool wantsName = !job->outcome() && request.askName &&
                           job->outcome().error().code == ErrorCode::ConfirmationNeeded;
    // What was begun goes on where it stands; what never began is asked for again, or planned
    // as it was where its verb has no dialog.
    if (report.left) {
        // Read after the job had ended: the snapshot that is shown may be older.
        if (!isResumed(*report.left))
            resumeJob(*report.left, OnUnreadable::Fail);
    } else if (report.unproven != 0) {
        if (const Generation* copied = snapshot().find(report.unproven))
            startVerify(*copied);
    } else if (wantsName) {
        request.askName(job->outcome().error());
    } else if (!job->outcome() && canSkipUnreadable(request, job->outcome().error())) {
        request.skipUnreadable();
    } else if (request.askAgain) {
        request.askAgain();
    } else {
        m_array->repeat(*job);
    }
}

void ArrayActions::askDiscard(const Job& job)
{
    auto* confirm =
        new ConfirmDialog({.title = tr("Discard interrupted job"),
                           .heading = tr("%1 was interrupted. Give it up?").arg(jobTitle(job)),
                           .explanation = discardText(job, snapshot()),
                           .verb = tr("Discard"),
                           .erases = !snapshot().overwroteNothing(job)},
                          &m_window);
    ask(confirm, this, [this, job](const ConfirmDialog&) {
        if (m_array)
            m_array->change(Verb::Discard, tr("The interrupted job was discarded."),
                            [job](Attachment& attachment) { return discard(attachment, job); });
    });
}

std::vector<MessageAction> ArrayActions::waysOn(const Job& job)
{
    std::vector<MessageAction> actions;
    // An import needs its file again, which only the operator has.
    if (job.kind != JobKind::Import)
        actions.push_back({tr("Resume"), QStringLiteral("resumeJob"),
                           [this, job] { resumeJob(job, OnUnreadable::Fail); }, true});
    if (job.undo != 0)
        actions.push_back(
            {tr("Undo …"), QStringLiteral("undoJob"), [this, job] { askUndo(job.undo); }, false});
    actions.push_back(
        {tr("Discard …"), QStringLiteral("discardJob"), [this, job] { askDiscard(job); }, false});
    return actions;
}

Message ArrayActions::interruptedMessage(const Job& job)
{
    return {.kind = MessageKind::Warning,
            .headline = tr("%1 was interrupted.").arg(jobTitle(job)),
            .body = interruptedText(job, snapshot()),
            .actions = waysOn(job),
            .key = keyOf(job)};
}

void ArrayActions::offerInterrupted()
{
    std::set<QString> waiting;
    for (const Job& job : snapshot().interrupted) {
        if (isResumed(job))
            continue;
        waiting.insert(keyOf(job));
        // Once each: what the operator has dismissed does not come back with the next reading.
        if (!m_offered.contains(keyOf(job)))
            m_messages.show(interruptedMessage(job));
    }
    for (const QString& key : m_offered) {
        if (!waiting.contains(key))
            m_messages.remove(key);
    }
    m_offered = std::move(waiting);
}

} // namespace cairn
