// Labels without markup.
#include "ui/widgets/plain_label.h"

#include "ui/display_text.h"

#include <QResizeEvent>

namespace cairn {

PlainLabel::PlainLabel(const QString& text, QWidget* parent) : QLabel(parent)
{
    // The format comes first: a label looks at its text as soon as it has one.
    setTextFormat(Qt::PlainText);
    setText(text);
}

PlainLabel* PlainLabel::wrapped(const QString& text)
{
    auto* label = new PlainLabel(text);
    label->setWordWrap(true);
    return label;
}

PlainLabel* PlainLabel::heading(const QString& text)
{
    auto* label = wrapped(text);
    QFont font = label->font();
    font.setPointSizeF(font.pointSizeF() * 1.4);
    font.setBold(true);
    label->setFont(font);
    return label;
}

PlainLabel* PlainLabel::muted(const QString& text)
{
    auto* label = wrapped(text);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

void PlainLabel::setBold(bool bold)
{
    QFont wanted = font();
    wanted.setBold(bold);
    setFont(wanted);
}

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent) : PlainLabel({}, parent)
{
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    setFullText(text);
}

void ElidedLabel::setFullText(const QString& text)
{
    if (text == m_full)
        return;
    m_full = text;
    setToolTip(text.isEmpty() ? QString() : toolTipText(text));
    setAccessibleName(text);
    elide();
}

void ElidedLabel::setElideMode(Qt::TextElideMode mode)
{
    m_mode = mode;
    elide();
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {40, PlainLabel::minimumSizeHint().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent* event)
{
    PlainLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::elide()
{
    setText(fontMetrics().elidedText(m_full, m_mode, width()));
}

} // namespace cairn
