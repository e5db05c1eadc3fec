// The backup dialog.
#include "ui/dialogs/backup_dialog.h"

#include "core/backup/guards.h"
#include "core/backup/seal.h"
#include "ui/command_text.h"
#include "ui/display_text.h"
#include "ui/error_text.h"
#include "ui/loss_text.h"
#include "ui/record_text.h"
#include "ui/seal_setting.h"
#include "ui/widgets/tone_delegate.h"

#include <QFormLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLocale>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

// A target is chosen by arrow keys and mouse: what is typed is meant for a field, and must not
// move the choice to the region whose name begins so.
class CandidateTable final : public QTableView {
public:
    void keyboardSearch(const QString&) override {}
};

} // namespace

BackupDialog::BackupDialog(const ArraySnapshot& snapshot, const Region& source,
                           const BackupTargets& targets, QWidget* parent)
    : TypedDialog(parent), m_snapshot(snapshot), m_source(source),
      m_model(new CandidateModel(snapshot, source.id, targets, this))
{
    setObjectName(QStringLiteral("backupDialog"));
    setWindowTitle(titleText(tr("Back up %1").arg(regionDisplay(source))));
    build();
    showSource(targets.cannotFreeze);
    update();
    resize(820, 560);
}

QWidget* BackupDialog::buildTable()
{
    m_table = new CandidateTable;
    m_table->setObjectName(QStringLiteral("candidateTable"));
    m_table->setAccessibleName(tr("Targets, best first"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new ToneDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setWordWrap(true);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->verticalHeader()->setMinimumSectionSize(fontMetrics().height() + 10);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    // As wide as what they show, within reason: the reasons take what is left.
    m_table->ensurePolished();
    const std::array<int, 3> mostCharacters{30, 30, 14};
    for (int column = 0; column < static_cast<int>(mostCharacters.size()); ++column) {
        m_table->resizeColumnToContents(column);
        const int mostPx =
            fontMetrics().averageCharWidth() * mostCharacters.at(static_cast<std::size_t>(column));
        m_table->setColumnWidth(column, std::min(m_table->columnWidth(column), mostPx));
    }
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &BackupDialog::update);
    m_table->installEventFilter(this);
    return m_table;
}

bool BackupDialog::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table && event->type() == QEvent::KeyPress && chosenRow() < 0 &&
        m_model->rowCount() > 0) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if ((key == Qt::Key_Down || key == Qt::Key_Up) && m_model->choosable(0)) {
            m_table->selectRow(0);
            return true;
        }
    }
    return TypedDialog::eventFilter(watched, event);
}

QLayout* BackupDialog::buildOptions()
{
    m_label = new QLineEdit;
    m_label->setObjectName(QStringLiteral("backupLabel"));
    m_label->setAccessibleName(tr("Label"));
    m_label->setPlaceholderText(tr("such as “before upgrade”"));
    m_note = new QLineEdit;
    m_note->setObjectName(QStringLiteral("backupNote"));
    m_note->setAccessibleName(tr("Note"));
    m_verify = new QCheckBox(tr("Read the copy back and compare it (recommended)"));
    m_verify->setObjectName(QStringLiteral("backupVerify"));
    m_verify->setAccessibleName(tr("Verify after copying"));
    m_verify->setChecked(true);
    m_skip = new QCheckBox(tr("Go on around what cannot be read; the backup is partial then"));
    m_skip->setObjectName(QStringLiteral("backupSkipUnreadable"));
    m_skip->setAccessibleName(tr("Skip what cannot be read"));
    m_seal = new QCheckBox(tr("Seal it: no program finds a filesystem in it until it is unsealed"));
    m_seal->setObjectName(QStringLiteral("backupSeal"));
    m_seal->setAccessibleName(tr("Seal the copy"));
    connect(m_seal, &QCheckBox::toggled, this, [this](bool sealed) {
        if (const int row = chosenRow(); row >= 0)
            sealOf(m_model->regionAt(row)) = sealed;
        update();
    });
    // The command of an ordinary user says all that was chosen.
    for (QLineEdit* field : {m_label, m_note})
        connect(field, &QLineEdit::textChanged, this, &BackupDialog::update);
    for (QCheckBox* box : {m_verify, m_skip})
        connect(box, &QCheckBox::toggled, this, &BackupDialog::update);
    auto* form = new QFormLayout;
    form->addRow(tr("Label"), m_label);
    form->addRow(tr("Note"), m_note);
    for (QCheckBox* box : {m_verify, m_skip, m_seal})
        form->addRow(QString(), box);
    return form;
}

