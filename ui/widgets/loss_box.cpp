// Leaves to others the events by which a QComboBox chooses without having been opened.
#include "ui/widgets/loss_box.h"

#include <QKeyEvent>
#include <QWheelEvent>

namespace cairn {

void LossBox::keyPressEvent(QKeyEvent* event)
{
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
