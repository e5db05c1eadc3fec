// Texts and rows of the ledger's table.
#include "ui/models/ledger_model.h"

#include "ui/display_text.h"
#include "ui/event_text.h"
#include "ui/record_text.h"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

QString entryText(const Event& event, int column)
{
    switch (column) {
    case LedgerModel::Entry:
        return QString::number(event.id);
    case LedgerModel::When:
        return timeDisplay(event.timeMs);
    case LedgerModel::What:
        return eventDisplay(event.kind);
    case LedgerModel::Backup:
        return event.generation != 0 ? QStringLiteral("#%1").arg(event.generation) : QString();
    case LedgerModel::Subject:
        return displayShort(event.subject, 120);
    case LedgerModel::Detail:
        return displayShort(event.detail, 400);
    case LedgerModel::Host:
        return displayShort(event.hostName, 80);
    default:
        return {};
    }
}

bool hasWord(const Event& event, const QString& word)
{
    if (word.startsWith(u'#') && word.size() > 1)
        return entryText(event, LedgerModel::Backup) == word;
    for (int column = 0; column < LedgerModel::ColumnCount; ++column) {
        if (entryText(event, column).contains(word, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

// What went wrong, or was called into question, is seen among what went well.
Tone toneOf(EventKind kind)
{
    switch (kind) {
    case EventKind::BackupFailed:
    case EventKind::VerifyFailed:
    case EventKind::RestoreFailed:
    case EventKind::UndoFailed:
    case EventKind::RegionImportFailed:
        return Tone::Bad;
    case EventKind::BackupInterrupted:
    case EventKind::RestoreInterrupted:
    case EventKind::UndoInterrupted:
    case EventKind::MemberStale:
    case EventKind::ContentAccepted:
    case EventKind::GivenUp:
    case EventKind::SourceUnreadable:
        return Tone::Warning;
    case EventKind::Verified:
        return Tone::Good;
    default:
        return Tone::Plain;
    }
}

} // namespace

LedgerRows filteredEntries(const Ledger& ledger, const LedgerFilter& filter)
{
    const QStringList words = filter.words.simplified().split(u' ', Qt::SkipEmptyParts);
    LedgerRows rows;
    for (std::size_t place = ledger.events.size(); place > 0; --place) {
        const Event& event = ledger.events[place - 1];
        if (filter.backup && event.generation != *filter.backup)
            continue;
        if (std::ranges::all_of(words, [&](const QString& word) { return hasWord(event, word); }))
            rows.push_back(place - 1);
    }
    return rows;
}

void LedgerModel::show(std::shared_ptr<const Ledger> ledger, LedgerRows rows)
{
    beginResetModel();
    m_ledger = std::move(ledger);
    m_rows = std::move(rows);
    endResetModel();
}

int LedgerModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int LedgerModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant LedgerModel::data(const QModelIndex& index, int role) const
{
    if (!m_ledger || index.row() < 0 || index.row() >= rowCount())
        return {};
    const Event& event = m_ledger->events[m_rows[static_cast<std::size_t>(index.row())]];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return entryText(event, column);
    case Qt::ToolTipRole:
        return toolTipText(entryText(event, column));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            (column == Entry || column == Backup ? Qt::AlignTrailing : Qt::AlignLeading) |
            Qt::AlignVCenter));
    case Qt::UserRole: // Of ToneDelegate.
        return static_cast<int>(column == What ? toneOf(event.kind) : Tone::Plain);
    default:
        return {};
    }
}

QVariant LedgerModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(
            (section == Entry || section == Backup ? Qt::AlignTrailing : Qt::AlignLeading) |
            Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    const std::array<QString, ColumnCount> titles{
        tr("Entry"), tr("When"), tr("What"), tr("Backup"), tr("Of"), tr("Detail"), tr("Host")};
    return titles.at(static_cast<std::size_t>(section));
}

} // namespace cairn
