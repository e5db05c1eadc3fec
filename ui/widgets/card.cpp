// Paints and fills cards.
#include "ui/widgets/card.h"

#include "ui/widgets/colors.h"
#include "ui/widgets/plain_label.h"

#include <QEvent>
#include <QPainter>

namespace cairn {

Card::Card(const QString& title, Tone tone, QWidget* parent)
    : QFrame(parent), m_tone(tone), m_title(PlainLabel::wrapped(title)), m_lines(new QVBoxLayout),
      m_column(new QVBoxLayout(this))
{
    m_title->setBold(true);
    m_lines->setSpacing(3);
    m_column->setContentsMargins(14, 12, 14, 12);
    m_column->setSpacing(5);
    m_column->addWidget(m_title);
    m_column->addLayout(m_lines);
    m_column->addStretch(1);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    recolor();
}

void Card::setTone(Tone tone)
{
    m_tone = tone;
    recolor();
}

void Card::setTitle(const QString& title)
{
    m_title->setText(title);
    describe();
}

void Card::setLines(const QStringList& lines)
{
    while (QLayoutItem* item = m_lines->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const QString& line : lines) {
        auto* label = PlainLabel::wrapped(line);
        label->setBold(m_lines->count() == 0);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse); // Some tell a command.
        m_lines->addWidget(label);
    }
    describe();
}

void Card::addEmphasis(const QString& line)
{
    auto* label = PlainLabel::wrapped(line);
    label->setBold(true);
    m_lines->addWidget(label);
    describe();
}

QString Card::text() const
{
    QStringList lines{m_title->text()};
    for (int index = 0; index < m_lines->count(); ++index) {
        if (const auto* label = qobject_cast<PlainLabel*>(m_lines->itemAt(index)->widget()))
            lines.append(label->text());
    }
    return lines.join(u'\n');
}

void Card::describe()
{
    setAccessibleName(text());
}

void Card::paintEvent(QPaintEvent*)
{
    const Colors& colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colors.border, 1));
    painter.setBrush(colors.base);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
}

void Card::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    // The own palette changes last: by then it tells whether the look is dark.
    if (event->type() == QEvent::PaletteChange)
        recolor();
}

void Card::recolor()
{
    const Colors& colors = colorsOf(palette());
    QPalette wanted = m_title->palette();
    wanted.setColor(QPalette::WindowText, m_tone == Tone::Good  ? colors.goodText
                                          : m_tone == Tone::Bad ? colors.badText
                                                                : colors.text);
    m_title->setPalette(wanted);
}

} // namespace cairn
