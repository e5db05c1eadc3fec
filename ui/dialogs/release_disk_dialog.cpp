// The dialog for releasing a disk.
#include "ui/dialogs/release_disk_dialog.h"

#include "ui/away_member.h"
#include "ui/display_text.h"
#include "ui/error_text.h"
#include "ui/loss_text.h"
#include "ui/record_text.h"

#include <QFormLayout>

namespace cairn {

ReleaseDiskDialog::ReleaseDiskDialog(const ArrayLayout& layout, QWidget* parent)
    : DialogFrame(
          {.title = tr("Release disk"),
           .heading = tr("Which disk shall leave the array?"),
           .explanation = tr("Off one that is attached, Cairn's own partition is taken. Every "
                             "other partition stays, with what it holds, and the disk is a "
                             "plain GPT disk again. One that is lost for good is only "
                             "listed no more."),
           .verb = tr("Release"),
           .erases = true},
          parent),
      m_layout(layout), m_members(new LossBox), m_cost(PlainLabel::wrapped()),
      m_confirmation(new NameConfirmation)
{
    setObjectName(QStringLiteral("releaseDiskDialog"));
    m_members->setObjectName(QStringLiteral("releasedMember"));
    m_members->setAccessibleName(tr("Disk to release"));
    m_members->setPlaceholderText(tr("Choose a disk"));
    for (const Member& member : layout.members) {
        const QString id = QString::fromStdString(member.id.toString());
        if (member.state == MemberState::Present)
            m_members->addItem(memberDisplay(member), id);
        else if (isAway(member) && !member.id.isNull())
            m_members->addItem(
                tr("%1 (%2)").arg(memberDisplay(member), memberStateDisplay(member.state)), id);
    }
    m_members->setCurrentIndex(-1);
    m_cost->setObjectName(QStringLiteral("releaseCost"));
    m_cost->setMinimumHeight(fontMetrics().height() * 3);
    m_cost->setAlignment(Qt::AlignTop);
    auto* form = new QFormLayout;
    form->addRow(tr("Disk"), m_members);
    body()->addLayout(form);
    body()->addWidget(m_cost);
    body()->addWidget(m_confirmation);
    setConfirmation(m_confirmation);
    connect(m_members, &LossBox::currentIndexChanged, this, &ReleaseDiskDialog::memberChosen);
    connect(m_confirmation, &NameConfirmation::changed, this, &ReleaseDiskDialog::update);
    resize(560, 330);
    update();
}

std::optional<Uuid> ReleaseDiskDialog::chosen() const
{
    return Uuid::parse(m_members->currentData().toString().toStdString());
}

void ReleaseDiskDialog::memberChosen()
{
    m_plan.reset();
    m_cost->setText(tr("Looking what lies on it …"));
    update();
    if (const auto member = chosen())
        Q_EMIT planWanted(*member);
}

void ReleaseDiskDialog::setPlan(const Uuid& member, const Result<DiskRelease>& plan)
{
    if (chosen() != member)
        return;
    if (!plan) {
        m_cost->setText(errorText(Verb::ReleaseDisk, plan.error()).paragraph());
        return;
    }
    m_plan = *plan;
    m_cost->setText(cost());
    if (m_plan->losing)
        m_confirmation->setRegion(m_layout, *m_plan->losing,
                                  isAway(m_plan->member)
                                      ? tr("What only the lost member holds will be no backup of "
                                           "this array any more.")
                                      : tr("Its copy of the catalog will be gone."));
    update();
}

QString ReleaseDiskDialog::cost() const
{
    if (isAway(m_plan->member))
        return costOfLost();
    const QString text =
        m_plan->lastCatalog
            ? tr("It holds the only copy of the catalog that is attached: the whole "
                 "backup history goes.")
            : tr("The other members keep the catalog.");
    const QString lost = memberLossText(m_plan->loss);
    return lost.isEmpty() ? text : text + u' ' + lost;
}

QString ReleaseDiskDialog::costOfLost() const
{
    constexpr std::size_t kMostNamed = 8;
    QString text = tr("Nothing on the disk changes: the array lists it no more. Should it come "
                      "back, it is foreign, and nothing is written while it is attached.");
    QStringList names;
    for (const std::string& name : m_plan->regions) {
        if (static_cast<std::size_t>(names.size()) < kMostNamed)
            names.append(displayShort(name, 60));
    }
    if (m_plan->regions.size() > kMostNamed)
        names.append(QStringLiteral("…"));
    if (!names.isEmpty())
        text +=
            u' ' + tr("Regions that records name on it: %1.").arg(names.join(QStringLiteral(", ")));
    const QString lost = memberLossText(m_plan->loss);
    return text + u' ' + (lost.isEmpty() ? tr("No backup goes with it.") : lost);
}

void ReleaseDiskDialog::update()
{
    m_confirmation->setVisible(m_plan && m_plan->losing);
    verbButton()->setEnabled(wanted().has_value());
}

std::optional<ReleaseDiskDialog::Wanted> ReleaseDiskDialog::wanted() const
{
    if (!m_plan || (m_plan->losing && !m_confirmation->matches()))
        return std::nullopt;
    return Wanted{.member = m_plan->member.id,
                  .name = memberDisplay(m_plan->member),
                  .confirmedName = m_plan->losing ? m_confirmation->confirmedName() : std::string(),
                  .lost = isAway(m_plan->member)};
}

} // namespace cairn
