// The values of the colours; tests/ui measures their contrast.
#include "ui/widgets/colors.h"

namespace cairn {

const Colors& lightColors()
{
    static const Colors colors{
        .window = QColor(0xf1f3f5),
        .base = QColor(0xffffff),
        .raised = QColor(0xfafbfc),
        .text = QColor(0x1c2127),
        .mutedText = QColor(0x56606c),
        .disabledText = QColor(0x9aa3ad),
        .border = QColor(0xb6bec8),
        .accent = QColor(0x2b6cd9),
        .accentText = QColor(0xffffff),
        .danger = QColor(0xc0392b),
        .dangerText = QColor(0xffffff),
        .goodText = QColor(0x0b7550),
        .warningText = QColor(0x8a5a00),
        .badText = QColor(0xb3362a),
        .data = {QColor(0xd9e6fa), QColor(0x2b6cd9)},
        .backup = {QColor(0xd4ece3), QColor(0x17906a)},
        .management = {QColor(0xfbe9ca), QColor(0xc98200)},
        .empty = {QColor(0xffffff), QColor(0x8c96a2)},
        .free = {QColor(0xe9ecef), QColor(0xc3cad2)},
    };
    return colors;
}

const Colors& darkColors()
{
    static const Colors colors{
        .window = QColor(0x22262c),
        .base = QColor(0x1a1d22),
        .raised = QColor(0x2d323a),
        .text = QColor(0xe6e9ed),
        .mutedText = QColor(0xa6afbb),
        .disabledText = QColor(0x6b7480),
        .border = QColor(0x4b535f),
        .accent = QColor(0x336fd3),
        .accentText = QColor(0xffffff),
        .danger = QColor(0xc7402f),
        .dangerText = QColor(0xffffff),
        .goodText = QColor(0x4bcaa0),
        .warningText = QColor(0xe5b04f),
        .badText = QColor(0xf2826f),
        .data = {QColor(0x263c62), QColor(0x4080e4)},
        .backup = {QColor(0x1b463b), QColor(0x1f9e77)},
        .management = {QColor(0x513a14), QColor(0xc2841a)},
        .empty = {QColor(0x23272e), QColor(0x7d8794)},
        .free = {QColor(0x22262c), QColor(0x3d444e)},
    };
    return colors;
}

bool isDark(const QPalette& palette)
{
    return palette.color(QPalette::Window).lightness() < 128;
}

QColor veiled(const QColor& cell, const Colors& colors)
{
    constexpr float kVeil = 0.62F;
    const auto mixed = [](float over, float under) { return over * kVeil + under * (1 - kVeil); };
    return QColor::fromRgbF(mixed(colors.base.redF(), cell.redF()),
                            mixed(colors.base.greenF(), cell.greenF()),
                            mixed(colors.base.blueF(), cell.blueF()));
}

const Colors& colorsOf(const QPalette& palette)
{
    return isDark(palette) ? darkColors() : lightColors();
}

QPalette paletteOf(const Colors& colors)
{
    QPalette palette(colors.raised, colors.window);
    palette.setColor(QPalette::WindowText, colors.text);
    palette.setColor(QPalette::Base, colors.base);
    palette.setColor(QPalette::AlternateBase, colors.base.lightness() < 128
                                                  ? colors.base.lighter(118)
                                                  : colors.base.darker(103));
    palette.setColor(QPalette::Text, colors.text);
    palette.setColor(QPalette::ButtonText, colors.text);
    palette.setColor(QPalette::BrightText, colors.dangerText);
    palette.setColor(QPalette::Mid, colors.border);
    palette.setColor(QPalette::Dark, colors.border);
    palette.setColor(QPalette::ToolTipBase, colors.raised);
    palette.setColor(QPalette::ToolTipText, colors.text);
    palette.setColor(QPalette::PlaceholderText, colors.mutedText);
    palette.setColor(QPalette::Highlight, colors.accent);
    palette.setColor(QPalette::HighlightedText, colors.accentText);
    // Read as text, where the accent only has to be seen.
    const QColor link = colors.base.lightness() < 128 ? colors.accent.lighter(160) : colors.accent;
    palette.setColor(QPalette::Link, link);
    palette.setColor(QPalette::LinkVisited, link);
    for (const auto role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, colors.disabledText);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, colors.border);
    palette.setColor(QPalette::Disabled, QPalette::Button, colors.window);
    return palette;
}

} // namespace cairn
