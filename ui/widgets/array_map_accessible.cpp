// The map as a list with one child for each cell.
#include "ui/widgets/array_map_accessible.h"

#include "ui/widgets/array_map.h"

#include <QAccessibleWidget>
#include <QWindow>
#include <map>

namespace cairn {
namespace {

class CellAccessible final : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    CellAccessible(ArrayMap* map, int index) : m_map(map), m_index(index) {}

    [[nodiscard]] bool isValid() const override { return m_index < m_map->cellCount(); }
    [[nodiscard]] QObject* object() const override { return nullptr; }
    [[nodiscard]] QWindow* window() const override { return m_map->window()->windowHandle(); }
    [[nodiscard]] QAccessibleInterface* parent() const override
    {
        return QAccessible::queryAccessibleInterface(m_map);
    }
    [[nodiscard]] QAccessibleInterface* child(int) const override { return nullptr; }
    [[nodiscard]] int childCount() const override { return 0; }
    [[nodiscard]] int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    [[nodiscard]] QAccessibleInterface* childAt(int, int) const override { return nullptr; }

    [[nodiscard]] QString text(QAccessible::Text kind) const override
    {
        if (!isValid())
            return {};
        const MapCell& cell = m_map->cellAt(m_index);
        if (kind == QAccessible::Name)
            return cell.name + QStringLiteral(", ") + cell.summary;
        return kind == QAccessible::Description ? cell.description : QString();
    }
    void setText(QAccessible::Text, const QString&) override {}

    [[nodiscard]] QRect rect() const override
    {
        if (!isValid())
            return {};
        return m_map->cellRect(m_index).translated(m_map->mapToGlobal(QPoint(0, 0)));
    }
    [[nodiscard]] QAccessible::Role role() const override { return QAccessible::ListItem; }
    [[nodiscard]] QAccessible::State state() const override
    {
        QAccessible::State now;
        if (!isValid())
            return now;
        const bool current = m_map->currentIndex() == m_index;
        now.selectable = true;
        now.focusable = true;
        now.selected = current;
        now.focused = current && m_map->hasFocus();
        return now;
    }

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this)
                                                    : nullptr;
    }
    [[nodiscard]] QStringList actionNames() const override { return {setFocusAction()}; }
    void doAction(const QString& name) override
    {
        if (name != setFocusAction() || !isValid())
            return;
        m_map->setFocus();
        m_map->setCurrentIndex(m_index);
    }
    [[nodiscard]] QStringList keyBindingsForAction(const QString&) const override { return {}; }

private:
    ArrayMap* m_map; // Its interface owns this one, and goes with it.
    int m_index;
};

// Keeps the interfaces of its cells: an accessibility client may hold on to them.
class MapAccessible final : public QAccessibleWidget {
public:
    explicit MapAccessible(ArrayMap* map) : QAccessibleWidget(map, QAccessible::List), m_map(map) {}
    ~MapAccessible() override
    {
        for (const auto& [index, id] : m_cells)
            QAccessible::deleteAccessibleInterface(id);
    }
    MapAccessible(const MapAccessible&) = delete;
    MapAccessible& operator=(const MapAccessible&) = delete;

    [[nodiscard]] int childCount() const override { return m_map->cellCount(); }
    [[nodiscard]] QAccessibleInterface* child(int index) const override
    {
        if (index < 0 || index >= m_map->cellCount())
            return nullptr;
        const auto known = m_cells.find(index);
        if (known != m_cells.end())
            return QAccessible::accessibleInterface(known->second);
        auto* made = new CellAccessible(m_map, index);
        m_cells[index] = QAccessible::registerAccessibleInterface(made);
        return made;
    }
    [[nodiscard]] int indexOfChild(const QAccessibleInterface* child) const override
    {
        for (const auto& [index, id] : m_cells) {
            if (QAccessible::accessibleInterface(id) == child)
                return index;
        }
        return -1;
    }
    [[nodiscard]] QAccessibleInterface* childAt(int x, int y) const override
    {
        for (int index = 0; index < childCount(); ++index) {
            QAccessibleInterface* cell = child(index);
            if (cell != nullptr && cell->rect().contains(x, y))
                return cell;
        }
        return nullptr;
    }
    [[nodiscard]] QAccessibleInterface* focusChild() const override
    {
        return m_map->hasFocus() ? child(m_map->currentIndex()) : nullptr;
    }

private:
    ArrayMap* m_map;
    mutable std::map<int, QAccessible::Id> m_cells;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object)
{
    auto* map = qobject_cast<ArrayMap*>(object);
    return map != nullptr ? new MapAccessible(map) : nullptr;
}

} // namespace

void registerMapAccessibility()
{
    QAccessible::installFactory(makeInterface);
}

} // namespace cairn
