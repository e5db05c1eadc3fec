// The colours of both looks, light and dark.
#pragma once

#include <QColor>
#include <QPalette>

namespace cairn {

struct RoleColors { // Of a cell of the array map.
    QColor fill;
    QColor edge;
};

struct Colors {
    QColor window; // Behind everything.
    QColor base;   // Fields, tables, the map.
    QColor raised; // Buttons, headers.
    QColor text;
    QColor mutedText;
    QColor disabledText;
    QColor border;
    QColor accent; // Selection and focus.
    QColor accentText;
    QColor danger; // The button that erases.
    QColor dangerText;
    QColor goodText;
    QColor warningText;
    QColor badText;
    RoleColors data;
    RoleColors backup;
    RoleColors management;
    RoleColors empty;
    RoleColors free;
};

[[nodiscard]] const Colors& lightColors();
[[nodiscard]] const Colors& darkColors();

// The set that a widget's palette belongs to.
[[nodiscard]] const Colors& colorsOf(const QPalette& palette);

// What stays seen of a cell that is refused as a target; its text, in mutedText, is painted above.
[[nodiscard]] QColor veiled(const QColor& cell, const Colors& colors);

[[nodiscard]] bool isDark(const QPalette& palette);

[[nodiscard]] QPalette paletteOf(const Colors& colors);

} // namespace cairn
