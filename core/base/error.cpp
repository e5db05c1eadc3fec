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

#define CAIRN_ALL_CODES(NAME)                                                                      \
    NAME(Canceled)                                                                                 \
    NAME(InvalidArgument)                                                                          \
    NAME(InvalidName)                                                                              \
    NAME(InvalidSize)                                                                              \
    NAME(NameInUse)                                                                                \
    NAME(AmbiguousName)                                                                            \
    NAME(UnknownRegion)                                                                            \
    NAME(UnknownMember)                                                                            \
    NAME(UnknownGeneration)                                                                        \
    NAME(UnknownHistory)                                                                           \
    NAME(SourceIsTarget)                                                                           \
    NAME(TargetTooSmall)                                                                           \
    NAME(RegionInUse)                                                                              \
    NAME(CannotFreeze)                                                                             \
    NAME(CannotSwap)                                                                               \
    NAME(RegionHoldsCatalog)                                                                       \
    NAME(RegionHoldsBackup)                                                                        \
    NAME(RegionBusy)                                                                               \
    NAME(RestoreUnfinished)                                                                        \
    NAME(RestoreWaiting)                                                                           \
    NAME(NeededByRestore)                                                                          \
    NAME(HalfWritten)                                                                              \
    NAME(GenerationHeld)                                                                           \
    NAME(LastGoodCopy)                                                                             \
    NAME(KeepsUndo)                                                                                \
    NAME(ContentUnknown)                                                                           \
    NAME(ContentRecognised)                                                                        \
    NAME(ConfirmationNeeded)                                                                       \
    NAME(ConfirmationMismatch)                                                                     \
    NAME(IdentityChanged)                                                                          \
    NAME(PlanChanged)                                                                              \
    NAME(ContentChanged)                                                                           \
    NAME(ArrayBusy)                                                                                \
    NAME(HistoriesDiverged)                                                                        \
    NAME(ReadOnlyArray)                                                                            \
    NAME(DuplicateIdentity)                                                                        \
    NAME(FormatNewer)                                                                              \
    NAME(BackupNotUsable)                                                                          \
    NAME(OutsideFence)                                                                             \
    NAME(ForeignMember)                                                                            \
    NAME(NotAuthorized)                                                                            \
    NAME(AlreadyAnArray)                                                                           \
    NAME(TableLost)                                                                                \
    NAME(LeaseHeld)                                                                                \
    NAME(LeaseNotRenewed)                                                                          \
    NAME(LeaseDamaged)                                                                             \
    NAME(NotAnArray)                                                                               \
    NAME(InvalidTable)                                                                             \
    NAME(InvalidDescription)                                                                       \
    NAME(InvalidArchive)                                                                           \
    NAME(MemberMissing)                                                                            \
    NAME(MemberFailed)                                                                             \
    NAME(OpenFailed)                                                                               \
    NAME(ReadFailed)                                                                               \
    NAME(WriteFailed)                                                                              \
    NAME(FlushFailed)                                                                              \
    NAME(Fenced)                                                                                   \
    NAME(NoSpace)                                                                                  \
    NAME(CatalogFull)                                                                              \
    NAME(CatalogDamaged)                                                                           \
    NAME(CatalogForeign)                                                                           \
    NAME(DigestMismatch)                                                                           \
    NAME(Unreadable)                                                                               \
    NAME(KernelNotTold)                                                                            \
    NAME(OutOfMemory)                                                                              \
    NAME(Unsupported)

const char* errorName(ErrorCode code) noexcept
{
#define CAIRN_NAME(name)                                                                           \
    case ErrorCode::name:                                                                          \
        return #name;
    switch (code) {
        CAIRN_ALL_CODES(CAIRN_NAME)
    }
#undef CAIRN_NAME
    return "Unknown";
}

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
