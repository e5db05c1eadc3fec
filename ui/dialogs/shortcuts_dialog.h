// Lists the keys of every action in a menu bar.
#pragma once

#include <QDialog>
#include <QMenuBar>
#include <QTreeWidget>

namespace cairn {

// Made from the actions themselves, so that it is right whatever they are. Stands beside the
// window.
class ShortcutsDialog final : public QDialog {
    Q_OBJECT

public:
    explicit ShortcutsDialog(const QMenuBar& menus, QWidget* parent = nullptr);

private:
    void addMenu(const QMenu& menu);

    QTreeWidget* m_list;
};

} // namespace cairn
