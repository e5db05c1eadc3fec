// What arrays are called in a list of several.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace cairn {

// One name for each array, which is given by the URIs of its members: the last part of its first
// member's path, with as many of the folders around it as tell it from the others. Safe to show.
[[nodiscard]] QStringList arrayNames(const QList<QStringList>& arrays);

// The members of one array as one line, long paths cut.
[[nodiscard]] QString urisDisplay(const QStringList& uris);

// The same in full, a line for each.
[[nodiscard]] QString pathsDisplay(const QStringList& uris);

} // namespace cairn
