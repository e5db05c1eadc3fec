// Fields for faults.
#include "ui/widgets/fault_panel.h"

#include "ui/record_text.h"
#include "ui/widgets/colors.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/quiet_field.h"

#include <QHBoxLayout>
#include <QPainter>
#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t kBadBytes = 64 * kKiB;
constexpr int kStripePx = 6;
constexpr int kFieldPx = 70;

// In the middle of the region: neither its superblock nor its end.
ByteRange badRangeOf(const Region& region)
{
    const std::uint64_t middle = region.extent.lengthBytes / 2 / kBadBytes * kBadBytes;
    return {region.extent.offsetBytes + middle, kBadBytes};
}

} // namespace

FaultPanel::FaultPanel(const Faults& faults, std::vector<Region> regions, QWidget* parent)
    : QFrame(parent), m_faults(faults), m_regions(std::move(regions))
{
    setObjectName(QStringLiteral("faultPanel"));
    setAccessibleName(tr("Faults of the simulated disk"));
    build();
    watchFields();
    setFaults(faults);
}

template<typename Field>
Field* FaultPanel::field(const char* name, const QString& title, Field* made)
{
    made->setObjectName(QLatin1StringView(name));
    made->setAccessibleName(title);
    made->setMinimumWidth(kFieldPx);
    made->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_form->addRow(title, made);
    return made;
}

