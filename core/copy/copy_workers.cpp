// Handing out chunks to workers until all are done or one has failed.
#include "core/copy/copy_workers.h"

#include <algorithm>

namespace cairn {

void ProgressReport::begin(CopyPhase phase, std::uint64_t doneBytes, std::uint64_t totalBytes)
{
    m_phase = phase;
    m_doneBytes = doneBytes;
    m_totalBytes = totalBytes;
}

Result<void> ProgressReport::checkpoint()
{
    const std::scoped_lock guard(m_mutex);
    const std::uint64_t totalBytes = m_totalBytes;
    // A first or last chunk that is copied a second time must not push the bar beyond its end.
    const CopyProgress progress{.phase = m_phase,
                                .doneBytes = std::min(m_doneBytes.load(), totalBytes),
                                .totalBytes = totalBytes,
                                .writtenBytes = m_writtenBytes};
    if (!m_control.checkpoint(progress))
        return failure(ErrorCode::Canceled);
    return {};
}

namespace {

class ChunkRun {
public:
    ChunkRun(const ChunkWork& work, ProgressReport& progress, const ChunkBody& body)
        : m_work(work), m_progress(progress), m_body(body), m_next(work.first)
    {}

    // A worker's whole life.
    void work(unsigned worker)
    {
        auto result = catchOutOfMemory([&] { return workUntilDone(worker); });
        if (result)
            return;
        m_stopped = true;
        const std::scoped_lock guard(m_mutex);
        if (!m_firstError)
            m_firstError = std::move(result).error();
    }

    // Once all workers have returned.
    [[nodiscard]] Result<void> result()
    {
        if (m_firstError)
            return std::unexpected(*std::move(m_firstError));
        return m_progress.checkpoint();
    }

private:
    [[nodiscard]] Result<void> workUntilDone(unsigned worker)
    {
        while (!m_stopped) {
            const std::uint64_t chunk = m_next++;
            if (chunk >= m_work.end)
                break;
            if (m_work.skip.contains(chunk))
                continue;
            CAIRN_TRY(m_progress.checkpoint());
            // The pause may have been long, and another worker may have failed in it.
            if (m_stopped)
                break;
            CAIRN_TRY(m_body(worker, chunk));
        }
        return {};
    }

    const ChunkWork& m_work;
    ProgressReport& m_progress;
    const ChunkBody& m_body;
    std::atomic<std::uint64_t> m_next;
    std::atomic<bool> m_stopped{false};
    std::mutex m_mutex; // Guards the error.
    std::optional<Error> m_firstError;
};

} // namespace

Result<void> forEachChunk(Executor& executor, unsigned workers, const ChunkWork& work,
                          ProgressReport& progress, const ChunkBody& body)
{
    ChunkRun run(work, progress, body);
    executor.runWorkers(workers, [&run](unsigned worker) { run.work(worker); });
    return run.result();
}

} // namespace cairn
