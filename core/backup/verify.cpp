// Reads a backup again, and records the proof.
#include "core/backup/verify.h"

#include "core/backup/copy_job.h"
#include "core/backup/copy_presence.h"
#include "core/backup/exchange_regions.h"
#include "core/backup/written_since.h"
#include "core/catalog/recovered_record.h"

namespace cairn {
namespace {

Result<Generation> requireCopy(Catalog& catalog, GenerationNumber number)
{
    Generation generation = CAIRN_TRY(catalog.generation(number));
    if (!hasCopy(generation))
        return failure(ErrorCode::BackupNotUsable, generation.source.name,
                       stateName(generation.state), number);
    return generation;
}

Result<Verification> compare(Attachment& attachment, GenerationNumber number, CopyControl& control)
{
    // Given back before anything is recorded.
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const Generation generation = CAIRN_TRY(requireCopy(*catalog, number));
    const Region region = CAIRN_TRY(requireCopyRegion(attachment.layout(), generation));
    if (attachment.isBeingWritten(region.id))
        return failure(ErrorCode::RegionBusy, region.name);
    CAIRN_TRY(requireNoSwapOf(*catalog, region));
    const auto digests = CAIRN_TRY(catalog->digests(number));
    Verification verification{.outcome = {},
                              .unwitnessed = isUnwitnessed(generation),
                              .inconsistent = isInconsistent(generation)};
    verification.outcome =
        CAIRN_TRY(readBack(attachment, region, generation.sizeBytes, *digests, control));
    return verification;
}

// Of a clone that was never read. Without being written its digests tell nothing.
Result<Verification> readFirst(Attachment& attachment, GenerationNumber number,
                               CopyControl& control)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    const Generation generation = CAIRN_TRY(requireCopy(writing.catalog(), number));
    const Region region = CAIRN_TRY(requireCopyRegion(attachment.layout(), generation));
    CAIRN_TRY(requireNoSwapOf(writing.catalog(), region));
    const auto claim = CAIRN_TRY(RegionClaim::takeToRead(attachment, region));
    Verification verification;
    verification.outcome =
        CAIRN_TRY(readBack(attachment, region, generation, writing.catalog(), control));
    CAIRN_TRY(writing.catalog().recordVerification(number, verification.outcome));
    return verification;
}

Result<void> record(Attachment& attachment, GenerationNumber number, const HistoryMark& mark,
                    const VerifyOutcome& outcome)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    Catalog& catalog = writing.catalog();
    // It may have been overwritten while it was read: then nothing was proved about it.
    const Generation generation = CAIRN_TRY(requireCopy(catalog, number));
    const Region region = CAIRN_TRY(requireCopyRegion(attachment.layout(), generation));
    CAIRN_TRY(requireNotWrittenSince(catalog, mark, {region},
                                     outcome.good() ? Sealing::IsNoChange : Sealing::IsAChange));
    return catalog.recordVerification(number, outcome);
}

Result<RegionId> targetOf(Attachment& attachment, GenerationNumber number)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    return CAIRN_TRY(catalog->generation(number)).target.id;
}

Result<bool> isUnread(Attachment& attachment, GenerationNumber number)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    return lacksDigests(CAIRN_TRY(catalog->generation(number)));
}

// Whether the comparison is worth as much where its record cannot be written for that reason.
bool isProvedAnyway(ErrorCode code)
{
    return code == ErrorCode::CatalogDamaged || code == ErrorCode::CatalogFull ||
           (errorClass(code) == ErrorClass::Refused && code != ErrorCode::BackupNotUsable &&
            code != ErrorCode::PlanChanged);
}

} // namespace

Result<void> requireDigests(Attachment& attachment, GenerationNumber number, CopyControl& control)
{
    if (!CAIRN_TRY(isUnread(attachment, number)))
        return {};
    const Verification verification = CAIRN_TRY(verify(attachment, number, control));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const Generation generation = CAIRN_TRY(catalog->generation(number));
    return requireGood(verification.outcome, generation.target.name);
}

Result<Verification> verify(Attachment& attachment, GenerationNumber number, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<Verification> {
        const RegionId region = CAIRN_TRY(targetOf(attachment, number));
        CAIRN_TRY(endSwapOf(attachment, region));
        if (CAIRN_TRY(isUnread(attachment, number)))
            return readFirst(attachment, number, control);
        const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
        Verification verification = CAIRN_TRY(compare(attachment, number, control));
        const auto recorded = record(attachment, number, mark, verification.outcome);
        if (!recorded && !isProvedAnyway(recorded.error().code))
            return std::unexpected(recorded.error());
        verification.recorded = recorded.has_value();
        verification.notRecorded = recorded ? std::nullopt : std::optional(recorded.error());
        return verification;
    });
}

} // namespace cairn
