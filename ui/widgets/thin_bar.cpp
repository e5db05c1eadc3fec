// Paints the slim progress bar.
#include "ui/widgets/thin_bar.h"

#include "ui/widgets/colors.h"

#include <QPainter>
#include <algorithm>

namespace cairn {

ThinBar::ThinBar(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ThinBar::setShare(double share)
{
    share = std::clamp(share, 0.0, 1.0);
    if (share == m_share)
        return;
    m_share = share;
    update();
}

void ThinBar::setLook(Look look)
{
    if (look == m_look)
        return;
    m_look = look;
    update();
}

void ThinBar::paintEvent(QPaintEvent*)
{
    const Colors& colors = colorsOf(palette());
    QColor color = colors.accent;
    if (m_look == Look::Paused)
        color = colors.management.edge;
    if (m_look == Look::Done)
        color = colors.backup.edge;
    if (m_look == Look::Unproved)
        color = colors.mutedText;
    if (m_look == Look::Failed)
        color = colors.danger;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    QColor track = colors.border;
    track.setAlphaF(0.55F);
    const QRectF whole(rect());
    const qreal radius = whole.height() / 2;
    painter.setBrush(track);
    painter.drawRoundedRect(whole, radius, radius);
    if (m_share <= 0)
        return;
    QRectF filled = whole;
    filled.setWidth(std::max(whole.height(), whole.width() * m_share));
    if (layoutDirection() == Qt::RightToLeft)
        filled.moveRight(whole.right());
    painter.setBrush(color);
    painter.drawRoundedRect(filled, radius, radius);
}

} // namespace cairn
