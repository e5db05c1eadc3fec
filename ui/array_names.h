// What arrays are called in a list of several.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace cairn {

struct RecentArray {
    QStringList uris;
    QString label;   // As its catalog had it; empty where it has none.
    QString id = {}; // The same.

    // Whether the other is this array, opened by more, fewer or other members.
    [[nodiscard]] bool isSame(const RecentArray& other) const;
};

// As they are understood from every directory, not only from the one that the program runs in.
[[nodiscard]] QStringList wholeUris(QStringList uris);

// One name for each array: its label. Where it has none, or another has the same, the last part of
// its first member's path, with as many of the folders around it as tell it from the others. Safe
// to show.
[[nodiscard]] QStringList arrayNames(const QList<RecentArray>& arrays);

// Its label and the paths of its members in full, a line for each.
[[nodiscard]] QString arrayDisplay(const RecentArray& array);

// The members of one array as one line, long paths cut.
[[nodiscard]] QString urisDisplay(const QStringList& uris);

} // namespace cairn
