// The dialog for releasing a disk.
#include "ui/dialogs/release_disk_dialog.h"

#include "ui/error_text.h"
#include "ui/loss_text.h"
#include "ui/record_text.h"

#include <QFormLayout>

namespace cairn {

ReleaseDiskDialog::ReleaseDiskDialog(const ArrayLayout& layout, QWidget* parent)
    : DialogFrame({.title = tr("Release disk"),
                   .heading = tr("Which disk shall leave the array?"),
                   .explanation = tr("Cairn's own partition is taken off it. Every other partition "
                                     "stays, with what it holds, and the disk is a plain GPT disk "
                                     "again."),
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
        if (member.state == MemberState::Present)
            m_members->addItem(memberDisplay(member), QString::fromStdString(member.id.toString()));
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
    if (m_plan->management)
        m_confirmation->setRegion(m_layout, *m_plan->management,
                                  tr("Its copy of the catalog will be gone."));
    update();
}

QString ReleaseDiskDialog::cost() const
{
    const QString text =
        m_plan->lastCatalog
            ? tr("It holds the only copy of the catalog that is attached: the whole "
                 "backup history goes.")
            : tr("The other members keep the catalog.");
    const QString lost = memberLossText(m_plan->loss);
    return lost.isEmpty() ? text : text + u' ' + lost;
}

void ReleaseDiskDialog::update()
{
    m_confirmation->setVisible(m_plan && m_plan->management);
    verbButton()->setEnabled(wanted().has_value());
}

std::optional<ReleaseDiskDialog::Wanted> ReleaseDiskDialog::wanted() const
{
    if (!m_plan || (m_plan->management && !m_confirmation->matches()))
        return std::nullopt;
    return Wanted{.member = m_plan->member.id,
                  .name = memberDisplay(m_plan->member),
                  .confirmedName =
                      m_plan->management ? m_confirmation->confirmedName() : std::string()};
}

} // namespace cairn
