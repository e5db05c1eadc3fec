// Messages below the array, one row each: what happened, what is safe, and what can be done.
#pragma once

#include "core/base/error.h"
#include "ui/error_text.h"

#include <QFrame>

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
};

struct Message {
    MessageKind kind = MessageKind::Info;
    QString headline; // Plain, safe to show.
    QString body;
    std::vector<MessageAction> actions;
    QString key; // A message replaces the one of the same key; empty: replaces none.
};

// Never modal. Keeps the newest few; nothing closes by itself but what its own action settles.
class MessageStrip final : public QWidget {
    Q_OBJECT

public:
    explicit MessageStrip(QWidget* parent = nullptr);

    void show(const Message& message);
    void showError(Verb verb, const Error& error);
    void remove(const QString& key);
    void clear();

    [[nodiscard]] int count() const;
    // Headline and body of the newest message, for tests and assistive technology.
    [[nodiscard]] QString newestText() const;

private:
    void trim();
    QVBoxLayout* m_rows;
};

} // namespace cairn
