// Renders SVG line icons in a given colour.
#include "ui/widgets/icons.h"

#include "ui/widgets/colors.h"

#include <QFile>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

// Outside of any namespace, as Q_INIT_RESOURCE demands.
static void initCairnResources()
{
    Q_INIT_RESOURCE(cairn);
}

namespace cairn {
namespace {

QPixmap rendered(QByteArray svg, const QColor& color, int size)
{
    // Every icon is drawn in black and nothing else.
    svg.replace("#000", color.name().toLatin1());
    QSvgRenderer renderer(svg);
    QPixmap pixmap(size, size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    return pixmap;
}

} // namespace

QIcon lineIcon(const QString& name, const QColor& color, const QColor& disabled)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray svg = file.readAll();
    QIcon icon;
    for (const int size : {16, 20, 24, 32, 40, 48}) {
        icon.addPixmap(rendered(svg, color, size), QIcon::Normal);
        icon.addPixmap(rendered(svg, disabled, size), QIcon::Disabled);
    }
    return icon;
}

QIcon lineIcon(const QString& name, const QPalette& palette)
{
    const Colors& colors = colorsOf(palette);
    return lineIcon(name, colors.text, colors.disabledText);
}

void registerResources()
{
    initCairnResources();
}

} // namespace cairn
