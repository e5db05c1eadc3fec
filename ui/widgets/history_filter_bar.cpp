// Builds a query from what is typed and chosen.
#include "ui/widgets/history_filter_bar.h"

#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/icons.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QSignalBlocker>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

struct Choice {
    QString text;
    HistoryKind kind = HistoryKind::Backups;
    std::vector<GenerationState> states = {};
    bool heldOnly = false;
};

// In the order of RecordChoice.
std::array<Choice, 8> choices()
{
    using enum GenerationState;
    return {
        {{HistoryFilterBar::tr("All records"), HistoryKind::All},
         {HistoryFilterBar::tr("Backups")},
         {HistoryFilterBar::tr("Usable"), HistoryKind::Backups, {Good, Copied}},
         {HistoryFilterBar::tr("Not verified"), HistoryKind::Backups, {Copied}},
         {HistoryFilterBar::tr("Incomplete"), HistoryKind::Backups, {Failed, Partial, Interrupted}},
         {HistoryFilterBar::tr("Unfinished"), HistoryKind::Backups, {Copying, Interrupted}},
         {HistoryFilterBar::tr("Held"), HistoryKind::All, {}, true},
         {HistoryFilterBar::tr("Undo copies"), HistoryKind::UndoCopies}}};
}

} // namespace

HistoryFilterBar::HistoryFilterBar(QWidget* parent)
    : QWidget(parent), m_words(new QLineEdit), m_source(new QComboBox), m_state(new QComboBox),
      m_spanButton(chip("spanFilter", tr("Show all times"))),
      m_groupButton(chip("groupFilter", tr("Show all sources")))
{
    setObjectName(QStringLiteral("historyFilterBar"));
    m_words->setObjectName(QStringLiteral("backupFilter"));
    m_words->setAccessibleName(tr("Filter backups"));
    m_words->setPlaceholderText(tr("Filter: names, state, label, note, 2026-11, #42 (Ctrl+F)"));
    m_words->setClearButtonEnabled(true);
    m_source->setObjectName(QStringLiteral("sourceFilter"));
    m_source->setAccessibleName(tr("Show backups of this source"));
    m_source->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_source->setMaximumWidth(fontMetrics().averageCharWidth() * 26);
    m_state->setObjectName(QStringLiteral("stateFilter"));
    m_state->setAccessibleName(tr("Show backups in this state"));
    m_state->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    for (const Choice& choice : choices())
        m_state->addItem(choice.text);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(8);
    line->addWidget(m_words, 1);
    line->addWidget(m_groupButton);
    line->addWidget(m_spanButton);
    line->addWidget(m_source);
    line->addWidget(m_state);
    setSources({});
    recolor();
    connect(m_words, &QLineEdit::textChanged, this, &HistoryFilterBar::changed);
    connect(m_source, &QComboBox::currentIndexChanged, this, &HistoryFilterBar::changed);
    connect(m_state, &QComboBox::currentIndexChanged, this, &HistoryFilterBar::changed);
    connect(m_spanButton, &QToolButton::clicked, this, &HistoryFilterBar::endSpan);
    connect(m_groupButton, &QToolButton::clicked, this, &HistoryFilterBar::endGroup);
    m_words->installEventFilter(this);
}

QToolButton* HistoryFilterBar::chip(const char* name, const QString& ends)
{
    auto* made = new QToolButton(this);
    made->setObjectName(QLatin1StringView(name));
    made->setAccessibleName(ends);
    made->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    made->setFocusPolicy(Qt::StrongFocus);
    made->installEventFilter(this);
    made->hide();
    return made;
}

HistoryQuery HistoryFilterBar::query() const
{
    HistoryQuery query;
    query.text = m_words->text();
    const int source = m_source->currentIndex() - 1;
    // No region has the null id: of no sources nothing is shown.
    if (m_group)
        query.sources = m_group->empty() ? std::vector{RegionId{}} : *m_group;
    if (source >= 0)
        query.sources = {m_sources[static_cast<std::size_t>(source)].id};
    const Choice state = choices().at(static_cast<std::size_t>(m_state->currentIndex()));
    query.kind = state.kind;
    query.states = state.states;
    query.heldOnly = state.heldOnly;
    query.span = m_span;
    return query;
}

