// The dialog for joining members.
#include "ui/dialogs/member_dialog.h"

#include "ui/away_member.h"
#include "ui/dialogs/file_dialog.h"
#include "ui/error_text.h"
#include "ui/loss_text.h"
#include "ui/record_text.h"
#include "ui/widgets/plain_label.h"

#include <QHBoxLayout>

namespace cairn {
namespace {

DialogFrame::Look lookOf(MemberDialog::Purpose purpose)
{
    if (purpose == MemberDialog::Purpose::Add)
        return {.title = MemberDialog::tr("Add member"),
                .heading = MemberDialog::tr("Which disk or file shall join the array?"),
                .explanation = MemberDialog::tr(
                    "One that already holds something is refused, unless it is adopted with its "
                    "partitions."),
                .verb = MemberDialog::tr("Add")};
    return {.title = MemberDialog::tr("Replace member"),
            .heading = MemberDialog::tr("Which disk or file takes the place of the lost member?"),
            .explanation = MemberDialog::tr(
                "It gets a copy of the catalog. The backups that only the lost member held stay "
                "listed, and are not brought back."),
            .verb = MemberDialog::tr("Replace")};
}

} // namespace

MemberDialog::MemberDialog(const ArrayLayout& layout, Purpose purpose, QWidget* parent)
    : DialogFrame(lookOf(purpose), parent), m_layout(layout), m_purpose(purpose),
      m_old(new LossBox), m_cost(PlainLabel::wrapped()), m_confirmation(new NameConfirmation),
      m_path(new QLineEdit), m_size(new SizeField(QStringLiteral("1 GiB"))),
      m_sizeProblem(PlainLabel::muted()), m_create(new QCheckBox(tr("Create this image file"))),
      m_adopt(new QCheckBox(tr("Adopt: keep the partitions that are there"))),
      m_overLeftovers(new QCheckBox(
          tr("Overwrite what deleted partitions left, where no free space is empty"))),
      m_asRoot(new RootCommand(QStringLiteral("memberCommand"),
                               purpose == Purpose::Add
                                   ? tr("Command that adds the disk, as root")
                                   : tr("Command that replaces the member, as root")))
{
    setObjectName(QStringLiteral("memberDialog"));
    m_path->setObjectName(QStringLiteral("memberPath"));
    m_path->setAccessibleName(tr("Path of the disk or image file"));
    m_path->setPlaceholderText(tr("/dev/sdb, or the path of an image file"));
    m_size->setObjectName(QStringLiteral("memberSize"));
    m_size->setAccessibleName(tr("Size of the new image file"));
    m_sizeProblem->setObjectName(QStringLiteral("sizeProblem"));
    m_create->setObjectName(QStringLiteral("createFile"));
    m_create->setAccessibleName(m_create->text());
    m_adopt->setObjectName(QStringLiteral("adopt"));
    m_adopt->setAccessibleName(m_adopt->text());
    m_overLeftovers->setObjectName(QStringLiteral("overLeftovers"));
    m_overLeftovers->setAccessibleName(m_overLeftovers->text());
    auto* browse = new QPushButton(tr("Choose …"));
    browse->setObjectName(QStringLiteral("browseFiles"));
    browse->setAutoDefault(false);
    connect(browse, &QPushButton::clicked, this, [this] {
        for (const QString& file : chooseFiles(this, FileChoice::MayBeNew, tr("Disk image")))
            m_path->setText(file);
    });
    auto* line = new QHBoxLayout;
    line->addWidget(m_path, 1);
    line->addWidget(browse);
    auto* form = new QFormLayout;
    addReplaced(*form);
    form->addRow(tr("Disk or file"), line);
    form->addRow(QString(), m_create);
    form->addRow(tr("Size"), m_size);
    form->addRow(QString(), m_sizeProblem);
    form->addRow(QString(), m_adopt);
    form->addRow(QString(), m_overLeftovers);
    body()->addLayout(form);
    body()->addWidget(m_cost);
    body()->addWidget(m_confirmation);
    body()->addWidget(m_asRoot);
    setConfirmation(m_confirmation);
    connect(m_path, &QLineEdit::textChanged, this, &MemberDialog::update);
    connect(m_size, &QLineEdit::textChanged, this, &MemberDialog::update);
    connect(m_create, &QCheckBox::toggled, this, &MemberDialog::update);
    connect(m_adopt, &QCheckBox::toggled, this, &MemberDialog::update);
    update();
}

void MemberDialog::addReplaced(QFormLayout& form)
{
    m_old->setObjectName(QStringLiteral("replacedMember"));
    m_old->setAccessibleName(tr("Member to replace"));
    m_old->setPlaceholderText(tr("Choose a member"));
    m_cost->setObjectName(QStringLiteral("replacementCost"));
    m_cost->setAlignment(Qt::AlignTop);
    if (m_purpose == Purpose::Add) {
        m_old->setParent(this);
        m_old->hide();
        m_cost->hide();
        return;
    }
    m_cost->setMinimumHeight(fontMetrics().height() * 2);
    form.addRow(tr("In place of"), m_old);
    for (const Member& member : m_layout.members) {
        if (isAway(member) && !member.id.isNull())
            m_old->addItem(
                tr("%1 (%2)").arg(memberDisplay(member), memberStateDisplay(member.state)),
                QString::fromStdString(member.id.toString()));
    }
    m_old->setCurrentIndex(-1);
    connect(m_old, &LossBox::currentIndexChanged, this, &MemberDialog::memberChosen);
    connect(m_confirmation, &NameConfirmation::changed, this, &MemberDialog::update);
}

void MemberDialog::memberChosen()
{
    m_plan.reset();
    m_cost->setText(tr("Looking what lies on it …"));
    update();
    if (const auto old = replaced())
        Q_EMIT planWanted(*old);
}

void MemberDialog::choose(const Uuid& old)
{
    m_old->setCurrentIndex(m_old->findData(QString::fromStdString(old.toString())));
}

void MemberDialog::setPlan(const Uuid& old, const Result<MemberReplacement>& plan)
{
    if (replaced() != old)
        return;
    if (!plan) {
        m_cost->setText(errorText(Verb::ReplaceMember, plan.error()).paragraph());
        return;
    }
    m_plan = *plan;
    const QString lost = memberLossText(m_plan->loss);
    m_cost->setText(lost.isEmpty() ? tr("No backup goes with it.") : lost);
    if (m_plan->losing)
        m_confirmation->setRegion(m_layout, *m_plan->losing,
                                  tr("What only the lost member holds will be no backup of this "
                                     "array any more."));
    update();
}

bool MemberDialog::lossConfirmed() const
{
    return m_plan && (!m_plan->losing || m_confirmation->matches());
}

void MemberDialog::update()
{
    m_confirmation->setVisible(m_plan && m_plan->losing);
    m_size->setEnabled(m_create->isChecked());
    m_sizeProblem->setText(m_create->isChecked() ? m_size->problem() : QString());
    m_sizeProblem->setVisible(!m_sizeProblem->text().isEmpty());
    m_adopt->setEnabled(!m_create->isChecked());
    m_overLeftovers->setEnabled(m_adopt->isEnabled() && m_adopt->isChecked());
    const auto member = wanted();
    const QString command = member && m_commandAsRoot ? m_commandAsRoot(*member) : QString();
    m_asRoot->setCommand(command);
    verbButton()->setEnabled(member && command.isEmpty());
}

void MemberDialog::leaveToRoot(const CommandAsRoot& command)
{
    m_commandAsRoot = command;
    update();
}

void MemberDialog::enter(const MemberInput& input)
{
    m_path->setText(input.path);
    m_size->setText(input.size);
    m_create->setChecked(input.create);
    m_adopt->setChecked(input.adopt);
    m_overLeftovers->setChecked(input.overLeftovers);
}

MemberInput MemberDialog::input() const
{
    return {.path = m_path->text(),
            .size = m_size->text(),
            .create = m_create->isChecked(),
            .adopt = m_adopt->isChecked(),
            .overLeftovers = m_overLeftovers->isChecked()};
}

std::optional<Array::NewMember> MemberDialog::wanted() const
{
    const QString path = m_path->text().trimmed();
    const bool create = m_create->isChecked();
    if (path.isEmpty() || (create && !m_size->bytes()))
        return std::nullopt;
    if (m_purpose == Purpose::Replace && !lossConfirmed())
        return std::nullopt;
    Array::NewMember member;
    member.uri = path.toStdString();
    member.adopt = !create && m_adopt->isChecked();
    if (member.adopt && m_overLeftovers->isChecked())
        member.leftovers = Leftovers::Overwrite;
    member.createSizeBytes = create ? *m_size->bytes() : 0;
    return member;
}

std::optional<Uuid> MemberDialog::replaced() const
{
    return Uuid::parse(m_old->currentData().toString().toStdString());
}

} // namespace cairn
