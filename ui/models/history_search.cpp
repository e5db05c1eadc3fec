// Filters and sorts the columns of the history.
#include "ui/models/history_search.h"

#include "ui/record_text.h"

#include <QDateTime>
#include <QRegularExpression>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

using Row = HistoryIndex::Row;
constexpr std::size_t kStopEvery = 65'536;

// By the value of CopyPresence.
constexpr std::size_t kPresences = static_cast<std::size_t>(CopyPresence::RegionChanged) + 1;

// The words of states, presence, held and recovered, as the table shows them.
struct StateWords {
    std::array<std::string, 16> folded; // By stored value; values beyond share the last.
    std::array<std::string, kPresences> presence;
    std::string doubt;
    std::string held;
    std::string recovered;
    std::string inconsistent;
    std::string undo;
    std::string undone;

    StateWords()
    {
        const auto fold = [](const QString& text) {
            return TextPool::foldedCase(text.toStdString());
        };
        for (std::size_t value = 0; value < folded.size(); ++value)
            folded[value] = fold(stateDisplay(static_cast<GenerationState>(value)).word);
        for (std::size_t value = 0; value < presence.size(); ++value)
            presence[value] = fold(presenceWord(static_cast<CopyPresence>(value)));
        doubt = fold(doubtWord());
        held = fold(heldWord());
        recovered = fold(recoveredWord());
        inconsistent = fold(inconsistentWord());
        undo = fold(undoWord());
        undone = fold(undoneWord());
    }
};

std::optional<TimeSpan> dateSpan(const QString& word)
{
    static const QRegularExpression kDate(QStringLiteral("^(\\d{4})-(\\d{2})(?:-(\\d{2}))?$"));
    const auto match = kDate.match(word);
    if (!match.hasMatch())
        return std::nullopt;
    const bool wholeMonth = match.captured(3).isEmpty();
    const QDate first(match.captured(1).toInt(), match.captured(2).toInt(),
                      wholeMonth ? 1 : match.captured(3).toInt());
    if (!first.isValid())
        return std::nullopt;
    const QDate after = wholeMonth ? first.addMonths(1) : first.addDays(1);
    return TimeSpan{first.startOfDay().toMSecsSinceEpoch(),
                    after.startOfDay().toMSecsSinceEpoch() - 1};
}

// One word of the filter, ready to be asked for each row.
class WordMatch {
public:
    WordMatch(const HistoryIndex& index, const AbsentCopies& absent, const QString& word,
              const StateWords& states)
        : m_index(index), m_absent(absent), m_span(dateSpan(word))
    {
        const std::string folded = TextPool::foldedCase(word.toStdString());
        m_texts = index.texts().containing(folded);
        for (std::size_t value = 0; value < m_states.size(); ++value)
            m_states[value] = states.folded[value].find(folded) != std::string::npos;
        for (std::size_t value = 0; value < m_presences.size(); ++value)
            m_presences[value] = states.presence[value].find(folded) != std::string::npos;
        if (states.doubt.find(folded) != std::string::npos)
            m_presences[static_cast<std::size_t>(CopyPresence::RegionChanged)] = true;
        m_held = states.held.find(folded) != std::string::npos;
        m_recovered = states.recovered.find(folded) != std::string::npos;
        m_inconsistent = states.inconsistent.find(folded) != std::string::npos;
        m_undo = states.undo.find(folded) != std::string::npos;
        m_undone = states.undone.find(folded) != std::string::npos;
        bool isNumber = false;
        const QString digits = word.startsWith(u'#') ? word.mid(1) : word;
        const auto number = digits.toULongLong(&isNumber);
        if (isNumber)
            m_number = number;
    }

    [[nodiscard]] bool matches(Row row) const
    {
        const auto state = std::min<std::size_t>(static_cast<std::size_t>(m_index.state(row)),
                                                 m_states.size() - 1);
        return m_texts[m_index.noteText(row)] || m_texts[m_index.labelText(row)] ||
               m_texts[m_index.sourceText(row)] || m_texts[m_index.targetText(row)] ||
               m_states[state] || isPresence(row) || (m_held && m_index.held(row)) ||
               (m_recovered && m_index.recovered(row)) ||
               (m_inconsistent && m_index.inconsistent(row)) ||
               (m_index.isUndo(row) && isWord(row)) ||
               (m_number && m_index.number(row) == *m_number) ||
               (m_span && m_span->firstMs <= m_index.startedMs(row) &&
                m_index.startedMs(row) <= m_span->lastMs);
    }

private:
    [[nodiscard]] bool isWord(Row undo) const
    {
        return m_undo || (m_undone && m_index.undo(undo)->undone);
    }

