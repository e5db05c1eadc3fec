// The first page.
#include "ui/widgets/welcome_page.h"

#include "ui/display_text.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/plain_label.h"

#include <QApplication>
#include <QHBoxLayout>

namespace cairn {

WelcomePage::WelcomePage(QWidget* parent) : ScrollPane(parent)
{
    setObjectName(QStringLiteral("welcomePage"));
    auto* icon = new QLabel;
    icon->setPixmap(QApplication::windowIcon().pixmap(QSize(72, 72), devicePixelRatioF()));
    icon->setAlignment(Qt::AlignCenter);
    auto* title = PlainLabel::heading(tr("No array is open"));
    title->setAlignment(Qt::AlignCenter);
    auto* text = PlainLabel::muted(
        tr("An array carries its own history of backups. Opening one only reads it: nothing is "
           "written and nothing is mounted."));
    text->setAlignment(Qt::AlignCenter);
    auto* open = new QPushButton(tr("Open a disk or image …"));
    open->setObjectName(QStringLiteral("welcomeOpen"));
    open->setAccessibleName(tr("Open a disk or image"));
    open->setProperty("primary", true);
    open->setMinimumHeight(36);
    open->setDefault(true);
    auto* create = new QPushButton(tr("New array …"));
    create->setObjectName(QStringLiteral("welcomeCreate"));
    create->setAccessibleName(tr("Create a new array"));
    create->setMinimumHeight(36);
    m_demo = new QPushButton(tr("Try the demo array"));
    m_demo->setObjectName(QStringLiteral("welcomeDemo"));
    m_demo->setAccessibleName(tr("Try the demonstration array"));
    m_demo->setToolTip(
        tr("Opens a simulated array of three disks with two filesystems and their "
           "backups; the first time it is made, in your own folder of data, where it "
           "takes about 130 MiB"));
    m_demo->setMinimumHeight(36);
    connect(m_demo, &QPushButton::clicked, this, &WelcomePage::demoRequested);
    connect(open, &QPushButton::clicked, this, &WelcomePage::openRequested);
    connect(create, &QPushButton::clicked, this, &WelcomePage::createRequested);
    m_busy = PlainLabel::muted();
    m_busy->setAlignment(Qt::AlignCenter);
    m_busy->hide();
    m_recentBox = new QWidget;
    m_recent = new QVBoxLayout(m_recentBox);
    m_recent->setContentsMargins(0, 12, 0, 0);
    m_recent->setSpacing(2);
    m_recentBox->hide();

    auto* column = new QVBoxLayout;
    column->setSpacing(12);
    column->addStretch(2);
    column->addWidget(icon);
    column->addWidget(title);
    column->addWidget(text);
    column->addSpacing(6);
    column->addWidget(open);
    column->addWidget(create);
    column->addWidget(m_demo);
    column->addWidget(m_busy);
    column->addWidget(m_recentBox);
    column->addStretch(3);
    auto* holder = new QWidget;
    holder->setLayout(column);
    holder->setMaximumWidth(460);
    auto* all = new QHBoxLayout(content());
    all->addStretch(1);
    all->addWidget(holder, 10);
    all->addStretch(1);
}

void WelcomePage::setRecent(const QList<RecentArray>& recent)
{
    while (QLayoutItem* item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (!recent.isEmpty()) {
        auto* title = new PlainLabel(tr("Recent"));
        title->setBold(true);
        m_recent->addWidget(title);
    }
    const QStringList names = arrayNames(recent);
    for (qsizetype n = 0; n < recent.size(); ++n) {
        const QStringList& uris = recent.at(n).uris;
        const QString whole = arrayDisplay(recent.at(n));
        const QString folder = displayText(uris.front().section(u'/', 0, -2).toStdString());
        const QString shown =
            folder.isEmpty() ? names.at(n) : tr("%1 — %2").arg(names.at(n), folder);
        auto* button = new QPushButton;
        button->setFlat(true);
        button->setObjectName(QStringLiteral("recentArray"));
        button->setAccessibleName(tr("Open %1").arg(names.at(n)));
        button->setAccessibleDescription(whole);
        button->setToolTip(toolTipText(whole));
        button->setText(buttonText(fontMetrics().elidedText(shown, Qt::ElideMiddle, 400)));
        button->setIcon(lineIcon(QStringLiteral("disk"), palette()));
        button->setStyleSheet(QStringLiteral("text-align: left; padding: 6px;"));
        connect(button, &QPushButton::clicked, this,
                [this, uris] { Q_EMIT recentRequested(uris); });
        m_recent->addWidget(button);
    }
    m_recentBox->setVisible(!recent.isEmpty());
}

void WelcomePage::setDemo(Demo demo)
{
    m_demo->setVisible(demo != Demo::NotThere);
    m_demo->setEnabled(demo == Demo::Offered);
}

void WelcomePage::setBusy(const QString& text)
{
    m_busy->setText(text);
    m_busy->setVisible(!text.isEmpty());
}

} // namespace cairn