void HistoryFilterBar::setSources(const std::vector<RegionRef>& sources)
{
    if (m_source->count() > 0 && sources == m_sources)
        return;
    const int old = m_source->currentIndex() - 1;
    const auto chosen =
        old >= 0 ? std::optional(m_sources[static_cast<std::size_t>(old)].id) : std::nullopt;
    const QSignalBlocker quiet(m_source);
    m_sources = sources;
    m_source->clear();
    m_source->addItem(tr("All sources"));
    for (const RegionRef& source : sources) {
        m_source->addItem(regionDisplay(source));
        if (source.id == chosen)
            m_source->setCurrentIndex(m_source->count() - 1);
    }
    m_source->setVisible(sources.size() > 1);
}

void HistoryFilterBar::setSpan(const std::optional<TimeSpan>& span)
{
    m_span = span;
    m_spanButton->setVisible(span.has_value());
    if (span) {
        const QString text =
            tr("%1 – %2").arg(timeDisplay(span->firstMs), timeDisplay(span->lastMs));
        m_spanButton->setText(text);
        m_spanButton->setAccessibleName(tr("Show all times instead of %1").arg(text));
        m_spanButton->setToolTip(tr("Show all times (Esc)"));
    }
    Q_EMIT changed();
}

void HistoryFilterBar::setGroup(const std::optional<std::vector<RegionId>>& sources,
                                const QString& name)
{
    m_group = sources;
    m_groupButton->setVisible(sources.has_value());
    m_groupButton->setText(buttonText(name));
    m_groupButton->setAccessibleName(tr("Show all sources instead of: %1").arg(name));
    m_groupButton->setToolTip(tr("Show all sources (Esc)"));
}

void HistoryFilterBar::endSpan()
{
    // The focus must not go with the chip to wherever comes next.
    if (m_spanButton->hasFocus())
        m_words->setFocus();
    setSpan(std::nullopt);
    Q_EMIT spanCleared();
}

void HistoryFilterBar::endGroup()
{
    if (m_groupButton->hasFocus())
        m_words->setFocus();
    setGroup(std::nullopt, {});
    Q_EMIT changed();
}

void HistoryFilterBar::followGroup(const std::vector<RegionId>& sources, const QString& name)
{
    if (!m_group || *m_group == sources)
        return;
    setGroup(sources, name);
    Q_EMIT changed();
}

bool HistoryFilterBar::clearOne()
{
    if (!m_words->text().isEmpty())
        m_words->clear();
    else if (m_span)
        endSpan();
    else if (m_group)
        endGroup();
    else if (m_state->currentIndex() > 0)
        m_state->setCurrentIndex(0);
    else if (m_source->currentIndex() > 0)
        m_source->setCurrentIndex(0);
    else
        return false;
    return true;
}

void HistoryFilterBar::keyPressEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Escape || !clearOne())
        QWidget::keyPressEvent(event);
}

bool HistoryFilterBar::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const bool removes = key == Qt::Key_Backspace || key == Qt::Key_Delete ||
                             key == Qt::Key_Return || key == Qt::Key_Enter;
        if (removes && watched == m_spanButton) {
            endSpan();
            return true;
        }
        if (removes && watched == m_groupButton) {
            endGroup();
            return true;
        }
        if (key == Qt::Key_Escape && watched == m_words)
            return clearOne();
    }
    return QWidget::eventFilter(watched, event);
}

void HistoryFilterBar::clearQuietly()
{
    const QSignalBlocker quiet(this);
    m_words->clear();
    m_source->setCurrentIndex(0);
    m_state->setCurrentIndex(0);
    setGroup(std::nullopt, {});
    setSpan(std::nullopt);
}

void HistoryFilterBar::clear()
{
    clearQuietly();
    Q_EMIT changed();
}

void HistoryFilterBar::showOnly(RecordChoice choice)
{
    clearQuietly();
    {
        const QSignalBlocker quiet(m_state);
        m_state->setCurrentIndex(static_cast<int>(choice));
    }
    Q_EMIT changed();
}

void HistoryFilterBar::showOnly(const std::vector<RegionId>& sources, const QString& name)
{
    clearQuietly();
    {
        const QSignalBlocker quiet(m_state);
        m_state->setCurrentIndex(static_cast<int>(RecordChoice::Backups));
    }
    setGroup(sources, name);
    Q_EMIT changed();
}

void HistoryFilterBar::recolor()
{
    for (QToolButton* chip : {m_spanButton, m_groupButton})
        chip->setIcon(lineIcon(QStringLiteral("close"), palette()));
}

void HistoryFilterBar::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_groupButton != nullptr)
        recolor();
}

} // namespace cairn
