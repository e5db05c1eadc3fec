// The widths of the table's columns: as the operator drew them, or as what they show needs.
#include "ui/array_view.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr int kMostFittedPx = 260;
constexpr int kLeastLabelPx = 90;
constexpr int kLeastNotePx = 110;

} // namespace

void ArrayView::noteWidth(int column, int widthPx)
{
    // The last one takes what is left.
    if (!m_fitting && column != CatalogModel::ColumnCount - 1)
        m_columnWidthPx[column] = widthPx;
}

void ArrayView::fitColumns(Fit fit)
{
    m_fitting = true;
    for (int column = 0; column < CatalogModel::ColumnCount - 1; ++column) {
        if (m_columnWidthPx.contains(column))
            continue;
        const int leastPx = fit == Fit::Anew ? 0 : m_table->columnWidth(column);
        m_table->resizeColumnToContents(column);
        // A long label must not push the notes out of sight: what is cut is in its tooltip.
        const int mostPx = column == CatalogModel::Label ? roomForLabels() : kMostFittedPx;
        const int widthPx = std::min(m_table->columnWidth(column), mostPx);
        m_table->setColumnWidth(column, std::max(leastPx, widthPx));
    }
    m_fitting = false;
}

void ArrayView::fitLabels()
{
    if (m_columnWidthPx.contains(CatalogModel::Label))
        return;
    m_fitting = true;
    m_table->resizeColumnToContents(CatalogModel::Label);
    m_table->setColumnWidth(CatalogModel::Label,
                            std::min(m_table->columnWidth(CatalogModel::Label), roomForLabels()));
    m_fitting = false;
}

int ArrayView::roomForLabels() const
{
    int takenPx = kLeastNotePx;
    for (int column = 0; column < CatalogModel::Label; ++column)
        takenPx += m_table->columnWidth(column);
    return std::clamp(m_table->viewport()->width() - takenPx, kLeastLabelPx, kMostFittedPx);
}

} // namespace cairn
