// A slim progress bar without text.
#pragma once

#include <QWidget>

namespace cairn {

class ThinBar final : public QWidget {
    Q_OBJECT

public:
    enum class Look : std::uint8_t { Running, Paused, Done, Unproved, Failed };

    explicit ThinBar(QWidget* parent = nullptr);
    void setShare(double share); // In [0, 1].
    void setLook(Look look);
    [[nodiscard]] double share() const { return m_share; }
    [[nodiscard]] QSize sizeHint() const override { return {120, 8}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double m_share = 0;
    Look m_look = Look::Running;
};

} // namespace cairn
