// How well a text can be read on what is behind it.
#pragma once

#include <QColor>
#include <cmath>

namespace cairn::test {

inline constexpr double kLeastContrast = 4.5; // WCAG 2.1, level AA.

// Relative luminance and contrast as WCAG 2.1 defines them.
inline double luminance(const QColor& color)
{
    const auto linear = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
           0.0722 * linear(color.blueF());
}

inline double contrast(const QColor& one, const QColor& other)
{
    const double a = luminance(one) + 0.05;
    const double b = luminance(other) + 0.05;
    return a > b ? a / b : b / a;
}

} // namespace cairn::test
