// Schedules core's blocking calls on threads of their own.
#include "ui/attached_array.h"

#include "core/array/path_member.h"

#include <algorithm>

namespace cairn {
namespace {

// A job's record is durable a moment after it starts; its states change seconds apart.
constexpr int kShowNewRecordMs = 300;
constexpr int kFollowMs = 1000;
constexpr int kSimulationEditedMs = 200;

// The first page is seen at once; the others are many.
constexpr std::uint64_t kFirstPageRows = 512;
constexpr std::uint64_t kPageRows = 8192;

struct Reading {
    std::optional<HistoryPage> changes;
    std::optional<ArraySnapshot> snapshot; // Of what was read before nothing has changed.
    Result<void> refreshed;
};

struct Wanted {
    std::vector<std::string> uris;
    HistoryMark mark;
    std::vector<GenerationNumber> unsettled;
    bool devicesToo = false;
};

// The history before the snapshot: what the map shows is never older than what the table shows.
Reading readAll(Attachment& attachment, const Wanted& wanted)
{
    Reading reading;
    if (wanted.devicesToo)
        reading.refreshed = attachment.refresh();
    if (const auto catalog = attachment.catalog(); catalog && wanted.mark != HistoryMark{}) {
        if (auto changes = (*catalog)->historySince(wanted.mark, wanted.unsettled))
            reading.changes = *std::move(changes);
        else
            reading.refreshed = std::unexpected(std::move(changes).error());
    }
    // Every reading waits its turn beside a running copy: what the ledger does not name is left.
    const bool unchanged = reading.changes && reading.changes->mark == wanted.mark;
    if (wanted.devicesToo || !unchanged)
        reading.snapshot = readSnapshot(attachment, wanted.uris);
    return reading;
}

// What the catalog said last.
struct Known {
    HistoryMark mark;
    bool writerAlive = false;
};

// An entry of the ledger goes with every change but the end of a writer that was killed, and those
// that happen to the members themselves.
Result<bool> hasChanged(Attachment& attachment, const std::optional<Known>& known)
{
    if (CAIRN_TRY(attachment.array().membersChanged()))
        return true;
    if (!known)
        return false;
    const auto catalog = CAIRN_TRY(attachment.catalog());
    if (catalog->status().writerAlive != known->writerAlive)
        return true;
    return CAIRN_TRY(catalog->historySince(known->mark, {})).mark != known->mark;
}

} // namespace

std::vector<std::string> urisAfter(std::vector<std::string> uris, const MemberChange& change)
{
    // Its file names the members.
    if (uris.size() == 1 && uris.front().starts_with(kSimulatedScheme))
        return uris;
    if (!change.leaves.empty())
        std::erase_if(uris,
                      [&](const std::string& uri) { return isSamePlace(uri, change.leaves); });
    if (!change.joins.empty() && std::ranges::find(uris, change.joins) == uris.end())
        uris.push_back(change.joins);
    return uris;
}

AttachedArray::AttachedArray(std::shared_ptr<Attachment> attachment, ArraySnapshot first,
                             QObject* parent)
    : QObject(parent), m_attachment(std::move(attachment)), m_snapshot(std::move(first)),
      m_uris(std::make_shared<std::vector<std::string>>(m_snapshot.uris))
{
    m_readers.setMaxThreadCount(2);
    m_changers.setMaxThreadCount(1);
    connect(&m_queue, &JobQueue::done, this, [this](RunningJob* job) {
        Q_EMIT jobDone(job);
        // Its record first: looking at the devices again takes longer.
        if (!m_reading)
            readAt(Depth::Records);
        refresh();
    });
    m_follower.setInterval(kFollowMs);
    connect(&m_follower, &QTimer::timeout, this, &AttachedArray::follow);
    watchSimulation();
    if (m_snapshot.catalog)
        readHistory();
}

void AttachedArray::watchSimulation()
{
    const std::string directory = m_snapshot.simulationDirectory();
    if (directory.empty())
        return;
    const QString file = QString::fromStdString(directory + '/' + kSimulationFile);
    m_simulationChanged.setSingleShot(true);
    m_simulationChanged.setInterval(kSimulationEditedMs);
    connect(&m_simulationChanged, &QTimer::timeout, this, &AttachedArray::refresh);
    connect(&m_simulation, &QFileSystemWatcher::fileChanged, &m_simulationChanged,
            qOverload<>(&QTimer::start));
    // A file that took the place of the watched one is another one.
    connect(&m_simulationChanged, &QTimer::timeout, this, [this, file] {
        if (!m_simulation.files().contains(file))
            m_simulation.addPath(file);
    });
    m_simulation.addPath(file);
}

void AttachedArray::refresh()
{
    if (m_reading)
        m_readAgain = true;
    else
        readAt(Depth::Devices);
}

void AttachedArray::lookForChanges()
{
    if (m_reading || m_looking || runningJobs() > 0)
        return;
    // Before the first page of the history is read there is nothing to compare with.
    std::optional<Known> known;
    if (m_snapshot.catalog && m_history.mark() != HistoryMark{})
        known = {m_history.mark(), m_snapshot.catalog->writerAlive};
    m_looking = true;
    read(
        this, [known](Attachment& attachment) { return hasChanged(attachment, known); },
        [this](const Result<bool>& changed) { takeLook(changed); });
}

void AttachedArray::takeLook(const Result<bool>& changed)
{
    m_looking = false;
    const bool failedBefore = std::exchange(m_lookFailed, !changed);
    const bool another = changed ? *changed : !failedBefore;
    Q_EMIT looked(another);
    if (another)
        refresh();
}

void AttachedArray::follow()
{
    if (runningJobs() == 0)
        m_follower.stop();
    else if (!m_reading)
        readAt(Depth::Records);
}

void AttachedArray::readAt(Depth depth)
{
    m_reading = true;
    read(
        this,
        [wanted = Wanted{m_snapshot.uris, m_history.mark(), m_history.unsettled(),
                         depth == Depth::Devices}](Attachment& attachment) {
            return readAll(attachment, wanted);
        },
        [this, depth](Reading reading) {
            m_reading = false;
            const bool changed = reading.snapshot && !reading.snapshot->showsSameAs(m_snapshot);
            if (reading.snapshot) {
                reading.snapshot->uris = std::move(m_snapshot.uris); // May have changed meanwhile.
                m_snapshot = *std::move(reading.snapshot);
            }
            takeHistory(std::move(reading.changes));
            if (changed || depth == Depth::Devices)
                Q_EMIT snapshotChanged();
            if (!reading.refreshed)
                Q_EMIT failed(Verb::Refresh, reading.refreshed.error());
            else if (depth == Depth::Devices)
                Q_EMIT refreshed();
            if (std::exchange(m_readAgain, false))
                readAt(Depth::Devices);
        });
}

void AttachedArray::readHistory()
{
    m_history.restart();
    readHistoryPage(++m_historyReading, 0);
}

void AttachedArray::readHistoryPage(std::uint64_t reading, GenerationNumber below)
{
    const std::uint64_t limit = below == 0 ? kFirstPageRows : kPageRows;
    read(
        this,
        [below, limit](Attachment& attachment) -> Result<HistoryPage> {
            const auto catalog = CAIRN_TRY(attachment.catalog());
            return catalog->history(below, limit);
        },
        [this, reading, limit](Result<HistoryPage> page) {
            if (reading != m_historyReading)
                return; // Another one has begun since.
            if (!page) {
                Q_EMIT failed(Verb::Refresh, page.error());
                return;
            }
            const bool last = page->rows.size() < limit;
            const GenerationNumber next = last ? 0 : page->rows.back().number;
            m_history.append(*std::move(page), last);
            if (!last)
                readHistoryPage(reading, next);
        });
}

void AttachedArray::takeHistory(std::optional<HistoryPage> changes)
{
    const bool known = m_history.mark() != HistoryMark{};
    if (changes && !changes->startAgain)
        m_history.apply(*std::move(changes));
    else if (m_snapshot.catalog && (changes || !known))
        readHistory();
}

RunningJob* AttachedArray::start(JobRequest request, LongVerb verb)
{
    request.run = [attachment = m_attachment, verb = std::move(verb)](CopyControl& control) {
        return verb(*attachment, control);
    };
    return enqueue(std::move(request));
}

RunningJob* AttachedArray::enqueue(JobRequest request)
{
    RunningJob* job = m_queue.add(std::move(request));
    m_follower.start();
    QTimer::singleShot(kShowNewRecordMs, this, &AttachedArray::follow);
    Q_EMIT jobStarted(job);
    return job;
}

void AttachedArray::change(Verb verb, const QString& doneText, ShortVerb body,
                           const MemberChange& members)
{
    struct Changed {
        Result<void> result;
        std::vector<std::string> uris;
    };
    runInBackground(
        m_changers, this,
        [attachment = m_attachment, body = std::move(body), uris = m_uris, members] {
            Changed changed{body(*attachment), {}};
            if (changed.result)
                *uris = urisAfter(std::move(*uris), members);
            changed.uris = *uris;
            return changed;
        },
        [this, verb, doneText](const Changed& changed) {
            const auto before = std::exchange(m_snapshot.uris, changed.uris);
            if (before != m_snapshot.uris)
                Q_EMIT urisChanged(before);
            if (changed.result)
                Q_EMIT changeDone(verb, doneText);
            else
                Q_EMIT failed(verb, changed.result.error());
            refresh();
        });
}

} // namespace cairn
