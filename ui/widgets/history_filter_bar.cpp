// Builds a query from what is typed and chosen.
#include "ui/widgets/history_filter_bar.h"

#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/icons.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QSignalBlocker>
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
      m_spanButton(new QToolButton)
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
    for (const StateChoice& choice : stateChoices())
        m_state->addItem(choice.text);
    m_spanButton->setObjectName(QStringLiteral("spanFilter"));
    m_spanButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_spanButton->setLayoutDirection(Qt::RightToLeft); // The cross behind the dates.
    m_spanButton->hide();
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(8);
    line->addWidget(m_words, 1);
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
}

HistoryQuery HistoryFilterBar::query() const
{
    HistoryQuery query;
    query.text = m_words->text();
    const int source = m_source->currentIndex() - 1;
    if (source >= 0)
        query.source = m_sources[static_cast<std::size_t>(source)].id;
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
    const std::optional<RegionId> chosen = query().source;
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

void HistoryFilterBar::clear()
{
    {
        const QSignalBlocker quiet(this);
        m_words->clear();
        m_source->setCurrentIndex(0);
        m_state->setCurrentIndex(0);
    }
    setSpan(std::nullopt);
}

void HistoryFilterBar::recolor()
{
    m_spanButton->setIcon(lineIcon(QStringLiteral("close"), palette()));
}

void HistoryFilterBar::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_spanButton != nullptr)
        recolor();
}

} // namespace cairn
