// Rows of messages.
#include "ui/widgets/message_strip.h"

#include "ui/display_text.h"
#include "ui/widgets/colors.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/plain_label.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace cairn {
namespace {

constexpr int kMaximumRows = 4;

class MessageRow final : public QWidget {
public:
    MessageRow(const Message& message, QWidget* parent) : QWidget(parent), m_message(message)
    {
        setObjectName(QStringLiteral("messageRow"));
        setAccessibleName(text());
        m_icon = new QLabel(this);
        m_icon->setAccessibleName(kindName());
        auto* headline = PlainLabel::wrapped(message.headline);
        headline->setBold(true);
        headline->setObjectName(QStringLiteral("messageHeadline"));
        auto* texts = new QVBoxLayout;
        texts->setSpacing(1);
        texts->addWidget(headline);
        if (!message.body.isEmpty()) {
            auto* body = PlainLabel::wrapped(message.body);
            body->setObjectName(QStringLiteral("messageBody"));
            body->setTextInteractionFlags(Qt::TextSelectableByMouse);
            texts->addWidget(body);
        }
        auto* line = new QHBoxLayout(this);
        line->setContentsMargins(12, 7, 6, 7);
        line->setSpacing(10);
        line->addWidget(m_icon, 0, Qt::AlignTop);
        line->addLayout(texts, 1);
        for (const MessageAction& action : message.actions)
            line->addWidget(actionButton(action), 0, Qt::AlignVCenter);
        m_close = new QToolButton(this);
        m_close->setAutoRaise(true);
        m_close->setObjectName(QStringLiteral("dismissMessage"));
        m_close->setAccessibleName(MessageStrip::tr("Dismiss this message"));
        m_close->setToolTip(MessageStrip::tr("Dismiss"));
        connect(m_close, &QToolButton::clicked, this, [this] { leave(); });
        line->addWidget(m_close, 0, Qt::AlignTop);
        recolor();
    }

    [[nodiscard]] QString text() const
    {
        return m_message.body.isEmpty() ? m_message.headline
                                        : m_message.headline + u' ' + m_message.body;
    }
    [[nodiscard]] const QString& key() const { return m_message.key; }

    void leave()
    {
        hide();
        deleteLater();
        if (parentWidget() != nullptr && parentWidget()->layout() != nullptr) {
            auto* strip = parentWidget();
            strip->layout()->removeWidget(this);
            strip->setVisible(strip->layout()->count() > 0);
        }
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QColor fill = tone();
        fill.setAlphaF(isDark(palette()) ? 0.20F : 0.11F);
        painter.setPen(QPen(tone(), 1));
        painter.setBrush(fill);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    }

    void changeEvent(QEvent* event) override
    {
        QWidget::changeEvent(event);
        if (event->type() == QEvent::PaletteChange)
            recolor();
    }

private:
    QPushButton* actionButton(const MessageAction& action)
    {
        auto* button = new QPushButton(buttonText(action.text), this);
        button->setObjectName(action.name);
        button->setAccessibleName(action.text);
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this, [this, run = action.run] {
            leave();
            run();
        });
        return button;
    }

    [[nodiscard]] QColor tone() const
    {
        const Colors& colors = colorsOf(palette());
        switch (m_message.kind) {
        case MessageKind::Info:
            return colors.accent;
        case MessageKind::Success:
            return colors.goodText;
        case MessageKind::Warning:
            return colors.warningText;
        case MessageKind::Error:
            return colors.badText;
        }
        return colors.accent;
    }

    [[nodiscard]] QString iconName() const
    {
        switch (m_message.kind) {
        case MessageKind::Info:
            return QStringLiteral("info");
        case MessageKind::Success:
            return QStringLiteral("success");
        case MessageKind::Warning:
            return QStringLiteral("warning");
        case MessageKind::Error:
            return QStringLiteral("error");
        }
        return {};
    }

    [[nodiscard]] QString kindName() const
    {
        switch (m_message.kind) {
        case MessageKind::Info:
            return MessageStrip::tr("Information");
        case MessageKind::Success:
            return MessageStrip::tr("Done");
        case MessageKind::Warning:
            return MessageStrip::tr("Warning");
        case MessageKind::Error:
            return MessageStrip::tr("Error");
        }
        return {};
    }

    void recolor()
    {
        m_icon->setPixmap(
            lineIcon(iconName(), tone(), tone()).pixmap(QSize(20, 20), devicePixelRatioF()));
        m_close->setIcon(lineIcon(QStringLiteral("close"), palette()));
    }

    Message m_message;
    QLabel* m_icon = nullptr;
    QToolButton* m_close = nullptr;
};

} // namespace

MessageStrip::MessageStrip(QWidget* parent) : QWidget(parent), m_rows(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("messageStrip"));
    setAccessibleName(tr("Messages"));
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(6);
    hide();
}

void MessageStrip::show(const Message& message)
{
    if (!message.key.isEmpty())
        remove(message.key);
    m_rows->addWidget(new MessageRow(message, this));
    trim();
    setVisible(true);
}

void MessageStrip::showError(Verb verb, const Error& error)
{
    const ErrorText text = errorText(verb, error);
    const bool failed = errorClass(error.code) == ErrorClass::Failed;
    show({.kind = failed ? MessageKind::Error : MessageKind::Warning,
          .headline = text.what,
          .body = text.state + u' ' + text.remedy,
          .actions = {},
          .key = QStringLiteral("error-%1").arg(static_cast<int>(verb))});
}

void MessageStrip::remove(const QString& key)
{
    for (int index = m_rows->count() - 1; index >= 0; --index) {
        auto* row = static_cast<MessageRow*>(m_rows->itemAt(index)->widget());
        if (row->key() == key)
            row->leave();
    }
}

void MessageStrip::clear()
{
    while (m_rows->count() > 0)
        static_cast<MessageRow*>(m_rows->itemAt(0)->widget())->leave();
}

int MessageStrip::count() const
{
    return m_rows->count();
}

QString MessageStrip::newestText() const
{
    if (m_rows->count() == 0)
        return {};
    return static_cast<MessageRow*>(m_rows->itemAt(m_rows->count() - 1)->widget())->text();
}

void MessageStrip::trim()
{
    while (m_rows->count() > kMaximumRows)
        static_cast<MessageRow*>(m_rows->itemAt(0)->widget())->leave();
}

} // namespace cairn
