// What both ways to rebuild a catalog share.
#pragma once

#include "core/backup/catalog_file.h"
#include "core/backup/salvage.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

// The catalog that records are added to: the array's own, or, where that is too damaged to be
// written or cannot be read at all, a new one with what could be read of the old one. A new one is
// in memory before finish(), so that what ends before has changed nothing.
class Rebuilding {
public:
    // InvalidArgument: the array is another one than `arrayId`, where that is given.
    [[nodiscard]] static Result<Rebuilding> begin(Attachment& attachment,
                                                  const std::optional<Uuid>& arrayId,
                                                  const std::string& label,
                                                  const std::vector<KnownMember>& members);

    [[nodiscard]] Catalog& catalog();
    [[nodiscard]] const ArrayLayout& layout() const { return m_layout; }
    [[nodiscard]] bool anew() const { return m_draft.has_value(); }
    [[nodiscard]] const Salvage& old() const { return m_old; }

    // Records what was done, and puts a new catalog in the place of the old one.
    [[nodiscard]] Result<void> finish(const RebuildOutcome& outcome, const std::string& from);

private:
    explicit Rebuilding(Attachment& attachment) : m_attachment(attachment) {}
    [[nodiscard]] Result<void> beginAnew(const std::optional<Uuid>& arrayId,
                                         const std::string& label,
                                         const std::vector<KnownMember>& members);

    Attachment& m_attachment;
    std::optional<WriteAccess> m_writing; // Either this
    std::optional<CatalogDraft> m_draft;  // or that.
    Salvage m_old;
    ArrayLayout m_layout;
};

// InvalidArgument: what is attached is known to be of another array.
[[nodiscard]] Result<void> requireExportOf(Attachment& attachment, const Uuid& arrayId);

// Whose table says that they are sealed, and of which the catalog keeps nothing; by name.
[[nodiscard]] Result<std::vector<std::string>> regionsWithoutSignatures(Catalog& catalog,
                                                                        const ArrayLayout& layout);

// The records of the old catalog, as those of an export are inserted.
[[nodiscard]] Result<void> insertSalvaged(Rebuilding& rebuilding, std::int64_t nowMs,
                                          RebuildOutcome& outcome);

} // namespace cairn
