// The sentences about what an overwriting costs.
#include "ui/loss_text.h"

#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "ui/display_text.h"
#include "ui/record_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Loss", text);
}

QString number(GenerationNumber value)
{
    return QLocale().toString(qulonglong{value});
}

// As core names it, with its PARTUUID where it has no name.
QString sourceName(const std::string& name)
{
    return name.empty() ? tr("an unknown region") : displayShort(name, 60);
}

QString lostText(const LostSource& source)
{
    const QString name = sourceName(source.name);
    if (source.inconsistent && source.content.empty())
        return tr("#%1 is inconsistent, and the last copy of %2.").arg(number(source.number), name);
    if (!source.content.empty())
        return (source.partial ? tr("#%1 is partial, and the newest backup of %2 that holds %3; "
                                    "newer ones hold nothing recognised.")
                               : tr("#%1 is the newest backup of %2 that holds %3; newer ones "
                                    "hold nothing recognised."))
            .arg(number(source.number), name, contentDisplay(source.content));
    return (source.partial      ? tr("#%1 is partial, and the last copy of %2.")
            : source.unverified ? tr("#%1 is copied, not verified, and the last copy of %2.")
                                : tr("#%1 is the last good copy of %2."))
        .arg(number(source.number), name);
}

QString agoText(const Generation& generation)
{
    const qint64 nowS = QDateTime::currentSecsSinceEpoch();
    return durationDisplay(nowS - generation.startedMs / 1000);
}

} // namespace

QString replacedText(const Generation& replaced, const QString& target)
{
    return tr("%1 from %2 in %3 will be replaced.")
        .arg(recordTitle(replaced), timeDisplay(replaced.startedMs), target);
}

QString givenUpText(const Generation& incomplete, const QString& target)
{
    return (incomplete.undo ? tr("Undo copy %1 in %2 is incomplete; it will be given up.")
                            : tr("Backup %1 in %2 is incomplete; it will be given up."))
        .arg(number(incomplete.number), target);
}

QString backedUpText(const Generation* newest)
{
    if (newest == nullptr)
        return tr("No backup of it can be restored: what it held may be nowhere else.");
    return tr("Backup %1 holds what it held on %2; what was changed since is not in it.")
        .arg(number(newest->number), timeDisplay(newest->startedMs));
}

QString lastCopyText(const Refusal& missed)
{
    const QString source = sourceName(missed.detail);
    if (missed.inconsistent && missed.reason == RefusalReason::LastGoodCopy)
        return tr("It is inconsistent, and the last copy of %1.").arg(source);
    if (missed.reason == RefusalReason::LastRecognised)
        return (missed.partial ? tr("It is partial, and the newest backup of %1 that holds %2; "
                                    "newer ones hold nothing recognised.")
                               : tr("It is the newest backup of %1 that holds %2; newer ones hold "
                                    "nothing recognised."))
            .arg(source, contentDisplay(missed.content));
    return (missed.partial      ? tr("It is partial, and the last copy of %1.")
            : missed.unverified ? tr("It is copied, not verified, and the last copy of %1.")
                                : tr("It is the last good copy of %1."))
        .arg(source);
}

QString forgetText(const Generation& record, const std::optional<Refusal>& missed)
{
    const QString what = tr("%1, from %2").arg(recordTitle(record), timeDisplay(record.startedMs));
    if (canBeUndone(record))
        return tr("%1: it keeps what a restore overwrote, which can then no longer be undone.")
            .arg(what);
    if (missed && missed->inconsistent && missed->reason == RefusalReason::LastGoodCopy)
        return tr("%1: though inconsistent, it is the last copy of its source that can be reached. "
                  "Its bytes stay until another backup overwrites them, but it can no longer be "
                  "restored.")
            .arg(what);
    if (missed && missed->reason == RefusalReason::LastRecognised)
        return tr("%1, holds %2; newer backups of its source hold nothing recognised. Its bytes "
                  "stay until another backup overwrites them, but it can no longer be restored.")
            .arg(what, contentDisplay(missed->content));
    if (missed && missed->partial)
        return tr("%1: though partial, it is the last copy of its source that can be reached. "
                  "What bytes it has stay until another backup overwrites them.")
            .arg(what);
    if (missed && missed->unverified)
        return tr("%1, was copied and never verified, and is the last copy of its source that can "
                  "be reached. Its bytes stay until another backup overwrites them, but it can no "
                  "longer be restored.")
            .arg(what);
    if (missed)
        return tr("%1, is the last good copy of its source that can be reached. Its bytes stay "
                  "until another backup overwrites them, but it can no longer be restored.")
            .arg(what);
    return tr("%1: its bytes stay until another backup overwrites them, but it can no longer be "
              "restored.")
        .arg(what);
}

QString memberLossText(const MemberLoss& loss)
{
    QStringList said;
    QStringList lost;
    for (const GenerationNumber backup : loss.backups)
        lost.append(u'#' + number(backup));
    if (!lost.isEmpty())
        said.append(tr("Backups that lie on it and can then not be restored: %1.")
                        .arg(lost.join(QStringLiteral(", "))));
    for (const LostSource& source : loss.lastCopies)
        said.append(lostText(source));
    return said.join(u' ');
}

RestoreLoss::RestoreLoss(const ArraySnapshot& snapshot, const RestoreOffer& offer, Keeping keeping)
    : m_snapshot(snapshot), m_offer(offer), m_target(offer.plan.target),
      m_name(regionDisplay(offer.plan.target)), m_keeping(keeping)
{}

