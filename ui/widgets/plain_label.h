// A label that shows exactly its characters: nothing in it is ever markup.
#pragma once

#include <QLabel>

namespace cairn {

class PlainLabel : public QLabel {
    Q_OBJECT

public:
    explicit PlainLabel(const QString& text = {}, QWidget* parent = nullptr);
    // Wraps at the label's width instead of widening the window.
    static PlainLabel* wrapped(const QString& text = {});
    // Larger and bold, as the first line of a dialog or page.
    static PlainLabel* heading(const QString& text = {});
    // Paler, for what explains.
    static PlainLabel* muted(const QString& text = {});
    void setBold(bool bold);
};

// Cuts its text with "…" where there is not enough room; the whole is in the tooltip.
class ElidedLabel final : public PlainLabel {
    Q_OBJECT

public:
    explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr);
    // Where the "…" goes; at the end unless set.
    void setElideMode(Qt::TextElideMode mode);
    void setFullText(const QString& text);
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void elide();
    QString m_full;
    Qt::TextElideMode m_mode = Qt::ElideRight;
};

} // namespace cairn
