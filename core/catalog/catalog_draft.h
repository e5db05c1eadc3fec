// A new catalog in memory, to take the place of one that is too damaged to be written.
#pragma once

#include "core/catalog/catalog.h"

#include <memory>
#include <optional>
#include <vector>

namespace cairn {

class StoredCatalog;

// For one thread at a time. Nothing is written to the array before install().
class CatalogDraft {
public:
    // An empty one of that array. The copies are those that are attached now, open for reading. An
    // attached copy that can be read is an older state of the draft's history: where the draft
    // stands on one of them, the others are brought up to date by the next opening for writing, as
    // copies that are behind are. One that is not attached now was written apart, whatever it
    // holds. FormatNewer, HistoriesDiverged.
    [[nodiscard]] static Result<CatalogDraft> begin(const std::vector<CatalogCopy>& copies,
                                                    const Catalog::NewArrayRecord& array,
                                                    const Environment& environment);
    CatalogDraft(CatalogDraft&&) noexcept;
    ~CatalogDraft();

    // As it was begun and filled since; until install().
    [[nodiscard]] Catalog& catalog();

    // Writes it to one of the copies, beside the damaged one where there is room, opens the catalog
    // for writing, and by that brings the other copies up to date. At whatever write that is cut,
    // each copy holds the draft, or what it held, or is known to be damaged; where there was room,
    // all that could be read before can be read still. ArrayBusy: the copies are not what they were
    // when the draft was begun. ForeignMember: one is another array's. Nothing was written then.
    [[nodiscard]] Result<std::unique_ptr<Catalog>> install(std::vector<CatalogCopy> copies);

private:
    struct Found; // What a copy was found to hold.
    CatalogDraft(std::unique_ptr<StoredCatalog> catalog, std::vector<Found> found);
    [[nodiscard]] static Result<std::vector<Found>> inspect(const std::vector<CatalogCopy>& copies,
                                                            const Uuid& arrayId);
    [[nodiscard]] Result<void> writeTo(const std::vector<CatalogCopy>& copies);

    std::unique_ptr<StoredCatalog> m_catalog;
    std::vector<Found> m_found; // In the order of the copies.
};

} // namespace cairn
