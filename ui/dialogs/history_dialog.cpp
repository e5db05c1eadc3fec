// The history dialog.
#include "ui/dialogs/history_dialog.h"

#include "ui/display_text.h"
#include "ui/error_text.h"
#include "ui/jobs/background.h"
#include "ui/widgets/tone_delegate.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kFittedRows = 200;
constexpr int kMostFittedPx = 260;

QString number(std::uint64_t value)
{
    return QLocale().toString(qulonglong{value});
}

} // namespace

HistoryDialog::HistoryDialog(const QString& arrayName, const About& about, QWidget* parent)
    : QDialog(parent), m_about(about), m_model(new LedgerModel(this)),
      m_chain(PlainLabel::wrapped(tr("Reading the ledger …"))), m_words(new QLineEdit),
      m_only(new QCheckBox(tr("Only: %1").arg(buttonText(about.title)))), m_table(new QTableView),
      m_count(PlainLabel::muted())
{
    setObjectName(QStringLiteral("historyDialog"));
    setWindowTitle(titleText(tr("History of %1").arg(arrayName)));
    m_searcher.setMaxThreadCount(1);
    build(arrayName);
    resize(900, 560);
    connect(m_words, &QLineEdit::textChanged, this, &HistoryDialog::filter);
    connect(m_only, &QCheckBox::toggled, this, &HistoryDialog::filter);
}

HistoryDialog::~HistoryDialog() = default;

void HistoryDialog::build(const QString& arrayName)
{
    m_chain->setObjectName(QStringLiteral("chainState"));
    m_words->setObjectName(QStringLiteral("ledgerWords"));
    m_words->setAccessibleName(tr("Filter of the ledger"));
    m_words->setPlaceholderText(tr("Filter: what, region, host, detail, 2026-11, #42"));
    m_words->setClearButtonEnabled(true);
    m_only->setObjectName(QStringLiteral("onlySelected"));
    m_only->setAccessibleName(m_only->text());
    m_only->setChecked(m_about.only);
    m_only->setVisible(m_about.backup != 0);
    m_count->setObjectName(QStringLiteral("ledgerCount"));
    m_count->setWordWrap(false);
    buildTable();
    auto* close = new QPushButton(tr("Close"));
    close->setObjectName(QStringLiteral("closeHistory"));
    close->setAccessibleName(close->text());
    close->setAutoDefault(false);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    auto* line = new QHBoxLayout;
    line->addWidget(m_words, 1);
    line->addWidget(m_only);
    auto* end = new QHBoxLayout;
    end->addWidget(m_count, 1);
    end->addWidget(close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(10);
    column->addWidget(PlainLabel::heading(tr("What was done to %1").arg(arrayName)));
    column->addWidget(m_chain);
    column->addLayout(line);
    column->addWidget(m_table, 1);
    column->addLayout(end);
    m_words->setFocus();
}

void HistoryDialog::buildTable()
{
    m_table->setObjectName(QStringLiteral("ledgerTable"));
    m_table->setAccessibleName(tr("Entries of the ledger, newest first"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new ToneDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    // Fixed: a long table must never ask each row for its height.
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 9);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setResizeContentsPrecision(kFittedRows);
}

void HistoryDialog::setLedger(Result<Ledger> ledger)
{
    if (!ledger) {
        m_chain->setText(tr("✕ The ledger cannot be read. %1").arg(causeText(ledger.error())));
        return;
    }
    m_ledger = std::make_shared<const Ledger>(*std::move(ledger));
    showChain(*m_ledger);
    filter();
}

void HistoryDialog::showChain(const Ledger& ledger)
{
    const QString count = number(ledger.events.size());
    m_chain->setText(
        ledger.chainIntact
            ? tr("✓ The chain of hashes over all %1 entries is intact.").arg(count)
            : tr("✕ The chain of hashes is broken at entry %1 of %2: from there on, entries may "
                 "have been changed, inserted or taken out. Export the catalog, and compare it "
                 "with an older export.")
                  .arg(number(ledger.firstBrokenId), count));
    m_chain->setBold(!ledger.chainIntact);
}

void HistoryDialog::filter()
{
    if (!m_ledger)
        return;
    m_asked = {.words = m_words->text(),
               .backup = m_only->isChecked() ? std::optional(m_about.backup) : std::nullopt};
    runInBackground(
        m_searcher, this,
        [ledger = m_ledger, asked = m_asked] {
            return std::pair(asked, filteredEntries(*ledger, asked));
        },
        [this](std::pair<LedgerFilter, LedgerRows> found) {
            if (found.first == m_asked)
                showRows(std::move(found.second));
        });
}

void HistoryDialog::showRows(LedgerRows rows)
{
    const bool first = m_model->rowCount() == 0;
    m_model->show(m_ledger, std::move(rows));
    m_count->setText(tr("%1 of %2 entries")
                         .arg(number(static_cast<std::uint64_t>(m_model->rowCount())),
                              number(m_ledger->events.size())));
    if (!first)
        return; // Nothing jumps while filtering.
    for (int column = 0; column < LedgerModel::ColumnCount - 1; ++column) {
        m_table->resizeColumnToContents(column);
        m_table->setColumnWidth(column, std::min(m_table->columnWidth(column), kMostFittedPx));
    }
}

void HistoryDialog::keyPressEvent(QKeyEvent* event)
{
    // Return in the filter closes nothing.
    if (event->key() != Qt::Key_Return && event->key() != Qt::Key_Enter)
        QDialog::keyPressEvent(event);
}

} // namespace cairn
