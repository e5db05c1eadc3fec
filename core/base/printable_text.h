// Makes text that came from a device safe to print.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

// Escapes control characters, invalid UTF-8, and the Unicode characters that reorder, hide or
// imitate line breaks (bidirectional controls, zero width, U+2028, U+2029, BOM, private use and
// noncharacters) as \xNN or \u{NNNN}; a backslash becomes \\. The rest is returned as it is.
[[nodiscard]] std::string printable(std::string_view text);

// Whether printable() would change the text.
[[nodiscard]] bool isPrintable(std::string_view text);

// printable(), cut to at most maxCharacters code points, the last of them "…" where cut.
[[nodiscard]] std::string printableShort(std::string_view text, std::size_t maxCharacters);

// Whether a control character (C0, DEL or C1) begins at that byte of UTF-8 text.
[[nodiscard]] bool isControl(std::string_view text, std::size_t at);

// The number of UTF-16 code units of valid UTF-8 text; SIZE_MAX for invalid text.
[[nodiscard]] std::size_t utf16Length(std::string_view text);

} // namespace cairn
