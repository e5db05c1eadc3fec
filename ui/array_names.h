// What arrays are called in a list of several.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace cairn {

struct RecentArray {
    QStringList uris;
    QString label; // As its catalog had it; empty where it has none.
};

// One name for each array: its label. Where it has none, or another has the same, the last part of
// its first member's path, with as many of the folders around it as tell it from the others. Safe
// to show.
[[nodiscard]] QStringList arrayNames(const QList<RecentArray>& arrays);

// Its label and the paths of its members in full, a line for each.
[[nodiscard]] QString arrayDisplay(const RecentArray& array);

// The members of one array as one line, long paths cut.
[[nodiscard]] QString urisDisplay(const QStringList& uris);

} // namespace cairn
