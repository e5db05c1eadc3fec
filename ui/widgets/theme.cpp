// Applies style and palette.
#include "ui/widgets/theme.h"

#include "ui/widgets/cairn_style.h"
#include "ui/widgets/colors.h"

#include <QVariant>

namespace cairn {
namespace {

constexpr const char* kSystemDark = "cairnSystemDark";

// What the desktop had chosen before this program set a palette of its own.
bool systemIsDark()
{
    QVariant known = qApp->property(kSystemDark);
    if (!known.isValid()) {
        const QString gtkTheme = qEnvironmentVariable("GTK_THEME");
        known = isDark(QGuiApplication::palette()) ||
                gtkTheme.endsWith(QStringLiteral(":dark"), Qt::CaseInsensitive) ||
                gtkTheme.endsWith(QStringLiteral("-dark"), Qt::CaseInsensitive);
        qApp->setProperty(kSystemDark, known);
    }
    return known.toBool();
}

} // namespace

std::optional<ThemeChoice> themeFromText(const QString& text)
{
    for (const auto choice : {ThemeChoice::System, ThemeChoice::Light, ThemeChoice::Dark}) {
        if (text.compare(themeText(choice), Qt::CaseInsensitive) == 0)
            return choice;
    }
    return std::nullopt;
}

QString themeText(ThemeChoice choice)
{
    switch (choice) {
    case ThemeChoice::System:
        return QStringLiteral("system");
    case ThemeChoice::Light:
        return QStringLiteral("light");
    case ThemeChoice::Dark:
        return QStringLiteral("dark");
    }
    return {};
}

void applyTheme(ThemeChoice choice)
{
    const bool system = systemIsDark();
    const bool dark = choice == ThemeChoice::Dark || (choice == ThemeChoice::System && system);
    if (qobject_cast<CairnStyle*>(QApplication::style()) == nullptr)
        QApplication::setStyle(new CairnStyle);
    QApplication::setPalette(paletteOf(dark ? darkColors() : lightColors()));
}

} // namespace cairn
