// Joins map, timeline and table.
#include "ui/array_view.h"

#include "ui/widgets/tone_delegate.h"

#include <QApplication>
#include <QClipboard>
#include <QDataStream>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLocale>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>

namespace cairn {
namespace {

// Without what stands beside the map.
constexpr int kMapHeightPx = 306;      // Three members are seen without scrolling.
constexpr int kLeastMapHeightPx = 191; // Two of them.
constexpr int kLeastRows = 4;
constexpr int kFittedRows = 200; // Those in sight, and some of the others.
constexpr int kMostCopiedRows = 100'000;
constexpr qsizetype kMostNames = 4; // Of regions, in one line.

} // namespace

ArrayView::ArrayView(QWidget* parent) : QWidget(parent), m_model(new CatalogModel(this))
{
    setObjectName(QStringLiteral("arrayView"));
    auto* splitter = new QSplitter(Qt::Vertical);
    m_splitter = splitter;
    splitter->setObjectName(QStringLiteral("arraySplitter"));
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(buildMap());
    splitter->addWidget(buildTimeline());
    splitter->addWidget(buildTable());
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 0);
    splitter->setStretchFactor(2, 1);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(splitter);
    connect(splitter, &QSplitter::splitterMoved, this, &ArrayView::noteHeights);
    connect(m_map, &ArrayMap::regionSelected, this, &ArrayView::regionChosen);
    connect(m_map, &ArrayMap::menuRequested, this, &ArrayView::regionMenuRequested);
    connect(m_timeline, &Timeline::generationSelected, this, &ArrayView::generationChosen);
    connect(m_timeline, &Timeline::menuRequested, this, &ArrayView::generationMenuRequested);
    connect(m_timeline, &Timeline::brushed, m_filter, &HistoryFilterBar::setSpan);
    connect(m_filter, &HistoryFilterBar::spanCleared, this,
            [this] { m_timeline->setBrush(std::nullopt); });
    connect(m_filter, &HistoryFilterBar::changed, this, &ArrayView::filter);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ArrayView::rowChosen);
    connect(m_model, &CatalogModel::rowsChanged, this, [this] {
        fitColumns(Fit::Wider);
        dropHidden();
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
    connect(m_map, &ArrayMap::shown, scroll, [scroll](const QRect& cell) {
        scroll->ensureVisible(cell.center().x(), cell.center().y(), cell.width() / 2,
                              cell.height() / 2);
    });
    return scroll;
}

QWidget* ArrayView::buildTimeline()
{
    m_timeline = new Timeline;
    m_timeline->setFrameShape(QFrame::StyledPanel);
    return m_timeline;
}

QWidget* ArrayView::buildTable()
{
    auto* title = new PlainLabel(tr("Backups"));
    title->setBold(true);
    m_count = new PlainLabel;
    m_count->setObjectName(QStringLiteral("backupCount"));
    m_filter = new HistoryFilterBar;
    m_regions = new RegionList;
    connect(m_regions, &RegionList::regionChosen, this, &ArrayView::selectRegion);
    title->setBuddy(m_filter->words());
    auto* line = new QHBoxLayout;
    line->setContentsMargins(0, 4, 0, 2);
    line->setSpacing(10);
    line->addWidget(title);
    line->addWidget(m_count);
    line->addWidget(m_filter, 1);
    buildTableView();
    buildCopying();
    auto* column = new QVBoxLayout;
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(line);
    column->addWidget(m_regions);
    column->addWidget(m_table, 1);
    auto* part = new QWidget;
    part->setLayout(column);
    return part;
}

void ArrayView::buildTableView()
{
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("backupTable"));
    m_table->setAccessibleName(tr("Backups"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new ToneDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    // Fixed: a long table must never ask each row for its height.
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 9);
    m_table->setMinimumHeight(m_table->horizontalHeader()->sizeHint().height() +
                              kLeastRows * m_table->verticalHeader()->defaultSectionSize() +
                              2 * m_table->frameWidth());
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setMinimumSectionSize(48);
    m_table->horizontalHeader()->setSortIndicator(CatalogModel::Number, Qt::DescendingOrder);
    m_table->setSortingEnabled(true);
    m_table->horizontalHeader()->setResizeContentsPrecision(kFittedRows);
    connect(m_table->horizontalHeader(), &QHeaderView::sectionResized, this,
            [this](int column, int, int widthPx) { noteWidth(column, widthPx); });
    fitColumns(Fit::Anew);
    m_table->viewport()->installEventFilter(this);
    connect(m_table, &QWidget::customContextMenuRequested, this, [this](const QPoint& position) {
        if (m_table->indexAt(position).isValid())
            Q_EMIT generationMenuRequested(m_table->viewport()->mapToGlobal(position));
    });
    m_empty = PlainLabel::muted();
    m_empty->setAlignment(Qt::AlignCenter);
    auto* over = new QVBoxLayout(m_table->viewport());
    over->addWidget(m_empty);
}

void ArrayView::buildCopying()
{
    const auto add = [this](CopyForm form, const char* name, const QString& text, int key) {
        auto* made = new QAction(text, m_table);
        made->setObjectName(QLatin1StringView(name));
        made->setShortcut(QKeySequence(key));
        made->setShortcutContext(Qt::WidgetShortcut);
        made->setEnabled(false);
        connect(made, &QAction::triggered, this, [this, form] { copy(form); });
        m_table->addAction(made);
        return made;
    };
    m_copyText = add(CopyForm::Text, "copyRows", tr("&Copy"), int(Qt::CTRL) | int(Qt::Key_C));
    m_copyCsv = add(CopyForm::Csv, "copyRowsAsCsv", tr("Copy as CS&V"),
                    int(Qt::CTRL) | int(Qt::SHIFT) | int(Qt::Key_C));
}

void ArrayView::setHistory(History* history)
{
    m_selection = {};
    m_record.reset();
    m_map->select(std::nullopt);
    if (m_history != nullptr)
        disconnect(m_history, nullptr, this, nullptr);
    m_history = history;
    // Before the model's own answer, which looks at what is selected.
    if (history != nullptr)
        connect(history, &QObject::destroyed, this, [this] { m_history = nullptr; });
    m_filter->clear();
    m_timeline->setHistory(history);
    m_model->setHistory(history);
    fitColumns(Fit::Anew);
    if (history == nullptr)
        return;
    const auto nameSources = [this] { m_filter->setSources(m_history->index().sources()); };
    connect(history, &History::restarted, this, nameSources);
    connect(history, &History::appended, this, nameSources);
    connect(history, &History::changed, this, nameSources);
    // The last page may be empty, and changes no row.
    connect(history, &History::appended, this, &ArrayView::updateCount);
    nameSources();
}

void ArrayView::setSnapshot(const ArraySnapshot& snapshot)
{
    m_snapshot = snapshot;
    m_updating = true;
    m_map->setSnapshot(snapshot);
    const AbsentCopies absent = snapshot.absentCopies();
    m_model->setAbsent(absent);
    m_timeline->setAbsent(absent);
    fitColumns(Fit::Wider); // A state says more of a copy that is absent.
    shareHeight();
    listGroup();
    m_updating = false;
    if (m_selection.region && snapshot.layout.find(*m_selection.region) == nullptr)
        m_selection.region.reset();
    wantRecord();
    showSelection();
    updateCount();
    Q_EMIT selectionChanged();
}

QString ArrayView::namesOf(const std::vector<RegionId>& regions) const
{
    QStringList names;
    for (const RegionId& id : regions) {
        if (const Region* region = m_snapshot.layout.find(id))
            names.append(regionDisplay(*region));
    }
    const qsizetype more = names.size() - kMostNames;
    if (more <= 0)
        return names.join(QStringLiteral(", "));
    return tr("%1 and %2 more")
        .arg(names.first(kMostNames).join(QStringLiteral(", ")), QLocale().toString(more));
}

QString ArrayView::groupName(SavedFilter filter, const std::vector<RegionId>& regions) const
{
    const QString names = regions.empty() ? tr("none") : namesOf(regions);
    return (filter == SavedFilter::NoBackupInADay ? tr("No backup in 24 h: %1")
                                                  : tr("Unfinished regions: %1"))
        .arg(names);
}

void ArrayView::listGroup()
{
    std::vector<ListedRegion> listed;
    const auto& group = m_filter->group();
    for (const RegionId& id : group.value_or(std::vector<RegionId>())) {
        if (const Region* region = m_snapshot.layout.find(id))
            listed.push_back({id, tr("%1: %2").arg(placeDisplay(m_snapshot.layout, *region),
                                                   whyListed(m_snapshot, m_group, *region))});
    }
    m_regions->show(listed);
    m_regions->setVisible(!listed.empty());
}

void ArrayView::followFilter(SavedFilter filter, const std::vector<RegionId>& regions)
{
    m_group = filter;
    m_filter->followGroup(regions, groupName(filter, regions));
}

void ArrayView::showFilter(SavedFilter filter, const std::vector<RegionId>& regions)
{
    switch (filter) {
    case SavedFilter::All:
        return m_filter->showOnly(RecordChoice::Backups);
    case SavedFilter::Failed:
        return m_filter->showOnly(RecordChoice::Failed);
    case SavedFilter::NotVerified:
        return m_filter->showOnly(RecordChoice::NotVerified);
    case SavedFilter::Held:
        return m_filter->showOnly(RecordChoice::Held);
    case SavedFilter::UndoCopies:
        return m_filter->showOnly(RecordChoice::UndoCopies);
    case SavedFilter::NoBackupInADay:
    case SavedFilter::UnfinishedRegions:
        break;
    }
    m_group = filter;
    m_filter->showOnly(regions, groupName(filter, regions));
    if (!regions.empty())
        selectRegion(regions.front());
}

QByteArray ArrayView::saveLayout() const
{
    QByteArray saved;
    QDataStream stream(&saved, QIODevice::WriteOnly);
    stream << m_mapHeightPx.value_or(0) << m_timelineHeightPx.value_or(0);
    for (const auto& [column, widthPx] : m_columnWidthPx)
        stream << column << widthPx;
    return saved;
}

void ArrayView::restoreLayout(const QByteArray& saved)
{
    QDataStream stream(saved);
    int mapPx = 0;
    int timelinePx = 0;
    stream >> mapPx >> timelinePx;
    if (stream.status() != QDataStream::Ok)
        return;
    // Before it is shown the splitter has no height to share, and would give back a smaller one.
    m_mapHeightPx = mapPx > 0 ? std::optional(mapPx) : std::nullopt;
    m_timelineHeightPx = timelinePx > 0 ? std::optional(timelinePx) : std::nullopt;
    while (!stream.atEnd()) {
        int column = 0;
        int widthPx = 0;
        stream >> column >> widthPx;
        if (stream.status() != QDataStream::Ok)
            return;
        m_table->setColumnWidth(column, widthPx);
    }
}

const Generation* ArrayView::record() const
{
    if (!m_selection.generation)
        return nullptr;
    if (const Generation* current = m_snapshot.find(*m_selection.generation))
        return current;
    return m_record && m_record->number == *m_selection.generation ? &*m_record : nullptr;
}

void ArrayView::wantRecord()
{
    // Also where it is known: it may have changed since.
    if (m_selection.generation && m_snapshot.find(*m_selection.generation) == nullptr)
        Q_EMIT recordWanted(*m_selection.generation);
}

void ArrayView::setRecord(const Generation& record)
{
    if (m_selection.generation != record.number)
        return;
    m_record = record;
    showSelection();
    Q_EMIT selectionChanged();
}

void ArrayView::selectRegion(const RegionId& region)
{
    regionChosen(region);
}

void ArrayView::selectGeneration(GenerationNumber number)
{
    generationChosen(number);
}

void ArrayView::focusTable()
{
    m_table->setFocus();
    if (!m_table->selectionModel()->hasSelection() && m_model->rowCount() > 0)
        m_table->selectRow(0);
}

void ArrayView::regionChosen(const std::optional<RegionId>& region)
{
    m_selection = {.region = region, .generation = std::nullopt, .backupFirst = false};
    if (region) {
        if (const Generation* held = m_snapshot.heldBy(*region))
            m_selection.generation = held->number;
    }
    wantRecord();
    showSelection();
    Q_EMIT selectionChanged();
}

void ArrayView::rowChosen()
{
    const auto* chosen = m_table->selectionModel();
    m_copyText->setEnabled(chosen->hasSelection());
    m_copyCsv->setEnabled(chosen->hasSelection());
    if (m_updating)
        return;
    const int row = m_table->currentIndex().row();
    const auto number =
        row >= 0 && chosen->isRowSelected(row, {}) ? m_model->numberAt(row) : std::nullopt;
    if (number)
        generationChosen(*number);
    else
        Q_EMIT selectionChanged(); // One fewer of several.
}

std::vector<GenerationNumber> ArrayView::selectedGenerations() const
{
    std::vector<GenerationNumber> numbers;
    for (const QItemSelectionRange& range : m_table->selectionModel()->selection()) {
        for (int row = range.top(); row <= range.bottom(); ++row) {
            if (const auto number = m_model->numberAt(row))
                numbers.push_back(*number);
        }
    }
    if (numbers.empty() && m_selection.generation)
        numbers.push_back(*m_selection.generation);
    return numbers;
}

void ArrayView::generationChosen(GenerationNumber number)
{
    const Generation* current = m_snapshot.find(number);
    const Generation* held = current != nullptr ? m_snapshot.heldBy(current->target.id) : nullptr;
    m_selection = {.region = std::nullopt, .generation = number, .backupFirst = true};
    if (held != nullptr && held->number == number)
        m_selection.region = current->target.id;
    wantRecord();
    showSelection();
    Q_EMIT selectionChanged();
}

void ArrayView::dropHidden()
{
    const auto number = m_selection.generation;
    // Of a history that is being read again, a row is away only until it was read.
    const bool known =
        number && m_history && m_history->index().rowOf(*number) && m_model->settled();
    if (!known || !m_selection.backupFirst || !m_rowShown || m_model->rowOf(*number))
        return;
    m_selection = {};
    m_map->select(std::nullopt);
    showSelection();
    Q_EMIT selectionChanged();
}

void ArrayView::showSelection()
{
    const bool updating = std::exchange(m_updating, true);
    const Generation* generation = record();
    // A selected free extent stays selected: it is no region.
    if (m_selection.region || m_selection.backupFirst)
        m_map->select(m_selection.region);
    m_map->setRelated(generation != nullptr ? std::optional(generation->source.id) : std::nullopt);
    m_timeline->select(m_selection.generation);
    m_regions->select(m_selection.region);
    const auto row =
        m_selection.generation ? m_model->rowOf(*m_selection.generation) : std::nullopt;
    m_rowShown = row.has_value();
    if (row)
        showRow(*row);
    else
        m_table->clearSelection();
    m_updating = updating;
}

void ArrayView::showRow(int row)
{
    // What the operator selected beside it stays selected, and the table does not jump.
    if (m_table->currentIndex().row() == row && m_table->selectionModel()->isRowSelected(row, {}))
        return;
    m_table->selectRow(row);
}

void ArrayView::filter()
{
    m_model->setQuery(m_filter->query());
    m_timeline->setBrush(m_model->query().span);
    m_map->setMarked(m_filter->group().value_or(std::vector<RegionId>()));
    listGroup();
    m_regions->select(m_selection.region);
}

void ArrayView::copy(CopyForm form)
{
    std::vector<int> rows;
    int selected = 0;
    QList<QItemSelectionRange> ranges = m_table->selectionModel()->selection();
    std::ranges::sort(ranges, {}, [](const auto& range) { return range.top(); });
    for (const QItemSelectionRange& range : ranges) {
        selected += range.height();
        for (int row = range.top(); row <= range.bottom(); ++row) {
            if (static_cast<int>(rows.size()) < kMostCopiedRows)
                rows.push_back(row);
        }
    }
    QApplication::clipboard()->setText(copiedRows(*m_model, rows, form));
    if (selected > static_cast<int>(rows.size()))
        Q_EMIT copiedInPart(static_cast<int>(rows.size()), selected);
}

void ArrayView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Escape || !m_filter->clearOne())
        QWidget::keyPressEvent(event);
}

