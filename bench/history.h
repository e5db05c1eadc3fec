// A long history in a catalog of its own, made row by row as the catalog itself would have.
#pragma once

#include "bench/measure.h"
#include "core/catalog/catalog.h"

#include <string>
#include <vector>

namespace cairn::bench {

class History {
public:
    // In a new management region in the directory, with a stock SQLite database of the same rows
    // beside it.
    [[nodiscard]] static Result<History> create(const std::string& directory,
                                                std::uint64_t generations);

    [[nodiscard]] Result<std::vector<CatalogCopy>> copies(Access access) const;
    [[nodiscard]] RegionId oneSource() const;
    [[nodiscard]] std::uint64_t generationsOfOneSource() const;
    // Of the pages in use, without what an empty catalog has.
    [[nodiscard]] Result<double> bytesPerGeneration() const;
    // The same row as a ledger's entry, appended by plain SQLite with the same pragmas.
    [[nodiscard]] Job stockCommitsJob(int commits) const;

private:
    std::string m_regionPath;
    std::string m_stockPath;
    Uuid m_arrayId;
    Uuid m_memberId;
    std::uint64_t m_generations = 0;
    std::uint64_t m_emptyPages = 0;
};

} // namespace cairn::bench
