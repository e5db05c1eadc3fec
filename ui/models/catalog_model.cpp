// Texts and filter of the backup table.
#include "ui/models/catalog_model.h"

#include "ui/display_text.h"

#include <QLocale>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

QString stateText(const Generation& generation)
{
    const StateDisplay state = stateDisplay(generation.state);
    QString text = state.symbol + u' ' + state.word;
    if (generation.held)
        text += CatalogModel::tr(", held");
    if (generation.recovered)
        text += CatalogModel::tr(", recovered");
    return text;
}

QString cellText(const Generation& generation, int column)
{
    switch (column) {
    case CatalogModel::Number:
        return QString::number(generation.number);
    case CatalogModel::When:
        return timeDisplay(generation.startedMs);
    case CatalogModel::Source:
        return regionDisplay(generation.source);
    case CatalogModel::Target:
        return regionDisplay(generation.target);
    case CatalogModel::Size:
        return sizeDisplay(generation.sizeBytes);
    case CatalogModel::State:
        return stateText(generation);
    case CatalogModel::Label:
        return displayShort(generation.label, 120);
    case CatalogModel::Note:
        return displayShort(generation.note, 240);
    default:
        return {};
    }
}

} // namespace

CatalogModel::CatalogModel(QObject* parent) : QAbstractTableModel(parent) {}

void CatalogModel::setGenerations(std::vector<Generation> generations)
{
    if (generations == m_generations)
        return;
    beginResetModel();
    m_generations = std::move(generations);
    applyFilter();
    endResetModel();
}

void CatalogModel::setFilter(const QString& filter)
{
    if (filter == m_filter)
        return;
    beginResetModel();
    m_filter = filter;
    applyFilter();
    endResetModel();
}

bool CatalogModel::matches(const Generation& generation, const QStringList& words) const
{
    return std::ranges::all_of(words, [&](const QString& word) {
        for (int column = 0; column < ColumnCount; ++column) {
            if (cellText(generation, column).contains(word, Qt::CaseInsensitive))
                return true;
        }
        return false;
    });
}

void CatalogModel::applyFilter()
{
    const QStringList words = m_filter.split(u' ', Qt::SkipEmptyParts);
    m_rows.clear();
    for (std::size_t index = 0; index < m_generations.size(); ++index) {
        if (words.isEmpty() || matches(m_generations[index], words))
            m_rows.push_back(index);
    }
}

const Generation* CatalogModel::generationAt(int row) const
{
    if (row < 0 || static_cast<std::size_t>(row) >= m_rows.size())
        return nullptr;
    return &m_generations[m_rows[static_cast<std::size_t>(row)]];
}

std::optional<int> CatalogModel::rowOf(GenerationNumber number) const
{
    const auto found = std::ranges::find_if(
        m_rows, [&](std::size_t index) { return m_generations[index].number == number; });
    if (found == m_rows.end())
        return std::nullopt;
    return static_cast<int>(found - m_rows.begin());
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
    const Generation* generation = generationAt(index.row());
    if (generation == nullptr)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return cellText(*generation, index.column());
    case Qt::ToolTipRole:
        return toolTipText(cellText(*generation, index.column()));
    case Qt::TextAlignmentRole:
        if (index.column() == Number || index.column() == Size)
            return QVariant::fromValue(Qt::Alignment(Qt::AlignTrailing | Qt::AlignVCenter));
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeading | Qt::AlignVCenter));
    case ToneRole:
        return static_cast<int>(index.column() == State ? stateDisplay(generation->state).tone
                                                        : Tone::Plain);
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
