// The whole history as a host holds it to search and sort in: a few dozen bytes of each generation.
#pragma once

#include "core/catalog/records.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cairn {

// Names a region as it was when a record was written; a rename makes another key.
using RegionKey = std::uint64_t;

// Of a generation that is no backup, but keeps what a restore overwrites; see UndoCopy.
struct UndoBrief {
    GenerationNumber restored = 0; // The backup whose restore it undoes.
    bool undone = false;           // It was brought back.
    friend bool operator==(const UndoBrief&, const UndoBrief&) = default;
};

struct GenerationBrief {
    GenerationNumber number = 0;
    RegionKey source = 0;
    RegionKey target = 0;
    std::uint64_t sizeBytes = 0;
    std::int64_t startedMs = 0;
    GenerationState state = GenerationState::Copying;
    bool held = false;
    bool recovered = false;
    std::string label; // Of both texts the first 240 characters.
    std::string note;
    std::optional<UndoBrief> undo = {};
    bool inconsistent = false; // See isInconsistent().
    friend bool operator==(const GenerationBrief&, const GenerationBrief&) = default;
};

// Where in the ledger a reading stood: what later entries name has changed since.
struct HistoryMark {
    std::uint64_t event = 0;
    Digest hash;
    friend bool operator==(const HistoryMark&, const HistoryMark&) = default;
};

struct HistoryPage {
    std::vector<GenerationBrief> rows;                // Newest first.
    std::unordered_map<RegionKey, RegionRef> regions; // At least those that the rows name.
    HistoryMark mark;                                 // As of this page.
    // historySince(): the mark is of another history, or too much has changed; read it all again.
    bool startAgain = false;
};

} // namespace cairn
