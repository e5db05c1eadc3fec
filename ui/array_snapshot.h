// Everything the window shows of an array, read at one time: a value that crosses threads.
#pragma once

#include "core/array/simulated/simulation.h"
#include "core/backup/attachment.h"
#include "core/backup/copy_presence.h"
#include "core/backup/former_guids.h"
#include "core/backup/given_up_copies.h"
#include "core/backup/guards.h"
#include "ui/absent_copies.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

inline constexpr std::string_view kSimulatedScheme = "sim:"; // See core/array/open_array.h.

struct ArraySnapshot {
    std::vector<std::string> uris;
    ArrayLayout layout;
    std::optional<CatalogStatus> catalog;
    std::optional<Error> catalogProblem; // Why there is no catalog.
    // Copies that the last writing left out, each with the error (Attachment::unwrittenCopies()).
    std::vector<CatalogCopyStatus> unwritten;
    // What the regions hold now, finished or not, newest first. The whole history is History's.
    std::vector<Generation> generations;
    std::optional<Simulation> simulation; // Of a simulated array, with its faults.
    std::vector<Job> interrupted;         // Jobs whose writer is gone.
    // Regions that a job has left between two contents (RestoreUnfinished, HalfWritten where it was
    // given up), or may yet (RestoreWaiting), or still reads from (NeededByRestore).
    std::map<RegionId, Refusal> unfinished;
    // Half-written regions whose content the operator took as it is.
    std::map<RegionId, UnfinishedWrite> accepted;
    // Regions that no record explains, and what does.
    GivenUpCopies givenUp;
    // What attached disks were before their GUIDs were changed from outside, by that of now; and
    // the same of regions on members that kept their own.
    std::map<Uuid, FormerDisk> formerDisks;
    std::map<Uuid, std::vector<FormerRegion>> formerRegions;

    // The newest generation whose bytes, or half of whose bytes, lie in the region.
    [[nodiscard]] const Generation* heldBy(const RegionId& region) const;
    [[nodiscard]] const Generation* find(GenerationNumber number) const;
    // What a backup of the source would replace there, where that is a backup of another one.
    [[nodiscard]] const Generation* othersBackup(const CandidateTarget& candidate,
                                                 const RegionId& source) const;
    // The newest generation of that source that can be restored.
    [[nodiscard]] const Generation* newestUsable(const RegionId& source) const;
    // The same of those whose copy is there now, and shows nothing else; without that one.
    [[nodiscard]] const Generation* newestPresent(const RegionId& source,
                                                  GenerationNumber besides = 0) const;
    // The same of those that are good: read back, and nothing is known against them.
    [[nodiscard]] const Generation* newestGood(const RegionId& source) const;
    // Present also where there is no copy to look for.
    [[nodiscard]] CopyPresence presenceOf(const Generation& generation) const;
    [[nodiscard]] AbsentCopies absentCopies() const;
    // The newest undo copy by which a restore onto that region can be undone.
    [[nodiscard]] const Generation* undoFor(const RegionId& restored) const;
    // The same of a restore of that backup.
    [[nodiscard]] const Generation* undoOf(GenerationNumber backup) const;
    // Whether undoing by it does something: bring back, or give up a restore that waits.
    [[nodiscard]] bool undoes(const Generation& generation) const;
    // The interrupted job that writes the region, or makes or restores the generation.
    [[nodiscard]] const Job* interruptedOn(const RegionId& region) const;
    [[nodiscard]] const Job* interruptedOf(GenerationNumber number) const;
    // Of an interrupted restore: whether it had not kept yet what it will overwrite, so that its
    // target is as it was.
    [[nodiscard]] bool overwroteNothing(const Job& job) const;
    // Whether the interrupted restore or undo there has only to read back what it has written.
    [[nodiscard]] bool writtenWhole(const RegionId& region) const;
    // Why the region is neither what it was nor what is restored; nothing where it is.
    [[nodiscard]] const Refusal* halfRestored(const RegionId& region) const;
    // What left the region half-written, where its content was taken as it is since.
    [[nodiscard]] const UnfinishedWrite* acceptedIn(const RegionId& region) const;
    // When the history was given up that made the copy in the region, of which no record is left.
    [[nodiscard]] std::optional<std::int64_t> givenUpMs(const RegionId& region) const;
    // Why it would be missed, by what can be reached now: Records::missedWith().
    [[nodiscard]] std::optional<Refusal> missedWith(const Generation& generation) const;
    [[nodiscard]] bool splitBrain() const;
    // Of a simulated array; empty otherwise.
    [[nodiscard]] std::string simulationDirectory() const;
    // Whether a window that shows the other needs no change.
    [[nodiscard]] bool showsSameAs(const ArraySnapshot& other) const;
    // The label, or the name of the first member where there is none; unescaped.
    [[nodiscard]] std::string name() const;
};

// Waits for devices: not on the GUI thread. What cannot be read is left out.
[[nodiscard]] ArraySnapshot readSnapshot(Attachment& attachment, std::vector<std::string> uris);

} // namespace cairn
