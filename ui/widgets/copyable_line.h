// One line of text to be copied, as a command for a terminal is.
#pragma once

#include <QLineEdit>
#include <QPushButton>
#include <QWidget>

namespace cairn {

class CopyableLine final : public QWidget {
    Q_OBJECT

public:
    // The field gets the object name `name`, the button "copyName".
    CopyableLine(const QString& name, const QString& accessibleName, QWidget* parent = nullptr);

    // Where there is no text yet, `unknown` says why.
    void setText(const QString& text, const QString& unknown = {});
    [[nodiscard]] QString text() const { return m_text->text(); }

private:
    QLineEdit* m_text;
    QPushButton* m_copy;
};

} // namespace cairn