    // Of a copy that is where its record says, nothing is shown.
    [[nodiscard]] bool isPresence(Row row) const
    {
        const auto found = m_absent.find(m_index.number(row));
        return found != m_absent.end() && m_presences[static_cast<std::size_t>(found->second)];
    }

    const HistoryIndex& m_index;
    const AbsentCopies& m_absent;
    std::vector<bool> m_texts;
    std::array<bool, 16> m_states{};
    std::array<bool, kPresences> m_presences{};
    bool m_held = false;
    bool m_recovered = false;
    bool m_inconsistent = false;
    bool m_undo = false;
    bool m_undone = false;
    std::optional<GenerationNumber> m_number;
    std::optional<TimeSpan> m_span;
};

bool passes(const HistoryIndex& index, const HistoryQuery& query, Row row)
{
    if (!query.sources.empty() &&
        std::ranges::find(query.sources, index.source(row).id) == query.sources.end())
        return false;
    if (query.kind != HistoryKind::All &&
        index.isUndo(row) != (query.kind == HistoryKind::UndoCopies))
        return false;
    if (!query.states.empty() &&
        std::ranges::find(query.states, index.state(row)) == query.states.end())
        return false;
    if (query.heldOnly && !index.held(row))
        return false;
    const std::int64_t started = index.startedMs(row);
    return !query.span || (query.span->firstMs <= started && started <= query.span->lastMs);
}

std::vector<Row> filtered(const HistoryIndex& index, const HistoryQuery& query,
                          const std::atomic<bool>& stop)
{
    if (query.letsAllThrough())
        return index.newestFirst();
    const StateWords states;
    std::vector<WordMatch> words;
    for (const QString& word : query.text.split(u' ', Qt::SkipEmptyParts))
        words.emplace_back(index, query.absent, word, states);
    std::vector<Row> rows;
    std::size_t seen = 0;
    for (const Row row : index.newestFirst()) {
        if (++seen % kStopEvery == 0 && stop)
            break;
        if (passes(index, query, row) &&
            std::ranges::all_of(words, [row](const WordMatch& word) { return word.matches(row); }))
            rows.push_back(row);
    }
    return rows;
}

// Equal keys stay newest first, in either direction.
template<typename Key>
void sortBy(std::vector<Row>& rows, bool ascending, Key key)
{
    if (ascending)
        std::ranges::stable_sort(rows, std::ranges::less(), key);
    else
        std::ranges::stable_sort(rows, std::ranges::greater(), key);
}

void sortByText(std::vector<Row>& rows, const HistoryIndex& index, bool ascending,
                std::uint32_t (HistoryIndex::*text)(Row) const)
{
    const auto ranks = index.texts().ranks();
    sortBy(rows, ascending, [&](Row row) { return ranks[(index.*text)(row)]; });
}

} // namespace

bool HistoryQuery::letsAllThrough() const
{
    HistoryQuery any;
    any.order = order;
    any.ascending = ascending;
    return *this == any;
}

std::vector<Row> searchHistory(const HistoryIndex& index, const HistoryQuery& query,
                               const std::atomic<bool>& stop)
{
    std::vector<Row> rows = filtered(index, query, stop);
    if (stop)
        return rows;
    const bool up = query.ascending;
    switch (query.order) {
    case HistoryOrder::Number:
        if (up)
            std::ranges::reverse(rows);
        break;
    case HistoryOrder::When:
        sortBy(rows, up, [&](Row row) { return index.startedMs(row); });
        break;
    case HistoryOrder::Size:
        sortBy(rows, up, [&](Row row) { return index.sizeBytes(row); });
        break;
    case HistoryOrder::State:
        sortBy(rows, up, [&](Row row) { return static_cast<int>(index.state(row)); });
        break;
    case HistoryOrder::Source:
        sortByText(rows, index, up, &HistoryIndex::sourceText);
        break;
    case HistoryOrder::Target:
        sortByText(rows, index, up, &HistoryIndex::targetText);
        break;
    case HistoryOrder::Label:
        sortByText(rows, index, up, &HistoryIndex::labelText);
        break;
    case HistoryOrder::Note:
        sortByText(rows, index, up, &HistoryIndex::noteText);
        break;
    }
    return rows;
}

} // namespace cairn
