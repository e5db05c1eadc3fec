// The words for the ledger.
#include "ui/event_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

struct Word {
    EventKind kind;
    const char* text;
};

#define SAY(text) QT_TRANSLATE_NOOP("Ledger", text)
constexpr std::array kWords{
    Word{EventKind::ArrayCreated, SAY("Array created")},
    Word{EventKind::ArrayAdopted, SAY("Disk adopted")},
    Word{EventKind::RegionAdded, SAY("Region added")},
    Word{EventKind::RegionRenamed, SAY("Region renamed")},
    Word{EventKind::RegionRemoved, SAY("Region removed")},
    Word{EventKind::MemberAdded, SAY("Member added")},
    Word{EventKind::MemberReplaced, SAY("Member replaced")},
    Word{EventKind::MemberStale, SAY("Copy of the catalog behind")},
    Word{EventKind::HistoryChosen, SAY("History chosen")},
    Word{EventKind::BackupStarted, SAY("Backup begun")},
    Word{EventKind::BackupCopied, SAY("Backup copied")},
    Word{EventKind::BackupResumed, SAY("Backup resumed")},
    Word{EventKind::BackupFailed, SAY("Backup failed")},
    Word{EventKind::BackupInterrupted, SAY("Backup interrupted")},
    Word{EventKind::Verified, SAY("Verified: good")},
    Word{EventKind::VerifyFailed, SAY("Verified: damaged")},
    Word{EventKind::RestoreStarted, SAY("Restore begun")},
    Word{EventKind::RestoreFinished, SAY("Restored")},
    Word{EventKind::RestoreFailed, SAY("Restore failed")},
    Word{EventKind::Held, SAY("Held")},
    Word{EventKind::Released, SAY("Hold ended")},
    Word{EventKind::Forgotten, SAY("Forgotten")},
    Word{EventKind::Superseded, SAY("Superseded")},
    Word{EventKind::CatalogRebuilt, SAY("Catalog rebuilt")},
    Word{EventKind::MirrorRepaired, SAY("Copy of the catalog repaired")},
    Word{EventKind::RegionImported, SAY("Image imported")},
    Word{EventKind::RegionExported, SAY("Region exported")},
    Word{EventKind::UndoStarted, SAY("Undo begun")},
    Word{EventKind::UndoFinished, SAY("Restore undone")},
    Word{EventKind::UndoFailed, SAY("Undo failed")},
    Word{EventKind::BackupExported, SAY("Backup exported")},
    Word{EventKind::ImportStarted, SAY("Import of a backup begun")},
    Word{EventKind::MemberReleased, SAY("Disk released")},
    Word{EventKind::ContentAccepted, SAY("Content accepted as it is")},
    Word{EventKind::RestoreCanceled, SAY("Restore canceled")},
    Word{EventKind::UndoCanceled, SAY("Undo canceled")},
    Word{EventKind::Reinstated, SAY("Backup there again after an undo")},
    Word{EventKind::RegionImportStarted, SAY("Import of an image begun")},
    Word{EventKind::RegionImportFailed, SAY("Import of an image failed")},
    Word{EventKind::RestoreInterrupted, SAY("Restore interrupted")},
    Word{EventKind::UndoInterrupted, SAY("Undo interrupted")},
    Word{EventKind::GivenUp, SAY("Given up with another history")},
    Word{EventKind::SourceUnreadable, SAY("Source not read whole")},
    Word{EventKind::SourceFrozen, SAY("Source stood still while copied")},
    Word{EventKind::SourceThawedEarly, SAY("Source let go before it was copied")},
    Word{EventKind::Sealed, SAY("Backup sealed")},
    Word{EventKind::Unsealed, SAY("Backup unsealed")},
    Word{EventKind::LeaseTakenOver, SAY("Writer lease taken over from another host")},
    Word{EventKind::SwapStarted, SAY("Exchange of regions started")},
    Word{EventKind::SwapFinished, SAY("Restored by exchange of regions")},
    Word{EventKind::SwapFailed, SAY("Exchange of regions not made")},
    Word{EventKind::SourceUsed, SAY("Source came into use while copied")},
};
#undef SAY

} // namespace

QString eventDisplay(EventKind kind)
{
    const auto* found = std::ranges::find(kWords, kind, &Word::kind);
    return QCoreApplication::translate("Ledger", found != kWords.end() ? found->text
                                                                       : "Unknown to this version");
}

} // namespace cairn
