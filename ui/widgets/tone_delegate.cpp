// The colours of tones.
#include "ui/widgets/tone_delegate.h"

#include "ui/record_text.h"
#include "ui/widgets/colors.h"

namespace cairn {

void ToneDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->state &= ~QStyle::State_HasFocus; // Rows are selected, not cells.
    const Colors& colors = colorsOf(option->palette);
    const auto tone = static_cast<Tone>(index.data(Qt::UserRole).toInt());
    const bool enabled = index.flags() & Qt::ItemIsEnabled;
    QColor color = enabled ? colors.text : colors.mutedText; // What is refused is read too.
    if (enabled && tone == Tone::Good)
        color = colors.goodText;
    if (enabled && tone == Tone::Warning)
        color = colors.warningText;
    if (enabled && tone == Tone::Bad)
        color = colors.badText;
    if (tone == Tone::Muted)
        color = colors.mutedText;
    for (const auto group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled})
        option->palette.setColor(group, QPalette::Text, color);
}

QSize ToneDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return QStyledItemDelegate::sizeHint(option, index) + QSize(0, 10);
}

} // namespace cairn