void BackupDialog::build()
{
    auto* heading =
        PlainLabel::heading(tr("Where shall %1 be backed up?").arg(regionDisplay(m_source)));
    m_sourceLine = PlainLabel::muted();
    m_sourceLine->setObjectName(QStringLiteral("sourceLine"));
    m_accepted = PlainLabel::wrapped();
    m_accepted->setObjectName(QStringLiteral("acceptedSource"));
    m_use = new SourceUseChoice;
    m_consequence = PlainLabel::wrapped();
    m_consequence->setObjectName(QStringLiteral("consequence"));
    m_consequence->setBold(true);
    m_confirmation = new NameConfirmation;
    setConfirmation(m_confirmation);

    QDialogButtonBox* buttons = addButtons(tr("Back up"));
    verbButton()->setObjectName(QStringLiteral("startBackup"));
    verbButton()->setAccessibleName(tr("Start the backup"));

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(10);
    column->addWidget(heading);
    column->addWidget(m_sourceLine);
    column->addWidget(m_accepted);
    column->addWidget(m_use);
    column->addWidget(buildTable(), 1);
    column->addWidget(m_consequence);
    column->addWidget(m_confirmation);
    column->addLayout(buildOptions());
    column->addWidget(buttons);
    connect(m_confirmation, &NameConfirmation::changed, this, &BackupDialog::update);
    connect(m_use, &SourceUseChoice::changed, this, &BackupDialog::update);
    m_table->setFocus();
}

void BackupDialog::showSource(const std::optional<Error>& cannotFreeze)
{
    const Member* member = m_snapshot.layout.findMember(m_source.member);
    m_sourceLine->setText(tr("%1, %2, on %3. Its content is only read.")
                              .arg(contentDisplay(m_source.content),
                                   sizeDisplay(m_source.extent.lengthBytes),
                                   member != nullptr ? memberDisplay(*member) : QString()));
    const UnfinishedWrite* half = m_snapshot.acceptedIn(m_source.id);
    m_accepted->setText(
        half != nullptr
            ? tr("⚠ Its content is %1. A backup of it never counts as another good copy.")
                  .arg(acceptedDisplay(*half))
            : QString());
    m_accepted->setVisible(half != nullptr);
    m_use->setSource(m_source, cannotFreeze);
}

void BackupDialog::setCandidates(const ArraySnapshot& snapshot,
                                 const Result<BackupTargets>& targets)
{
    const int row = chosenRow();
    const auto chosen = row >= 0 ? std::optional(m_model->candidateAt(row)) : std::nullopt;
    m_snapshot = snapshot;
    m_refused = targets ? std::nullopt : std::optional(targets.error());
    if (const Region* now = snapshot.layout.find(m_source.id))
        m_source = *now;
    m_model->setCandidates(snapshot, targets.value_or(BackupTargets()));
    showSource(targets ? targets->cannotFreeze : std::nullopt);
    // Another backup or another reason is not what was looked at: it is chosen anew.
    const auto same = [&](const CandidateTarget& now) {
        return chosen && now.region == chosen->region && now.refusals == chosen->refusals &&
               now.replaces == chosen->replaces;
    };
    for (int now = 0; now < m_model->rowCount(); ++now) {
        if (same(m_model->candidateAt(now)) && m_model->choosable(now))
            m_table->selectRow(now);
    }
    update();
}

void BackupDialog::choose(const RegionId& target)
{
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (m_model->candidateAt(row).region == target && m_model->choosable(row))
            m_table->selectRow(row);
    }
}

int BackupDialog::chosenRow() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() || !m_model->choosable(rows.first().row()) ? -1 : rows.first().row();
}

