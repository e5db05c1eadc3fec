// The undo dialog.
#include "ui/dialogs/undo_dialog.h"

#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/card.h"

#include <QHBoxLayout>
#include <QLocale>

namespace cairn {
namespace {

QString number(std::uint64_t value)
{
    return QLocale().toString(qulonglong{value});
}

DialogFrame::Look lookOf(const UndoPlan& plan)
{
    const QString target = regionDisplay(plan.target);
    const QString restored = number(plan.kept.undo->restored);
    if (plan.nothingOverwritten)
        return {
            .title = UndoDialog::tr("Give up restore"),
            .heading =
                UndoDialog::tr("Give up the restore of backup %1 onto %2?").arg(restored, target),
            .explanation = UndoDialog::tr("It was interrupted before it overwrote anything: "
                                          "%1 stays as it is.")
                               .arg(target),
            .verb = UndoDialog::tr("Give up restore"),
            .erases = false};
    if (plan.kept.undo->swapped)
        return {
            .title = UndoDialog::tr("Undo restore"),
            .heading =
                UndoDialog::tr("Exchange %1 and %2 again?").arg(target, regionDisplay(plan.area)),
            .explanation =
                UndoDialog::tr("%1 leads again to what it held before backup %2 took its "
                               "place. No byte is copied; %1 is read first, to know whether "
                               "backup %2 is still what it was.")
                    .arg(target, restored),
            .verb = UndoDialog::tr("Exchange them again"),
            .erases = true};
    return {.title = UndoDialog::tr("Undo restore"),
            .heading =
                UndoDialog::tr("Bring back what %1 held before backup %2 was restored to it?")
                    .arg(target, restored),
            .explanation =
                UndoDialog::tr("What is kept is verified, and %1 is read, before the first byte is "
                               "written. If %1 has been changed elsewhere since, nothing is "
                               "written.")
                    .arg(target),
            .verb = UndoDialog::tr("Undo restore of %1").arg(target),
            .erases = true};
}

} // namespace

UndoDialog::UndoDialog(const ArraySnapshot& snapshot, UndoOffer offer, Changed changed,
                       QWidget* parent)
    : DialogFrame(lookOf(offer.plan), parent), m_snapshot(snapshot), m_offer(std::move(offer))
{
    setObjectName(QStringLiteral("undoDialog"));
    resize(720, 290);
    if (m_offer.plan.nothingOverwritten)
        return;
    auto* kept = new Card(tr("Brought back from"), m_offer.plan.kept.state == GenerationState::Good
                                                       ? Card::Tone::Good
                                                       : Card::Tone::Plain);
    kept->setObjectName(QStringLiteral("broughtBackFrom"));
    kept->setLines(keptLines());
    const bool swaps = m_offer.plan.kept.undo->swapped;
    auto* target =
        new Card(swaps ? tr("Goes back to the backup's region") : tr("Will be overwritten"),
                 swaps ? Card::Tone::Plain : Card::Tone::Bad);
    target->setObjectName(QStringLiteral("willBeOverwritten"));
    target->setLines(targetLines());
    auto* line = new QHBoxLayout;
    line->setSpacing(12);
    line->addWidget(kept, 1);
    line->addWidget(target, 1);
    body()->addLayout(line, 1);
    if (m_offer.nameNeeded || changed == Changed::SinceTheRestore)
        requireName(changed);
}

void UndoDialog::requireName(Changed changed)
{
    const QString target = regionDisplay(m_offer.plan.target);
    const QString restored = number(m_offer.plan.kept.undo->restored);
    QString why = tr("%1 holds something else since the restore, which will be gone.").arg(target);
    if (m_offer.plan.kept.undo->swapped)
        why = tr("%1 was written to since, or cannot be compared: backup %2 is no whole backup "
                 "then, and what was written lies in %3.")
                  .arg(target, restored, regionDisplay(m_offer.plan.area));
    else if (changed == Changed::SinceTheRestore)
        why = tr("%1 has been changed since the restore. These changes will be gone.").arg(target);
    else if (!m_offer.canBeRedone)
        why = tr("Backup %1 cannot be restored again: what %2 holds now will be gone.")
                  .arg(restored, target);
    m_confirmation = new NameConfirmation;
    m_confirmation->setRegion(m_snapshot.layout, m_offer.plan.target, why);
    m_confirmation->takeFocus();
    setConfirmation(m_confirmation);
    body()->addWidget(m_confirmation);
    verbButton()->setEnabled(false);
    connect(m_confirmation, &NameConfirmation::changed, this,
            [this] { verbButton()->setEnabled(m_confirmation->matches()); });
}

QStringList UndoDialog::keptLines() const
{
    const Generation& kept = m_offer.plan.kept;
    return {recordTitle(kept), tr("in %1").arg(placeDisplay(m_snapshot.layout, m_offer.plan.area)),
            tr("Kept %1").arg(timeDisplay(kept.undo->keptMs)),
            tr("%1, of %2").arg(sizeDisplay(kept.sizeBytes), contentDisplay(kept.content))};
}

QStringList UndoDialog::targetLines() const
{
    const Region& target = m_offer.plan.target;
    const QString restored = number(m_offer.plan.kept.undo->restored);
    return {
        placeDisplay(m_snapshot.layout, target),
        tr("%1, %2").arg(contentDisplay(target.content), sizeDisplay(target.extent.lengthBytes)),
        m_offer.plan.kept.undo->swapped
            ? tr("Backup %1 is a backup again, unless it was written to.").arg(restored)
        : m_offer.canBeRedone ? tr("Backup %1 stays, and can be restored again.").arg(restored)
                              : tr("Backup %1 cannot be restored again.").arg(restored)};
}

std::optional<UndoPlan> UndoDialog::plan() const
{
    if (m_confirmation != nullptr && !m_confirmation->matches())
        return std::nullopt;
    UndoPlan confirmed = m_offer.plan;
    confirmed.confirmedName =
        m_confirmation != nullptr ? m_confirmation->confirmedName() : std::string();
    return confirmed;
}

} // namespace cairn