void ArrayView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    shareHeight();
}

bool ArrayView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        fitLabels();
    return QWidget::eventFilter(watched, event);
}

void ArrayView::noteHeights()
{
    // What the handle did not move stays as it was wanted, though there may be no room for it now.
    const QList<int> sizes = m_splitter->sizes();
    if (sizes.at(0) != m_sharedPx.value(0))
        m_mapHeightPx = sizes.at(0);
    if (sizes.at(1) != m_sharedPx.value(1))
        m_timelineHeightPx = sizes.at(1);
    m_sharedPx = sizes;
}

int ArrayView::besideMapPx() const
{
    const int framePx = 2 * m_mapScroll->frameWidth();
    const bool scrolls = m_map->minimumSizeHint().width() > width() - framePx;
    return framePx + (scrolls ? m_mapScroll->horizontalScrollBar()->sizeHint().height() : 0);
}

void ArrayView::shareHeight()
{
    QList<int> sizes = m_splitter->sizes();
    const int roomPx = sizes.at(0) + sizes.at(1) + sizes.at(2);
    const int tablePx = m_splitter->widget(2)->minimumSizeHint().height();
    const int besidePx = besideMapPx();
    const int wholePx = m_map->sizeHint().height() + besidePx;
    m_mapScroll->setMinimumHeight(std::min(wholePx, kLeastMapHeightPx + besidePx));
    const int mapPx = m_mapHeightPx.value_or(std::min(wholePx, kMapHeightPx + besidePx));
    const int timelinePx = m_timelineHeightPx.value_or(m_timeline->sizeHint().height());
    sizes[1] = std::max(m_timeline->minimumHeight(),
                        std::min(timelinePx, roomPx - tablePx - m_mapScroll->minimumHeight()));
    sizes[0] =
        std::max(m_mapScroll->minimumHeight(), std::min(mapPx, roomPx - tablePx - sizes.at(1)));
    sizes[2] = roomPx - sizes.at(0) - sizes.at(1);
    m_splitter->setSizes(sizes);
    m_sharedPx = m_splitter->sizes();
}

