// Fills the list of members.
#include "ui/dialogs/member_list.h"

#include "ui/dialogs/file_dialog.h"
#include "ui/widgets/plain_label.h"

#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMimeData>
#include <QVBoxLayout>

namespace cairn {

MemberList::MemberList(Purpose purpose, QWidget* parent)
    : QWidget(parent), m_purpose(purpose), m_edit(new QLineEdit), m_list(new QListWidget)
{
    setAcceptDrops(true);
    m_edit->setObjectName(QStringLiteral("memberPath"));
    m_edit->setAccessibleName(tr("Path of a disk or image file"));
    m_edit->setPlaceholderText(tr("/dev/sdb, or the path of an image file"));
    m_list->setObjectName(QStringLiteral("memberList"));
    m_list->setAccessibleName(tr("Members"));
    m_list->setMinimumHeight(fontMetrics().height() * 5);
    auto* add = button(tr("Add"), QStringLiteral("addMemberPath"));
    add->setEnabled(false);
    auto* line = new QHBoxLayout;
    line->addWidget(m_edit, 1);
    line->addWidget(add);
    auto* files = button(m_purpose == Purpose::Existing ? tr("Choose files …") : tr("New file …"),
                         QStringLiteral("browseFiles"));
    m_remove = button(tr("Remove"), QStringLiteral("removeMember"));
    m_remove->setEnabled(false);
    auto* tools = new QHBoxLayout;
    tools->addWidget(files);
    if (m_purpose == Purpose::Existing) {
        auto* simulated =
            button(tr("Choose a simulated array …"), QStringLiteral("browseSimulated"));
        connect(simulated, &QPushButton::clicked, this, &MemberList::browseSimulated);
        tools->addWidget(simulated);
    }
    tools->addStretch(1);
    tools->addWidget(m_remove);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(line);
    column->addWidget(m_list, 1);
    column->addLayout(tools);
    m_edit->installEventFilter(this);
    connect(m_edit, &QLineEdit::textChanged, this, [this, add](const QString& text) {
        add->setEnabled(!text.trimmed().isEmpty());
        Q_EMIT changed();
    });
    connect(add, &QPushButton::clicked, this, &MemberList::addTyped);
    connect(files, &QPushButton::clicked, this, &MemberList::browseFiles);
    connect(m_remove, &QPushButton::clicked, this, &MemberList::removeChosen);
    connect(m_list, &QListWidget::itemSelectionChanged, this,
            [this] { m_remove->setEnabled(!m_list->selectedItems().isEmpty()); });
}

QPushButton* MemberList::button(const QString& text, const QString& name)
{
    auto* made = new QPushButton(text);
    made->setObjectName(name);
    made->setAccessibleName(text);
    made->setAutoDefault(false);
    return made;
}

QStringList MemberList::uris() const
{
    QStringList all;
    for (int row = 0; row < m_list->count(); ++row)
        all.append(m_list->item(row)->text());
    // What was typed counts too: nobody should have to press Add for a single path.
    const QString typed = m_edit->text().trimmed();
    if (!typed.isEmpty() && !all.contains(typed))
        all.append(typed);
    return all;
}

void MemberList::add(const QString& uri)
{
    if (uri.isEmpty() || !m_list->findItems(uri, Qt::MatchExactly).isEmpty())
        return;
    m_list->addItem(uri);
    Q_EMIT changed();
}

void MemberList::addTyped()
{
    add(m_edit->text().trimmed());
    m_edit->clear();
    m_edit->setFocus();
}

void MemberList::browseFiles()
{
    const QStringList files =
        m_purpose == Purpose::MayBeNew
            ? chooseFiles(this, FileChoice::MayBeNew, tr("New image file"),
                          tr("Disk images (*.img);;All files (*)"))
            : chooseFiles(this, FileChoice::Several, tr("Choose the members of one array"));
    for (const QString& file : files)
        add(file);
}

void MemberList::browseSimulated()
{
    for (const QString& folder :
         chooseFiles(this, FileChoice::Folder, tr("Choose the folder of a simulated array")))
        add(QStringLiteral("sim:") + folder);
}

void MemberList::removeChosen()
{
    qDeleteAll(m_list->selectedItems());
    Q_EMIT changed();
}

bool MemberList::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_edit && event->type() == QEvent::KeyPress &&
        !m_edit->text().trimmed().isEmpty()) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            addTyped();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void MemberList::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MemberList::dropEvent(QDropEvent* event)
{
    const auto urls = event->mimeData()->urls();
    for (const QUrl& url : urls) {
        if (url.isLocalFile())
            add(url.toLocalFile());
    }
}

} // namespace cairn
