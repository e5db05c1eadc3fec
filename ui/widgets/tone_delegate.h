// Draws table cells in the colour of their tone, readable on the selection too.
#pragma once

#include <QStyledItemDelegate>

namespace cairn {

// Reads the tone from Qt::UserRole; items without one are plain.
class ToneDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    // With air above and below, also around texts of several lines.
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace cairn
