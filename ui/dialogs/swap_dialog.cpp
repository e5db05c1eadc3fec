// The dialog of a restore by exchange.
#include "ui/dialogs/swap_dialog.h"

#include "ui/asking.h"
#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/card.h"
#include "ui/widgets/root_command.h"

#include <QHBoxLayout>
#include <utility>

namespace cairn {
namespace {

DialogFrame::Look lookOf(const SwapPlan& plan)
{
    const QString source = regionDisplay(plan.source);
    const QString backup = regionDisplay(plan.backup);
    return {.title = SwapDialog::tr("Restore %1 by exchange").arg(source),
            .heading = SwapDialog::tr("Exchange %1 with backup %2 in %3?")
                           .arg(source, numberDisplay(plan.generation.number), backup),
            .explanation =
                SwapDialog::tr("No byte is copied: the partition table lets %1 lead to the "
                               "backup, and %2 to what %1 holds now. The backup is read first, "
                               "and compared with its digests; if it is not right, nothing is "
                               "changed.")
                    .arg(source, backup),
            .verb = SwapDialog::tr("Exchange %1 and %2").arg(source, backup),
            .erases = true};
}

} // namespace

SwapDialog::SwapDialog(const ArraySnapshot& snapshot, SwapOffer offer, const QString& asRoot,
                       QWidget* parent)
    : DialogFrame(lookOf(offer.plan), parent), m_snapshot(snapshot), m_offer(std::move(offer)),
      m_allowed(asRoot.isEmpty())
{
    setObjectName(QStringLiteral("swapDialog"));
    resize(720, 330);
    body()->addWidget(buildCards(), 1);
    if (!m_allowed)
        sayOnlyRoot(asRoot);
    else if (m_offer.nameNeeded)
        requireName();
}

QWidget* SwapDialog::buildCards()
{
    const SwapPlan& plan = m_offer.plan;
    const Generation& generation = plan.generation;
    auto* source =
        new Card(tr("%1 will lead to").arg(regionDisplay(plan.source)),
                 generation.state == GenerationState::Good ? Card::Tone::Good : Card::Tone::Plain);
    source->setObjectName(QStringLiteral("willLeadToBackup"));
    source->setLines(
        {recordTitle(generation), tr("Taken %1").arg(timeDisplay(generation.startedMs)),
         tr("%1, %2").arg(contentDisplay(generation.content), sizeDisplay(generation.sizeBytes)),
         tr("Name, PARTUUID and number stay.")});
    auto* kept = new Card(tr("%1 will keep").arg(regionDisplay(plan.backup)), Card::Tone::Plain);
    kept->setObjectName(QStringLiteral("willKeepTheOld"));
    kept->setLines({tr("What %1 holds now").arg(placeDisplay(m_snapshot.layout, plan.source)),
                    tr("%1, %2").arg(contentDisplay(plan.source.content),
                                     sizeDisplay(plan.source.extent.lengthBytes)),
                    tr("Undo restore (Ctrl+Z) exchanges them back.")});
    kept->addEmphasis(tr("Backup %1 is in use from then on, and no backup until that is undone.")
                          .arg(numberDisplay(generation.number)));
    auto* both = new QWidget;
    auto* line = new QHBoxLayout(both);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(12);
    line->addWidget(source, 1);
    line->addWidget(kept, 1);
    return both;
}

void SwapDialog::sayOnlyRoot(const QString& command)
{
    auto* asRoot =
        new RootCommand(QStringLiteral("swapCommand"), tr("Command that exchanges them, as root"));
    asRoot->setCommand(command);
    body()->addWidget(asRoot);
    verbButton()->setEnabled(false);
    verbButton()->setToolTip(toolTipText(asRoot->reason()));
}

void SwapDialog::requireName()
{
    m_confirmation = new NameConfirmation;
    m_confirmation->setRegion(
        m_snapshot.layout, m_offer.plan.backup,
        tr("There is no other good copy of %1: while it is in use, there is none at all.")
            .arg(regionDisplay(m_offer.plan.source)));
    m_confirmation->takeFocus();
    setConfirmation(m_confirmation);
    body()->addWidget(m_confirmation);
    verbButton()->setEnabled(false);
    connect(m_confirmation, &NameConfirmation::changed, this,
            [this] { verbButton()->setEnabled(m_confirmation->matches()); });
}

std::optional<SwapPlan> SwapDialog::plan() const
{
    if (!m_allowed || (m_confirmation != nullptr && !m_confirmation->matches()))
        return std::nullopt;
    SwapPlan confirmed = m_offer.plan;
    confirmed.confirmedName =
        m_confirmation != nullptr ? m_confirmation->confirmedName() : std::string();
    return confirmed;
}

} // namespace cairn
