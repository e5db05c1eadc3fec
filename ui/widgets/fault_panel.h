// The faults of one simulated disk: what it does wrong on purpose, and from when on.
#pragma once

#include "core/array/region.h"
#include "core/io/faulty_io.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QFrame>
#include <QPushButton>
#include <QSpinBox>
#include <vector>

namespace cairn {

class FaultPanel final : public QFrame {
    Q_OBJECT

public:
    // Of the member with these regions, for the bad range.
    FaultPanel(const Faults& faults, std::vector<Region> regions, QWidget* parent = nullptr);

    // What the fields say; of what they do not show, the faults stay as they were.
    [[nodiscard]] Faults faults() const;
    void setFaults(const Faults& faults);
    // As they are on the disk now; what the operator is changing stays as it is.
    void follow(const Faults& faults);

Q_SIGNALS:
    void wanted(const cairn::Faults& faults);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void build();
    template<typename Field>
    Field* field(const char* name, const QString& title, Field* made);
    [[nodiscard]] int badRegion(const Faults& faults) const;

    void watchFields();

    Faults m_faults;
    bool m_touched = false; // By the operator, since they were set.
    std::vector<Region> m_regions;
    QFormLayout* m_form = nullptr;
    QSpinBox* m_latency = nullptr;
    QSpinBox* m_bandwidth = nullptr;
    QDoubleSpinBox* m_readErrors = nullptr;
    QDoubleSpinBox* m_writeErrors = nullptr;
    QComboBox* m_badRange = nullptr;
    QSpinBox* m_powerCut = nullptr;
    QCheckBox* m_torn = nullptr;
    QCheckBox* m_full = nullptr;
    QCheckBox* m_pulled = nullptr;
};

} // namespace cairn
