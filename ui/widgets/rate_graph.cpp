// Paints the curve.
#include "ui/widgets/rate_graph.h"

#include "ui/jobs/running_job.h"
#include "ui/record_text.h"
#include "ui/widgets/colors.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>

namespace cairn {

RateGraph::RateGraph(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("rateGraph"));
    setFixedSize(84, fontMetrics().height() + 8);
    setAccessibleName(tr("Throughput"));
}

void RateGraph::setRates(const std::deque<double>& rates)
{
    if (rates == m_rates)
        return;
    m_rates = rates;
    if (!m_rates.empty()) {
        const auto most = static_cast<std::uint64_t>(*std::ranges::max_element(m_rates));
        setAccessibleName(tr("Throughput, at most %1/s").arg(sizeDisplay(most)));
        setToolTip(accessibleName());
    }
    update();
}

void RateGraph::paintEvent(QPaintEvent*)
{
    const Colors& colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    QColor edge = colors.border;
    edge.setAlphaF(0.7F);
    painter.setPen(QPen(edge, 1));
    painter.drawLine(frame.bottomLeft(), frame.bottomRight());
    if (m_rates.size() < 2)
        return;
    const double most = std::max(1.0, *std::ranges::max_element(m_rates));
    const double step = frame.width() / (RunningJob::kMostRates - 1);
    const bool mirrored = layoutDirection() == Qt::RightToLeft;
    const auto place = [&](std::size_t index) {
        // The newest sample is at the end where time goes to.
        const double back = static_cast<double>(m_rates.size() - 1 - index) * step;
        const double x = mirrored ? frame.left() + back : frame.right() - back;
        return QPointF(x, frame.bottom() - m_rates[index] / most * (frame.height() - 3));
    };
    QPainterPath curve(place(0));
    for (std::size_t index = 1; index < m_rates.size(); ++index)
        curve.lineTo(place(index));
    QPainterPath area = curve;
    area.lineTo(place(m_rates.size() - 1).x(), frame.bottom());
    area.lineTo(place(0).x(), frame.bottom());
    area.closeSubpath();
    QColor fill = colors.accent;
    fill.setAlphaF(0.2F);
    painter.fillPath(area, fill);
    painter.setPen(QPen(colors.accent, 1.4));
    painter.drawPath(curve);
}

} // namespace cairn
