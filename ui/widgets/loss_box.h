// A list to choose what loses its content from: neither a typed letter nor the wheel chooses.
#pragma once

#include <QComboBox>

namespace cairn {

// What is typed is meant for a field that asks for a name, and the wheel for the page: neither may
// move the choice to another disk or region. Arrow keys, the mouse and the open list remain.
class LossBox final : public QComboBox {
    Q_OBJECT

public:
    using QComboBox::QComboBox;

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
};

} // namespace cairn
