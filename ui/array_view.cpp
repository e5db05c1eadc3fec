// Joins map and table.
#include "ui/array_view.h"

#include "ui/widgets/tone_delegate.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr int kMapHeightPx = 310;
constexpr int kCellMarginsPx = 22;

} // namespace

ArrayView::ArrayView(QWidget* parent) : QWidget(parent), m_model(new CatalogModel(this))
{
    setObjectName(QStringLiteral("arrayView"));
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->setObjectName(QStringLiteral("arraySplitter"));
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(buildMap());
    splitter->addWidget(buildTable());
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(splitter);
    connect(m_map, &ArrayMap::regionSelected, this, &ArrayView::regionChosen);
    connect(m_map, &ArrayMap::menuRequested, this, &ArrayView::regionMenuRequested);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ArrayView::rowChosen);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_updating = true;
        m_model->setFilter(text);
        m_updating = false;
        showSelection();
        updateCount();
    });
}

QWidget* ArrayView::buildMap()
{
    m_map = new ArrayMap;
    auto* scroll = new QScrollArea;
    m_mapScroll = scroll;
    scroll->setObjectName(QStringLiteral("mapScroll"));
    scroll->setWidgetResizable(true);
    scroll->setWidget(m_map);
    scroll->setBackgroundRole(QPalette::Base);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setFrameShape(QFrame::StyledPanel);
    return scroll;
}

QWidget* ArrayView::buildTable()
{
    auto* title = new PlainLabel(tr("Backups"));
    title->setBold(true);
    m_count = new PlainLabel;
    m_count->setObjectName(QStringLiteral("backupCount"));
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("backupFilter"));
    m_filter->setAccessibleName(tr("Filter backups"));
    m_filter->setPlaceholderText(tr("Filter: source, target, state, label, note (Ctrl+F)"));
    m_filter->setClearButtonEnabled(true);
    title->setBuddy(m_filter);
    auto* line = new QHBoxLayout;
    line->setContentsMargins(0, 4, 0, 2);
    line->setSpacing(10);
    line->addWidget(title);
    line->addWidget(m_count);
    line->addWidget(m_filter, 1);

    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("backupTable"));
    m_table->setAccessibleName(tr("Backups, newest first"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new ToneDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 9);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setMinimumSectionSize(48);
    const std::array<const char*, 7> samples{"000000",        "0000-00-00 00:00", "a-region-name",
                                             "a-region-name", "0000 MiB",         "✓ not verified",
                                             "before upgrade"};
    for (int column = 0; column < static_cast<int>(samples.size()); ++column) {
        const auto sample = QString::fromUtf8(samples.at(static_cast<std::size_t>(column)));
        m_table->setColumnWidth(column, fontMetrics().horizontalAdvance(sample) + kCellMarginsPx);
    }
    connect(m_table, &QWidget::customContextMenuRequested, this, [this](const QPoint& position) {
        if (m_table->indexAt(position).isValid())
            Q_EMIT generationMenuRequested(m_table->viewport()->mapToGlobal(position));
    });
    m_empty = PlainLabel::muted(
        tr("No backup yet. Select a region in the map, then choose Back up (Ctrl+B)."));
    m_empty->setAlignment(Qt::AlignCenter);
    auto* over = new QVBoxLayout(m_table->viewport());
    over->addWidget(m_empty);

    auto* column = new QVBoxLayout;
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(line);
    column->addWidget(m_table, 1);
    auto* part = new QWidget;
    part->setLayout(column);
    return part;
}

void ArrayView::setSnapshot(const ArraySnapshot& snapshot)
{
    m_snapshot = snapshot;
    m_updating = true;
    m_map->setSnapshot(snapshot);
    // Three members are seen without scrolling; of more, the operator decides how many.
    m_mapScroll->setMinimumHeight(std::min(m_map->sizeHint().height() + 4, kMapHeightPx));
    m_model->setGenerations(snapshot.generations);
    m_updating = false;
    if (m_selection.region && snapshot.layout.find(*m_selection.region) == nullptr)
        m_selection.region.reset();
    if (m_selection.generation && snapshot.find(*m_selection.generation) == nullptr)
        m_selection.generation.reset();
    showSelection();
    updateCount();
    Q_EMIT selectionChanged();
}

void ArrayView::selectRegion(const RegionId& region)
{
    regionChosen(region);
}

void ArrayView::selectGeneration(GenerationNumber number)
{
    const auto row = m_model->rowOf(number);
    if (row)
        m_table->selectRow(*row);
}

void ArrayView::focusTable()
{
    m_table->setFocus();
    if (!m_table->selectionModel()->hasSelection() && m_model->rowCount() > 0)
        m_table->selectRow(0);
}

void ArrayView::regionChosen(const std::optional<RegionId>& region)
{
    m_selection = {.region = region, .generation = std::nullopt, .fromTable = false};
    if (region) {
        if (const Generation* held = m_snapshot.heldBy(*region))
            m_selection.generation = held->number;
    }
    showSelection();
    Q_EMIT selectionChanged();
}

void ArrayView::rowChosen()
{
    if (m_updating)
        return;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    const Generation* generation =
        rows.isEmpty() ? nullptr : m_model->generationAt(rows.first().row());
    if (generation == nullptr)
        return;
    const Generation* held = m_snapshot.heldBy(generation->target.id);
    const bool there = held != nullptr && held->number == generation->number;
    m_selection = {.region = there ? std::optional(generation->target.id) : std::nullopt,
                   .generation = generation->number,
                   .fromTable = true};
    showSelection();
    Q_EMIT selectionChanged();
}

void ArrayView::showSelection()
{
    m_updating = true;
    const Generation* generation =
        m_selection.generation ? m_snapshot.find(*m_selection.generation) : nullptr;
    // A selected free extent stays selected: it is no region.
    if (m_selection.region || m_selection.fromTable)
        m_map->select(m_selection.region);
    m_map->setRelated(generation != nullptr ? std::optional(generation->source.id) : std::nullopt);
    const auto row = generation != nullptr ? m_model->rowOf(generation->number) : std::nullopt;
    if (row)
        m_table->selectRow(*row);
    else
        m_table->clearSelection();
    m_updating = false;
}

void ArrayView::updateCount()
{
    const QLocale locale;
    const auto shown = m_model->rowCount();
    const auto total = static_cast<int>(m_model->totalCount());
    m_count->setText(shown == total
                         ? locale.toString(total)
                         : tr("%1 of %2").arg(locale.toString(shown), locale.toString(total)));
    m_empty->setVisible(shown == 0);
    m_empty->setText(
        total == 0 ? tr("No backup yet. Select a region in the map, then choose Back up (Ctrl+B).")
                   : tr("No backup matches the filter."));
}

} // namespace cairn
