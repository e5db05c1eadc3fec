// A list to choose what loses its content from: only in the open list is anything chosen.
#pragma once

#include <QComboBox>

namespace cairn {

// What is typed is meant for a field that asks for a name, the wheel for the page, and an arrow key
// perhaps for another field: none may move the choice to another disk or region. Keys that walk
// open the list, where Return chooses.
class LossBox final : public QComboBox {
    Q_OBJECT

public:
    using QComboBox::QComboBox;

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
};

} // namespace cairn
