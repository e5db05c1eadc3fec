// Reads what a damaged catalog still tells.
#pragma once

#include "core/catalog/catalog.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace cairn {

// Every page of a catalog has a checksum and every row is validated, so that a record that can be
// read is as good as one of a whole catalog. What is missing may be anything.
struct ReadableRecords {
    std::vector<Generation> generations; // Newest first.
    std::uint64_t lost = 0;              // Records that are known to be there and cannot be read.
    GenerationNumber highest = 0;        // Of all numbers that are known to be taken.
};
[[nodiscard]] Result<ReadableRecords> readableRecords(Catalog& catalog);

struct SalvagedRecord {
    Generation generation;
    std::vector<DigestSegment> digests; // Without those that cannot be read.
};
struct Salvage {
    std::vector<KnownMember> members;
    std::vector<SalvagedRecord> records; // Oldest first.
    std::uint64_t lost = 0;
    GenerationNumber highest = 0;
    std::optional<std::vector<UnfinishedWrite>> unfinished; // Nothing where that cannot be read.
    std::vector<RegionSeal> seals;
    std::vector<RegionSwap> swaps; // That have not ended: what is kept lies where they say.
    bool unfinishedLost = false;   // Which regions are half-written cannot be read.
};
[[nodiscard]] Result<Salvage> salvage(Catalog& catalog);

} // namespace cairn
