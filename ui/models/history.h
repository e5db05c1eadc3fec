// The history on the GUI thread: pages of it come in, searches over it go out.
#pragma once

#include "ui/models/history_search.h"

#include <QObject>
#include <QThreadPool>
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace cairn {

// Lives on the GUI thread, and asks nobody for anything: who reads the catalog hands pages over.
// While a search runs on its thread the columns stand still: what comes in waits for its end.
class History final : public QObject {
    Q_OBJECT

public:
    using Rows = std::vector<HistoryIndex::Row>;

    explicit History(QObject* parent = nullptr);
    ~History() override;

    [[nodiscard]] const HistoryIndex& index() const { return *m_index; }
    // Whether the oldest page has come.
    [[nodiscard]] bool complete() const { return m_complete; }
    [[nodiscard]] const HistoryMark& mark() const { return m_mark; }
    // Records that can change without an entry in the ledger: their writer may have gone.
    [[nodiscard]] std::vector<GenerationNumber> unsettled() const;

    // Forgets everything: another history is read.
    void restart();
    // The next older page, the first one included.
    void append(HistoryPage page, bool last);
    // What changed since mark().
    void apply(HistoryPage page);

    // `then` gets the rows here: at once where there are few, or after a thread has searched. A
    // newer search, or restart(), makes it never come.
    void search(const HistoryQuery& query, std::function<void(Rows)> then);

Q_SIGNALS:
    void restarted();
    // Older generations than before, at the end of index().newestFirst().
    void appended();
    void changed(const cairn::HistoryIndex::Changes& changes);

private:
    struct Search;
    void change(std::function<void()> body);
    void begin(const HistoryQuery& query, std::function<void(Rows)> then);
    void goOn();
    void noteUnsettled(const HistoryPage& page);

    std::unique_ptr<HistoryIndex> m_index;
    HistoryMark m_mark;
    bool m_complete = false;
    std::set<GenerationNumber> m_unsettled;
    QThreadPool m_searchers;
    std::shared_ptr<Search> m_running;
    std::function<void()> m_next;                 // The search that begins when it has ended,
    std::vector<std::function<void()>> m_waiting; // after these changes.
};

} // namespace cairn