QString BackupDialog::consequence(int row) const
{
    const CandidateTarget& candidate = m_model->candidateAt(row);
    const Region& target = m_model->regionAt(row);
    QStringList lines;
    const Generation* replaced =
        candidate.replaces != 0 ? m_snapshot.find(candidate.replaces) : nullptr;
    const QString name = regionDisplay(target);
    const auto missed = std::ranges::find_if(candidate.refusals, [](const Refusal& refusal) {
        return refusal.reason == RefusalReason::LastGoodCopy ||
               refusal.reason == RefusalReason::LastRecognised;
    });
    if (replaced != nullptr) {
        lines.append(replacedText(*replaced, name));
        if (missed != candidate.refusals.end())
            lines.append(lastCopyText(*missed));
    } else if (!candidate.allowed()) {
        lines.append(tr("What is in %1 now will be overwritten.").arg(name));
    } else if (const Generation* held = m_snapshot.heldBy(target.id)) {
        lines.append(givenUpText(*held, name));
    } else {
        lines.append(tr("%1 is empty; nothing is lost.").arg(name));
    }
    if (candidate.sameMember)
        lines.append(tr("Source and target are on the same member: its failure would take both."));
    return lines.join(u' ');
}

bool& BackupDialog::sealOf(const Region& target)
{
    return m_seals
        .try_emplace(sealsByDefault(m_snapshot.layout, target),
                     sealSetting(m_snapshot.layout, target))
        .first->second;
}

void BackupDialog::showSeal(int row)
{
    const QSignalBlocker quiet(m_seal);
    m_seal->setEnabled(row >= 0);
    m_seal->setToolTip(row >= 0 ? QString() : toolTipText(tr("Choose a target first.")));
    m_seal->setChecked(row >= 0 && sealOf(m_model->regionAt(row)));
}

void BackupDialog::update()
{
    const int row = chosenRow();
    const bool typed = row >= 0 && !m_model->candidateAt(row).allowed();
    if (typed)
        m_confirmation->setRegion(m_snapshot.layout, m_model->regionAt(row));
    m_confirmation->setVisible(typed);
    m_consequence->setText(m_refused ? tr("%1 cannot be backed up now. %2")
                                           .arg(regionDisplay(m_source), causeText(*m_refused))
                           : row >= 0 ? consequence(row)
                                      : tr("Choose a target."));
    showSeal(row);
    const bool decided = row >= 0 && (!typed || m_confirmation->matches());
    m_use->setCommand(decided ? frozenBackupCommand(m_snapshot, planTo(row)) : QString(),
                      row < 0 ? tr("Choose a target: the command is shown then.")
                              : tr("Type the region's name: the command is shown then."));
    verbButton()->setEnabled(decided && m_use->isAnswered());
    verbButton()->setToolTip(
        decided && !m_use->isAnswered()
            ? toolTipText(
                  tr("Choose how %1 is read while it is in use.").arg(regionDisplay(m_source)))
            : QString());
    const bool overwrites = typed || (row >= 0 && m_model->candidateAt(row).replaces != 0);
    verbButton()->setProperty("danger", typed);
    verbButton()->setText(
        overwrites ? buttonText(tr("Overwrite %1").arg(regionDisplay(m_model->regionAt(row))))
                   : tr("Back up"));
}

BackupPlan BackupDialog::planTo(int row) const
{
    const CandidateTarget& candidate = m_model->candidateAt(row);
    return {.source = m_source,
            .target = m_model->regionAt(row),
            .candidate = candidate,
            .label = m_label->text().trimmed().toStdString(),
            .note = m_note->text().trimmed().toStdString(),
            .verify = m_verify->isChecked(),
            .onUnreadable = m_skip->isChecked() ? OnUnreadable::Skip : OnUnreadable::Fail,
            .confirmedName = candidate.allowed() ? std::string() : m_confirmation->confirmedName(),
            .policy = m_use->policy(),
            .seal = m_seal->isChecked()};
}

std::optional<BackupPlan> BackupDialog::plan() const
{
    const int row = chosenRow();
    if (row < 0 || !verbButton()->isEnabled())
        return std::nullopt;
    return planTo(row);
}

void BackupDialog::accept()
{
    if (const auto chosen = plan())
        keepSealSetting(m_snapshot.layout, chosen->target, chosen->seal);
    TypedDialog::accept();
}

} // namespace cairn
