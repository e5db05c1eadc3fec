// Takes a backup's signatures off its region, into its record, and puts them back.
#pragma once

#include "core/backup/attachment.h"

#include <cstdint>

namespace cairn {

struct SealOutcome {
    std::uint64_t pieces = 0; // What the catalog keeps now, or kept: signatures,
    std::uint64_t bytes = 0;  // and their bytes.
    bool changed = true;      // Not where it was so before.
};

// The signatures are durable in the catalog before the first is erased. Cut short, it is done by
// doing it again, or undone by unseal(); the backup reads the same all the time. BackupNotUsable
// where its region does not hold it (detail: why), or where it keeps what a restore overwrote.
[[nodiscard]] Result<SealOutcome> seal(Attachment& attachment, GenerationNumber number);

// All are written back and flushed before the catalog gives them up. BackupNotUsable where
// something else is in the place of one (detail: where). Also of one that was forgotten, unless
// another copy was made in its region since: BackupNotUsable.
[[nodiscard]] Result<SealOutcome> unseal(Attachment& attachment, GenerationNumber number);

// BackupNotUsable where the region is marked as sealed and the catalog keeps no signature of it:
// what is read of it is not what was backed up, however well it fits the digests of a rebuilt
// record.
inline constexpr const char* kSignaturesLost =
    "it is sealed, and the catalog that kept its signatures is lost";
[[nodiscard]] Result<void> requireSignatures(Catalog& catalog, const Region& region,
                                             GenerationNumber number);

// --- for verbs that write a region, with the right to write
// For one that is not to be sealed: what is kept of the region is written back first, so that it
// holds all of what it held; nothing to do where it is not sealed. Returns the backup there that
// was sealed until then, or 0. BackupNotUsable where it stays, and could not be put back whole.
enum class Occupant : std::uint8_t { IsOverwritten, Stays };
[[nodiscard]] Result<GenerationNumber> unsealForWriting(Attachment& attachment, Catalog& catalog,
                                                        const Region& region,
                                                        Occupant fate = Occupant::IsOverwritten);

// A backup that was unsealed by unsealForWriting(), until its region is taken by another content:
// a verb that ends before that leaves it as it was.
class UnsealedForNow {
public:
    UnsealedForNow(Attachment& attachment, Catalog& catalog, GenerationNumber number)
        : m_attachment(attachment), m_catalog(catalog), m_number(number)
    {}
    ~UnsealedForNow();
    UnsealedForNow(const UnsealedForNow&) = delete;
    UnsealedForNow& operator=(const UnsealedForNow&) = delete;

    // It is not there any more, or is to stay so.
    void letGo() { m_number = 0; }

private:
    Attachment& m_attachment;
    Catalog& m_catalog;
    GenerationNumber m_number; // 0: nothing is to be sealed again.
};

// What was sealed until then, is there still or again, and is to be sealed as before. Nothing to do
// where its region does not hold it.
[[nodiscard]] Result<void> sealAgain(Attachment& attachment, Catalog& catalog,
                                     GenerationNumber number);

// Whether the backup was sealed when a verb last unsealed its region to write there.
[[nodiscard]] Result<bool> wasSealed(Catalog& catalog, GenerationNumber number);

// Whether copies into the region are sealed as they are written.
[[nodiscard]] Result<bool> isSealed(Catalog& catalog, const RegionId& region);

// What a backup into that region does where nobody chose: a host looks for filesystems on its
// block devices, and not in files.
[[nodiscard]] bool sealsByDefault(const ArrayLayout& layout, const Region& target);

} // namespace cairn
