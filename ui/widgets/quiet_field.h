// Fields in a pane that is scrolled: the wheel changes one only where it has the focus.
#pragma once

#include <QWheelEvent>
#include <QWidget>

namespace cairn {

// Of a spin box or a box of choices. The wheel that it leaves alone scrolls the pane.
template<typename Field>
class QuietField final : public Field {
public:
    explicit QuietField(QWidget* parent = nullptr) : Field(parent)
    {
        Field::setFocusPolicy(Qt::StrongFocus); // Else the wheel gives the focus, and then changes.
    }

protected:
    void wheelEvent(QWheelEvent* event) override
    {
        if (Field::hasFocus())
            Field::wheelEvent(event);
        else
            event->ignore();
    }
};

} // namespace cairn
