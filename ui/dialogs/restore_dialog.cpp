// The restore dialog.
#include "ui/dialogs/restore_dialog.h"

#include "ui/display_text.h"
#include "ui/error_text.h"
#include "ui/record_text.h"
#include "ui/widgets/colors.h"

#include <QDateTime>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLocale>
#include <QTimer>
#include <QVBoxLayout>

namespace cairn {

RestoreDialog::RestoreDialog(const ArraySnapshot& snapshot, const Generation& generation,
                             QWidget* parent)
    : QDialog(parent), m_snapshot(snapshot), m_generation(generation)
{
    setObjectName(QStringLiteral("restoreDialog"));
    setWindowTitle(titleText(tr("Restore %1").arg(regionDisplay(generation.source))));
    build();
    fillTargets();
    update();
    resize(720, 400);
    QTimer::singleShot(0, this, &RestoreDialog::targetChosen);
}

void RestoreDialog::build()
{
    m_heading = PlainLabel::heading();
    m_targets = new QComboBox;
    m_targets->setObjectName(QStringLiteral("restoreTarget"));
    m_targets->setAccessibleName(tr("Region that will be overwritten"));
    auto* to = new PlainLabel(tr("Restore to"));
    to->setBuddy(m_targets);
    auto* toLine = new QHBoxLayout;
    toLine->addWidget(to);
    toLine->addWidget(m_targets, 1);
    m_from = new Card(tr("Restored from"), Card::Tone::Good);
    m_from->setObjectName(QStringLiteral("restoredFrom"));
    m_from->setLines(sourceLines());
    m_erased = new Card(tr("Will be erased"), Card::Tone::Bad);
    m_erased->setObjectName(QStringLiteral("willBeErased"));
    auto* arrow = new PlainLabel(QStringLiteral("→"));
    QFont large = arrow->font();
    large.setPointSizeF(large.pointSizeF() * 1.7);
    arrow->setFont(large);
    auto* cards = new QHBoxLayout;
    cards->setSpacing(12);
    cards->addWidget(m_from, 1);
    cards->addWidget(arrow);
    cards->addWidget(m_erased, 1);
    m_problem = PlainLabel::wrapped();
    m_problem->setObjectName(QStringLiteral("restoreProblem"));
    m_confirmation = new NameConfirmation;
    connect(m_confirmation, &NameConfirmation::changed, this, &RestoreDialog::update);
    auto* hint = PlainLabel::muted(
        tr("The backup is verified before the first byte is written, and only what differs is "
           "copied. The restore can be paused; a canceled one leaves the region incomplete until "
           "it is resumed."));

    auto* buttons = new QDialogButtonBox;
    m_overwrite = buttons->addButton(tr("Overwrite"), QDialogButtonBox::AcceptRole);
    m_overwrite->setObjectName(QStringLiteral("overwrite"));
    m_overwrite->setProperty("danger", true);
    auto* cancel = buttons->addButton(QDialogButtonBox::Cancel);
    cancel->setObjectName(QStringLiteral("cancelDialog"));
    m_overwrite->setAutoDefault(false);
    cancel->setAutoDefault(true);
    cancel->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_heading);
    column->addLayout(toLine);
    column->addLayout(cards, 1);
    column->addWidget(m_problem);
    column->addWidget(m_confirmation);
    column->addWidget(hint);
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
    else
        m_targets->addItem(
            tr("%1 is not attached: choose another region").arg(regionDisplay(m_generation.source)),
            QVariant());
    for (const Region& region : m_snapshot.layout.regions) {
        if (region.id != m_generation.source.id && region.id != m_generation.target.id &&
            region.role != RegionRole::Management)
            add(region);
    }
    connect(m_targets, &QComboBox::currentIndexChanged, this, &RestoreDialog::targetChosen);
}

std::optional<RegionId> RestoreDialog::target() const
{
    const auto uuid = Uuid::parse(m_targets->currentData().toString().toStdString());
    return uuid ? std::optional(RegionId{*uuid}) : std::nullopt;
}

void RestoreDialog::targetChosen()
{
    m_plan.reset();
    const auto chosen = target();
    const Region* region = chosen ? m_snapshot.layout.find(*chosen) : nullptr;
    if (region != nullptr) {
        m_erased->setLines({regionDisplay(*region), tr("looking at it …")});
        m_confirmation->setRegion(m_snapshot.layout, *region);
        Q_EMIT planWanted(*chosen);
    } else {
        m_erased->setLines({tr("no region chosen")});
    }
    m_problem->clear();
    update();
}

