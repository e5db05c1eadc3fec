// A framed box with a title, as in "Restored from" and "Will be erased".
#pragma once

#include <QFrame>
#include <QVBoxLayout>

namespace cairn {

class PlainLabel;

class Card final : public QFrame {
    Q_OBJECT

public:
    enum class Tone : std::uint8_t { Plain, Good, Bad };

    explicit Card(const QString& title, Tone tone = Tone::Plain, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setTone(Tone tone);
    [[nodiscard]] Tone tone() const { return m_tone; }
    // Replaces everything below the title; the first line is bold.
    void setLines(const QStringList& lines);
    // One more bold line in the card's own tone, as a warning.
    void addEmphasis(const QString& line);
    [[nodiscard]] QVBoxLayout* column() const { return m_column; }
    [[nodiscard]] QString text() const; // All lines, for tests and assistive technology.

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void recolor();
    void describe();

    Tone m_tone;
    PlainLabel* m_title;
    QVBoxLayout* m_lines;
    QVBoxLayout* m_column;
};

} // namespace cairn