void ArrayView::updateCount()
{
    const QLocale locale;
    const std::size_t undoCopies = m_model->undoCopies();
    const std::size_t shown = static_cast<std::size_t>(m_model->rowCount()) - undoCopies;
    const std::size_t total = m_model->totalBackups();
    const bool reading = m_history && !m_history->complete();
    const auto number = [&](std::size_t value) { return locale.toString(qulonglong{value}); };
    QString text =
        shown == total ? number(total) : tr("%1 of %2").arg(number(shown), number(total));
    if (undoCopies > 0)
        text += tr(", undo copies: %1").arg(number(undoCopies));
    if (reading && total > 0)
        text += tr(", reading …");
    else if (m_history && m_history->index().truncated())
        text += tr(", the oldest left out");
    m_count->setText(text);
    m_empty->setVisible(m_model->rowCount() == 0);
    m_empty->setText(emptyText(reading));
}

QString ArrayView::emptyText(bool reading) const
{
    if (!m_snapshot.catalog)
        return tr("The catalog cannot be read, and nothing tells what the regions hold.");
    if (reading)
        return tr("Reading the history …");
    if (m_model->totalBackups() == 0 && m_filter->query().letsAllThrough())
        return tr("No backup yet. Select a region in the map, then choose Back up (Ctrl+B).");
    const auto& group = m_filter->group();
    if (group && group->empty())
        return tr("There is no such region now.");
    if (group)
        return tr("These regions have no backup that matches: %1. The map marks them.")
            .arg(namesOf(*group));
    return tr("No backup matches the filter.");
}

} // namespace cairn
