// The restore dialog.
#include "ui/dialogs/restore_dialog.h"

#include "ui/display_text.h"
#include "ui/error_text.h"
#include "ui/record_text.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLocale>
#include <QTimer>
#include <QVBoxLayout>

namespace cairn {

RestoreDialog::RestoreDialog(const ArraySnapshot& snapshot, const Generation& generation,
                             QWidget* parent)
    : TypedDialog(parent), m_snapshot(snapshot), m_generation(generation)
{
    setObjectName(QStringLiteral("restoreDialog"));
    setWindowTitle(titleText(tr("Restore %1").arg(regionDisplay(generation.source))));
    build();
    fillTargets();
    update();
    resize(720, 460);
    m_targets->setFocus();
    QTimer::singleShot(0, this, &RestoreDialog::targetChosen);
}

QWidget* RestoreDialog::buildCards()
{
    const bool present = m_snapshot.presenceOf(m_generation) == CopyPresence::Present;
    const bool good = m_generation.state == GenerationState::Good;
    m_from = new Card(tr("Restored from"), !present ? Card::Tone::Bad
                                           : good   ? Card::Tone::Good
                                                    : Card::Tone::Plain);
    m_from->setObjectName(QStringLiteral("restoredFrom"));
    m_from->setLines(sourceLines());
    m_erased = new Card(tr("Restored to"));
    m_erased->setObjectName(QStringLiteral("willBeErased"));
    auto* arrow = new PlainLabel(QStringLiteral("→"));
    QFont large = arrow->font();
    large.setPointSizeF(large.pointSizeF() * 1.7);
    arrow->setFont(large);
    auto* both = new QWidget;
    auto* line = new QHBoxLayout(both);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(12);
    line->addWidget(m_from, 1);
    line->addWidget(arrow);
    line->addWidget(m_erased, 1);
    return both;
}

void RestoreDialog::build()
{
    m_heading = PlainLabel::heading();
    m_targets = new LossBox;
    m_targets->setObjectName(QStringLiteral("restoreTarget"));
    m_targets->setAccessibleName(tr("Region that will be overwritten"));
    auto* to = new PlainLabel(tr("Restore to"));
    to->setBuddy(m_targets);
    auto* toLine = new QHBoxLayout;
    toLine->addWidget(to);
    toLine->addWidget(m_targets, 1);
    m_problem = PlainLabel::wrapped();
    m_problem->setObjectName(QStringLiteral("restoreProblem"));
    m_doubt = PlainLabel::wrapped();
    m_doubt->setObjectName(QStringLiteral("restoreDoubt"));
    m_doubt->setBold(true);
    m_keep = new QCheckBox(tr("Keep what is overwritten, so that the restore can be undone"));
    m_keep->setObjectName(QStringLiteral("keepUndo"));
    m_keep->setAccessibleName(m_keep->text());
    m_keeping = PlainLabel::muted();
    m_keeping->setObjectName(QStringLiteral("keepingText"));
    m_confirmation = new NameConfirmation;
    setConfirmation(m_confirmation);
    connect(m_keep, &QCheckBox::toggled, this, &RestoreDialog::update);
    connect(m_confirmation, &NameConfirmation::changed, this, &RestoreDialog::update);
    if (inDoubt())
        m_doubt->setText(
            tr("This copy may not be what was copied. So all of it is read first and "
               "compared with its digests. If it is not right, the restore ends there: "
               "nothing is overwritten, and the catalog says what is damaged."));
    m_doubt->setVisible(inDoubt());
    m_hintBegins = tr("The backup is verified before the first byte is written, and only what "
                      "differs is copied.");
    m_hint = PlainLabel::muted(m_hintBegins);
    m_hint->setObjectName(QStringLiteral("restoreHint"));
    QDialogButtonBox* buttons = addButtons(tr("Overwrite"));
    verbButton()->setObjectName(QStringLiteral("overwrite"));
    verbButton()->setProperty("danger", true);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_heading);
    column->addLayout(toLine);
    column->addWidget(buildCards(), 1);
    column->addWidget(m_doubt);
    column->addWidget(m_problem);
    column->addWidget(m_keep);
    column->addWidget(m_keeping);
    column->addWidget(m_confirmation);
    column->addWidget(m_hint);
    column->addWidget(buttons);
}

