// What the workers of a copy share: the chunk counter, the first error, and the progress.
#pragma once

#include "core/base/environment.h"
#include "core/base/error.h"
#include "core/copy/chunk_map.h"
#include "core/copy/copy_control.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

namespace cairn {

// Reports progress for all workers. Safe from any thread.
class ProgressReport {
public:
    explicit ProgressReport(CopyControl& control) : m_control(control) {}

    // Begins a phase; while no worker runs.
    void begin(CopyPhase phase, std::uint64_t doneBytes, std::uint64_t totalBytes);
    void advance(std::uint64_t bytes) { m_doneBytes += bytes; }
    void wrote(std::uint64_t bytes) { m_writtenBytes += bytes; }

    // Asks the control, one thread at a time, so that what it is told never goes back. Blocks
    // while paused. Canceled.
    [[nodiscard]] Result<void> checkpoint();

private:
    CopyControl& m_control;
    std::mutex m_mutex; // Held while the control is asked.
    std::atomic<CopyPhase> m_phase{CopyPhase::Preparing};
    std::atomic<std::uint64_t> m_doneBytes{0};
    std::atomic<std::uint64_t> m_totalBytes{0};
    std::atomic<std::uint64_t> m_writtenBytes{0};
};

// The chunks [first, end) that are still to be done.
struct ChunkWork {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    const ChunkMap& skip; // Not changed while the workers run.
};

// Called as body(worker, chunk) for each chunk, each once, from several threads at a time.
using ChunkBody = std::function<Result<void>(unsigned worker, std::uint64_t chunk)>;

// A checkpoint comes before each chunk and one after the last. The first error, that of the
// checkpoint included, stops all workers and is returned.
[[nodiscard]] Result<void> forEachChunk(Executor& executor, unsigned workers, const ChunkWork& work,
                                        ProgressReport& progress, const ChunkBody& body);

} // namespace cairn
