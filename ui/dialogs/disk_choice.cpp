// Lists disks, those that hold a catalog first.
#include "ui/dialogs/disk_choice.h"

#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/plain_label.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QVBoxLayout>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kMostRows = 5;   // The others are scrolled to.
constexpr int kRowHeights = 3; // In half lines of text.
constexpr int kMostModel = 40;

QString stateOf(const KnownDisk& disk)
{
    if (disk.holdsCatalog)
        return DiskChoice::tr("a catalog of Cairn");
    // Not that it holds none: partitions that the kernel does not know are not told of.
    return disk.hasTable ? DiskChoice::tr("a partition table")
                         : DiskChoice::tr("no partition table");
}

} // namespace

DiskChoice::DiskChoice(const DiskList& disks, QWidget* parent)
    : QWidget(parent), m_disks(disks), m_table(new QTreeWidget),
      m_add(new QPushButton(tr("Add disk")))
{
    m_table->setObjectName(QStringLiteral("diskTable"));
    m_table->setAccessibleName(tr("Disks of this computer"));
    m_table->setHeaderLabels({tr("Disk"), tr("Model"), tr("Size"), tr("Holds")});
    m_table->setRootIsDecorated(false);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setUniformRowHeights(true);
    m_table->setTabKeyNavigation(false);
    m_table->setFixedHeight(fontMetrics().height() * (kMostRows + 2) * kRowHeights / 2);
    m_add->setObjectName(QStringLiteral("addDisk"));
    m_add->setAccessibleName(m_add->text());
    m_add->setAutoDefault(false);
    auto* line = new QHBoxLayout;
    line->addWidget(new PlainLabel(tr("Disks of this computer")), 1);
    line->addWidget(m_add);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(line);
    column->addWidget(m_table);
    connect(m_add, &QPushButton::clicked, this, &DiskChoice::choose);
    connect(m_table, &QTreeWidget::itemActivated, this, &DiskChoice::choose);
    connect(m_table, &QTreeWidget::itemSelectionChanged, this,
            [this] { m_add->setEnabled(!m_table->selectedItems().isEmpty()); });
    connect(&disks, &DiskList::changed, this, &DiskChoice::fill);
    fill();
}

void DiskChoice::fill()
{
    QStringList selected;
    for (const QTreeWidgetItem* row : m_table->selectedItems())
        selected.append(row->text(0));
    QList<KnownDisk> disks = m_disks.disks();
    std::ranges::stable_sort(disks, std::ranges::greater(), &KnownDisk::holdsCatalog);
    m_table->clear();
    for (const KnownDisk& disk : disks) {
        auto* row = new QTreeWidgetItem(
            m_table, QStringList{disk.device, displayShort(disk.model.toStdString(), kMostModel),
                                 sizeDisplay(disk.sizeBytes), stateOf(disk)});
        row->setSizeHint(0, QSize(0, fontMetrics().height() * kRowHeights / 2));
        row->setTextAlignment(2, Qt::AlignRight | Qt::AlignVCenter);
        row->setSelected(selected.contains(disk.device));
    }
    for (int column = 0; column < m_table->columnCount(); ++column)
        m_table->resizeColumnToContents(column);
    m_add->setEnabled(!m_table->selectedItems().isEmpty());
    setVisible(!disks.isEmpty());
}

void DiskChoice::choose()
{
    for (const QTreeWidgetItem* row : m_table->selectedItems())
        Q_EMIT chosen(row->text(0));
    m_table->clearSelection();
}

} // namespace cairn
