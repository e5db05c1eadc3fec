// How a source that is in use is read: not at all, as it is, or while its filesystem stands still.
#pragma once

#include "core/array/array.h"
#include "core/catalog/catalog.h"
#include "core/io/filesystem_freeze.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

enum class SourceInUse : std::uint8_t {
    Refuse,
    Freeze, // One mounted filesystem, which stands still while it is read.
    Copy,   // As it is: what comes of it is inconsistent.
};

inline constexpr std::chrono::seconds kFreezeLimit{60};
inline constexpr std::chrono::seconds kLongestFreeze{3600};
// The detail of CannotFreeze for anybody else.
inline constexpr const char* kOnlyRootFreezes = "only root may freeze a filesystem";

// Freezes what is mounted from a region. Safe to call from any thread.
class SourceFreezer {
public:
    virtual ~SourceFreezer() = default;

    // Reads only. CannotFreeze: it would not be done, whatever for.
    [[nodiscard]] virtual Result<void> check(Array& array, const Region& source,
                                             const std::vector<std::string>& needed) = 0;
    // The same, and then it stands still, with all that was written to it on the device.
    [[nodiscard]] virtual Result<std::unique_ptr<FilesystemFreeze>>
    freeze(Array& array, const Region& source, const std::vector<std::string>& needed,
           std::chrono::milliseconds limit) = 0;
};

// The kernel's, for root. Never a filesystem that carries a member of the array, what this process
// runs from or has open for writing, or the needed paths: it would wait for itself.
[[nodiscard]] SourceFreezer& systemFreezer();

struct SourcePolicy {
    SourceInUse inUse = SourceInUse::Refuse;
    std::chrono::milliseconds freezeLimit = kFreezeLimit;
    // What the caller writes while it runs, besides the array.
    std::vector<std::string> needed = {};
    SourceFreezer* freezer = nullptr; // Not set: systemFreezer().
};

// That a source which is in use may be read so: RegionInUse, CannotFreeze.
[[nodiscard]] Result<void> checkSourceUse(Array& array, const Region& source,
                                          const SourcePolicy& policy);

// What the ledger's newest entry of that kind tells of the backup; empty where there is none.
[[nodiscard]] Result<std::string> toldOf(Catalog& catalog, GenerationNumber number, EventKind kind);

// The source of one run of a copy, from before its first read until after its last.
class SourceHold {
public:
    // CannotFreeze: nothing was changed. The array must outlive what is returned.
    [[nodiscard]] static Result<SourceHold> take(Array& array, const Region& source,
                                                 const SourcePolicy& policy);
    // Of a source that is in use and could not be frozen.
    [[nodiscard]] static SourceHold torn(const std::string& why);

    // Whether nobody changes it, as far as is known.
    [[nodiscard]] bool isStill() const;

    // From now until release(): looks now and then who uses a source that nobody used. Without a
    // thread for that, only release() looks.
    void watch(Clock& clock);

    // Lets the source go; what is to be recorded of a copy that has read all of it meanwhile. A
    // source that nobody used is looked at again: an image file cannot be claimed.
    [[nodiscard]] SourceReading release();

private:
    SourceHold() = default;
    class Unused;

    SourceReading m_reading;
    std::unique_ptr<FilesystemFreeze> m_freeze;
    std::shared_ptr<Unused> m_unused; // Set of a source that nobody used.
    std::unique_ptr<Repetition> m_watch;
};

} // namespace cairn
