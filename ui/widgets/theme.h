// Chooses between the light and the dark look, and applies it to the program.
#pragma once

#include <QApplication>
#include <QString>
#include <cstdint>
#include <optional>

namespace cairn {

enum class ThemeChoice : std::uint8_t { System, Light, Dark };

// "system", "light" or "dark", as --theme, CAIRN_THEME and the settings spell it.
[[nodiscard]] std::optional<ThemeChoice> themeFromText(const QString& text);
[[nodiscard]] QString themeText(ThemeChoice choice);

// Sets style and palette; may be called again at any time.
void applyTheme(ThemeChoice choice);

} // namespace cairn
