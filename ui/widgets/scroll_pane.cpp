// Builds the frame of a pane.
#include "ui/widgets/scroll_pane.h"

#include <QVBoxLayout>

namespace cairn {

ScrollPane::ScrollPane(QWidget* parent) : QWidget(parent), m_scroll(new QScrollArea)
{
    auto* inner = new QWidget;
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->viewport()->setAutoFillBackground(false);
    inner->setAutoFillBackground(false);
    m_scroll->setWidget(inner);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_scroll);
    setMinimumWidth(230);
}

} // namespace cairn
