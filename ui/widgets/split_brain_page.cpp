// Shows diverged histories side by side.
#include "ui/widgets/split_brain_page.h"

#include "ui/display_text.h"
#include "ui/event_text.h"
#include "ui/models/ledger_model.h"
#include "ui/record_text.h"
#include "ui/widgets/card.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/tone_delegate.h"

#include <QHeaderView>
#include <QLocale>
#include <QPushButton>
#include <QTableView>
#include <memory>
#include <utility>

namespace cairn {
namespace {

constexpr int kLeastRows = 4;
constexpr int kFittedRows = 200; // As many as are listed.

// What its ledger alone tells, newest first.
QTableView* ledgerTable(const CatalogHistory& history, int position)
{
    auto* table = new QTableView;
    table->setObjectName(QStringLiteral("historyLedger%1").arg(position));
    table->setAccessibleName(
        SplitBrainPage::tr("Ledger entries that only history %1 has, newest first").arg(position));
    auto* model = new LedgerModel(table);
    auto ledger = std::make_shared<Ledger>();
    ledger->events = history.ownEvents;
    LedgerRows rows = filteredEntries(*ledger, {});
    model->show(std::move(ledger), std::move(rows));
    table->setModel(model);
    table->setItemDelegate(new ToneDelegate(table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setAlternatingRowColors(true);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 9);
    table->setMinimumHeight(table->horizontalHeader()->sizeHint().height() +
                            kLeastRows * table->verticalHeader()->defaultSectionSize() +
                            2 * table->frameWidth());
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    table->horizontalHeader()->setResizeContentsPrecision(kFittedRows);
    table->hideColumn(LedgerModel::Entry);
    table->hideColumn(LedgerModel::Host); // That of the newest stands above.
    // A card is narrow: what was done, and when, are seen without scrolling.
    for (int place = 0; const int column : {LedgerModel::What, LedgerModel::When,
                                            LedgerModel::Subject, LedgerModel::Backup})
        table->horizontalHeader()->moveSection(table->horizontalHeader()->visualIndex(column),
                                               place++);
    table->resizeColumnsToContents();
    return table;
}

} // namespace

SplitBrainPage::SplitBrainPage(QWidget* parent) : QWidget(parent), m_cards(new QHBoxLayout)
{
    setObjectName(QStringLiteral("splitBrainPage"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(28, 22, 28, 22);
    column->setSpacing(12);
    column->addWidget(PlainLabel::heading(tr("The members of this array were written apart")));
    column->addWidget(PlainLabel::muted(
        tr("Each of them has gone on with a history of its own. Nothing is merged or dropped by "
           "itself, and the array stays read-only until you choose the history that goes on. The "
           "others are overwritten by it; what they held alone is listed in the ledger. The bytes "
           "in the regions are not touched.")));
    m_cards->setSpacing(16);
    column->addLayout(m_cards, 1);
}

void SplitBrainPage::setSnapshot(const ArraySnapshot& snapshot)
{
    while (QLayoutItem* item = m_cards->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (!snapshot.catalog)
        return;
    int position = 1;
    for (const CatalogHistory& history : snapshot.catalog->histories)
        m_cards->addWidget(card(snapshot, history, position++));
}

QWidget* SplitBrainPage::card(const ArraySnapshot& snapshot, const CatalogHistory& history,
                              int position)
{
    QStringList members;
    for (const Uuid& id : history.members) {
        const Member* member = snapshot.layout.findMember(id);
        members.append(member != nullptr ? memberDisplay(*member)
                                         : QString::fromStdString(id.toString()));
    }
    QStringList backups;
    for (const GenerationNumber number : history.ownGenerations)
        backups.append(QStringLiteral("#") + QLocale().toString(qulonglong{number}));
    QStringList changes;
    for (const Event& event : history.ownEvents)
        changes.append(eventDisplay(event.kind));
    changes.removeDuplicates();
    auto* box = new Card(tr("History %1").arg(position));
    box->setLines(
        {tr("On %1").arg(members.join(QStringLiteral(", "))),
         tr("Last written %1 by %2")
             .arg(timeDisplay(history.lastCommitMs), displayShort(history.lastHost, 60)),
         tr("%1 changes in all").arg(QLocale().toString(qulonglong{history.commits})),
         backups.isEmpty() ? tr("No backup that the others do not have")
                           : tr("Backups only here: %1").arg(backups.join(QStringLiteral(", "))),
         history.ownRegions.empty() ? tr("No region that the others have not written")
                                    : tr("Regions written only here: %1")
                                          .arg(regionsDisplay(history.ownRegions, snapshot.layout)),
         tr("Ledger entries only here, %1: %2")
             .arg(QLocale().toString(qulonglong{history.ownEventCount}),
                  changes.join(QStringLiteral(", ")))});
    box->column()->setStretch(box->column()->count() - 1, 0); // The table takes what is left.
    box->column()->addWidget(ledgerTable(history, position), 1);
    auto* choose = new QPushButton(tr("Go on with history %1 …").arg(position));
    choose->setObjectName(QStringLiteral("chooseHistory%1").arg(position));
    choose->setAccessibleName(tr("Go on with history %1").arg(position));
    const QString id = QString::fromStdString(history.id);
    connect(choose, &QPushButton::clicked, this, [this, id] { Q_EMIT historyChosen(id); });
    box->column()->addWidget(choose, 0, Qt::AlignLeading);
    return box;
}

} // namespace cairn
