// What each of several histories that grew apart has done by itself, and so loses if it is given
// up.
#pragma once

#include "core/catalog/ancestry.h"

#include <cstddef>
#include <string>
#include <vector>

namespace cairn {

// Fills in what that history has and none of the others does: ownGenerations, ownEvents and
// ownRegions. What cannot be told, since the histories are too long apart or a row cannot be read,
// stays out of the lists, and the history is shown all the same.
void listOwnWork(InspectedMirror& mirror, std::size_t history);

struct GivenUpHistory {
    std::string id;
    std::string summary;                 // Its backups, for the ledger.
    std::vector<Event> events;           // As the ledger that goes on tells of them, oldest first.
    std::vector<GenerationNumber> holds; // Of generations that the chosen history has too.
    std::vector<RegionRef> written;      // Its ownRegions.
    // What it keeps of regions that the chosen one has not written to alone: their signatures may
    // be nowhere else.
    std::vector<RegionSeal> seals = {};
    std::vector<RegionSwap> swaps = {}; // That have not ended there.
};

// The histories beside the chosen one.
[[nodiscard]] std::vector<GivenUpHistory> findGivenUp(const InspectedMirror& mirror,
                                                      std::size_t chosen);

// What the histories beside that one began to write and did not end, and it knows nothing of: the
// bytes in the regions are as half-written whichever history goes on. None is said to be of a
// backup: its number may be another one's in that history, whose job would seem to go on with it.
[[nodiscard]] std::vector<UnfinishedWrite> findHalfWrittenApart(const InspectedMirror& mirror,
                                                                std::size_t history);

} // namespace cairn