void FaultPanel::build()
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 14, 10, 10);
    m_form = new QFormLayout;
    m_form->setVerticalSpacing(5);
    column->addLayout(m_form);
    const auto number = [](int most, const QString& unit, const QString& none) {
        auto* made = new QuietField<QSpinBox>;
        made->setRange(0, most);
        made->setSuffix(unit);
        made->setSpecialValueText(none);
        return made;
    };
    const auto percent = [] {
        auto* made = new QuietField<QDoubleSpinBox>;
        made->setRange(0, 100);
        made->setDecimals(2);
        made->setSuffix(tr(" %"));
        made->setSpecialValueText(tr("none"));
        return made;
    };
    m_latency = field("faultLatency", tr("Latency"), number(60'000, tr(" ms"), tr("none")));
    m_bandwidth = field("faultBandwidth", tr("Bandwidth limit"),
                        number(100'000, tr(" MiB/s"), tr("unlimited")));
    m_readErrors = field("faultReadErrors", tr("Read errors"), percent());
    m_writeErrors = field("faultWriteErrors", tr("Write errors"), percent());
    m_badRange = field("faultBadRange", tr("Unreadable in"), new QuietField<QComboBox>);
    m_badRange->addItem(tr("nothing"));
    for (const Region& region : m_regions)
        m_badRange->addItem(regionDisplay(region));
    m_powerCut = field("faultPowerCut", tr("Power cut at"),
                       number(1'000'000, tr(". write"), tr("no write")));
    m_torn = new QCheckBox(tr("That write is torn"));
    m_torn->setObjectName(QStringLiteral("faultTorn"));
    m_full = new QCheckBox(tr("The disk is full"));
    m_full->setObjectName(QStringLiteral("faultFull"));
    m_pulled = new QCheckBox(tr("The disk is pulled"));
    m_pulled->setObjectName(QStringLiteral("faultPulled"));
    for (QCheckBox* box : {m_torn, m_full, m_pulled}) {
        box->setAccessibleName(box->text());
        column->addWidget(box);
    }
    auto* apply = new QPushButton(tr("Apply"));
    apply->setObjectName(QStringLiteral("applyFaults"));
    apply->setAccessibleName(tr("Let these faults happen"));
    auto* clear = new QPushButton(tr("Clear faults"));
    clear->setObjectName(QStringLiteral("clearFaults"));
    clear->setAccessibleName(tr("End all faults of this disk"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(apply);
    buttons->addWidget(clear);
    buttons->addStretch(1);
    column->addLayout(buttons);
    connect(apply, &QPushButton::clicked, this, [this] {
        m_touched = false;
        Q_EMIT wanted(faults());
    });
    connect(clear, &QPushButton::clicked, this, [this] {
        Faults none;
        none.seed = m_faults.seed;
        setFaults(none);
        Q_EMIT wanted(none);
    });
}

int FaultPanel::badRegion(const Faults& faults) const
{
    for (std::size_t index = 0; index < m_regions.size(); ++index) {
        if (std::ranges::find(faults.unreadable, badRangeOf(m_regions[index])) !=
            faults.unreadable.end())
            return static_cast<int>(index);
    }
    return -1;
}

void FaultPanel::setFaults(const Faults& faults)
{
    m_faults = faults;
    m_latency->setValue(static_cast<int>(faults.latencyUs / 1000));
    m_bandwidth->setValue(static_cast<int>(faults.bandwidthBytesPerSecond / kMiB));
    m_readErrors->setValue(faults.readErrorRate * 100);
    m_writeErrors->setValue(faults.writeErrorRate * 100);
    m_badRange->setCurrentIndex(badRegion(faults) + 1);
    m_powerCut->setValue(static_cast<int>(faults.cutPowerAtWrite));
    m_torn->setChecked(faults.tornWrite);
    m_full->setChecked(faults.full);
    m_pulled->setChecked(faults.pulled);
    m_touched = false;
}

void FaultPanel::watchFields()
{
    const auto touch = [this] { m_touched = true; };
    for (QSpinBox* box : {m_latency, m_bandwidth, m_powerCut})
        connect(box, &QSpinBox::valueChanged, this, touch);
    for (QDoubleSpinBox* box : {m_readErrors, m_writeErrors})
        connect(box, &QDoubleSpinBox::valueChanged, this, touch);
    for (QCheckBox* box : {m_torn, m_full, m_pulled})
        connect(box, &QCheckBox::toggled, this, touch);
    connect(m_badRange, &QComboBox::currentIndexChanged, this, touch);
}

void FaultPanel::follow(const Faults& faults)
{
    if (!m_touched)
        setFaults(faults);
}

Faults FaultPanel::faults() const
{
    Faults wanted = m_faults;
    // A value that the field rounds stays exact until it is changed.
    if (static_cast<int>(wanted.latencyUs / 1000) != m_latency->value())
        wanted.latencyUs = static_cast<std::uint64_t>(m_latency->value()) * 1000;
    if (static_cast<int>(wanted.bandwidthBytesPerSecond / kMiB) != m_bandwidth->value())
        wanted.bandwidthBytesPerSecond = static_cast<std::uint64_t>(m_bandwidth->value()) * kMiB;
    wanted.readErrorRate = m_readErrors->value() / 100;
    wanted.writeErrorRate = m_writeErrors->value() / 100;
    const int before = badRegion(m_faults);
    const int chosen = m_badRange->currentIndex() - 1;
    if (before >= 0)
        std::erase(wanted.unreadable, badRangeOf(m_regions[static_cast<std::size_t>(before)]));
    if (chosen >= 0)
        wanted.unreadable.push_back(badRangeOf(m_regions[static_cast<std::size_t>(chosen)]));
    wanted.cutPowerAtWrite = static_cast<std::uint64_t>(m_powerCut->value());
    wanted.tornWrite = m_torn->isChecked();
    wanted.full = m_full->isChecked();
    wanted.pulled = m_pulled->isChecked();
    return wanted;
}

void FaultPanel::paintEvent(QPaintEvent*)
{
    // Striped along its top, as what is not for real disks.
    const Colors& colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colors.border, 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    painter.setClipRect(QRect(1, 1, width() - 2, kStripePx));
    painter.fillRect(rect(), colors.management.fill);
    painter.setPen(QPen(colors.management.edge, 3));
    for (int x = -kStripePx; x < width() + kStripePx; x += 12)
        painter.drawLine(x, kStripePx + 2, x + kStripePx + 2, 0);
}

} // namespace cairn
