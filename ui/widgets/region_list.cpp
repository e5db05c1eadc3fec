// Fills the list of regions.
#include "ui/widgets/region_list.h"

#include "ui/display_text.h"

#include <QSignalBlocker>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kMostLines = 3;
constexpr int kLinePaddingPx = 6;

} // namespace

RegionList::RegionList(QWidget* parent) : QListWidget(parent)
{
    setObjectName(QStringLiteral("regionList"));
    setAccessibleName(tr("Regions of the filter"));
    setUniformItemSizes(true);
    setTextElideMode(Qt::ElideRight);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVisible(false);
    connect(this, &QListWidget::currentRowChanged, this, [this](int row) {
        if (row >= 0)
            Q_EMIT regionChosen(m_regions.at(static_cast<std::size_t>(row)).region);
    });
}

void RegionList::show(const std::vector<ListedRegion>& regions)
{
    if (regions == m_regions)
        return;
    const QSignalBlocker quiet(this);
    m_regions = regions;
    clear();
    const QSize line(0, fontMetrics().height() + kLinePaddingPx);
    for (const ListedRegion& each : m_regions) {
        auto* made = new QListWidgetItem(each.text, this);
        made->setToolTip(toolTipText(each.text));
        made->setSizeHint(line);
    }
    const int lines = std::clamp(static_cast<int>(m_regions.size()), 1, kMostLines);
    setFixedHeight(lines * line.height() + 2 * frameWidth());
}

void RegionList::select(const std::optional<RegionId>& region)
{
    const QSignalBlocker quiet(this);
    const auto at =
        region ? std::ranges::find(m_regions, *region, &ListedRegion::region) : m_regions.end();
    setCurrentRow(at == m_regions.end() ? -1 : static_cast<int>(at - m_regions.begin()));
    if (at == m_regions.end())
        clearSelection();
}

} // namespace cairn
