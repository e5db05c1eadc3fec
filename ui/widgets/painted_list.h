// What a painted widget of several items tells assistive technology about them.
#pragma once

#include <QRect>
#include <QString>

namespace cairn {

// Mixed into a QWidget; calls come on the GUI thread.
class PaintedList {
public:
    virtual ~PaintedList() = default;

    [[nodiscard]] virtual int itemCount() const = 0;
    [[nodiscard]] virtual QString itemName(int index) const = 0;
    [[nodiscard]] virtual QString itemDescription(int index) const = 0;
    [[nodiscard]] virtual QRect itemRect(int index) const = 0; // In the widget, as it is seen.
    // Negative: none.
    [[nodiscard]] virtual int currentItem() const = 0;
    // As a click on it would.
    virtual void chooseItem(int index) = 0;
};

// May be called again; the program needs it before the first such widget is shown.
void registerPaintedLists();

} // namespace cairn
