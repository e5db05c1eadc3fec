// Names that are as short as the others allow.
#include "ui/array_names.h"

#include "ui/display_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <vector>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Arrays", text);
}

QString shown(const QString& raw)
{
    return displayText(raw.toStdString());
}

// The last `depth` parts of the first member's path. Beyond the whole of it, every member in full:
// then nothing less tells the array from another.
QString nameOf(const QStringList& uris, qsizetype depth)
{
    const QStringList parts = uris.front().split(u'/', Qt::SkipEmptyParts);
    if (depth > parts.size())
        return shown(uris.join(QStringLiteral(" + ")));
    const QString name = shown(parts.mid(parts.size() - depth).join(u'/'));
    return uris.size() == 1 ? name
                            : tr("%1 and %2 more").arg(name, QLocale().toString(uris.size() - 1));
}

bool isInFull(const QStringList& uris, qsizetype depth)
{
    return depth > uris.front().split(u'/', Qt::SkipEmptyParts).size();
}

} // namespace

QStringList arrayNames(const QList<QStringList>& arrays)
{
    std::vector<qsizetype> depths(static_cast<std::size_t>(arrays.size()), 1);
    QStringList names;
    for (bool longer = true; longer;) {
        names.clear();
        for (qsizetype n = 0; n < arrays.size(); ++n)
            names.append(nameOf(arrays.at(n), depths[static_cast<std::size_t>(n)]));
        longer = false;
        for (qsizetype n = 0; n < arrays.size(); ++n) {
            qsizetype& depth = depths[static_cast<std::size_t>(n)];
            if (names.count(names.at(n)) == 1 || isInFull(arrays.at(n), depth))
                continue;
            ++depth;
            longer = true;
        }
    }
    return names;
}

QString urisDisplay(const QStringList& uris)
{
    QStringList paths;
    for (const QString& uri : uris)
        paths.append(displayShort(uri.toStdString(), 90));
    return paths.join(QStringLiteral("  +  "));
}

QString pathsDisplay(const QStringList& uris)
{
    QStringList paths;
    for (const QString& uri : uris)
        paths.append(shown(uri));
    return paths.join(u'\n');
}

} // namespace cairn
