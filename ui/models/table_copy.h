// Selected rows of a table as text for the clipboard.
#pragma once

#include <QAbstractItemModel>
#include <QString>
#include <vector>

namespace cairn {

// Lines of cells with a line of titles first. In all of these a line break inside a cell becomes a
// space.
enum class CopyForm : std::uint8_t {
    Text, // Cells are parted by tabs.
    // RFC 4180, every cell quoted. A cell that a spreadsheet would take for a formula gets an
    // apostrophe before it: names and notes may be a stranger's.
    Csv,
};

[[nodiscard]] QString copiedRows(const QAbstractItemModel& model, const std::vector<int>& rows,
                                 CopyForm form);

} // namespace cairn
