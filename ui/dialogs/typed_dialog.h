// What Return does in a dialog that overwrites or erases: what the operator confirmed by typing.
#pragma once

#include <QDialog>
#include <QDialogButtonBox>
#include <QPushButton>

namespace cairn {

class NameConfirmation;

// Return presses the verb where it can be chosen and the region's name was typed, or where the verb
// itself has the focus. It never cancels: Esc does, and Space presses the button with the focus.
class TypedDialog : public QDialog {
    Q_OBJECT

public:
    explicit TypedDialog(QWidget* parent = nullptr) : QDialog(parent) {}

protected:
    // Verb and Cancel, neither of them a default; both end the dialog.
    [[nodiscard]] QDialogButtonBox* addButtons(const QString& verb);
    [[nodiscard]] QPushButton* verbButton() const { return m_verb; }
    [[nodiscard]] QPushButton* cancelButton() const { return m_cancel; }
    // The field whose name has to be typed where it is shown.
    void setConfirmation(const NameConfirmation* confirmation) { m_confirmation = confirmation; }
    // Return presses the verb, as in a dialog that asks for something and loses nothing.
    void makeVerbDefault();

    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    [[nodiscard]] bool confirmed() const;

    QPushButton* m_verb = nullptr;
    QPushButton* m_cancel = nullptr;
    const NameConfirmation* m_confirmation = nullptr;
    bool m_verbIsDefault = false;
};

} // namespace cairn
