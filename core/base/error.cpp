// The names and classes of the error codes.
#include "core/base/error.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace cairn {

ErrorClass errorClass(ErrorCode code) noexcept
{
    if (code == ErrorCode::Canceled)
        return ErrorClass::Canceled;
    if (code <= ErrorCode::UnknownHistory)
        return ErrorClass::Usage;
    if (code <= ErrorCode::LeaseDamaged)
        return ErrorClass::Refused;
    return ErrorClass::Failed;
}

#define CAIRN_NAME(name)                                                                           \
    case ErrorCode::name:                                                                          \
        return #name
const char* errorName(ErrorCode code) noexcept
{
    switch (code) {
        CAIRN_NAME(Canceled);
        CAIRN_NAME(InvalidArgument);
        CAIRN_NAME(InvalidName);
        CAIRN_NAME(InvalidSize);
        CAIRN_NAME(NameInUse);
        CAIRN_NAME(AmbiguousName);
        CAIRN_NAME(UnknownRegion);
        CAIRN_NAME(UnknownMember);
        CAIRN_NAME(UnknownGeneration);
        CAIRN_NAME(UnknownHistory);
        CAIRN_NAME(SourceIsTarget);
        CAIRN_NAME(TargetTooSmall);
        CAIRN_NAME(RegionInUse);
        CAIRN_NAME(CannotFreeze);
        CAIRN_NAME(CannotSwap);
        CAIRN_NAME(RegionHoldsCatalog);
        CAIRN_NAME(RegionHoldsBackup);
        CAIRN_NAME(RegionBusy);
        CAIRN_NAME(RestoreUnfinished);
        CAIRN_NAME(RestoreWaiting);
        CAIRN_NAME(NeededByRestore);
        CAIRN_NAME(HalfWritten);
        CAIRN_NAME(GenerationHeld);
        CAIRN_NAME(LastGoodCopy);
        CAIRN_NAME(KeepsUndo);
        CAIRN_NAME(ContentUnknown);
        CAIRN_NAME(ContentRecognised);
        CAIRN_NAME(ConfirmationNeeded);
        CAIRN_NAME(ConfirmationMismatch);
        CAIRN_NAME(IdentityChanged);
        CAIRN_NAME(PlanChanged);
        CAIRN_NAME(ContentChanged);
        CAIRN_NAME(ArrayBusy);
        CAIRN_NAME(HistoriesDiverged);
        CAIRN_NAME(ReadOnlyArray);
        CAIRN_NAME(DuplicateIdentity);
        CAIRN_NAME(FormatNewer);
        CAIRN_NAME(BackupNotUsable);
        CAIRN_NAME(OutsideFence);
        CAIRN_NAME(ForeignMember);
        CAIRN_NAME(NotAuthorized);
        CAIRN_NAME(AlreadyAnArray);
        CAIRN_NAME(LeaseHeld);
        CAIRN_NAME(LeaseNotRenewed);
        CAIRN_NAME(LeaseDamaged);
        CAIRN_NAME(NotAnArray);
        CAIRN_NAME(InvalidTable);
        CAIRN_NAME(InvalidDescription);
        CAIRN_NAME(InvalidArchive);
        CAIRN_NAME(MemberMissing);
        CAIRN_NAME(MemberFailed);
        CAIRN_NAME(OpenFailed);
        CAIRN_NAME(ReadFailed);
        CAIRN_NAME(WriteFailed);
        CAIRN_NAME(FlushFailed);
        CAIRN_NAME(Fenced);
        CAIRN_NAME(NoSpace);
        CAIRN_NAME(CatalogFull);
        CAIRN_NAME(CatalogDamaged);
        CAIRN_NAME(CatalogForeign);
        CAIRN_NAME(DigestMismatch);
        CAIRN_NAME(Unreadable);
        CAIRN_NAME(KernelNotTold);
        CAIRN_NAME(OutOfMemory);
        CAIRN_NAME(Unsupported);
    }
    return "Unknown";
}
#undef CAIRN_NAME

std::unexpected<Error> osFailure(ErrorCode code, std::string subject, std::string detail)
{
    const int saved = errno;
    return failure(code, std::move(subject), std::move(detail), 0, saved);
}

void assertionFailed(const char* condition, const char* file, int line) noexcept
{
    std::fprintf(stderr, "cairn: assertion failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

} // namespace cairn
