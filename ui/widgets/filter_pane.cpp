// Lists arrays, and counts what the saved filters would show.
#include "ui/widgets/filter_pane.h"

#include "ui/attention.h"
#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/plain_label.h"

#include <QDateTime>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLocale>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace cairn {
namespace {

constexpr int kCountAgainMs = 300;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr int kRowsPadding = 6;

} // namespace

std::vector<RegionId> withoutBackupInADay(const ArraySnapshot& snapshot, std::int64_t nowMs)
{
    std::vector<RegionId> found;
    for (const Region& region : snapshot.layout.regions) {
        const bool data = region.role == RegionRole::Data &&
                          region.content.kind != ContentKind::Empty &&
                          snapshot.heldBy(region.id) == nullptr;
        const Generation* newest = data ? snapshot.newestGood(region.id) : nullptr;
        if (data && (newest == nullptr || newest->startedMs < nowMs - kDayMs))
            found.push_back(region.id);
    }
    return found;
}

std::vector<RegionId> unfinishedRegions(const ArraySnapshot& snapshot)
{
    std::vector<RegionId> found;
    for (const Attention& each : unfinishedOf(snapshot)) {
        if (each.region && std::ranges::find(found, *each.region) == found.end())
            found.push_back(*each.region);
    }
    return found;
}

QString whyListed(const ArraySnapshot& snapshot, SavedFilter filter, const Region& region)
{
    if (filter == SavedFilter::UnfinishedRegions) {
        QStringList words;
        for (const Attention& each : unfinishedOf(snapshot)) {
            if (each.region == region.id)
                words.append(each.subject == regionDisplay(region)
                                 ? each.word
                                 : FilterPane::tr("%1, %2").arg(each.subject, each.word));
        }
        return words.join(QStringLiteral(", "));
    }
    return FilterPane::tr("last good backup: %1").arg(lastGoodText(snapshot, region.id));
}

FilterPane::FilterPane(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("filterPane"));
    m_arrays = list("arrayList", tr("Arrays"));
    m_arrays->setTextElideMode(Qt::ElideMiddle); // Names may differ at either end.
    m_filters = list("filterList", tr("Saved filters"));
    addFilter(SavedFilter::All, tr("All backups"), tr("Every backup, newest first"));
    addFilter(
        SavedFilter::Failed, tr("Incomplete backups"),
        tr("Backups that failed, were interrupted, or are partial. Regions that a restore, an "
           "undo or an import left half-written: Unfinished regions"));
    addFilter(SavedFilter::NotVerified, tr("Not verified"),
              tr("Backups that were copied and not read back, or are in doubt since"));
    addFilter(SavedFilter::NoBackupInADay, tr("No backup in 24 h"),
              tr("Regions with data whose newest good backup that is there now is older than a "
                 "day. One that was not read back, or is in doubt, does not count"));
    addFilter(SavedFilter::UnfinishedRegions, tr("Unfinished regions"),
              tr("Regions that an interrupted or given-up job left half-written, or in which one "
                 "waits to go on"));
    addFilter(SavedFilter::Held, tr("Held"),
              tr("Backups and undo copies that are protected from being replaced"));
    addFilter(SavedFilter::UndoCopies, tr("Undo copies"),
              tr("What restores have overwritten, kept to bring it back"));
    auto* arraysTitle = new PlainLabel(tr("Arrays"));
    auto* filtersTitle = new PlainLabel(tr("Filters"));
    for (PlainLabel* title : {arraysTitle, filtersTitle})
        title->setBold(true);
    arraysTitle->setBuddy(m_arrays);
    filtersTitle->setBuddy(m_filters);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 8, 4, 8);
    column->setSpacing(6);
    column->addWidget(arraysTitle);
    column->addWidget(m_arrays);
    column->addSpacing(8);
    column->addWidget(filtersTitle);
    column->addWidget(m_filters);
    column->addStretch(1);
    m_countSoon.setSingleShot(true);
    m_countSoon.setInterval(kCountAgainMs);
    connect(&m_countSoon, &QTimer::timeout, this, &FilterPane::countAll);
    // A click or Return; the arrow keys alone only walk.
    connect(m_arrays, &QTreeWidget::itemClicked, this, &FilterPane::chooseArray);
    connect(m_arrays, &QTreeWidget::itemActivated, this, &FilterPane::chooseArray);
    connect(m_filters, &QTreeWidget::itemSelectionChanged, this, [this] {
        const int row = m_filters->indexOfTopLevelItem(m_filters->currentItem());
        if (m_history == nullptr || row < 0 || m_filters->selectedItems().isEmpty())
            return;
        m_choosing = true;
        Q_EMIT filterChosen(static_cast<SavedFilter>(row));
        m_choosing = false;
    });
    setArrays({}, {});
    setHistory(nullptr);
}

void FilterPane::chooseArray(QTreeWidgetItem* chosen)
{
    const QStringList uris = m_recent.at(m_arrays->indexOfTopLevelItem(chosen)).uris;
    if (uris != m_open)
        Q_EMIT arrayChosen(uris);
}

void FilterPane::keyPressEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Escape) {
        QWidget::keyPressEvent(event);
        return;
    }
    m_arrays->setCurrentItem(nullptr);
    Q_EMIT left();
}

QTreeWidget* FilterPane::list(const char* name, const QString& title)
{
    auto* made = new QTreeWidget;
    made->setObjectName(QLatin1StringView(name));
    made->setAccessibleName(title);
    made->setColumnCount(2);
    made->setHeaderHidden(true);
    made->setRootIsDecorated(false);
    made->setIndentation(0);
    made->setUniformRowHeights(true);
    made->setFrameShape(QFrame::NoFrame);
    made->viewport()->setAutoFillBackground(false);
    made->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    made->header()->setStretchLastSection(false);
    made->header()->setMinimumSectionSize(10);
    made->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    made->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    return made;
}

