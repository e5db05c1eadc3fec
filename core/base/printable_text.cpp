// Escaping of what a terminal or a widget must never be given raw.
#include "core/base/printable_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>

namespace cairn {
namespace {

struct Decoded {
    char32_t codePoint = 0;
    std::size_t bytes = 0; // 0: invalid.
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decodeUtf8(std::string_view text)
{
    const auto byteAt = [text](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
    };
    const std::uint32_t lead = byteAt(0);
    if (lead < 0x80)
        return {static_cast<char32_t>(lead), 1};
    const std::size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length == 0 || lead > 0xf4 || text.size() < length)
        return {};
    std::uint32_t value = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byteAt(i) & 0xc0U) != 0x80)
            return {};
        value = (value << 6U) | (byteAt(i) & 0x3fU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    if (overlong || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff)
        return {};
    return {static_cast<char32_t>(value), length};
}

struct CodeRange {
    char32_t first;
    char32_t last;
};

// What reorders, hides, is invisible, or imitates a line break (Unicode 15: general categories Cc,
// Cf, Co, Zl, Zp and Default_Ignorable_Code_Point). In order.
constexpr std::array kUnsafe{
    CodeRange{0x00, 0x1f},       CodeRange{0x7f, 0x9f},       CodeRange{0xad, 0xad},
    CodeRange{0x34f, 0x34f},     CodeRange{0x600, 0x605},     CodeRange{0x61c, 0x61c},
    CodeRange{0x6dd, 0x6dd},     CodeRange{0x70f, 0x70f},     CodeRange{0x890, 0x891},
    CodeRange{0x8e2, 0x8e2},     CodeRange{0x115f, 0x1160},   CodeRange{0x17b4, 0x17b5},
    CodeRange{0x180b, 0x180f},   CodeRange{0x200b, 0x200f},   CodeRange{0x2028, 0x202e},
    CodeRange{0x2060, 0x206f},   CodeRange{0x3164, 0x3164},   CodeRange{0xe000, 0xf8ff},
    CodeRange{0xfdd0, 0xfdef},   CodeRange{0xfe00, 0xfe0f},   CodeRange{0xfeff, 0xfeff},
    CodeRange{0xffa0, 0xffa0},   CodeRange{0xfff0, 0xfffb},   CodeRange{0x110bd, 0x110bd},
    CodeRange{0x110cd, 0x110cd}, CodeRange{0x13430, 0x1343f}, CodeRange{0x1bca0, 0x1bca3},
    CodeRange{0x1d173, 0x1d17a}, CodeRange{0xe0000, 0xe0fff}, CodeRange{0xf0000, 0x10ffff},
};

bool isUnsafe(char32_t codePoint)
{
    const auto next =
        std::lower_bound(kUnsafe.begin(), kUnsafe.end(), codePoint,
                         [](const CodeRange& range, char32_t value) { return range.last < value; });
    if (next != kUnsafe.end() && codePoint >= next->first)
        return true;
    return (codePoint & 0xfffeU) == 0xfffe; // The last two of each plane are noncharacters.
}

// One code point or stray byte of the text, and how it is printed.
struct Piece {
    std::size_t bytes = 1;
    bool escaped = false;
    std::string text;
};

Piece firstPiece(std::string_view text)
{
    const Decoded decoded = decodeUtf8(text);
    if (decoded.bytes == 0)
        return {1, true, fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]))};
    if (decoded.codePoint == U'\\')
        return {1, true, "\\\\"};
    if (!isUnsafe(decoded.codePoint))
        return {decoded.bytes, false, std::string(text.substr(0, decoded.bytes))};
    const auto value = static_cast<std::uint32_t>(decoded.codePoint);
    return {decoded.bytes, true,
            value < 0x80 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{{{:04x}}}", value)};
}

} // namespace

std::string printable(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Piece piece = firstPiece(text);
        result += piece.text;
        text.remove_prefix(piece.bytes);
    }
    return result;
}

bool isPrintable(std::string_view text)
{
    while (!text.empty()) {
        const Piece piece = firstPiece(text);
        if (piece.escaped)
            return false;
        text.remove_prefix(piece.bytes);
    }
    return true;
}

std::string printableShort(std::string_view text, std::size_t maxCharacters)
{
    std::string result;
    std::size_t characters = 0;
    std::size_t cutBytes = 0; // Where the "…" goes; never inside an escape.
    while (!text.empty()) {
        const Piece piece = firstPiece(text);
        if (characters < maxCharacters)
            cutBytes = result.size();
        result += piece.text;
        characters += piece.escaped ? piece.text.size() : 1;
        if (characters > maxCharacters) {
            result.resize(cutBytes);
            return maxCharacters == 0 ? std::string() : result + "…";
        }
        text.remove_prefix(piece.bytes);
    }
    return result;
}

std::size_t utf16Length(std::string_view text)
{
    std::size_t units = 0;
    while (!text.empty()) {
        const Decoded decoded = decodeUtf8(text);
        if (decoded.bytes == 0)
            return SIZE_MAX;
        units += decoded.codePoint > 0xffff ? 2 : 1;
        text.remove_prefix(decoded.bytes);
    }
    return units;
}

bool isControl(std::string_view text, std::size_t at)
{
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte == 0x7f)
        return true;
    // U+0080 to U+009F.
    return byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

} // namespace cairn
