// Orders what comes in and what is searched, so that nobody changes what another thread reads.
#include "ui/models/history.h"

#include "ui/jobs/background.h"

#include <utility>

namespace cairn {
namespace {

// So few rows are searched faster than a thread is woken.
constexpr std::size_t kSearchHere = 20'000;
constexpr std::size_t kMostUnsettled = 1'000;

bool isUnsettled(GenerationState state)
{
    return state == GenerationState::Copying || state == GenerationState::Interrupted;
}

} // namespace

struct History::Search {
    HistoryQuery query;
    std::function<void(Rows)> then;
    std::atomic<bool> stop = false;
};

History::History(QObject* parent) : QObject(parent), m_index(std::make_unique<HistoryIndex>())
{
    m_searchers.setMaxThreadCount(1);
}

History::~History()
{
    if (m_running)
        m_running->stop = true;
    m_searchers.waitForDone();
}

std::vector<GenerationNumber> History::unsettled() const
{
    return {m_unsettled.begin(), m_unsettled.end()};
}

void History::change(std::function<void()> body)
{
    if (m_running)
        m_waiting.push_back(std::move(body));
    else
        body();
}

void History::noteUnsettled(const HistoryPage& page)
{
    for (const GenerationBrief& brief : page.rows) {
        if (!isUnsettled(brief.state))
            m_unsettled.erase(brief.number);
        else if (m_unsettled.size() < kMostUnsettled)
            m_unsettled.insert(brief.number);
    }
}

void History::restart()
{
    if (m_running) {
        m_running->stop = true;
        m_running->then = nullptr;
    }
    m_next = nullptr;
    m_waiting.clear();
    m_mark = {};
    m_complete = false;
    m_unsettled.clear();
    change([this] {
        m_index = std::make_unique<HistoryIndex>();
        Q_EMIT restarted();
    });
}

void History::append(HistoryPage page, bool last)
{
    // What changed while older pages were read is asked for from the first page's mark on.
    if (m_mark == HistoryMark{})
        m_mark = page.mark;
    m_complete = last;
    noteUnsettled(page);
    change([this, page = std::move(page)] {
        m_index->append(page);
        Q_EMIT appended();
    });
}

void History::apply(HistoryPage page)
{
    m_mark = page.mark;
    noteUnsettled(page);
    if (page.rows.empty())
        return;
    change([this, page = std::move(page)] {
        const HistoryIndex::Changes changes = m_index->apply(page);
        if (!changes.changed.empty() || !changes.added.empty())
            Q_EMIT changed(changes);
    });
}

void History::search(const HistoryQuery& query, std::function<void(Rows)> then)
{
    if (m_running) {
        m_running->stop = true;
        m_running->then = nullptr;
        m_next = [this, query, then = std::move(then)] { begin(query, then); };
    } else {
        begin(query, std::move(then));
    }
}

void History::begin(const HistoryQuery& query, std::function<void(Rows)> then)
{
    auto search = std::make_shared<Search>();
    search->query = query;
    search->then = std::move(then);
    if (m_index->size() <= kSearchHere) {
        search->then(searchHistory(*m_index, query, search->stop));
        return;
    }
    m_running = search;
    runInBackground(
        m_searchers, this,
        [search, index = m_index.get()] {
            return searchHistory(*index, search->query, search->stop);
        },
        [this, search](Rows rows) {
            m_running.reset();
            if (search->then)
                search->then(std::move(rows));
            goOn();
        });
}

void History::goOn()
{
    // A change may begin a search of its own: the rest waits again.
    while (!m_running && !m_waiting.empty()) {
        const auto body = std::move(m_waiting.front());
        m_waiting.erase(m_waiting.begin());
        body();
    }
    if (m_running || !m_next)
        return;
    const auto next = std::exchange(m_next, nullptr);
    next();
}

} // namespace cairn
