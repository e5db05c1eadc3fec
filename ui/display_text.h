// Turns text that came from an array into text that is safe to show.
#pragma once

#include <QString>
#include <cstddef>
#include <string_view>

namespace cairn {

// An array may come from a stranger: every string of it passes here before a widget gets it.
// The result is for widgets that show plain text; see toolTipText() for those that guess.
[[nodiscard]] QString displayText(std::string_view raw);

// The same, cut to at most maxCharacters, the last of them "…" where cut.
[[nodiscard]] QString displayShort(std::string_view raw, std::size_t maxCharacters);

// Tooltips and message boxes decide by themselves whether a text is markup: this makes them show
// exactly the given characters, with its line breaks.
[[nodiscard]] QString toolTipText(const QString& plain);

// For buttons and menu entries, where "&" would underline the next letter.
[[nodiscard]] QString buttonText(QString plain);

// For window titles, where "[*]" stands for the mark of unsaved changes.
[[nodiscard]] QString titleText(QString plain);

} // namespace cairn
