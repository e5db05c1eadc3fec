// What Return does in a dialog that writes: what the operator confirmed by typing.
#pragma once

#include <QDialog>
#include <QDialogButtonBox>
#include <QPushButton>

namespace cairn {

class NameConfirmation;

// Return presses the verb where it can be chosen and has the focus, or where the region's name was
// typed into the field that has it; from another field it starts nothing. It never cancels: Esc
// does, and Space presses the button with the focus.
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
    // Return presses the verb, wherever the focus is: for a verb that only reads.
    void makeVerbDefault();

    // As tall as its wrapped texts need, whatever is shown later.
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    [[nodiscard]] bool confirmed() const;
    void fitHeight();

    QPushButton* m_verb = nullptr;
    QPushButton* m_cancel = nullptr;
    const NameConfirmation* m_confirmation = nullptr;
    bool m_verbIsDefault = false;
};

} // namespace cairn
