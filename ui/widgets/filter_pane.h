// The left pane: arrays to open, and saved filters with how much each would show.
#pragma once

#include "ui/array_names.h"
#include "ui/array_snapshot.h"
#include "ui/models/history.h"

#include <QStringList>
#include <QTimer>
#include <QTreeWidget>
#include <QWidget>
#include <cstdint>
#include <vector>

namespace cairn {

enum class SavedFilter : std::uint8_t {
    All,
    Failed,
    NotVerified,
    NoBackupInADay,    // Counts regions, as
    UnfinishedRegions, // this one does.
    Held,              // Undo copies too.
    UndoCopies,        // No backups: all others but Held leave them out.
};

// Whether it counts and shows regions; the others, records.
[[nodiscard]] constexpr bool isOfRegions(SavedFilter filter)
{
    return filter == SavedFilter::NoBackupInADay || filter == SavedFilter::UnfinishedRegions;
}

// Data regions whose newest good backup began more than a day before `nowMs`, or that have none.
[[nodiscard]] std::vector<RegionId> withoutBackupInADay(const ArraySnapshot& snapshot,
                                                        std::int64_t nowMs);

// Attached regions that a job has left half-written, or in which one waits to be gone on with.
[[nodiscard]] std::vector<RegionId> unfinishedRegions(const ArraySnapshot& snapshot);

// Why the region is among those of the filter, in words.
[[nodiscard]] QString whyListed(const ArraySnapshot& snapshot, SavedFilter filter,
                                const Region& region);

class FilterPane final : public QWidget {
    Q_OBJECT

public:
    explicit FilterPane(QWidget* parent = nullptr);

    // Recent arrays, newest first; the open one is marked.
    void setArrays(const QList<RecentArray>& recent, const QStringList& open);
    // None: no array is open.
    void setHistory(History* history);
    void setSnapshot(const ArraySnapshot& snapshot);
    // Of a filter of regions: which they are now.
    [[nodiscard]] const std::vector<RegionId>& regions(SavedFilter filter) const;
    [[nodiscard]] int count(SavedFilter filter) const;
    // Another filter was set than the one that is lit.
    void clearChoice();

Q_SIGNALS:
    void arrayChosen(const QStringList& uris);
    void filterChosen(cairn::SavedFilter filter);
    // The chosen filter is of regions, and they are others now.
    void regionsChanged(cairn::SavedFilter filter);
    // By Esc.
    void left();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    [[nodiscard]] QTreeWidget* list(const char* name, const QString& title);
    void addFilter(SavedFilter filter, const QString& text, const QString& tip);
    void chooseArray(QTreeWidgetItem* chosen);
    void countAll();
    void setCount(SavedFilter filter, int count);
    [[nodiscard]] QTreeWidgetItem* item(SavedFilter filter) const;

    QTreeWidget* m_arrays;
    QTreeWidget* m_filters;
    QList<RecentArray> m_recent;
    QStringList m_open;
    History* m_history = nullptr; // Set to none when it goes.
    std::vector<RegionId> m_withoutBackup;
    std::vector<RegionId> m_unfinished;
    bool m_choosing = false;
    QTimer m_countSoon; // While pages come in, not each is counted anew.
};

} // namespace cairn
