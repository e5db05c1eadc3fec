// The page that is shown while an array is opened or created, in the place of the one before.
#pragma once

#include "ui/widgets/plain_label.h"

#include <QPushButton>
#include <QWidget>

namespace cairn {

class OpeningPage final : public QWidget {
    Q_OBJECT

public:
    explicit OpeningPage(QWidget* parent = nullptr);

    struct Subject {
        QString name;    // Of the array, as far as it is known; safe to show.
        QString members; // By which it is opened, as one line.
        bool creates = false;
    };
    // Reading can be given up at any time, writing cannot.
    void setSubject(const Subject& subject);
    // As the window's title.
    [[nodiscard]] QString title() const { return m_heading->text(); }

Q_SIGNALS:
    void cancelRequested();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    PlainLabel* m_heading;
    PlainLabel* m_members;
    PlainLabel* m_text;
    QPushButton* m_cancel;
};

} // namespace cairn