void RestoreDialog::fillTargets()
{
    const auto add = [this](const Region& region) {
        const Member* member = m_snapshot.layout.findMember(region.member);
        m_targets->addItem(tr("%1 (%2 on %3)")
                               .arg(regionDisplay(region), sizeDisplay(region.extent.lengthBytes),
                                    member != nullptr ? memberDisplay(*member) : QString()),
                           QVariant::fromValue(QString::fromStdString(region.id.uuid.toString())));
    };
    const Region* origin = m_snapshot.layout.find(m_generation.source.id);
    if (origin != nullptr)
        add(*origin);
    else if (m_generation.source.id.uuid.isNull())
        m_targets->addItem(tr("It is not known where it came from: choose a region"), QVariant());
    else
        m_targets->addItem(tr("%1 is not there now: choose another region")
                               .arg(regionDisplay(m_generation.source)),
                           QVariant());
    for (const Region& region : m_snapshot.layout.regions) {
        if (region.id != m_generation.source.id && region.id != m_generation.target.id &&
            region.role != RegionRole::Management)
            add(region);
    }
    connect(m_targets, &LossBox::currentIndexChanged, this, &RestoreDialog::targetChosen);
}

std::optional<RegionId> RestoreDialog::target() const
{
    const auto uuid = Uuid::parse(m_targets->currentData().toString().toStdString());
    return uuid ? std::optional(RegionId{*uuid}) : std::nullopt;
}

void RestoreDialog::choose(const RestoreChoice& choice)
{
    m_chosenBefore = choice;
    const int place =
        m_targets->findData(QString::fromStdString(choice.target.uuid.toString()), Qt::UserRole);
    if (place >= 0)
        m_targets->setCurrentIndex(place);
}

void RestoreDialog::targetChosen()
{
    m_offer.reset();
    const auto chosen = target();
    const Region* region = chosen ? m_snapshot.layout.find(*chosen) : nullptr;
    if (region != nullptr) {
        showNoOffer(region, tr("looking at it …"));
        Q_EMIT planWanted(*chosen);
    } else {
        showNoOffer(nullptr, tr("no region chosen"));
    }
    m_problem->clear();
    update();
}

// Nothing is said of what would become of a region while nothing is known of it.
void RestoreDialog::showNoOffer(const Region* region, const QString& why)
{
    m_erased->setTitle(tr("Restored to"));
    m_erased->setTone(Card::Tone::Plain);
    m_erased->setLines(region != nullptr ? QStringList{regionDisplay(*region), why}
                                         : QStringList{why});
    m_hint->setText(m_hintBegins);
}

void RestoreDialog::setOffer(const Result<RestoreOffer>& offer)
{
    const auto chosen = target();
    if (offer && chosen && offer->plan.target.id == *chosen) {
        m_offer = *offer;
        const bool canBeKept = offer->canBeKept() && !lacksRoom();
        const bool unwanted = m_chosenBefore && m_chosenBefore->target == *chosen &&
                              m_chosenBefore->keeping == RestoreChoice::Keeping::Nothing;
        m_keep->setEnabled(canBeKept);
        m_keep->setChecked(canBeKept && !unwanted);
        m_problem->clear();
    } else if (!offer) {
        m_offer.reset();
        const ErrorText text = errorText(Verb::Restore, offer.error());
        m_problem->setText(causeText(offer.error()) + u' ' + text.remedy);
        const Region* region = chosen ? m_snapshot.layout.find(*chosen) : nullptr;
        showNoOffer(region, tr("cannot be overwritten now"));
    }
    update();
}

bool RestoreDialog::inDoubt() const
{
    const FoundCopy found = findCopy(m_snapshot.layout, m_generation);
    return found.presence == CopyPresence::RegionChanged && found.readable;
}

QStringList RestoreDialog::sourceLines() const
{
    const Region* holder = m_snapshot.layout.find(m_generation.target.id);
    const Member* member =
        holder != nullptr ? m_snapshot.layout.findMember(holder->member) : nullptr;
    const qint64 ageS = QDateTime::currentSecsSinceEpoch() - m_generation.startedMs / 1000;
    QStringList lines;
    if (const QString absence = absenceDisplay(m_snapshot.layout, m_generation);
        !absence.isEmpty()) {
        lines.append(tr("⚠ This copy is %1").arg(absence));
        if (holder != nullptr)
            lines.append(tr("Its region shows now: %1").arg(contentDisplay(holder->content)));
    }
    lines += {
        recordTitle(m_generation),
        tr("in %1%2").arg(regionDisplay(m_generation.target),
                          member != nullptr ? tr(" on %1").arg(memberDisplay(*member)) : QString()),
        tr("Taken %1, %2 ago").arg(timeDisplay(m_generation.startedMs), durationDisplay(ageS)),
        tr("%1, %2").arg(contentDisplay(m_generation.content), sizeDisplay(m_generation.sizeBytes)),
        m_generation.state == GenerationState::Good
            ? tr("✓ verified %1").arg(timeDisplay(m_generation.verifiedMs))
            : tr("%1 %2").arg(stateDisplay(m_generation).symbol, stateDisplay(m_generation).word)};
    return lines;
}

bool RestoreDialog::keeps() const
{
    return m_keep->isEnabled() && m_keep->isChecked();
}

