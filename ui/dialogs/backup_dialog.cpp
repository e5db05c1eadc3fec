// The backup dialog.
#include "ui/dialogs/backup_dialog.h"

#include "core/backup/guards.h"
#include "ui/display_text.h"
#include "ui/error_text.h"
#include "ui/loss_text.h"
#include "ui/record_text.h"
#include "ui/widgets/tone_delegate.h"

#include <QFormLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLocale>
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

void BackupDialog::build()
{
    const Member* member = m_snapshot.layout.findMember(m_source.member);
    auto* heading =
        PlainLabel::heading(tr("Where shall %1 be backed up?").arg(regionDisplay(m_source)));
    auto* source = PlainLabel::muted(
        tr("%1, %2, on %3. Its content is only read.")
            .arg(contentDisplay(m_source.content), sizeDisplay(m_source.extent.lengthBytes),
                 member != nullptr ? memberDisplay(*member) : QString()));
    const UnfinishedWrite* half = m_snapshot.acceptedIn(m_source.id);
    auto* accepted = PlainLabel::wrapped(
        half != nullptr
            ? tr("⚠ Its content is %1. A backup of it never counts as another good copy.")
                  .arg(acceptedDisplay(*half))
            : QString());
    accepted->setObjectName(QStringLiteral("acceptedSource"));
    accepted->setVisible(half != nullptr);
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
    auto* form = new QFormLayout;
    form->addRow(tr("Label"), m_label);
    form->addRow(tr("Note"), m_note);
    form->addRow(QString(), m_verify);
    form->addRow(QString(), m_skip);
    m_consequence = PlainLabel::wrapped();
    m_consequence->setObjectName(QStringLiteral("consequence"));
    m_consequence->setBold(true);
    m_confirmation = new NameConfirmation;
    setConfirmation(m_confirmation);
    connect(m_confirmation, &NameConfirmation::changed, this, &BackupDialog::update);

    QDialogButtonBox* buttons = addButtons(tr("Back up"));
    verbButton()->setObjectName(QStringLiteral("startBackup"));
    verbButton()->setAccessibleName(tr("Start the backup"));

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(10);
    column->addWidget(heading);
    column->addWidget(source);
    column->addWidget(accepted);
    column->addWidget(buildTable(), 1);
    column->addWidget(m_consequence);
    column->addWidget(m_confirmation);
    column->addLayout(form);
    column->addWidget(buttons);
    m_table->setFocus();
}

void BackupDialog::setCandidates(const ArraySnapshot& snapshot,
                                 const Result<BackupTargets>& targets)
{
    const int row = chosenRow();
    const auto chosen = row >= 0 ? std::optional(m_model->candidateAt(row)) : std::nullopt;
    m_snapshot = snapshot;
    m_refused = targets ? std::nullopt : std::optional(targets.error());
    m_model->setCandidates(snapshot, targets.value_or(BackupTargets()));
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
    verbButton()->setEnabled(row >= 0 && (!typed || m_confirmation->matches()));
    const bool overwrites = typed || (row >= 0 && m_model->candidateAt(row).replaces != 0);
    verbButton()->setProperty("danger", typed);
    verbButton()->setText(
        overwrites ? buttonText(tr("Overwrite %1").arg(regionDisplay(m_model->regionAt(row))))
                   : tr("Back up"));
}

std::optional<BackupPlan> BackupDialog::plan() const
{
    const int row = chosenRow();
    if (row < 0 || !verbButton()->isEnabled())
        return std::nullopt;
    const CandidateTarget& candidate = m_model->candidateAt(row);
    return BackupPlan{.source = m_source,
                      .target = m_model->regionAt(row),
                      .candidate = candidate,
                      .label = m_label->text().trimmed().toStdString(),
                      .note = m_note->text().trimmed().toStdString(),
                      .verify = m_verify->isChecked(),
                      .onUnreadable = m_skip->isChecked() ? OnUnreadable::Skip : OnUnreadable::Fail,
                      .confirmedName =
                          candidate.allowed() ? std::string() : m_confirmation->confirmedName()};
}

} // namespace cairn
