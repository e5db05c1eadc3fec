// Messages below the array: what happened, what is safe, and what can be done.
#pragma once

#include "core/base/error.h"
#include "ui/error_text.h"

#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWidget>
#include <functional>
#include <vector>

namespace cairn {

enum class MessageKind : std::uint8_t { Info, Success, Warning, Error };

struct MessageAction {
    QString text;
    QString name; // objectName of the button.
    std::function<void()> run;
    bool settles = true; // Choosing it ends the message; else what it begins does.
};

struct Message {
    MessageKind kind = MessageKind::Info;
    QString headline; // Plain, safe to show.
    QString body;
    std::vector<MessageAction> actions;
    QString key; // A message replaces the one of the same key; empty: replaces none.
};

// Never modal. The newest is seen, and all of them on demand. What only tells of a success goes by
// itself after a while; nothing else does but what its own action settles.
class MessageStrip final : public QWidget {
    Q_OBJECT

public:
    explicit MessageStrip(QWidget* parent = nullptr);

    void show(const Message& message);
    void showError(Verb verb, const Error& error);
    void showError(Verb verb, const ErrorText& text, ErrorClass group,
                   std::vector<MessageAction> actions);
    void remove(const QString& key);
    void removeError(Verb verb);
    void clear();
    // How long a success stays.
    void setExpiryMs(int timeMs) { m_expiryMs = timeMs; }

    [[nodiscard]] int count() const;
    // Headline and body of the newest message, for tests and assistive technology.
    [[nodiscard]] QString newestText() const;

    // As high as its rows, within reason.
    [[nodiscard]] QSize sizeHint() const override
    {
        return {QWidget::sizeHint().width(), m_heightPx};
    }
    // None: what is said never widens or heightens the window.
    [[nodiscard]] QSize minimumSizeHint() const override { return {0, 0}; }

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    class Row;
    [[nodiscard]] Row* row(int index) const;
    void drop(Row* row);
    void showRows();
    void fit();
    void expire(Row* row);

    QScrollArea* m_scroll;
    QVBoxLayout* m_rows; // Newest on top.
    QToolButton* m_all;
    int m_expiryMs = 15'000;
    int m_heightPx = 0;
};

} // namespace cairn
