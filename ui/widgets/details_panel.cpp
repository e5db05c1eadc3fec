// Facts of the selection.
#include "ui/widgets/details_panel.h"

#include "core/backup/copy_presence.h"
#include "ui/attention.h"
#include "ui/display_text.h"
#include "ui/error_text.h"
#include "ui/record_text.h"
#include "ui/widgets/plain_label.h"

#include <QLocale>
#include <QVBoxLayout>

namespace cairn {
namespace {

constexpr qsizetype kLongestWord = 24;

QString number(std::uint64_t value)
{
    return QLocale().toString(qulonglong{value});
}

QString tookDisplay(qint64 tookMs)
{
    return tookMs < 1000 ? DetailsPanel::tr("less than 1 s") : durationDisplay(tookMs / 1000);
}

QString consistencyText(Consistency consistency)
{
    switch (consistency) {
    case Consistency::Offline:
        return {};
    case Consistency::Frozen:
        return DetailsPanel::tr("frozen: its filesystem stood still while it was copied");
    case Consistency::Cloned:
        return DetailsPanel::tr("cloned: of one moment; source and copy share what neither changed "
                                "since");
    case Consistency::Inconsistent:
        break;
    }
    return DetailsPanel::tr("inconsistent: its source was in use while it was copied; it is never "
                            "good");
}

// How it is used by other programs, which see its region and not what the array shows of it.
QString sealText(const Generation& generation)
{
    if (!hasCopy(generation) || generation.seal == SealState::Plain)
        return {};
    if (generation.seal == SealState::Sealed)
        return DetailsPanel::tr("sealed: unseal it to mount it");
    return DetailsPanel::tr("sealing or unsealing was cut short: seal or unseal it to end that");
}

QString holdsText(const ArraySnapshot& snapshot, const Region& region)
{
    if (region.role == RegionRole::Management)
        return DetailsPanel::tr("the catalog");
    const Refusal* half = snapshot.halfRestored(region.id);
    if (half != nullptr && half->reason == RefusalReason::HalfWritten)
        return DetailsPanel::tr("half of one content, half of another: neither can be used");
    if (half != nullptr && snapshot.writtenWhole(region.id))
        return DetailsPanel::tr("all that %1 wrote, but not read back: whether it is right is not "
                                "known")
            .arg(interruptedTitle(half->detail, half->amount));
    if (half != nullptr)
        return DetailsPanel::tr("half of its old content, half of backup %1: neither can be used")
            .arg(number(half->amount));
    const Generation* held = snapshot.heldBy(region.id);
    if (const auto givenUpMs = snapshot.givenUpMs(region.id); givenUpMs && held == nullptr)
        return givenUpDisplay(*givenUpMs);
    if (held == nullptr)
        return contentDisplay(region.content);
    return (held->undo ? DetailsPanel::tr("undo copy #%1 of %2, %3")
                       : DetailsPanel::tr("backup #%1 of %2, %3"))
        .arg(number(held->number), regionDisplay(held->source), stateDisplay(*held).word);
}

// What a restore that is not finished has to do with the region.
QString unfinishedText(const ArraySnapshot& snapshot, const Region& region)
{
    const auto found = snapshot.unfinished.find(region.id);
    if (found == snapshot.unfinished.end())
        return {};
    if (found->second.reason == RefusalReason::NeededByRestore ||
        snapshot.halfRestored(region.id) != nullptr)
        return refusalDisplay(found->second);
    return DetailsPanel::tr("interrupted before it overwrote anything");
}

QString acceptedText(const ArraySnapshot& snapshot, const Region& region)
{
    const UnfinishedWrite* accepted = snapshot.acceptedIn(region.id);
    return accepted != nullptr ? acceptedDisplay(*accepted) : QString();
}

// Whether the bytes are where the record says, as far as it shows without reading them.
QString copyText(const ArraySnapshot& snapshot, const Generation& generation)
{
    if (!hasCopy(generation))
        return {};
    const QString absence = absenceDisplay(snapshot.layout, generation);
    if (absence.isEmpty())
        return DetailsPanel::tr("present");
    if (findCopy(snapshot.layout, generation).presence != CopyPresence::MemberGone)
        return absence;
    return DetailsPanel::tr("%1. Should that disk come back: open it alone and export the backup "
                            "to an archive; cairnctl import FILE.tar REGION brings it here.")
        .arg(absence);
}

QString targetText(const ArraySnapshot& snapshot, const Generation& generation)
{
    const Region* target = snapshot.layout.find(generation.target.id);
    return target != nullptr
               ? regionDisplay(*target)
               : DetailsPanel::tr("%1 (not attached)").arg(regionDisplay(generation.target));
}

// The newest backup that is there; where a newer one is not, that too.
QString keepsText(const Generation& generation)
{
    if (!generation.undo)
        return {};
    const QString what =
        DetailsPanel::tr("what restoring backup %1 to %2 overwrote")
            .arg(number(generation.undo->restored), regionDisplay(generation.source));
    return keepsOverwritten(generation)
               ? what
               : DetailsPanel::tr("%1; nothing was overwritten yet").arg(what);
}

} // namespace

DetailsPanel::DetailsPanel(QWidget* parent) : ScrollPane(parent)
{
    setObjectName(QStringLiteral("detailsPanel"));
    setAccessibleName(tr("Details of the selection"));
    m_form = new QFormLayout(content());
    m_form->setContentsMargins(12, 6, 10, 10);
    m_form->setVerticalSpacing(5);
    m_form->setHorizontalSpacing(14);
    m_form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_form->setLabelAlignment(Qt::AlignLeading | Qt::AlignTop);
    showNothing();
}

void DetailsPanel::show(const QString& title, const std::vector<Fact>& facts)
{
    while (m_form->rowCount() > 0)
        m_form->removeRow(0);
    auto* heading = PlainLabel::wrapped(title);
    heading->setBold(true);
    heading->setObjectName(QStringLiteral("detailsTitle"));
    m_form->addRow(heading);
    for (const Fact& fact : facts) {
        if (fact.value.isEmpty())
            continue;
        auto* name = new PlainLabel(fact.name);
        name->setForegroundRole(QPalette::PlaceholderText);
        name->setAlignment(Qt::AlignTop);
        // What cannot be broken into lines gets a line of its own.
        const bool wide = fact.value.size() > kLongestWord && !fact.value.contains(u' ');
        PlainLabel* value = wide ? new ElidedLabel(fact.value) : PlainLabel::wrapped(fact.value);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        value->setAccessibleName(fact.name + QStringLiteral(": ") + fact.value);
        if (wide) {
            static_cast<ElidedLabel*>(value)->setElideMode(Qt::ElideMiddle);
            m_form->addRow(name);
            m_form->addRow(value);
        } else {
            m_form->addRow(name, value);
        }
    }
}

void DetailsPanel::showNothing()
{
    while (m_form->rowCount() > 0)
        m_form->removeRow(0);
    m_form->addRow(
        PlainLabel::muted(tr("Select a region or a backup to see what is known of it.")));
}

void DetailsPanel::showRegion(const ArraySnapshot& snapshot, const Region& region)
{
    const Member* member = snapshot.layout.findMember(region.member);
    const Generation* held = snapshot.heldBy(region.id);
    const Generation* undo = snapshot.undoFor(region.id);
    const bool backedUp = region.role == RegionRole::Data && held == nullptr;
    show(
        regionDisplay(region),
        {{tr("Holds"), holdsText(snapshot, region)},
         {tr("Restore"), unfinishedText(snapshot, region)},
         {tr("Accepted"), acceptedText(snapshot, region)},
         {tr("Used"),
          region.content.usedBytes ? sizeDisplay(*region.content.usedBytes) : QString()},
         {tr("In use"), region.use.inUse ? displayShort(region.use.by, 120) : tr("no")},
         {tr("Last good"), backedUp ? lastGoodText(snapshot, region.id) : QString()},
         {tr("Undo"), undo != nullptr ? tr("undo copy %1 keeps what restoring backup %2 overwrites")
                                            .arg(number(undo->number), number(undo->undo->restored))
                                      : QString()},
         {tr("Size"), sizeDisplay(region.extent.lengthBytes)},
         {tr("Offset"), sizeDisplay(region.extent.offsetBytes)},
         {tr("Member"), member != nullptr ? displayShort(member->location, 200) : QString()},
         {tr("Entry"), number(region.entry)},
         {tr("PARTUUID"), QString::fromStdString(region.id.uuid.toString())},
         {tr("Filesystem UUID"), displayShort(region.content.uuid, 64)}});
}

void DetailsPanel::showGeneration(const ArraySnapshot& snapshot, const Generation& generation)
{
    const StateDisplay state =
        withPresence(stateDisplay(generation), snapshot.presenceOf(generation));
    const qint64 tookMs = generation.finishedMs - generation.startedMs;
    const bool verified = generation.verifiedMs != 0;
    const bool undone = generation.undo && generation.undo->undoneMs != 0;
    show(recordTitle(generation),
         {{tr("State"), state.symbol + u' ' + state.word},
          {tr("Why"), causeText(generation)},
          {tr("Copy"), copyText(snapshot, generation)},
          {tr("Keeps"), keepsText(generation)},
          {tr("Brought back"), undone ? timeDisplay(generation.undo->undoneMs) : QString()},
          {tr("Superseded by"), generation.supersededBy != 0
                                    ? tr("#%1").arg(number(generation.supersededBy))
                                    : QString()},
          {tr("Held"), generation.held ? tr("yes: it is not overwritten or forgotten") : QString()},
          {generation.undo ? tr("Of") : tr("Source"), regionDisplay(generation.source)},
          {generation.undo ? tr("In") : tr("Target"), targetText(snapshot, generation)},
          {tr("Content"), contentDisplay(generation.content)},
          {tr("Accepted"), generation.takenAsIs
                               ? tr("its source was half-written and taken as it was, or held an "
                                    "inconsistent backup; it never counts as another good copy")
                               : QString()},
          {tr("Consistency"), consistencyText(generation.consistency)},
          {tr("Seal"), sealText(generation)},
          {tr("Size"), sizeDisplay(generation.sizeBytes)},
          {tr("Started"), timeDisplay(generation.startedMs)},
          {tr("Took"), generation.finishedMs != 0 ? tookDisplay(tookMs) : QString()},
          {tr("Verified"), verified ? timeDisplay(generation.verifiedMs) : tr("never")},
          {tr("Read back"), verified ? readBackDisplay(generation.readBack) : QString()},
          {tr("Host"), displayShort(generation.hostName, 80)},
          {tr("Label"), displayText(generation.label)},
          {tr("Note"), displayText(generation.note)},
          {tr("Recovered"), generation.recovered ? tr("from what the region shows") : QString()},
          {tr("Digest"), generation.digest == Digest{}
                             ? QString()
                             : QString::fromStdString(generation.digest.toHex())}});
}

} // namespace cairn
