// Rows of messages.
#include "ui/widgets/message_strip.h"

#include "ui/display_text.h"
#include "ui/widgets/colors.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/plain_label.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLocale>
#include <QPainter>
#include <QPushButton>
#include <QTimer>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kMaximumRows = 40;
// Of the window's height: the table below must stay of use.
constexpr int kLargestPart = 3;
constexpr int kGapPx = 8; // Above it.

QString errorKey(Verb verb)
{
    return QStringLiteral("error-%1").arg(static_cast<int>(verb));
}

} // namespace

class MessageStrip::Row final : public QWidget {
public:
    Row(const Message& message, MessageStrip* strip) : m_message(message), m_strip(strip)
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
        connect(m_close, &QToolButton::clicked, this, [this] { m_strip->drop(this); });
        line->addWidget(m_close, 0, Qt::AlignTop);
        recolor();
    }

    [[nodiscard]] QString text() const
    {
        return m_message.body.isEmpty() ? m_message.headline
                                        : m_message.headline + u' ' + m_message.body;
    }
    [[nodiscard]] const QString& key() const { return m_message.key; }

    // Whether it only tells what has been done.
    [[nodiscard]] bool expires() const
    {
        return m_message.actions.empty() &&
               (m_message.kind == MessageKind::Info || m_message.kind == MessageKind::Success);
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
        connect(button, &QPushButton::clicked, this, [this, action] {
            // What it runs may take this row away.
            if (action.settles)
                m_strip->drop(this);
            action.run();
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
    MessageStrip* m_strip;
    QLabel* m_icon = nullptr;
    QToolButton* m_close = nullptr;
};

MessageStrip::MessageStrip(QWidget* parent)
    : QWidget(parent), m_scroll(new QScrollArea), m_all(new QToolButton)
{
    setObjectName(QStringLiteral("messageStrip"));
    setAccessibleName(tr("Messages"));
    auto* inner = new QWidget;
    inner->setAutoFillBackground(false);
    m_rows = new QVBoxLayout(inner);
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(6);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_scroll->setWidget(inner);
    m_scroll->setMinimumHeight(1);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    m_all->setObjectName(QStringLiteral("showAllMessages"));
    m_all->setText(tr("Show all")); // Until there is something to count.
    m_all->setCheckable(true);
    m_all->setFocusPolicy(Qt::StrongFocus);
    connect(m_all, &QToolButton::toggled, this, &MessageStrip::showRows);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, kGapPx, 0, 0);
    line->setSpacing(8);
    line->addWidget(m_scroll, 1);
    line->addWidget(m_all, 0, Qt::AlignTop);
    hide();
}

MessageStrip::Row* MessageStrip::row(int index) const
{
    return static_cast<Row*>(m_rows->itemAt(index)->widget());
}

void MessageStrip::show(const Message& message)
{
    if (!message.key.isEmpty())
        remove(message.key);
    auto* made = new Row(message, this);
    m_rows->insertWidget(0, made);
    while (m_rows->count() > kMaximumRows)
        drop(row(m_rows->count() - 1));
    showRows();
    if (made->expires())
        expire(made);
}

void MessageStrip::showError(Verb verb, const Error& error)
{
    showError(verb, errorText(verb, error), errorClass(error.code), {});
}

void MessageStrip::showError(Verb verb, const ErrorText& text, ErrorClass group,
                             std::vector<MessageAction> actions)
{
    const bool failed = group == ErrorClass::Failed;
    show({.kind = failed ? MessageKind::Error : MessageKind::Warning,
          .headline = text.what,
          .body = text.state + u' ' + text.remedy,
          .actions = std::move(actions),
          .key = errorKey(verb)});
}

void MessageStrip::expire(Row* row)
{
    QTimer::singleShot(m_expiryMs, row, [this, row] {
        const QWidget* focus = QApplication::focusWidget();
        const bool read = row->underMouse() || (focus != nullptr && row->isAncestorOf(focus));
        if (read || m_all->isChecked())
            expire(row);
        else
            drop(row);
    });
}

void MessageStrip::drop(Row* row)
{
    row->hide();
    row->deleteLater();
    m_rows->removeWidget(row);
    showRows();
}

void MessageStrip::showRows()
{
    const int rows = m_rows->count();
    if (rows < 2 && m_all->isChecked()) {
        m_all->setChecked(false); // Comes here again.
        return;
    }
    const bool all = m_all->isChecked();
    for (int index = 0; index < rows; ++index)
        row(index)->setVisible(index == 0 || all);
    m_all->setVisible(rows > 1);
    m_all->setText(all ? tr("Show the newest") : tr("Show all (%1)").arg(QLocale().toString(rows)));
    fit();
    setVisible(rows > 0);
}

void MessageStrip::fit()
{
    const int width = m_scroll->viewport()->width();
    const int height =
        m_rows->hasHeightForWidth() ? m_rows->heightForWidth(width) : m_rows->sizeHint().height();
    m_heightPx = std::min(kGapPx + height, std::max(60, window()->height() / kLargestPart));
    updateGeometry();
}

void MessageStrip::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fit();
}

bool MessageStrip::event(QEvent* event)
{
    const bool handled = QWidget::event(event);
    // The rows are laid out: their real heights are known only now.
    if (event->type() == QEvent::LayoutRequest)
        fit();
    return handled;
}

void MessageStrip::remove(const QString& key)
{
    for (int index = m_rows->count() - 1; index >= 0; --index) {
        if (row(index)->key() == key)
            drop(row(index));
    }
}

void MessageStrip::removeError(Verb verb)
{
    remove(errorKey(verb));
}

void MessageStrip::clear()
{
    while (m_rows->count() > 0)
        drop(row(0));
}

int MessageStrip::count() const
{
    return m_rows->count();
}

QString MessageStrip::newestText() const
{
    return m_rows->count() == 0 ? QString() : row(0)->text();
}

} // namespace cairn
