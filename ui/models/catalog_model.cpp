// Texts and rows of the backup table.
#include "ui/models/catalog_model.h"

#include "ui/display_text.h"

#include <QLocale>
#include <QPointer>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr int kSearchAgainMs = 300;
// Beyond it, all that is seen is painted again.
constexpr std::size_t kMostSinglePaints = 200;

QString stateText(const HistoryIndex& index, HistoryIndex::Row row, const StateDisplay& state)
{
    QString text = state.symbol + u' ' + state.word;
    if (index.held(row))
        text += CatalogModel::tr(", %1").arg(heldWord());
    if (index.recovered(row))
        text += CatalogModel::tr(", %1").arg(recoveredWord());
    return text;
}

QString cellText(const HistoryIndex& index, HistoryIndex::Row row, int column)
{
    switch (column) {
    case CatalogModel::Number:
        return QString::number(index.number(row));
    case CatalogModel::When:
        return timeDisplay(index.startedMs(row));
    case CatalogModel::Source:
        return regionDisplay(index.source(row));
    case CatalogModel::Target:
        return regionDisplay(index.target(row));
    case CatalogModel::Size:
        return sizeDisplay(index.sizeBytes(row));
    case CatalogModel::Label:
        return displayShort(index.label(row), 120);
    case CatalogModel::Note:
        return displayShort(index.note(row), 240);
    default:
        return {};
    }
}

} // namespace

CatalogModel::CatalogModel(QObject* parent) : QAbstractTableModel(parent)
{
    m_searchSoon.setSingleShot(true);
    m_searchSoon.setInterval(kSearchAgainMs);
    connect(&m_searchSoon, &QTimer::timeout, this, &CatalogModel::search);
}

void CatalogModel::setHistory(History* history)
{
    if (m_history != nullptr)
        disconnect(m_history, nullptr, this, nullptr);
    m_history = history;
    if (history != nullptr) {
        connect(history, &History::restarted, this, &CatalogModel::readAgain);
        connect(history, &History::appended, this, &CatalogModel::showAppended);
        connect(history, &History::changed, this, &CatalogModel::showChanges);
        connect(history, &QObject::destroyed, this, [this] {
            m_history = nullptr;
            readAgain();
        });
    }
    readAgain();
}

void CatalogModel::setAbsent(AbsentCopies absent)
{
    if (m_absent == absent)
        return;
    m_absent = std::move(absent);
    if (!m_query.text.isEmpty())
        search();
    else if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, State), index(rowCount() - 1, State));
}

StateDisplay CatalogModel::state(HistoryIndex::Row row) const
{
    const HistoryIndex& history = m_history->index();
    StateDisplay shown = stateDisplay(history.state(row), history.undo(row));
    if (history.inconsistent(row))
        shown = inconsistentDisplay(std::move(shown), history.state(row));
    return withPresence(std::move(shown), presenceIn(m_absent, history.number(row)));
}

QString CatalogModel::text(HistoryIndex::Row row, int column) const
{
    const HistoryIndex& history = m_history->index();
    return column == State ? stateText(history, row, state(row)) : cellText(history, row, column);
}

Tone CatalogModel::tone(HistoryIndex::Row row, int column) const
{
    return column == State ? state(row).tone : Tone::Plain;
}

void CatalogModel::readAgain()
{
    beginResetModel();
    m_rows.clear();
    m_searching = false;
    m_searchSoon.stop();
    endResetModel();
    if (m_history && m_history->index().size() > 0)
        search();
    else
        Q_EMIT rowsChanged();
}

void CatalogModel::setQuery(HistoryQuery query)
{
    query.order = m_query.order;
    query.ascending = m_query.ascending;
    if (query == m_query)
        return;
    m_query = std::move(query);
    search();
}

void CatalogModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount)
        return;
    HistoryQuery sorted = m_query;
    sorted.order = static_cast<HistoryOrder>(column);
    sorted.ascending = order == Qt::AscendingOrder;
    if (sorted == m_query)
        return;
    m_query = sorted;
    search();
}

void CatalogModel::search()
{
    m_searchSoon.stop();
    if (!m_history)
        return;
    m_searching = true;
    HistoryQuery asked = m_query;
    if (!asked.text.isEmpty())
        asked.absent = m_absent;
    m_history->search(asked, [this, alive = QPointer(this)](History::Rows rows) {
        if (!alive)
            return;
        m_searching = false;
        show(std::move(rows));
    });
}

