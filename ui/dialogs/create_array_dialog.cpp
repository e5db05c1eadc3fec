// The dialog for new arrays.
#include "ui/dialogs/create_array_dialog.h"

#include "ui/widgets/plain_label.h"

#include <QFormLayout>

namespace cairn {

CreateArrayDialog::CreateArrayDialog(QWidget* parent)
    : DialogFrame(
          {.title = tr("New array"),
           .heading = tr("What shall the new array consist of?"),
           .explanation = tr("With two members or more the catalog is mirrored. A disk or file "
                             "that already holds something is refused, never overwritten."),
           .verb = tr("Create")},
          parent),
      m_members(new MemberList(MemberList::Purpose::MayBeNew)), m_label(new QLineEdit),
      m_size(new SizeField(QStringLiteral("1 GiB"))),
      m_adopt(new QCheckBox(tr("Adopt: keep the partition table and the regions that are there"))),
      m_overLeftovers(
          new QCheckBox(tr("Overwrite what deleted partitions left, where no free space is empty")))
{
    setObjectName(QStringLiteral("createArrayDialog"));
    m_label->setObjectName(QStringLiteral("arrayLabel"));
    m_label->setAccessibleName(tr("Name of the array"));
    m_size->setObjectName(QStringLiteral("memberSize"));
    m_size->setAccessibleName(tr("Size of each new image file"));
    m_adopt->setObjectName(QStringLiteral("adopt"));
    m_adopt->setAccessibleName(tr("Adopt the disk with its partitions"));
    m_overLeftovers->setObjectName(QStringLiteral("overLeftovers"));
    m_overLeftovers->setAccessibleName(m_overLeftovers->text());
    m_overLeftovers->setEnabled(false);
    auto* form = new QFormLayout;
    form->addRow(tr("Name"), m_label);
    form->addRow(tr("Size of new files"), m_size);
    auto* problem = PlainLabel::muted();
    problem->setObjectName(QStringLiteral("sizeProblem"));
    form->addRow(QString(), problem);
    form->addRow(QString(), m_adopt);
    form->addRow(QString(), m_overLeftovers);
    body()->addWidget(m_members, 1);
    body()->addLayout(form);
    const auto check = [this, problem] {
        const QString wrong = m_adopt->isChecked() ? QString() : m_size->problem();
        problem->setText(wrong);
        problem->setVisible(!wrong.isEmpty());
        m_size->setEnabled(!m_adopt->isChecked());
        m_overLeftovers->setEnabled(m_adopt->isChecked());
        verbButton()->setText(m_adopt->isChecked() ? tr("Adopt") : tr("Create"));
        verbButton()->setEnabled(creation().has_value());
    };
    connect(m_members, &MemberList::changed, this, check);
    connect(m_size, &QLineEdit::textChanged, this, check);
    connect(m_adopt, &QCheckBox::toggled, this, check);
    check();
    resize(620, 440);
}

void CreateArrayDialog::enter(const CreationInput& input)
{
    for (const QString& uri : input.uris)
        m_members->add(uri);
    m_label->setText(input.label);
    m_size->setText(input.size);
    m_adopt->setChecked(input.adopt);
    m_overLeftovers->setChecked(input.overLeftovers);
}

CreationInput CreateArrayDialog::input() const
{
    return {.uris = m_members->uris(),
            .label = m_label->text(),
            .size = m_size->text(),
            .adopt = m_adopt->isChecked(),
            .overLeftovers = m_overLeftovers->isChecked()};
}

std::optional<Attachment::Creation> CreateArrayDialog::creation() const
{
    const auto size = m_size->bytes();
    const QStringList uris = m_members->uris();
    if (uris.isEmpty() || (!size && !m_adopt->isChecked()))
        return std::nullopt;
    Attachment::Creation wanted;
    for (const QString& uri : uris)
        wanted.array.uris.push_back(uri.toStdString());
    wanted.array.memberSizeBytes = m_adopt->isChecked() ? 0 : *size;
    wanted.label = m_label->text().trimmed().toStdString();
    wanted.adopt = m_adopt->isChecked();
    if (wanted.adopt && m_overLeftovers->isChecked())
        wanted.array.overLeftovers = wanted.array.uris;
    return wanted;
}

} // namespace cairn
