// The disks of this computer, of which some may make up the array that is to be opened.
#pragma once

#include "ui/disk_list.h"

#include <QPushButton>
#include <QTreeWidget>
#include <QWidget>

namespace cairn {

// Follows the list while it is shown, and hides where there is none to choose from. Nothing is
// chosen before the operator does.
class DiskChoice final : public QWidget {
    Q_OBJECT

public:
    // The list outlives it.
    explicit DiskChoice(const DiskList& disks, QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(const QString& device);

private:
    void fill();
    void choose();

    const DiskList& m_disks;
    QTreeWidget* m_table;
    QPushButton* m_add;
};

} // namespace cairn
