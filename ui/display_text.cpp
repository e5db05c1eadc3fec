// Escaping for the places where widgets interpret what they are given.
#include "ui/display_text.h"

#include "core/base/printable_text.h"

namespace cairn {

QString displayText(std::string_view raw)
{
    return QString::fromStdString(printable(raw));
}

QString displayShort(std::string_view raw, std::size_t maxCharacters)
{
    return QString::fromStdString(printableShort(raw, maxCharacters));
}

QString toolTipText(const QString& plain)
{
    QString escaped = plain.toHtmlEscaped();
    escaped.replace(u'\n', QStringLiteral("<br>"));
    return QStringLiteral("<qt>") + escaped + QStringLiteral("</qt>");
}

QString buttonText(QString plain)
{
    return plain.replace(u'&', QStringLiteral("&&"));
}

QString titleText(QString plain)
{
    return plain.replace(QStringLiteral("[*]"), QStringLiteral("[*][*]"));
}

} // namespace cairn
