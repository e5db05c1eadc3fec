// Restoring the selected backup by exchanging its region with its source.
#include "ui/array_actions.h"

#include "ui/asking.h"
#include "ui/command_text.h"
#include "ui/dialogs/swap_dialog.h"
#include "ui/job_steps.h"
#include "ui/record_text.h"

namespace cairn {

QString ArrayActions::whyNoSwap() const
{
    if (const QString why = whyNoRestore(); !why.isEmpty())
        return why;
    const Generation& backup = *selectedGeneration();
    const Region* source = snapshot().layout.find(backup.source.id);
    const Region* holder = snapshot().layout.find(backup.target.id);
    if (source == nullptr || holder == nullptr)
        return tr("%1, which it would be exchanged with, is not attached.")
            .arg(regionDisplay(backup.source));
    if (source->member != holder->member)
        return tr("%1 and %2 lie on different disks.")
            .arg(regionDisplay(*source), regionDisplay(*holder));
    if (source->extent.lengthBytes != holder->extent.lengthBytes)
        return tr("%1 and %2 are not of one size.")
            .arg(regionDisplay(*source), regionDisplay(*holder));
    if (backup.held)
        return tr("It is held: release it first.");
    for (const Region* region : {source, holder}) {
        if (region->use.inUse)
            return tr("%1: %2").arg(regionDisplay(*region),
                                    refusalDisplay({RefusalReason::InUse, 0, region->use.by}));
        if (const QString why = whyUsed(region->id); !why.isEmpty())
            return tr("%1 cannot be changed now. %2").arg(regionDisplay(*region), why);
    }
    return {};
}

void ArrayActions::swapSelected()
{
    if (const Generation* backup = selectedGeneration())
        askSwap(backup->number);
}

void ArrayActions::askSwap(GenerationNumber number)
{
    if (!m_array)
        return;
    m_array->read(
        m_array,
        [number, planned = plannedUses(m_array->jobs())](Attachment& attachment) {
            return offerSwap(attachment, number, planned);
        },
        [this, number](Result<SwapOffer> offer) {
            if (!offer) {
                m_messages.showError(Verb::Swap, offer.error());
                return;
            }
            const QString asRoot =
                needsRoot(offer->plan.source.member) ? swapCommand(snapshot(), *offer) : QString();
            ask(new SwapDialog(snapshot(), *std::move(offer), asRoot, &m_window), this,
                [this](const SwapDialog& dialog) {
                    if (const auto plan = dialog.plan())
                        startSwap(*plan);
                });
        });
}

void ArrayActions::startSwap(const SwapPlan& plan)
{
    if (!m_array)
        return;
    m_array->start(
        {.verb = Verb::Swap,
         .title = tr("Exchange %1 with backup %2")
                      .arg(regionDisplay(plan.source), numberDisplay(plan.generation.number)),
         .target = plan.source.id,
         .member = plan.source.member,
         .generation = plan.generation.number,
         .steps = stepsOfVerify(plan.generation),
         .areas = {plan.backup.id},
         .askName = [this, number = plan.generation.number](const Error&) { askSwap(number); },
         .askAgain = [this, number = plan.generation.number] { askSwap(number); },
         .run = {}},
        [plan](Attachment& attachment, CopyControl& control) {
            return asOutcome(swapRestore(attachment, plan, control));
        });
}

} // namespace cairn