void FilterPane::addFilter(SavedFilter filter, const QString& text, const QString& tip)
{
    auto* made = new QTreeWidgetItem(m_filters, {text});
    made->setTextAlignment(1, Qt::AlignTrailing | Qt::AlignVCenter);
    made->setToolTip(0, tip);
    made->setSizeHint(0, QSize(0, fontMetrics().height() + kRowsPadding));
    m_filters->setFixedHeight(
        (static_cast<int>(filter) + 1) * (fontMetrics().height() + kRowsPadding) + 4);
}

QTreeWidgetItem* FilterPane::item(SavedFilter filter) const
{
    return m_filters->topLevelItem(static_cast<int>(filter));
}

void FilterPane::setArrays(const QList<RecentArray>& recent, const QStringList& open)
{
    m_recent = recent;
    m_open = open;
    m_arrays->clear();
    const QStringList names = arrayNames(recent);
    for (qsizetype n = 0; n < recent.size(); ++n) {
        const QString whole = arrayDisplay(recent.at(n));
        auto* made = new QTreeWidgetItem(m_arrays, {names.at(n)});
        made->setToolTip(0, toolTipText(whole));
        made->setData(0, Qt::AccessibleDescriptionRole, whole);
        made->setSizeHint(0, QSize(0, fontMetrics().height() + kRowsPadding));
        if (recent.at(n).uris != open)
            continue;
        QFont bold = font();
        bold.setBold(true);
        made->setFont(0, bold);
        made->setText(1, QStringLiteral("●"));
        made->setData(0, Qt::AccessibleTextRole, tr("%1, open").arg(names.at(n)));
    }
    const int rows = std::max(1, static_cast<int>(recent.size()));
    m_arrays->setFixedHeight(rows * (fontMetrics().height() + kRowsPadding) + 4);
}

void FilterPane::setHistory(History* history)
{
    if (history != nullptr && history == m_history)
        return;
    if (m_history != nullptr)
        disconnect(m_history, nullptr, this, nullptr);
    m_history = history;
    if (history == nullptr) {
        m_withoutBackup.clear();
        m_unfinished.clear();
    }
    m_filters->setEnabled(history != nullptr);
    m_filters->clearSelection();
    m_filters->setCurrentItem(nullptr);
    if (history != nullptr) {
        const auto soon = [this] {
            if (!m_countSoon.isActive())
                m_countSoon.start();
        };
        connect(history, &History::restarted, this, soon);
        connect(history, &History::appended, this, soon);
        connect(history, &History::changed, this, soon);
        connect(history, &QObject::destroyed, this, [this] { setHistory(nullptr); });
    }
    countAll();
}

void FilterPane::setSnapshot(const ArraySnapshot& snapshot)
{
    const auto withoutBackup = std::exchange(
        m_withoutBackup, withoutBackupInADay(snapshot, QDateTime::currentMSecsSinceEpoch()));
    const auto unfinished = std::exchange(m_unfinished, unfinishedRegions(snapshot));
    countAll();
    const auto follow = [this](SavedFilter filter, const std::vector<RegionId>& before) {
        if (regions(filter) == before || !item(filter)->isSelected())
            return;
        m_choosing = true;
        Q_EMIT regionsChanged(filter);
        m_choosing = false;
    };
    follow(SavedFilter::NoBackupInADay, withoutBackup);
    follow(SavedFilter::UnfinishedRegions, unfinished);
}

const std::vector<RegionId>& FilterPane::regions(SavedFilter filter) const
{
    CAIRN_ASSERT(isOfRegions(filter));
    return filter == SavedFilter::NoBackupInADay ? m_withoutBackup : m_unfinished;
}

void FilterPane::countAll()
{
    int failed = 0;
    int notVerified = 0;
    int held = 0;
    const HistoryIndex empty;
    const HistoryIndex& index = m_history != nullptr ? m_history->index() : empty;
    for (HistoryIndex::Row row = 0; row < index.size(); ++row) {
        const GenerationState state = index.state(row);
        held += index.held(row) ? 1 : 0;
        if (index.isUndo(row))
            continue;
        const bool incomplete = state == GenerationState::Failed ||
                                state == GenerationState::Partial ||
                                state == GenerationState::Interrupted;
        failed += incomplete ? 1 : 0;
        notVerified += state == GenerationState::Copied ? 1 : 0;
    }
    setCount(SavedFilter::All, static_cast<int>(index.size() - index.undoCount()));
    setCount(SavedFilter::Failed, failed);
    setCount(SavedFilter::NotVerified, notVerified);
    setCount(SavedFilter::NoBackupInADay, static_cast<int>(m_withoutBackup.size()));
    setCount(SavedFilter::UnfinishedRegions, static_cast<int>(m_unfinished.size()));
    setCount(SavedFilter::Held, held);
    setCount(SavedFilter::UndoCopies, static_cast<int>(index.undoCount()));
}

void FilterPane::setCount(SavedFilter filter, int count)
{
    QTreeWidgetItem* shown = item(filter);
    const QString text = m_history != nullptr ? QLocale().toString(count) : QString();
    if (shown->text(1) == text)
        return;
    shown->setText(1, text);
    shown->setData(1, Qt::UserRole, count);
    shown->setData(0, Qt::AccessibleTextRole, shown->text(0) + QStringLiteral(": ") + text);
}

void FilterPane::clearChoice()
{
    if (m_choosing)
        return;
    m_filters->clearSelection();
    m_filters->setCurrentItem(nullptr);
}

int FilterPane::count(SavedFilter filter) const
{
    return item(filter)->data(1, Qt::UserRole).toInt();
}

} // namespace cairn
