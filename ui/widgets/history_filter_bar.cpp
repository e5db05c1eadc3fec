// Builds a query from what is typed and chosen.
#include "ui/widgets/history_filter_bar.h"

#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/icons.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

struct StateChoice {
    QString text;
    std::vector<GenerationState> states;
    bool heldOnly = false;
};

std::array<StateChoice, 6> stateChoices()
{
    using enum GenerationState;
    return {{{HistoryFilterBar::tr("All states"), {}},
             {HistoryFilterBar::tr("Usable"), {Good, Copied}},
             {HistoryFilterBar::tr("Not verified"), {Copied}},
             {HistoryFilterBar::tr("Failed or damaged"), {Failed, Partial}},
             {HistoryFilterBar::tr("Unfinished"), {Copying, Interrupted}},
             {HistoryFilterBar::tr("Held"), {}, true}}};
}

} // namespace

HistoryFilterBar::HistoryFilterBar(QWidget* parent)
    : QWidget(parent), m_words(new QLineEdit), m_source(new QComboBox), m_state(new QComboBox),
      m_spanButton(chip("spanFilter")), m_groupButton(chip("groupFilter"))
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
    for (const StateChoice& choice : stateChoices())
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
    connect(m_spanButton, &QToolButton::clicked, this, [this] {
        setSpan(std::nullopt);
        Q_EMIT spanCleared();
    });
    connect(m_groupButton, &QToolButton::clicked, this, [this] {
        setGroup({}, {});
        Q_EMIT changed();
    });
}

QToolButton* HistoryFilterBar::chip(const char* name)
{
    auto* made = new QToolButton(this);
    made->setObjectName(QLatin1StringView(name));
    made->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    made->hide();
    return made;
}

HistoryQuery HistoryFilterBar::query() const
{
    HistoryQuery query;
    query.text = m_words->text();
    const int source = m_source->currentIndex() - 1;
    query.sources = m_group;
    if (source >= 0)
        query.sources = {m_sources[static_cast<std::size_t>(source)].id};
    const auto choices = stateChoices();
    const StateChoice& state = choices.at(static_cast<std::size_t>(m_state->currentIndex()));
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
        m_spanButton->setToolTip(tr("Show all times"));
    }
    Q_EMIT changed();
}

void HistoryFilterBar::setGroup(const std::vector<RegionId>& sources, const QString& name)
{
    m_group = sources;
    m_groupButton->setVisible(!sources.empty());
    m_groupButton->setText(buttonText(name));
    m_groupButton->setAccessibleName(tr("Show all sources instead of: %1").arg(name));
    m_groupButton->setToolTip(tr("Show all sources"));
}

void HistoryFilterBar::clearQuietly()
{
    const QSignalBlocker quiet(this);
    m_words->clear();
    m_source->setCurrentIndex(0);
    m_state->setCurrentIndex(0);
    setGroup({}, {});
    setSpan(std::nullopt);
}

void HistoryFilterBar::clear()
{
    clearQuietly();
    Q_EMIT changed();
}

void HistoryFilterBar::showOnly(const std::vector<GenerationState>& states, bool heldOnly)
{
    clearQuietly();
    const auto choices = stateChoices();
    const auto found = std::ranges::find_if(choices, [&](const StateChoice& choice) {
        return choice.states == states && choice.heldOnly == heldOnly;
    });
    CAIRN_ASSERT(found != choices.end());
    {
        const QSignalBlocker quiet(m_state);
        m_state->setCurrentIndex(static_cast<int>(found - choices.begin()));
    }
    Q_EMIT changed();
}

void HistoryFilterBar::showOnly(const std::vector<RegionId>& sources, const QString& name)
{
    clearQuietly();
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
