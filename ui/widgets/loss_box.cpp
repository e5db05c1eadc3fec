// Leaves to others the events by which a QComboBox chooses without having been opened.
#include "ui/widgets/loss_box.h"

#include <QKeyEvent>
#include <QWheelEvent>

namespace cairn {

void LossBox::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
    case Qt::Key_Home:
    case Qt::Key_End:
        showPopup();
        return;
    default:
        break;
    }
    const QString text = event->text();
    if (event->key() != Qt::Key_Space && !text.isEmpty() && text.front().isPrint())
        event->ignore();
    else
        QComboBox::keyPressEvent(event);
}

void LossBox::wheelEvent(QWheelEvent* event)
{
    event->ignore();
}

} // namespace cairn
