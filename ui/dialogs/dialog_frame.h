// What the dialogs have in common: a heading, a body, and two buttons.
#pragma once

#include "ui/dialogs/typed_dialog.h"

#include <QVBoxLayout>

namespace cairn {

// The verb is the default only where it writes nothing.
class DialogFrame : public TypedDialog {
    Q_OBJECT

public:
    struct Look {
        QString title;
        QString heading;
        QString explanation;
        QString verb;
        bool erases = false;
        bool onlyReads = false;
    };
    DialogFrame(const Look& look, QWidget* parent);

protected:
    [[nodiscard]] QVBoxLayout* body() const { return m_body; }

    // The focus begins in the first field, and the buttons come last.
    void showEvent(QShowEvent* event) override;

private:
    QVBoxLayout* m_body;
};

} // namespace cairn
