// The regions that a saved filter counts, one line each.
#pragma once

#include "core/array/region.h"

#include <QListWidget>
#include <optional>
#include <vector>

namespace cairn {

struct ListedRegion {
    RegionId region;
    QString text; // Plain, and safe to show.
    friend bool operator==(const ListedRegion&, const ListedRegion&) = default;
};

// As high as a few of its lines.
class RegionList final : public QListWidget {
    Q_OBJECT

public:
    explicit RegionList(QWidget* parent = nullptr);

    void show(const std::vector<ListedRegion>& regions);
    // Lights up that line; none where it is not listed.
    void select(const std::optional<RegionId>& region);

Q_SIGNALS:
    // By the operator.
    void regionChosen(const cairn::RegionId& region);

private:
    std::vector<ListedRegion> m_regions;
};

} // namespace cairn
