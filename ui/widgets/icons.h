// The program's own line icons, drawn in the colour of the text around them.
#pragma once

#include <QColor>
#include <QIcon>
#include <QPalette>
#include <QString>

namespace cairn {

// The icon of resources/icons/NAME.svg, with a paler one for disabled controls.
[[nodiscard]] QIcon lineIcon(const QString& name, const QPalette& palette);
[[nodiscard]] QIcon lineIcon(const QString& name, const QColor& color, const QColor& disabled);

// Must be called once by whoever links this library before the first icon is asked for.
void registerResources();

} // namespace cairn
