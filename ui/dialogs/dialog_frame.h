// What the dialogs have in common: a heading, a body, and two buttons.
#pragma once

#include <QDialog>
#include <QPushButton>
#include <QVBoxLayout>

namespace cairn {

// Cancel is the default of a dialog that erases; else the verb is.
class DialogFrame : public QDialog {
    Q_OBJECT

public:
    struct Look {
        QString title;
        QString heading;
        QString explanation;
        QString verb;
        bool erases = false;
    };
    DialogFrame(const Look& look, QWidget* parent);

protected:
    [[nodiscard]] QVBoxLayout* body() const { return m_body; }
    [[nodiscard]] QPushButton* verbButton() const { return m_verb; }

private:
    QVBoxLayout* m_body;
    QPushButton* m_verb;
};

} // namespace cairn
