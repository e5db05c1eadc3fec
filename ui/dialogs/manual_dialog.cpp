// The pages of the manual.
#include "ui/dialogs/manual_dialog.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace cairn {

std::optional<QString> findManual(const QString& programs)
{
    const QDir folder(programs);
    // Of /usr/bin, and of build/release/app.
    for (const QString& place : {QStringLiteral("../share/doc/cairn/docs/desktop.md"),
                                 QStringLiteral("../../../docs/desktop.md")}) {
        const QFileInfo page(folder.filePath(place));
        if (page.isReadable())
            return page.canonicalFilePath();
    }
    return std::nullopt;
}

ManualDialog::ManualDialog(const QString& page, QWidget* parent)
    : QDialog(parent), m_pages(new QTextBrowser)
{
    setObjectName(QStringLiteral("manualDialog"));
    setWindowTitle(tr("Manual of Cairn"));
    m_pages->setObjectName(QStringLiteral("manualPages"));
    m_pages->setAccessibleName(windowTitle());
    m_pages->setOpenLinks(false);
    connect(m_pages, &QTextBrowser::anchorClicked, this, &ManualDialog::follow);
    const auto button = [](const QString& text, const char* name) {
        auto* made = new QPushButton(text);
        made->setObjectName(QLatin1StringView(name));
        made->setAccessibleName(text);
        made->setAutoDefault(false);
        return made;
    };
    auto* back = button(tr("Back"), "manualBack");
    auto* home = button(tr("First page"), "manualHome");
    auto* close = button(tr("Close"), "manualClose");
    back->setEnabled(false);
    connect(m_pages, &QTextBrowser::backwardAvailable, back, &QWidget::setEnabled);
    connect(back, &QPushButton::clicked, m_pages, &QTextBrowser::backward);
    connect(home, &QPushButton::clicked, m_pages, &QTextBrowser::home);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    auto* line = new QHBoxLayout;
    line->addWidget(back);
    line->addWidget(home);
    line->addStretch(1);
    line->addWidget(close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 12);
    column->addWidget(m_pages, 1);
    column->addLayout(line);
    resize(820, 620);
    m_pages->setSource(QUrl::fromLocalFile(page), QTextDocument::MarkdownResource);
}

void ManualDialog::follow(const QUrl& link)
{
    const QUrl target = m_pages->source().resolved(link);
    if (target.isLocalFile() && target.path().endsWith(QStringLiteral(".md")) &&
        QFileInfo(target.toLocalFile()).isReadable())
        m_pages->setSource(target, QTextDocument::MarkdownResource);
}

} // namespace cairn
