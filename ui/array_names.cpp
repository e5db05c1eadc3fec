// Names that are as short as the others allow.
#include "ui/array_names.h"

#include "ui/array_snapshot.h"
#include "ui/display_text.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
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

QString labelOf(const RecentArray& array)
{
    constexpr std::size_t kMostCharacters = 60;
    return displayShort(array.label.toStdString(), kMostCharacters);
}

// With a label there is room for little else: for the folder that tells it from the others.
QString nameOf(const RecentArray& array, qsizetype depth)
{
    if (array.label.isEmpty())
        return nameOf(array.uris, depth);
    if (depth == 0)
        return labelOf(array);
    const QStringList parts = array.uris.front().split(u'/', Qt::SkipEmptyParts);
    const QString place = depth > 1 && depth <= parts.size()
                              ? shown(parts.at(parts.size() - depth)) + QStringLiteral("/…")
                              : nameOf(array.uris, depth);
    return tr("%1 · %2").arg(labelOf(array), place);
}

bool isInFull(const QStringList& uris, qsizetype depth)
{
    return depth > uris.front().split(u'/', Qt::SkipEmptyParts).size();
}

QString wholePath(const QString& path)
{
    const QFileInfo place(path);
    // What ".." leads to, only the filesystem knows: its folder may be a symbolic link.
    const QString resolved = path.split(u'/').contains(QStringLiteral("..")) //
                                 ? place.canonicalFilePath()
                                 : QString();
    return resolved.isEmpty() ? QDir::cleanPath(place.absoluteFilePath()) : resolved;
}

} // namespace

bool RecentArray::isSame(const RecentArray& other) const
{
    if (uris == other.uris)
        return true;
    // A copy of an array has its id too, and is opened from elsewhere.
    return !id.isEmpty() && id == other.id &&
           std::ranges::any_of(uris, [&](const QString& uri) { return other.uris.contains(uri); });
}

QStringList wholeUris(QStringList uris)
{
    const QString scheme = QString::fromUtf8(kSimulatedScheme.data(), kSimulatedScheme.size());
    for (QString& uri : uris) {
        const QString before = uri.startsWith(scheme) ? scheme : QString();
        // Nothing stays nothing: it is refused by itself.
        if (uri.size() > before.size())
            uri = before + wholePath(uri.mid(before.size()));
    }
    return uris;
}

QStringList arrayNames(const QList<RecentArray>& arrays)
{
    // 0: the label alone.
    std::vector<qsizetype> depths;
    for (const RecentArray& array : arrays)
        depths.push_back(array.label.isEmpty() ? 1 : 0);
    QStringList names;
    for (bool longer = true; longer;) {
        names.clear();
        for (qsizetype n = 0; n < arrays.size(); ++n)
            names.append(nameOf(arrays.at(n), depths[static_cast<std::size_t>(n)]));
        longer = false;
        for (qsizetype n = 0; n < arrays.size(); ++n) {
            qsizetype& depth = depths[static_cast<std::size_t>(n)];
            if (names.count(names.at(n)) == 1 || isInFull(arrays.at(n).uris, depth))
                continue;
            ++depth;
            longer = true;
        }
    }
    return names;
}

QString arrayDisplay(const RecentArray& array)
{
    QStringList lines;
    if (!array.label.isEmpty())
        lines.append(labelOf(array));
    for (const QString& uri : array.uris)
        lines.append(shown(uri));
    return lines.join(u'\n');
}

QString urisDisplay(const QStringList& uris)
{
    QStringList paths;
    for (const QString& uri : uris)
        paths.append(displayShort(uri.toStdString(), 90));
    return paths.join(QStringLiteral("  +  "));
}

} // namespace cairn
