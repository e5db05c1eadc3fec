// A small curve of a job's throughput over the last half minute.
#pragma once

#include <QWidget>
#include <deque>

namespace cairn {

class RateGraph final : public QWidget {
    Q_OBJECT

public:
    explicit RateGraph(QWidget* parent = nullptr);

    // Bytes per second, oldest first.
    void setRates(const std::deque<double>& rates);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::deque<double> m_rates;
};

} // namespace cairn
