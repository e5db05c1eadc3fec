// How a running copy reports its progress, and asks whether to go on.
#pragma once

#include <cstdint>

namespace cairn {

enum class CopyPhase : std::uint8_t {
    Preparing, // Old signatures are erased, the source's done chunks are hashed again.
    Copying,
    Flushing,
    Verifying, // The target is read back past the cache and compared.
};

struct CopyProgress {
    CopyPhase phase = CopyPhase::Copying;
    std::uint64_t doneBytes = 0; // Of this phase; never goes back within a phase.
    std::uint64_t totalBytes = 0;
    std::uint64_t writtenBytes = 0; // To the target, in all phases so far.
};

// The GUI, the tests and the command line bring their own.
class CopyControl {
public:
    virtual ~CopyControl() = default;

    // Called at least once per chunk, from threads that copy, several at a time. Blocks while
    // paused; false: stop now.
    [[nodiscard]] virtual bool checkpoint(const CopyProgress& progress) = 0;
};

// Never pauses and never stops.
class UncontrolledCopy final : public CopyControl {
public:
    bool checkpoint(const CopyProgress&) override { return true; }
};

} // namespace cairn
