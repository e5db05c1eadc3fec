// Fills the list of keys.
#include "ui/dialogs/shortcuts_dialog.h"

#include "ui/widgets/plain_label.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QMenu>
#include <QVBoxLayout>

namespace cairn {
namespace {

// As it is read, not as its key in the menu is marked.
QString titleOf(const QString& text)
{
    QString title = text;
    title.replace(QStringLiteral("&&"), QStringLiteral("\x01")).remove(u'&');
    return title.replace(QStringLiteral("\x01"), QStringLiteral("&")).remove(QStringLiteral(" …"));
}

} // namespace

ShortcutsDialog::ShortcutsDialog(const QMenuBar& menus, QWidget* parent)
    : QDialog(parent), m_list(new QTreeWidget)
{
    setObjectName(QStringLiteral("shortcutsDialog"));
    setWindowTitle(tr("Keyboard shortcuts"));
    m_list->setObjectName(QStringLiteral("shortcutList"));
    m_list->setAccessibleName(windowTitle());
    m_list->setHeaderLabels({tr("What"), tr("Keys")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    const auto tops = menus.actions();
    for (const QAction* top : tops) {
        if (top->menu() != nullptr)
            addMenu(*top->menu());
    }
    m_list->expandAll();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(10);
    column->addWidget(PlainLabel::heading(tr("Keyboard shortcuts")));
    column->addWidget(m_list, 1);
    column->addWidget(PlainLabel::muted(
        tr("In map and timeline the arrow keys walk, M opens the menu of what is selected, and Esc "
           "ends a filter. Every verb is in a menu: Alt and the underlined letter open it.")));
    column->addWidget(buttons);
    resize(480, 560);
}

void ShortcutsDialog::addMenu(const QMenu& menu)
{
    auto* group = new QTreeWidgetItem({titleOf(menu.title())});
    QFont bold = m_list->font();
    bold.setBold(true);
    group->setFont(0, bold);
    group->setFlags(Qt::ItemIsEnabled);
    const auto actions = menu.actions();
    for (const QAction* action : actions) {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        if (action->menu() == nullptr && action->isVisible() && !keys.isEmpty())
            group->addChild(new QTreeWidgetItem({titleOf(action->text()), keys}));
    }
    if (group->childCount() > 0)
        m_list->addTopLevelItem(group);
    else
        delete group;
}

} // namespace cairn
