// What each action does: asks in a dialog, then hands a plan to the array's threads.
#include "ui/array_actions.h"

#include "core/array/simulated/simulated_array.h"
#include "core/backup/administer.h"
#include "core/backup/candidates.h"
#include "core/backup/guards.h"
#include "core/backup/keep.h"
#include "ui/asking.h"
#include "ui/dialogs/add_region_dialog.h"
#include "ui/dialogs/backup_dialog.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/dialogs/rename_region_dialog.h"
#include "ui/job_steps.h"
#include "ui/loss_text.h"
#include "ui/record_text.h"

#include <QLocale>
#include <algorithm>

namespace cairn {
namespace {

// Before the operator chooses a target, not after. How a source in use is read is chosen with it.
Result<void> checkSource(Attachment& attachment, const Region& source,
                         const std::vector<PlannedUse>& planned)
{
    return checkBackupSource(attachment, source, planned, {.inUse = SourceInUse::Copy});
}

Result<std::vector<CandidateTarget>> candidatesFor(Attachment& attachment, const Region& source,
                                                   const std::vector<PlannedUse>& planned)
{
    CAIRN_TRY(checkSource(attachment, source, planned));
    return candidateTargets(attachment, source.id, planned);
}

// What a history is called, and what the choice of it costs.
struct HistoryChoice {
    QString number;
    QString members;
    QString givenUp;
    QString written; // Empty where nothing is known to be.
};

HistoryChoice choiceOf(const ArraySnapshot& snapshot, const std::string& id)
{
    HistoryChoice choice;
    QStringList members;
    QStringList givenUp;
    if (!snapshot.catalog)
        return choice;
    const auto& histories = snapshot.catalog->histories;
    for (std::size_t i = 0; i < histories.size(); ++i) {
        const bool chosen = histories[i].id == id;
        if (chosen)
            choice.number = QLocale().toString(qulonglong{i + 1});
        for (const Uuid& member : histories[i].members) {
            const Member* known = snapshot.layout.findMember(member);
            if (chosen && known != nullptr)
                members.append(memberDisplay(*known));
        }
        for (const GenerationNumber number : histories[i].ownGenerations) {
            if (!chosen)
                givenUp.append(QLatin1Char('#') + QLocale().toString(qulonglong{number}));
        }
    }
    choice.members = members.join(QStringLiteral(", "));
    choice.givenUp = givenUp.isEmpty()
                         ? ArrayActions::tr("No backup is known to be only theirs.")
                         : ArrayActions::tr("Backups that only they know: %1; their records go.")
                               .arg(givenUp.join(QStringLiteral(", ")));
    if (const auto written = writtenByOthers(histories, id); !written.empty()) {
        choice.written =
            ArrayActions::tr(" Regions that they have written: %1. Interrupted jobs of this "
                             "history on them end as failed, and its good backups in them count "
                             "as copied until you verify them.")
                .arg(regionsDisplay(written, snapshot.layout));
    }
    return choice;
}

Result<BackupTargets> targetsFor(Attachment& attachment, const Region& source,
                                 const std::vector<PlannedUse>& planned)
{
    auto candidates = CAIRN_TRY(candidatesFor(attachment, source, planned));
    const auto freezable =
        checkSourceUse(attachment.array(), source, {.inUse = SourceInUse::Freeze});
    return BackupTargets{std::move(candidates),
                         absentRegions(attachment).value_or(std::vector<AbsentRegion>()),
                         freezable ? std::nullopt : std::optional(freezable.error())};
}

} // namespace

void ArrayActions::backUp()
{
    if (const Region* source = m_array != nullptr ? sourceToBackUp() : nullptr)
        backUpFrom(*source, std::nullopt);
}

void ArrayActions::backUpFrom(const Region& source, const std::optional<RegionId>& target)
{
    m_array->read(
        m_array,
        [source, planned = plannedUses(m_array->jobs())](Attachment& attachment) {
            return targetsFor(attachment, source, planned);
        },
        [this, source, target](const Result<BackupTargets>& targets) {
            if (targets)
                askBackup(source, *targets, target);
            else
                refuseBackup(source, targets.error());
        });
}

void ArrayActions::askBackup(const Region& source, const BackupTargets& targets,
                             const std::optional<RegionId>& target)
{
    auto* dialog = new BackupDialog(snapshot(), source, targets, &m_window);
    if (target)
        dialog->choose(*target);
    const auto follow = [this, dialog, source] {
        if (!m_array)
            return;
        const Region* shown = snapshot().layout.find(source.id);
        m_array->read(
            dialog,
            [source = shown != nullptr ? *shown : source, planned = plannedUses(m_array->jobs())](
                Attachment& attachment) { return targetsFor(attachment, source, planned); },
            [this, dialog](const Result<BackupTargets>& now) {
                if (m_array)
                    dialog->setCandidates(snapshot(), now);
            });
    };
    connect(m_array, &AttachedArray::snapshotChanged, dialog, follow);
    connect(m_array, &AttachedArray::jobStarted, dialog, follow);
    connect(m_array, &AttachedArray::jobDone, dialog, follow);
    ask(dialog, this, [this](const BackupDialog& answered) {
        if (const auto plan = answered.plan())
            startBackup(*plan);
    });
}

void ArrayActions::showDropVerdicts(const RegionId& source)
{
    const Region* region = writable() ? snapshot().layout.find(source) : nullptr;
    if (region == nullptr)
        return;
    m_array->read(
        m_array,
        [source = *region, planned = plannedUses(m_array->jobs())](Attachment& attachment) {
            return candidatesFor(attachment, source, planned);
        },
        [this, source](const Result<std::vector<CandidateTarget>>& candidates) {
            std::map<RegionId, DropVerdict> verdicts;
            if (!candidates) {
                // What speaks against the source is said over every target.
                for (const Region& each : snapshot().layout.regions)
                    verdicts[each.id] = {false, causeText(candidates.error())};
            } else {
                for (const CandidateTarget& each : *candidates) {
                    const Generation* others = snapshot().othersBackup(each, source);
                    verdicts[each.region] = {
                        each.allowed() || each.allowedIfConfirmed(),
                        candidateDisplay(each, others, snapshot().givenUpMs(each.region)),
                        !each.allowed() || others != nullptr};
                }
            }
            m_view.map()->setDropVerdicts(source, std::move(verdicts));
        });
}

void ArrayActions::refuseBackup(const Region& source, const Error& error)
{
    const Job* waiting = snapshot().interruptedOn(source.id);
    m_refusedSource = source.id;
    m_messages.show(
        {.kind = MessageKind::Warning,
         .headline =
             tr("%1 cannot be backed up now. %2").arg(regionDisplay(source), causeText(error)),
         .body = errorText(Verb::BackUp, error).remedy,
         .actions = waiting != nullptr && !isResumed(*waiting) ? waysOn(*waiting)
                                                               : std::vector<MessageAction>(),
         .key = QStringLiteral("refused")});
}

void ArrayActions::dropRefusedBackup()
{
    const Region* source = m_refusedSource ? snapshot().layout.find(*m_refusedSource) : nullptr;
    if (source == nullptr)
        return;
    m_array->read(
        m_array,
        [source = *source, planned = plannedUses(m_array->jobs())](Attachment& attachment) {
            return checkSource(attachment, source, planned);
        },
        [this, id = source->id](const Result<void>& checked) {
            if (!checked || m_refusedSource != id)
                return;
            m_refusedSource.reset();
            m_messages.remove(QStringLiteral("refused"));
        });
}

void ArrayActions::startBackup(const BackupPlan& plan)
{
    if (!m_array)
        return;
    const Generation* occupant = snapshot().heldBy(plan.target.id);
    m_array->start(
        {.verb = Verb::BackUp,
         .title = tr("Back up %1 → %2").arg(regionDisplay(plan.source), regionDisplay(plan.target)),
         .target = plan.target.id,
         .member = plan.target.member,
         .source = plan.source.id,
         .generation = 0,
         .occupant = occupant != nullptr ? occupant->number : 0,
         .steps = stepsOf(plan),
         .askAgain = [this, source = plan.source.id] { askBackupAgain(source); },
         .run = {}},
        [plan](Attachment& attachment, CopyControl& control) {
            return asOutcome(cairn::backUp(attachment, plan, control));
        });
}

// The target that was chosen may hold another backup by now: it is chosen anew.
void ArrayActions::askBackupAgain(const RegionId& source)
{
    if (const Region* region = m_array != nullptr ? snapshot().layout.find(source) : nullptr)
        backUpFrom(*region, std::nullopt);
}

void ArrayActions::verifyGeneration()
{
    if (const Generation* backup = selectedGeneration())
        startVerify(*backup);
}

void ArrayActions::startVerify(const Generation& generation)
{
    m_array->start(
        {.verb = Verb::Verify,
         .title = (generation.undo ? tr("Verify undo copy %1 of %2") : tr("Verify backup %1 of %2"))
                      .arg(numberDisplay(generation.number), regionDisplay(generation.source)),
         .target = generation.target.id,
         .generation = generation.number,
         .steps = stepsOfVerify(generation),
         .run = {}},
        [wanted = generation.number](Attachment& attachment, CopyControl& control) {
            return asOutcome(verify(attachment, wanted, control));
        });
}

void ArrayActions::holdGeneration()
{
    if (several())
        holdSelected(Verb::Hold);
    else if (const Generation* backup = selectedGeneration())
        m_array->change(
            Verb::Hold,
            tr("%1 is held: it is not replaced and cannot be forgotten.").arg(recordTitle(*backup)),
            [wanted = backup->number](Attachment& attachment) { return hold(attachment, wanted); });
}

void ArrayActions::releaseGeneration()
{
    if (several()) {
        holdSelected(Verb::Release);
    } else if (const Generation* backup = selectedGeneration()) {
        m_released = {backup->number};
        changeEach(Verb::Release, m_released, tr("%1 is no longer held.").arg(recordTitle(*backup)),
                   &release);
    }
}

void ArrayActions::forgetGeneration()
{
    if (several()) {
        forgetSelected();
        return;
    }
    const Generation* backup = selectedGeneration();
    if (backup == nullptr)
        return;
    const auto missed = snapshot().missedWith(*backup);
    const bool undoes = canBeUndone(*backup);
    auto* confirm = new ConfirmDialog({.title = tr("Forget backup"),
                                       .heading = tr("Forget %1?").arg(recordTitle(*backup)),
                                       .explanation = forgetText(*backup, missed),
                                       .verb = tr("Forget"),
                                       .erases = true},
                                      &m_window);
    if (missed || undoes) {
        // Of a member that is away, the region is named as the record names it.
        Region target;
        target.id = backup->target.id;
        target.name = backup->target.name;
        const Region* attached = snapshot().layout.find(target.id);
        confirm->requireName(snapshot().layout, attached != nullptr ? *attached : target,
                             undoes               ? tr("The restore can then no longer be undone.")
                             : missed->unverified ? tr("No other copy can be reached.")
                             : missed->reason == RefusalReason::LastGoodCopy
                                 ? tr("No other good copy can be reached.")
                                 : tr("No newer good copy holds anything recognised."));
    }
    ask(confirm, this, [this, wanted = backup->number](const ConfirmDialog& dialog) {
        if (m_array)
            m_array->change(Verb::Forget, tr("Record %1 is forgotten.").arg(numberDisplay(wanted)),
                            [wanted, name = dialog.confirmedName()](Attachment& attachment) {
                                return forget(attachment, wanted, name);
                            });
    });
}

void ArrayActions::addRegion()
{
    askRegion({});
}

void ArrayActions::askRegion(const std::optional<RegionInput>& input)
{
    auto* dialog = new AddRegionDialog(snapshot().layout, &m_window);
    if (input)
        dialog->enter(*input);
    ask(dialog, this, [this](const AddRegionDialog& answered) {
        const auto wanted = answered.wanted();
        if (!wanted || !m_array)
            return;
        m_again[Verb::AddRegion] = [this, typed = answered.input()] { askRegion(typed); };
        m_array->change(Verb::AddRegion, tr("The region was added."),
                        [wanted](Attachment& attachment) {
                            return withoutValue(cairn::addRegion(
                                attachment, {.name = wanted->name,
                                             .sizeBytes = wanted->sizeBytes,
                                             .member = wanted->member ? &*wanted->member : nullptr,
                                             .role = RegionRole::Data}));
                        });
    });
}

void ArrayActions::renameRegion()
{
    const Region* region = selectedRegion();
    if (region == nullptr)
        return;
    ask(new RenameRegionDialog(snapshot().layout, *region, &m_window), this,
        [this, id = region->id](const RenameRegionDialog& dialog) {
            if (m_array)
                m_array->change(Verb::RenameRegion, tr("The region was renamed."),
                                [id, name = dialog.name()](Attachment& attachment) {
                                    return cairn::renameRegion(attachment, id, name);
                                });
        });
}

void ArrayActions::removeRegion()
{
    const Region* region = selectedRegion();
    if (region == nullptr)
        return;
    const bool empty = region->content.surelyEmpty();
    auto* confirm = new ConfirmDialog(
        {.title = tr("Remove region"),
         .heading = tr("Remove %1 from the table?").arg(regionDisplay(*region)),
         .explanation = tr("It holds: %1. The entry goes; the bytes stay until something else is "
                           "written there.")
                            .arg(contentDisplay(region->content)),
         .verb = tr("Remove"),
         .erases = true},
        &m_window);
    if (!empty)
        confirm->requireName(snapshot().layout, *region,
                             tr("What it holds can then no longer be found by its name."));
    ask(confirm, this, [this, id = region->id](const ConfirmDialog& dialog) {
        if (m_array)
            m_array->change(Verb::RemoveRegion, tr("The region was removed."),
                            [id, name = dialog.confirmedName()](Attachment& attachment) {
                                return cairn::removeRegion(attachment, id, name);
                            });
    });
}

void ArrayActions::acceptContent()
{
    const Region* region = selectedRegion();
    if (region == nullptr)
        return;
    const QString name = regionDisplay(*region);
    auto* confirm = new ConfirmDialog(
        {.title = tr("Accept content"),
         .heading = tr("Take the content of %1 as it is?").arg(name),
         .explanation = tr("%1 is half-written. It can be backed up again if its content is taken "
                           "as it is; such a backup never counts as another good copy of it.")
                            .arg(name),
         .verb = tr("Accept as it is"),
         .erases = true},
        &m_window);
    confirm->requireName(snapshot().layout, *region, tr("Look at its content first."));
    ask(confirm, this, [this, id = region->id, name](const ConfirmDialog& dialog) {
        if (m_array)
            m_array->change(Verb::AcceptContent,
                            tr("%1 is taken as it is, and can be backed up again.").arg(name),
                            [id, typed = dialog.confirmedName()](Attachment& attachment) {
                                return cairn::acceptContent(attachment, id, typed);
                            });
    });
}

void ArrayActions::chooseHistory(const QString& historyId)
{
    const HistoryChoice choice = choiceOf(snapshot(), historyId.toStdString());
    ask(new ConfirmDialog(
            {.title = tr("Choose history"),
             .heading = tr("Go on with history %1 (%2)?").arg(choice.number, choice.members),
             .explanation =
                 tr("The catalogs of the other members are overwritten by it. %1%2 Holds of "
                    "backups that this history has too are kept. What else was done "
                    "there is listed in the ledger; the bytes in the regions are not "
                    "touched.")
                     .arg(choice.givenUp, choice.written),
             .verb = tr("Go on with it"),
             .erases = true},
            &m_window),
        this, [this, id = historyId.toStdString()](const ConfirmDialog&) {
            if (m_array)
                m_array->change(
                    Verb::ChooseHistory, tr("The array has one history again."),
                    [id](Attachment& attachment) { return cairn::chooseHistory(attachment, id); });
        });
}

void ArrayActions::changeFaults(std::size_t place, const Faults& faults)
{
    if (!m_array)
        return;
    m_array->change(Verb::ChangeFaults, tr("The simulated disk has the faults that you chose."),
                    [directory = snapshot().simulationDirectory(), place, faults](Attachment&) {
                        return setFaults(directory, place, faults);
                    });
}

void ArrayActions::refresh()
{
    if (!m_array)
        return;
    m_readAnew = true;
    m_array->refresh();
}

} // namespace cairn
