// A painted widget as a list with one child for each of its items.
#include "ui/widgets/painted_list.h"

#include <QAccessibleWidget>
#include <QWidget>
#include <QWindow>
#include <map>

namespace cairn {
namespace {

class ItemAccessible final : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    ItemAccessible(QWidget* widget, PaintedList* list, int index)
        : m_widget(widget), m_list(list), m_index(index)
    {}

    [[nodiscard]] bool isValid() const override { return m_index < m_list->itemCount(); }
    [[nodiscard]] QObject* object() const override { return nullptr; }
    [[nodiscard]] QWindow* window() const override { return m_widget->window()->windowHandle(); }
    [[nodiscard]] QAccessibleInterface* parent() const override
    {
        return QAccessible::queryAccessibleInterface(m_widget);
    }
    [[nodiscard]] QAccessibleInterface* child(int) const override { return nullptr; }
    [[nodiscard]] int childCount() const override { return 0; }
    [[nodiscard]] int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    [[nodiscard]] QAccessibleInterface* childAt(int, int) const override { return nullptr; }

    [[nodiscard]] QString text(QAccessible::Text kind) const override
    {
        if (!isValid())
            return {};
        if (kind == QAccessible::Name)
            return m_list->itemName(m_index);
        return kind == QAccessible::Description ? m_list->itemDescription(m_index) : QString();
    }
    void setText(QAccessible::Text, const QString&) override {}

    [[nodiscard]] QRect rect() const override
    {
        if (!isValid())
            return {};
        return m_list->itemRect(m_index).translated(m_widget->mapToGlobal(QPoint(0, 0)));
    }
    [[nodiscard]] QAccessible::Role role() const override { return QAccessible::ListItem; }
    [[nodiscard]] QAccessible::State state() const override
    {
        QAccessible::State now;
        if (!isValid())
            return now;
        const bool current = m_list->currentItem() == m_index;
        now.selectable = true;
        now.focusable = true;
        now.selected = current;
        now.focused = current && m_widget->hasFocus();
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
        m_widget->setFocus();
        m_list->chooseItem(m_index);
    }
    [[nodiscard]] QStringList keyBindingsForAction(const QString&) const override { return {}; }

private:
    QWidget* m_widget; // Its interface owns this one, and goes with it.
    PaintedList* m_list;
    int m_index;
};

// Keeps the interfaces of its items: an accessibility client may hold on to them.
class ListAccessible final : public QAccessibleWidget {
public:
    ListAccessible(QWidget* widget, PaintedList* list)
        : QAccessibleWidget(widget, QAccessible::List), m_widget(widget), m_list(list)
    {}
    ~ListAccessible() override
    {
        for (const auto& [index, id] : m_items)
            QAccessible::deleteAccessibleInterface(id);
    }
    ListAccessible(const ListAccessible&) = delete;
    ListAccessible& operator=(const ListAccessible&) = delete;

    [[nodiscard]] int childCount() const override { return m_list->itemCount(); }
    [[nodiscard]] QAccessibleInterface* child(int index) const override
    {
        if (index < 0 || index >= m_list->itemCount())
            return nullptr;
        const auto known = m_items.find(index);
        if (known != m_items.end())
            return QAccessible::accessibleInterface(known->second);
        auto* made = new ItemAccessible(m_widget, m_list, index);
        m_items[index] = QAccessible::registerAccessibleInterface(made);
        return made;
    }
    [[nodiscard]] int indexOfChild(const QAccessibleInterface* child) const override
    {
        for (const auto& [index, id] : m_items) {
            if (QAccessible::accessibleInterface(id) == child)
                return index;
        }
        return -1;
    }
    [[nodiscard]] QAccessibleInterface* childAt(int x, int y) const override
    {
        for (int index = 0; index < childCount(); ++index) {
            QAccessibleInterface* item = child(index);
            if (item != nullptr && item->rect().contains(x, y))
                return item;
        }
        return nullptr;
    }
    [[nodiscard]] QAccessibleInterface* focusChild() const override
    {
        return m_widget->hasFocus() ? child(m_list->currentItem()) : nullptr;
    }

private:
    QWidget* m_widget;
    PaintedList* m_list;
    mutable std::map<int, QAccessible::Id> m_items;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object)
{
    auto* list = dynamic_cast<PaintedList*>(object);
    auto* widget = qobject_cast<QWidget*>(object);
    return list != nullptr && widget != nullptr ? new ListAccessible(widget, list) : nullptr;
}

} // namespace

void registerPaintedLists()
{
    QAccessible::installFactory(makeInterface);
}

} // namespace cairn