void RestoreDialog::setPlan(const Result<RestorePlan>& plan)
{
    const auto chosen = target();
    if (plan && chosen && plan->target.id == *chosen) {
        m_plan = *plan;
        showTarget(*plan);
        m_problem->clear();
    } else if (!plan) {
        m_plan.reset();
        const ErrorText text = errorText(Verb::Restore, plan.error());
        m_problem->setText(causeText(plan.error()) + u' ' + text.remedy);
        const Region* region = chosen ? m_snapshot.layout.find(*chosen) : nullptr;
        m_erased->setLines({region != nullptr ? regionDisplay(*region) : tr("nothing"),
                            tr("cannot be overwritten now")});
    }
    update();
}

QStringList RestoreDialog::sourceLines() const
{
    const Region* holder = m_snapshot.layout.find(m_generation.target.id);
    const Member* member =
        holder != nullptr ? m_snapshot.layout.findMember(holder->member) : nullptr;
    const qint64 ageS = QDateTime::currentSecsSinceEpoch() - m_generation.startedMs / 1000;
    return {
        tr("Backup %1 of %2")
            .arg(QLocale().toString(qulonglong{m_generation.number}),
                 regionDisplay(m_generation.source)),
        tr("in %1%2").arg(regionDisplay(m_generation.target),
                          member != nullptr ? tr(" on %1").arg(memberDisplay(*member)) : QString()),
        tr("Taken %1, %2 ago").arg(timeDisplay(m_generation.startedMs), durationDisplay(ageS)),
        tr("%1, %2").arg(contentDisplay(m_generation.content), sizeDisplay(m_generation.sizeBytes)),
        m_generation.verifiedMs != 0 ? tr("✓ verified %1").arg(timeDisplay(m_generation.verifiedMs))
                                     : tr("• not verified yet")};
}

void RestoreDialog::showTarget(const RestorePlan& plan)
{
    const Member* member = m_snapshot.layout.findMember(plan.target.member);
    m_erased->setLines({regionDisplay(plan.target),
                        member != nullptr ? tr("on %1").arg(memberDisplay(*member)) : QString(),
                        tr("%1, %2").arg(contentDisplay(plan.target.content),
                                         sizeDisplay(plan.target.extent.lengthBytes)),
                        plan.target.use.inUse
                            ? tr("in use: %1").arg(displayShort(plan.target.use.by, 60))
                            : tr("not mounted, not in use")});
    if (plan.target.content.kind == ContentKind::Empty)
        return;
    const Generation* newest =
        plan.newestBackupOfTarget != 0 ? m_snapshot.find(plan.newestBackupOfTarget) : nullptr;
    if (newest == nullptr) {
        m_erased->addEmphasis(tr("What it holds is in no backup."));
        return;
    }
    const qint64 gapS = QDateTime::currentSecsSinceEpoch() - newest->startedMs / 1000;
    m_erased->addEmphasis(
        tr("Changes of the last %1 are in no backup.").arg(durationDisplay(gapS)));
}

void RestoreDialog::update()
{
    const auto chosen = target();
    const Region* region = chosen ? m_snapshot.layout.find(*chosen) : nullptr;
    const QString number = QLocale().toString(qulonglong{m_generation.number});
    m_heading->setText(region != nullptr
                           ? tr("Overwrite %1 with backup %2?").arg(regionDisplay(*region), number)
                           : tr("Restore backup %1").arg(number));
    m_overwrite->setText(region != nullptr
                             ? buttonText(tr("Overwrite %1").arg(regionDisplay(*region)))
                             : tr("Overwrite"));
    m_overwrite->setAccessibleName(m_overwrite->text());
    m_problem->setVisible(!m_problem->text().isEmpty());
    m_confirmation->setVisible(m_plan.has_value());
    m_overwrite->setEnabled(m_plan.has_value() && m_confirmation->matches());
}

std::optional<RestorePlan> RestoreDialog::plan() const
{
    if (!m_plan || !m_confirmation->matches())
        return std::nullopt;
    RestorePlan confirmed = *m_plan;
    confirmed.confirmedName = m_confirmation->confirmedName();
    return confirmed;
}

} // namespace cairn