bool RestoreDialog::nameNeeded() const
{
    return !keeps() || m_offer->nameNeeded;
}

bool RestoreDialog::lacksRoom() const
{
    return m_chosenBefore && m_chosenBefore->target == m_offer->plan.target.id &&
           m_chosenBefore->bytesToKeep > m_offer->mostBytes;
}

// What is kept needs no name typed: that is said where something else than the source goes.
QString RestoreDialog::whyNoName() const
{
    const Region& target = m_offer->plan.target;
    if (nameNeeded() || target.id == m_generation.source.id ||
        target.content.kind == ContentKind::Empty)
        return {};
    return tr("%1 is not where this backup comes from. Its name is not asked for, since what it "
              "holds is kept: Undo restore brings it back.")
        .arg(regionDisplay(target));
}

QString RestoreDialog::keepingText() const
{
    if (lacksRoom())
        return tr("No free region has room for what would be overwritten. Add one of at least %1 "
                  "(Region → Add region) and ask for the restore again to keep it, or do without.")
            .arg(sizeToAddDisplay(m_chosenBefore->bytesToKeep));
    if (!m_offer->canBeKept())
        return tr("There is no free region to keep it in. Add one (Region → Add region) and ask "
                  "for the restore again to be able to undo it: one of %1 has room for all, a "
                  "smaller one may do. Or do without.")
            .arg(sizeToAddDisplay(m_offer->plan.generation.sizeBytes));
    if (!m_keep->isChecked())
        return tr("The restore cannot be undone then.");
    if (!m_offer->areaForAll)
        return tr("No free region is as large as the backup. If what changes does not fit into "
                  "one, nothing is overwritten and you are asked again.");
    if (m_offer->areaForAll->id == m_offer->areaForLittle->id)
        return tr("It is copied into the free region %1 first, read back, and only then "
                  "overwritten.")
            .arg(placeDisplay(m_snapshot.layout, *m_offer->areaForAll));
    return tr("It is copied into a free region first (%1, or a smaller one if it has room), read "
              "back, and only then overwritten.")
        .arg(placeDisplay(m_snapshot.layout, *m_offer->areaForAll));
}

Keeping RestoreDialog::keeping() const
{
    if (!keeps())
        return Keeping::Nothing;
    return m_offer->areaForAll ? Keeping::Whole : Keeping::IfItFits;
}

void RestoreDialog::showLoss()
{
    const RestoreLoss loss(m_snapshot, *m_offer, keeping());
    m_erased->setTitle(loss.title());
    m_erased->setTone(loss.losesSomething() ? Card::Tone::Bad : Card::Tone::Plain);
    m_erased->setLines(loss.lines());
    for (const QString& line : loss.losses())
        m_erased->addEmphasis(line);
    m_hint->setText(m_hintBegins + u' ' + loss.ifCanceled());
    const QString elsewhere = whyNoName();
    m_keeping->setText(elsewhere.isEmpty() ? keepingText() : elsewhere + u' ' + keepingText());
    m_confirmation->setRegion(m_snapshot.layout, m_offer->plan.target, loss.whyTheName());
}

void RestoreDialog::update()
{
    const auto chosen = target();
    const Region* region = chosen ? m_snapshot.layout.find(*chosen) : nullptr;
    const QString number = QLocale().toString(qulonglong{m_generation.number});
    const QString name = region != nullptr ? regionDisplay(*region) : QString();
    m_heading->setText(region == nullptr ? tr("Restore backup %1").arg(number)
                       : inDoubt()
                           ? tr("Overwrite %1 with backup %2, if it is whole?").arg(name, number)
                           : tr("Overwrite %1 with backup %2?").arg(name, number));
    const QString verb = region == nullptr ? tr("Overwrite")
                         : inDoubt()       ? tr("Verify, then overwrite %1").arg(name)
                                           : tr("Overwrite %1").arg(name);
    verbButton()->setText(buttonText(verb));
    verbButton()->setAccessibleName(verb);
    m_problem->setVisible(!m_problem->text().isEmpty());
    m_keep->setVisible(m_offer.has_value());
    m_keeping->setVisible(m_offer.has_value());
    m_confirmation->setVisible(m_offer.has_value() && nameNeeded());
    if (m_offer)
        showLoss();
    verbButton()->setEnabled(plan().has_value());
}

std::vector<RegionId> RestoreDialog::areas() const
{
    return m_offer && keeps() ? m_offer->areas : std::vector<RegionId>();
}

std::optional<RestorePlan> RestoreDialog::plan() const
{
    if (!m_offer || (nameNeeded() && !m_confirmation->matches()))
        return std::nullopt;
    RestorePlan confirmed = m_offer->plan;
    confirmed.undo = keeps();
    confirmed.confirmedName = nameNeeded() ? m_confirmation->confirmedName() : std::string();
    return confirmed;
}

} // namespace cairn