const Generation* RestoreLoss::replaced() const
{
    if (!m_offer.holds || !hasCopy(*m_offer.holds))
        return nullptr;
    return !m_offer.holds->undo || canBeUndone(*m_offer.holds) ? &*m_offer.holds : nullptr;
}

bool RestoreLoss::holdsWhatItsRecordSays() const
{
    return m_offer.holds && hasCopy(*m_offer.holds) && holdsContentOf(m_target, *m_offer.holds);
}

// The catalog takes a backup up again where the undo brings back every byte of it.
bool RestoreLoss::comesBackByUndo(const Generation& generation) const
{
    return m_keeping != Keeping::Nothing && !generation.undo && generation.digest != Digest{} &&
           generation.sizeBytes == m_offer.plan.generation.sizeBytes;
}

bool RestoreLoss::losesSomething() const
{
    const bool broughtBack = holdsWhatItsRecordSays() && replaced() == nullptr;
    return replaced() != nullptr || !(m_target.content.surelyEmpty() || broughtBack);
}

QString RestoreLoss::title() const
{
    if (!losesSomething())
        return tr("Will be overwritten");
    switch (m_keeping) {
    case Keeping::Whole:
        return tr("Will be overwritten, and kept");
    case Keeping::IfItFits:
        return tr("Will be overwritten, if it can be kept");
    case Keeping::Nothing:
        break;
    }
    return tr("Will be erased");
}

QStringList RestoreLoss::lines() const
{
    const QString content =
        holdsWhatItsRecordSays()
            ? tr("%1, from %2")
                  .arg(recordTitle(*m_offer.holds), timeDisplay(m_offer.holds->startedMs))
            : contentDisplay(m_target.content);
    return {placeDisplay(m_snapshot.layout, m_target),
            tr("%1, %2").arg(content, sizeDisplay(m_target.extent.lengthBytes)),
            m_target.use.inUse ? tr("in use: %1").arg(displayShort(m_target.use.by, 60))
                               : tr("not mounted, not in use")};
}

QStringList RestoreLoss::lossOfRecord() const
{
    const Generation* lost = replaced();
    if (lost == nullptr) {
        const bool incomplete = m_offer.holds && !m_offer.holds->undo && !hasCopy(*m_offer.holds);
        return incomplete ? QStringList{givenUpText(*m_offer.holds, m_name)} : QStringList{};
    }
    QStringList said{replacedText(*lost, m_name)};
    if (lost->undo)
        said.append(
            tr("The restore of %1 can then no longer be undone.").arg(regionDisplay(lost->source)));
    else if (m_offer.missed)
        said.append(lastCopyText(*m_offer.missed));
    if (comesBackByUndo(*lost))
        said.append(tr("It is a backup again only if this restore is undone."));
    else if (m_keeping != Keeping::Nothing && !lost->undo)
        said.append(tr("Undoing this restore does not make it a backup again."));
    return said;
}

QString RestoreLoss::lossOfContent() const
{
    if (holdsWhatItsRecordSays())
        return losesSomething() ? QString()
                                : tr("What it kept was brought back already: nothing is lost.");
    if (m_snapshot.writtenWhole(m_target.id))
        return tr("It is written whole, but was not read back: whether it is right is not known.");
    if (m_snapshot.halfRestored(m_target.id) != nullptr)
        return tr("It is half-written: neither content in it can be used.");
    if (m_target.content.kind == ContentKind::Empty)
        return m_target.content.sampled ? tr("It seems empty: not all of it was read.")
                                        : tr("It is empty: nothing is lost.");
    const Generation* newest = m_offer.plan.newestBackupOfTarget != 0
                                   ? m_snapshot.find(m_offer.plan.newestBackupOfTarget)
                                   : nullptr;
    if (newest == nullptr)
        // One that cannot be reached now, and whatever was copied elsewhere, may well have it.
        return tr("No backup of %1 can be restored: what it holds now may be nowhere else.")
            .arg(m_name);
    return tr("Backup %1 holds what it held on %2; what was changed in the %3 since is not in it.")
        .arg(number(newest->number), timeDisplay(newest->startedMs), agoText(*newest));
}

QStringList RestoreLoss::losses() const
{
    QStringList said = lossOfRecord();
    const QString content = lossOfContent();
    if (!content.isEmpty())
        said.append(content);
    return said;
}

QString RestoreLoss::whyTheName() const
{
    const Generation* lost = replaced();
    const bool kept = m_keeping != Keeping::Nothing;
    if (lost != nullptr && lost->undo)
        return tr("Undo copy %1 in %2 is given up for good, even if this restore is undone.")
            .arg(number(lost->number), m_name);
    if (lost != nullptr && kept && comesBackByUndo(*lost))
        return tr("Backup %1 in %2 is given up unless this restore is undone.")
            .arg(number(lost->number), m_name);
    if (lost != nullptr)
        return tr("Backup %1 in %2 is given up for good.").arg(number(lost->number), m_name);
    return losesSomething() ? tr("What %1 holds now will be gone.").arg(m_name)
                            : tr("The restore of %1 cannot be undone.").arg(m_name);
}

QString RestoreLoss::ifCanceled() const
{
    return (m_keeping != Keeping::Nothing
                ? tr("The restore can be paused. Canceled while it writes, it leaves %1 "
                     "incomplete until it is resumed or undone.")
                : tr("The restore can be paused. Canceled while it writes, it leaves %1 "
                     "incomplete until it is resumed, and it cannot be undone."))
        .arg(m_name);
}

} // namespace cairn
