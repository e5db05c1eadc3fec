// The dialog for new regions.
#include "ui/dialogs/add_region_dialog.h"

#include "ui/dialogs/region_name.h"
#include "ui/record_text.h"
#include "ui/widgets/plain_label.h"

#include <QFormLayout>
#include <algorithm>

namespace cairn {

AddRegionDialog::AddRegionDialog(const ArrayLayout& layout, QWidget* parent)
    : DialogFrame({.title = tr("Add region"),
                   .heading = tr("Add a region"),
                   .explanation = tr("It becomes a partition in the member's free space. Nothing "
                                     "else changes."),
                   .verb = tr("Add")},
                  parent),
      m_layout(layout), m_name(new QLineEdit), m_size(new SizeField(QString())),
      m_member(new QComboBox), m_problem(PlainLabel::muted())
{
    setObjectName(QStringLiteral("addRegionDialog"));
    m_name->setObjectName(QStringLiteral("regionName"));
    m_name->setAccessibleName(tr("Name of the region"));
    m_problem->setObjectName(QStringLiteral("nameProblem"));
    m_size->setObjectName(QStringLiteral("regionSize"));
    m_size->setAccessibleName(tr("Size of the region"));
    m_member->setObjectName(QStringLiteral("regionMember"));
    m_member->setAccessibleName(tr("Member"));
    m_member->addItem(tr("the member with the most free space"), QString());
    for (const Member& member : layout.members) {
        if (member.state == MemberState::Present)
            m_member->addItem(memberDisplay(member), QString::fromStdString(member.id.toString()));
    }
    auto* form = new QFormLayout;
    form->addRow(tr("Name"), m_name);
    form->addRow(tr("Size"), m_size);
    form->addRow(tr("On"), m_member);
    form->addRow(QString(), m_problem);
    body()->addLayout(form);
    connect(m_name, &QLineEdit::textChanged, this, &AddRegionDialog::update);
    connect(m_size, &QLineEdit::textChanged, this, &AddRegionDialog::update);
    connect(m_member, &QComboBox::currentIndexChanged, this, &AddRegionDialog::update);
    update();
}

std::uint64_t AddRegionDialog::largestFreeBytes() const
{
    const std::string chosen = m_member->currentData().toString().toStdString();
    std::uint64_t largest = 0;
    for (const Member& member : m_layout.members) {
        if (!chosen.empty() && member.id.toString() != chosen)
            continue;
        for (const ByteRange& extent : member.free)
            largest = std::max(largest, extent.lengthBytes);
    }
    return largest;
}

QString AddRegionDialog::problem() const
{
    if (const QString wrong = regionNameProblem(m_name->text(), m_layout); !wrong.isEmpty())
        return wrong;
    if (const QString wrong = m_size->problem(); !wrong.isEmpty())
        return wrong;
    const auto size = m_size->bytes();
    if (size && *size > largestFreeBytes())
        return tr("Too large: the largest free extent is %1.").arg(sizeDisplay(largestFreeBytes()));
    return {};
}

QString AddRegionDialog::hint() const
{
    const QString most = tr("The largest free extent is %1.").arg(sizeDisplay(largestFreeBytes()));
    const auto size = m_size->bytes();
    if (!size || *size % kMiB == 0)
        return most;
    return tr("Regions are whole MiB: it will have %1.").arg(sizeToAddDisplay(*size)) + u' ' + most;
}

void AddRegionDialog::update()
{
    const QString text = problem();
    m_problem->setText(text.isEmpty() ? hint() : text);
    verbButton()->setEnabled(wanted().has_value());
}

std::optional<Uuid> AddRegionDialog::member() const
{
    return Uuid::parse(m_member->currentData().toString().toStdString());
}

void AddRegionDialog::enter(const RegionInput& input)
{
    m_name->setText(input.name);
    m_size->setText(input.size);
    const QString member =
        input.member ? QString::fromStdString(input.member->toString()) : QString();
    m_member->setCurrentIndex(std::max(0, m_member->findData(member)));
}

RegionInput AddRegionDialog::input() const
{
    return {.name = m_name->text(), .size = m_size->text(), .member = member()};
}

std::optional<WantedRegion> AddRegionDialog::wanted() const
{
    const auto size = m_size->bytes();
    if (m_name->text().trimmed().isEmpty() || !size || !problem().isEmpty())
        return std::nullopt;
    return WantedRegion{
        .name = typedRegionName(m_name->text()), .sizeBytes = *size, .member = member()};
}

} // namespace cairn