void CatalogModel::show(History::Rows rows)
{
    if (rows != m_rows) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
    } else if (!m_rows.empty()) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    }
    Q_EMIT rowsChanged();
}

void CatalogModel::showAppended()
{
    if (!m_query.isWhole() || m_searching) {
        if (!m_searchSoon.isActive())
            m_searchSoon.start();
        return;
    }
    const History::Rows& all = m_history->index().newestFirst();
    if (all.size() <= m_rows.size())
        return;
    beginInsertRows({}, rowCount(), static_cast<int>(all.size()) - 1);
    m_rows.insert(m_rows.end(), all.begin() + rowCount(), all.end());
    endInsertRows();
    Q_EMIT rowsChanged();
}

void CatalogModel::showChanges(const HistoryIndex::Changes& changes)
{
    if (!m_query.isWhole() || m_searching) {
        search();
        return;
    }
    if (!changes.added.empty()) {
        beginInsertRows({}, 0, static_cast<int>(changes.added.size()) - 1);
        m_rows.insert(m_rows.begin(), changes.added.rbegin(), changes.added.rend());
        endInsertRows();
    }
    repaint(changes.changed);
    Q_EMIT rowsChanged();
}

void CatalogModel::repaint(const std::vector<HistoryIndex::Row>& rows)
{
    if (rows.empty() || m_rows.empty())
        return;
    if (rows.size() > kMostSinglePaints) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    for (const HistoryIndex::Row changed : rows) {
        if (const auto row = rowOf(m_history->index().number(changed)))
            Q_EMIT dataChanged(index(*row, 0), index(*row, ColumnCount - 1));
    }
}

std::optional<GenerationNumber> CatalogModel::numberAt(int row) const
{
    if (!m_history || row < 0 || static_cast<std::size_t>(row) >= m_rows.size())
        return std::nullopt;
    return m_history->index().number(m_rows[static_cast<std::size_t>(row)]);
}

std::optional<int> CatalogModel::rowOf(GenerationNumber number) const
{
    if (!m_history)
        return std::nullopt;
    const auto wanted = m_history->index().rowOf(number);
    if (!wanted)
        return std::nullopt;
    const auto found =
        m_query.order == HistoryOrder::Number && !m_query.ascending
            ? std::ranges::lower_bound(m_rows, number, std::ranges::greater(),
                                       [this](auto row) { return m_history->index().number(row); })
            : std::ranges::find(m_rows, *wanted);
    if (found == m_rows.end() || *found != *wanted)
        return std::nullopt;
    return static_cast<int>(found - m_rows.begin());
}

std::size_t CatalogModel::totalBackups() const
{
    return m_history ? m_history->index().size() - m_history->index().undoCount() : 0;
}

std::size_t CatalogModel::undoCopies() const
{
    if (!m_history || m_history->index().undoCount() == 0)
        return 0;
    return static_cast<std::size_t>(std::ranges::count_if(
        m_rows, [this](HistoryIndex::Row row) { return m_history->index().isUndo(row); }));
}

int CatalogModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CatalogModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CatalogModel::data(const QModelIndex& index, int role) const
{
    if (!m_history || index.row() < 0 || index.row() >= rowCount())
        return {};
    const HistoryIndex::Row row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::ToolTipRole:
        return toolTipText(text(row, index.column()));
    case Qt::TextAlignmentRole:
        if (index.column() == Number || index.column() == Size)
            return QVariant::fromValue(Qt::Alignment(Qt::AlignTrailing | Qt::AlignVCenter));
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeading | Qt::AlignVCenter));
    case ToneRole:
        return static_cast<int>(tone(row, index.column()));
    default:
        return {};
    }
}

QVariant CatalogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(
            (section == Number || section == Size ? Qt::AlignTrailing : Qt::AlignLeading) |
            Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    const std::array<QString, ColumnCount> titles{tr("#"),      tr("When"), tr("Source"),
                                                  tr("Target"), tr("Size"), tr("State"),
                                                  tr("Label"),  tr("Note")};
    return titles.at(static_cast<std::size_t>(section));
}

} // namespace cairn
