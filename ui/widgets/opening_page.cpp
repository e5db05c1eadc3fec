// Says what is being opened, and lets it be given up.
#include "ui/widgets/opening_page.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QProgressBar>
#include <QVBoxLayout>

namespace cairn {

OpeningPage::OpeningPage(QWidget* parent)
    : QWidget(parent), m_heading(PlainLabel::heading({})), m_members(PlainLabel::muted()),
      m_text(PlainLabel::muted()), m_cancel(new QPushButton(tr("Cancel")))
{
    setObjectName(QStringLiteral("openingPage"));
    setAccessibleName(tr("Opening an array"));
    // Not its button: the key that chose the array may still be down.
    setFocusPolicy(Qt::StrongFocus);
    auto* busy = new QProgressBar;
    busy->setObjectName(QStringLiteral("openingBusy"));
    busy->setAccessibleName(tr("Under way"));
    busy->setRange(0, 0);
    busy->setTextVisible(false);
    m_heading->setObjectName(QStringLiteral("openingHeading"));
    m_cancel->setObjectName(QStringLiteral("cancelOpening"));
    m_cancel->setAccessibleName(tr("Cancel opening"));
    m_cancel->setMinimumHeight(36);
    connect(m_cancel, &QPushButton::clicked, this, &OpeningPage::cancelRequested);
    for (PlainLabel* label : {m_heading, m_members, m_text})
        label->setAlignment(Qt::AlignCenter);
    auto* column = new QVBoxLayout;
    column->setSpacing(12);
    column->addStretch(2);
    column->addWidget(m_heading);
    column->addWidget(m_members);
    column->addWidget(busy);
    column->addWidget(m_text);
    column->addWidget(m_cancel);
    column->addStretch(3);
    auto* holder = new QWidget;
    holder->setLayout(column);
    holder->setMaximumWidth(460);
    auto* all = new QHBoxLayout(this);
    all->addStretch(1);
    all->addWidget(holder, 10);
    all->addStretch(1);
}

void OpeningPage::setSubject(const Subject& subject)
{
    m_heading->setText(subject.creates ? tr("Creating %1 …").arg(subject.name)
                                       : tr("Opening %1 …").arg(subject.name));
    m_members->setText(subject.members);
    m_members->setVisible(subject.members != subject.name);
    m_text->setText(subject.creates
                        ? tr("Its members are written now: this is not broken off half-way.")
                        : tr("It is only read: nothing is written and nothing is mounted."));
    m_cancel->setVisible(!subject.creates);
    setAccessibleName(m_heading->text());
}

void OpeningPage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && m_cancel->isVisible())
        Q_EMIT cancelRequested();
    else
        QWidget::keyPressEvent(event);
}

} // namespace cairn
