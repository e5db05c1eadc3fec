// The sentences for errors: one row of a table for each code.
#include "ui/error_text.h"

#include "core/backup/undo_area.h"
#include "ui/command_text.h"
#include "ui/display_text.h"
#include "ui/failed_phrase.h"
#include "ui/record_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Errors", text);
}

// In the sentences, {subject} is the name in quotation marks, {detail} the fact, {why} the fact
// and the system's message in brackets or nothing, {amount} a number and {bytes} a size.
struct Sentence {
    ErrorCode code;
    const char* cause;
    const char* remedy;
};

#define SAY(text) QT_TRANSLATE_NOOP("Errors", text)
constexpr std::array kSentences{
    Sentence{ErrorCode::Canceled, SAY("You canceled it."),
             SAY("Start it again when you are ready.")},
    // What was asked for
    Sentence{ErrorCode::InvalidArgument, SAY("{subject} cannot be used{why}."),
             SAY("Check what was entered.")},
    Sentence{ErrorCode::InvalidName, SAY("{subject} cannot be a region's name{why}."),
             SAY("Use 1 to 36 printable characters without < and >.")},
    Sentence{ErrorCode::InvalidSize, SAY("{subject} is not a size that can be used{why}."),
             SAY("Write a size such as 64 MiB or 1.5 GiB.")},
    Sentence{ErrorCode::NameInUse, SAY("Another region is already called {subject}."),
             SAY("Choose another name.")},
    Sentence{ErrorCode::AmbiguousName, SAY("Several regions are called {subject}."),
             SAY("Rename one of them, or name it by its PARTUUID.")},
    Sentence{ErrorCode::UnknownRegion, SAY("The region {subject} is not on this array now{why}."),
             SAY("Attach the member that holds it, then refresh (F5).")},
    Sentence{ErrorCode::UnknownMember, SAY("The array has no member {subject}."),
             SAY("Refresh (F5) and choose again.")},
    Sentence{ErrorCode::UnknownGeneration, SAY("The catalog has no backup {amount}."),
             SAY("Refresh (F5) and choose again.")},
    Sentence{ErrorCode::UnknownHistory, SAY("The history {subject} is not on any member now."),
             SAY("Refresh (F5) and choose again.")},
    // Refused by a guard
    Sentence{ErrorCode::SourceIsTarget, SAY("{subject} cannot be copied onto itself."),
             SAY("Choose another target.")},
    Sentence{ErrorCode::TargetTooSmall, SAY("{subject} is too small by {bytes}."),
             SAY("Choose a larger region, or add one.")},
    Sentence{ErrorCode::RegionInUse, SAY("{subject} is in use{why}."),
             SAY("Unmount or release it, then try again.")},
    Sentence{ErrorCode::CannotFreeze, SAY("The filesystem in {subject} cannot be frozen{why}."),
             SAY("Unmount it, then try again.")},
    Sentence{ErrorCode::CannotSwap, SAY("{subject} cannot be exchanged with another region{why}."),
             SAY("Restore copies the backup instead. If an exchange has not ended, verify its "
                 "backup: that ends it.")},
    Sentence{ErrorCode::RegionHoldsCatalog, SAY("{subject} holds the catalog."),
             SAY("Choose another region.")},
    Sentence{ErrorCode::RegionHoldsBackup, SAY("{subject} holds backup {amount}."),
             SAY("Forget that backup first, if it may go.")},
    Sentence{ErrorCode::RegionBusy, SAY("Another job uses {subject}{why}."),
             SAY("Wait for that job, or cancel it.")},
    Sentence{ErrorCode::RestoreUnfinished,
             SAY("{job} into {subject} was interrupted: it holds half of each."),
             SAY("Resume it, undo the restore, or give it up.")},
    Sentence{ErrorCode::RestoreWaiting,
             SAY("{job} into {subject} was interrupted before it overwrote anything."),
             SAY("Resume it, or give it up.")},
    Sentence{ErrorCode::NeededByRestore,
             SAY("What was interrupted in {detail} needs #{amount} to be finished."),
             SAY("Resume it, or give it up.")},
    Sentence{ErrorCode::HalfWritten,
             SAY("{subject} is half-written: what began to overwrite it never ended."),
             SAY("Restore or import it again first.")},
    Sentence{ErrorCode::GenerationHeld, SAY("Backup {amount} is held."),
             SAY("Release the hold of backup #{amount} first, if it may go.")},
    Sentence{ErrorCode::LastGoodCopy, SAY("Backup {amount} is the last good copy of {subject}."),
             SAY("Make another backup first, or confirm with the region's name.")},
    Sentence{ErrorCode::KeepsUndo,
             SAY("Undo copy {amount} keeps what a restore of {subject} overwrote."),
             SAY("Undo that restore first, or confirm with the region's name.")},
    Sentence{ErrorCode::ContentUnknown,
             SAY("{subject} holds something that Cairn does not recognise."),
             SAY("Look what it is; if it may go, confirm with the region's name.")},
    Sentence{ErrorCode::ContentRecognised, SAY("{subject} already holds {detail}."),
             SAY("If that may go, confirm with the region's name, or choose another place.")},
    Sentence{ErrorCode::ConfirmationNeeded, SAY("The content of {subject} would be erased."),
             SAY("Type the region's name to confirm that.")},
    Sentence{ErrorCode::ConfirmationMismatch,
             SAY("The name typed is not {subject}, the region that would be erased."),
             SAY("Check which region you mean, and type its name.")},
    Sentence{ErrorCode::IdentityChanged,
             SAY("{subject} is not the device any more that was opened{why}."),
             SAY("Check the cables and names, then open the array again.")},
    Sentence{ErrorCode::PlanChanged, SAY("{subject} is no longer what you confirmed{why}."),
             SAY("Look at the array as it is now, and choose again.")},
    Sentence{
        ErrorCode::ContentChanged,
        SAY("{subject} has been changed since the restore, where the restore wrote nothing."),
        SAY("As it is now, its old content cannot come back whole. Restore the same backup once "
            "more, then undo this restore.")},
    Sentence{ErrorCode::ArrayBusy, SAY("The array is open for writing elsewhere{why}."),
             SAY("Wait until the job there has ended, then try again: closing it there would "
                 "cancel the job.")},
    Sentence{ErrorCode::HistoriesDiverged,
             SAY("The members were written apart and hold two histories."),
             SAY("Choose the history that is to go on.")},
    Sentence{ErrorCode::ReadOnlyArray, SAY("{subject} cannot be written{why}."),
             SAY("Allow writing on the device or file, then refresh (F5).")},
    Sentence{ErrorCode::DuplicateIdentity,
             SAY("Two members or regions carry the same identity: {subject} and {detail}."),
             SAY("One is probably a clone of the other: detach it, then open again.")},
    Sentence{ErrorCode::FormatNewer, SAY("{subject} was written by a newer Cairn{why}."),
             SAY("Use that version to change it. Reading is safe.")},
    Sentence{ErrorCode::BackupNotUsable, SAY("Backup {amount} is not complete{why}."),
             SAY("Choose a backup that is complete, or resume this one.")},
    Sentence{ErrorCode::OutsideFence,
             SAY("A write outside of the confirmed region was stopped ({subject}{why})."),
             SAY("This is a fault of Cairn: please report it.")},
    Sentence{ErrorCode::ForeignMember, SAY("{subject} is no member of this array{why}."),
             SAY("Nothing is written while it is attached: open the array without it.")},
    Sentence{ErrorCode::NotAuthorized, SAY("{subject} may not be opened{why}."),
             SAY("Give the password that is asked for. Where nothing asks, install udisks2 and "
                 "polkitd, or start Cairn as root.")},
    Sentence{ErrorCode::AlreadyAnArray, SAY("{subject} already carries a catalog."),
             SAY("Open it instead.")},
    Sentence{ErrorCode::TableLost,
             SAY("{subject} has lost its partition table: a catalog of Cairn is on it."),
             SAY("Erase nothing, and create no array there: the backups are on it. Write the same "
                 "partitions again, with the same PARTUUIDs, or search them with testdisk; then "
                 "open it again. Only if nothing on it is needed any more, fill it with zeroes.")},
    Sentence{ErrorCode::LeaseHeld, SAY("The host {subject} holds the writer lease since {since}."),
             SAY("Wait until it has ended there. Reading is safe meanwhile.")},
    Sentence{ErrorCode::LeaseNotRenewed,
             SAY("The host {subject} holds the writer lease since {since}, and does not renew it."),
             SAY("Make sure that it does not reach the array any more. Then cairnctl --take-over, "
                 "with any command that writes, takes the lease.")},
    Sentence{ErrorCode::LeaseDamaged,
             SAY("Nobody can say which host may write: the writer lease on {subject} is damaged."),
             SAY("Make sure that no other host writes the array. Then cairnctl --take-over, with "
                 "any command that writes, takes the lease.")},
    // The world would not
    Sentence{ErrorCode::NotAnArray, SAY("{subject} is not an array of Cairn{why}."),
             SAY("Open another, create a new array, or adopt the disk.")},
    Sentence{ErrorCode::InvalidTable, SAY("The partition table of {subject} is not valid{why}."),
             SAY("Repair it with a partitioning tool, then open it again.")},
    Sentence{ErrorCode::InvalidDescription,
             SAY("simulation.json of {subject} cannot be understood{why}."),
             SAY("Correct it there, then open it again.")},
    Sentence{ErrorCode::InvalidArchive, SAY("{subject} is not a whole export{why}."),
             SAY("Get a sound copy of it, then import it again.")},
    Sentence{ErrorCode::MemberMissing, SAY("The member {subject} is not attached{why}."),
             SAY("Attach it, or replace it, then refresh (F5).")},
    Sentence{ErrorCode::MemberFailed, SAY("The member {subject} does not work{why}."),
             SAY("Check the device, or replace the member.")},
    Sentence{ErrorCode::OpenFailed, SAY("{subject} cannot be opened{why}."),
             SAY("Check the path, and that you may read it.")},
    Sentence{ErrorCode::ReadFailed, SAY("{subject} could not be read{why}."),
             SAY("Check the device; its log may tell more.")},
    Sentence{ErrorCode::WriteFailed, SAY("{subject} could not be written{why}."),
             SAY("The device may be failing: check it and the system's log before you try again.")},
    Sentence{ErrorCode::FlushFailed,
             SAY("{subject} did not confirm that what was written is on the medium{why}."),
             SAY("Do not trust what was written; check the device, then do it again.")},
    Sentence{ErrorCode::Fenced,
             SAY("This computer lost the writer lease on {subject} while it wrote{why}."),
             SAY("Look whether another host writes the array, then start again.")},
    Sentence{ErrorCode::NoSpace, SAY("There is not enough space on {subject}{why}."),
             SAY("Make room there, then try again.")},
    Sentence{ErrorCode::CatalogFull, SAY("The management region is full{why}."),
             SAY("Export the catalog, or forget backups that are not needed.")},
    Sentence{ErrorCode::CatalogDamaged, SAY("The catalog on {subject} is damaged{why}."),
             SAY("Attach the member with its mirror, or rebuild it in a terminal: cairnctl catalog "
                 "rebuild, with an export of it if there is one.")},
    Sentence{ErrorCode::CatalogForeign,
             SAY("The management region of {subject} is not of this array{why}."),
             SAY("Check that only members of one array are opened together. If it was overwritten, "
                 "cairnctl catalog rebuild makes a new catalog of what the regions show.")},
    Sentence{ErrorCode::DigestMismatch,
             SAY("{subject} is not what it was when it was copied; chunks of 1 MiB that differ: "
                 "{amount}."),
             SAY("Do not rely on it, and check the device.")},
    Sentence{ErrorCode::Unreadable,
             SAY("Parts of {subject} could not be read; chunks of 1 MiB: {amount}."),
             SAY("Check the device. What could be read is kept.")},
    Sentence{ErrorCode::KernelNotTold,
             SAY("The kernel has partitions of {subject} that are not where the table says, and "
                 "one of them is in use."),
             SAY("Stop whatever has it open, then verify backup {amount}: that ends the "
                 "exchange.")},
    Sentence{ErrorCode::OutOfMemory, SAY("There was not enough memory."),
             SAY("Close other programs, then try again.")},
    Sentence{ErrorCode::Unsupported, SAY("{subject} is not something Cairn can do here{why}."),
             SAY("Choose another device or file.")},
};

// What core says has moved since it was confirmed.
QString movedWord(const std::string& fact)
{
    static constexpr std::array<std::pair<std::string_view, const char*>, 8> kFacts{{
        {"content", SAY("it holds something else now")},
        {"reasons", SAY("more speaks against it now")},
        {"replaces", SAY("another backup lies in it now")},
        {"extent", SAY("it lies elsewhere now")},
        {"name", SAY("it was renamed")},
        {"region", SAY("it is gone")},
        {"generation", SAY("the record of the backup has changed")},
        {"job", SAY("the interrupted job has gone on")},
    }};
    const auto found = std::ranges::find(kFacts, fact, &decltype(kFacts)::value_type::first);
    return found == kFacts.end() ? displayShort(fact, 160) : tr(found->second);
}

QString why(const Error& error)
{
    QStringList facts;
    if (error.code == ErrorCode::PlanChanged && !error.detail.empty())
        facts.append(movedWord(error.detail));
    else if (!error.detail.empty())
        facts.append(displayShort(error.detail, 160));
    if (error.code == ErrorCode::NoSpace && error.amount != 0)
        facts.append(tr("%1 are missing").arg(sizeDisplay(error.amount)));
    if (error.osError != 0)
        facts.append(QString::fromLocal8Bit(std::strerror(error.osError)));
    return facts.isEmpty() ? QString() : QStringLiteral(" (") + facts.join(u": ") + u')';
}

// What the system said is full is not what Cairn counted: no size that is chosen here changes it.
const char* noSpaceRemedy(Verb verb, bool systemSaidSo)
{
    switch (verb) {
    case Verb::Export:
    case Verb::ExportCatalog:
    case Verb::ExportBackup:
        return SAY("Make room there, or choose another place for the file.");
    case Verb::CreateArray:
    case Verb::AdoptDisk:
    case Verb::AddMember:
    case Verb::ReplaceMember:
        return systemSaidSo ? SAY("Make room there, or choose a smaller size.")
                            : SAY("The catalog needs room beside the partitions: make one of them "
                                  "smaller, or choose another disk.");
    default:
        break;
    }
    if (systemSaidSo)
        return SAY("What lies below that disk is full (the filesystem that holds an image file, or "
                   "the pool of a thin volume): make room there.");
    if (verb == Verb::AddRegion)
        return SAY("Choose a smaller size, remove a region, or add a member.");
    return verb == Verb::Import ? SAY("Import a smaller image, or into a larger region.") : nullptr;
}

const char* writeFailedRemedy(Verb verb)
{
    switch (verb) {
    case Verb::BackUp:
        return SAY("The device may be failing: check it and the system's log. A region of another "
                   "disk can be the target instead.");
    case Verb::Restore:
        return SAY("The device may be failing: check it and the system's log. The backup can be "
                   "restored to a region of another disk instead.");
    case Verb::Export:
    case Verb::ExportCatalog:
    case Verb::ExportBackup:
        return SAY("Check the disk that holds the file, or choose another place for it.");
    default:
        return nullptr;
    }
}

// Of a whole disk, where no name is typed: these are the check boxes of its dialogs. What has no
// GPT is not adopted.
const char* contentRemedy(Verb verb, const Error& error)
{
    const bool joins = verb == Verb::AddMember || verb == Verb::ReplaceMember;
    if (verb == Verb::AdoptDisk)
        return SAY("If that may go, adopt it again with “Overwrite what deleted partitions left” "
                   "ticked.");
    if (!joins && verb != Verb::CreateArray)
        return nullptr;
    if (joins && QByteArrayView(error.detail).contains("bytes ")) // In the free space of a GPT.
        return SAY("If that may go too, tick “Overwrite what deleted partitions left”; or choose "
                   "another disk or file.");
    if (error.code == ErrorCode::ContentUnknown)
        return SAY("Choose another disk or file; or, if that may go, fill it with zeroes first "
                   "(shred -n 0 -z {path}).");
    return error.detail == "gpt"
               ? SAY("Tick “Adopt” to keep its partitions; or, if all that it holds may go, erase "
                     "it first (wipefs --all {force}{path}).")
               : SAY("Choose another disk or file; or, if that may go, erase it first "
                     "(wipefs --all {force}{path}).");
}

// Of a region in a job that is known by its record: it may read there, and may be interrupted.
constexpr const char* kUnendedCause =
    SAY("{subject} is in the job of backup {amount}, which has not ended.");
constexpr const char* kUnendedRemedy =
    SAY("Wait for it; or, if it was interrupted, resume or discard it first.");
// What is exported is written to a file, and nothing that could be released is in the way of it.
constexpr const char* kOtherFileRemedy = SAY("Choose another file.");
// Where no array is open there is nothing to refresh.
constexpr const char* kAllowWritingRemedy =
    SAY("Allow writing on the device or file, then try again.");
constexpr const char* kTooSmallCause = SAY("{subject} is too small by {bytes}{why}.");
constexpr const char* kTooSmallRemedy = SAY("Choose a larger size, or a larger disk or file.");
constexpr const char* kNothingToAdoptRemedy =
    SAY("Only what has a GPT can be adopted. Create an array of it without “Adopt” if it is empty, "
        "or choose another disk or file.");
constexpr const char* kNoRoomCause =
    SAY("No free region has room for what would be overwritten in {subject}.");

bool writesFile(Verb verb)
{
    return verb == Verb::Export || verb == Verb::ExportCatalog || verb == Verb::ExportBackup;
}

const char* noRoomRemedy(Verb verb)
{
    return verb == Verb::Resume
               ? SAY("Add one of at least {room} (Region → Add region), then resume it.")
               : SAY("Add one of at least {room} (Region → Add region) and try again to keep it, "
                     "or type the region's name to do without.");
}

// Of a restore that has found out how much there is to keep.
bool lacksRoom(const Error& error)
{
    return error.code == ErrorCode::ConfirmationNeeded && error.detail == kNoUndoRoom &&
           error.amount != 0;
}

#undef SAY

// Where what to do depends on what was asked for; null: the table's own remedy holds.
const char* remedyOfVerb(Verb verb, const Error& error)
{
    switch (error.code) {
    case ErrorCode::NoSpace:
        return noSpaceRemedy(verb, error.osError != 0);
    case ErrorCode::WriteFailed:
        return writeFailedRemedy(verb);
    case ErrorCode::ContentRecognised:
    case ErrorCode::ContentUnknown:
        return contentRemedy(verb, error);
    case ErrorCode::RegionBusy:
        return error.amount != 0 ? kUnendedRemedy : nullptr;
    case ErrorCode::RegionInUse:
        return writesFile(verb) ? kOtherFileRemedy : nullptr;
    case ErrorCode::ReadOnlyArray:
        return verb == Verb::CreateArray || verb == Verb::AdoptDisk || verb == Verb::Open
                   ? kAllowWritingRemedy
                   : nullptr;
    case ErrorCode::ConfirmationNeeded:
        return lacksRoom(error) ? noRoomRemedy(verb) : nullptr;
    case ErrorCode::InvalidSize:
        return error.amount != 0 ? kTooSmallRemedy : nullptr;
    case ErrorCode::NotAnArray:
        return verb == Verb::AdoptDisk ? kNothingToAdoptRemedy : nullptr;
    default:
        return nullptr;
    }
}

QString replacement(QStringView key, const Error& error)
{
    if (key == u"path")
        return shellWord(displayText(error.subject));
    // Without it a table stays in whatever is no whole disk, which a file never is.
    if (key == u"force")
        return error.subject.starts_with("/dev/") ? QString() : QStringLiteral("--force ");
    if (key == u"subject")
        return error.subject.empty() ? tr("the array")
                                     : tr("“%1”").arg(displayShort(error.subject, 120));
    if (key == u"detail" && error.code == ErrorCode::ContentRecognised && !error.detail.empty())
        return contentDisplay(error.detail);
    if (key == u"detail")
        return error.detail.empty() ? tr("something else") : displayShort(error.detail, 160);
    if (key == u"why")
        return why(error);
    if (key == u"since")
        return timeDisplay(static_cast<std::int64_t>(error.amount));
    if (key == u"job")
        return interruptedTitle(error.detail, error.amount);
    if (key == u"room")
        return sizeToAddDisplay(error.amount);
    if (key == u"bytes")
        return sizeDisplay(error.amount);
    return QLocale().toString(qulonglong{error.amount});
}

// One pass: what is filled in is never searched for placeholders again.
QString filled(const QString& sentence, const Error& error)
{
    QString text;
    qsizetype from = 0;
    while (true) {
        const qsizetype open = sentence.indexOf(u'{', from);
        const qsizetype close = sentence.indexOf(u'}', open);
        if (open < 0 || close < 0)
            break;
        text += QStringView(sentence).mid(from, open - from);
        text += replacement(QStringView(sentence).mid(open + 1, close - open - 1), error);
        from = close + 1;
    }
    text += QStringView(sentence).mid(from);
    if (!text.isEmpty())
        text[0] = text.at(0).toUpper();
    return text;
}

QString stateOfCopy(Verb verb, const Error& error)
{
    if (verb == Verb::BackUp && error.code == ErrorCode::DigestMismatch)
        return tr("The source is untouched; the copy is marked as partial in the catalog.");
    if (verb == Verb::BackUp)
        return tr("The source is untouched. What was copied is kept, marked as incomplete.");
    if (verb == Verb::Restore)
        return tr("The backup is untouched. The region may hold a mixture of old and restored "
                  "data until the restore is resumed.");
    if (verb == Verb::Undo)
        return tr("What is kept is untouched. The region may hold a mixture of two contents until "
                  "the undo is resumed.");
    return tr("What was copied so far is kept; the job stays in the catalog.");
}

QString stateAfter(JobEnd end)
{
    switch (end) {
    case JobEnd::NothingWritten:
        return tr("Nothing was written.");
    case JobEnd::CopyIncomplete:
        return tr("The source is untouched. What was copied is kept, marked as interrupted.");
    case JobEnd::CopyNotVerified:
        return tr("All is copied and recorded; only the reading back was not finished.");
    case JobEnd::RegionUnchanged:
        return tr("Nothing was overwritten.");
    case JobEnd::RestoreWaits:
        return tr("Nothing was overwritten yet; the restore waits to be resumed or given up.");
    case JobEnd::RegionIncomplete:
        return tr("The region holds half of its old content and half of the new one: it cannot be "
                  "used until the job is resumed, or the restore undone.");
    case JobEnd::RegionNotReadBack:
        return tr("Everything is written; only the reading back was not finished. The region "
                  "counts as half-written until the job is resumed.");
    case JobEnd::RegionIncompleteForGood:
        return tr("The region holds half of its old content and half of the new one: it cannot be "
                  "used until the job is resumed. What was overwritten is not kept for an undo.");
    case JobEnd::NotKnown:
        break;
    }
    return {};
}

const Sentence& sentenceFor(ErrorCode code)
{
    const auto found = std::ranges::find(kSentences, code, &Sentence::code);
    CAIRN_ASSERT(found != kSentences.end());
    return *found;
}

// What to do about what the job has left behind.
QString wayOn(JobEnd end)
{
    switch (end) {
    case JobEnd::NothingWritten:
    case JobEnd::RegionUnchanged:
        return tr("There is nothing to resume: try again to begin anew.");
    case JobEnd::CopyIncomplete:
        return tr("Resume it to go on where it stopped, or discard it.");
    case JobEnd::CopyNotVerified:
        return tr("Verify it (Ctrl+Y) to be sure of it.");
    case JobEnd::RestoreWaits:
        return tr("Resume it, or give it up.");
    case JobEnd::RegionIncomplete:
        return tr("Resume it, or undo the restore.");
    case JobEnd::RegionNotReadBack:
        return tr("Resume it to read it back.");
    case JobEnd::RegionIncompleteForGood:
        return tr("Resume it, or restore a backup over it.");
    case JobEnd::NotKnown:
        break;
    }
    return {};
}

QString remedyNow(Verb verb, const Error& error, JobEnd end)
{
    const char* ofVerb = remedyOfVerb(verb, error);
    const QString ofError =
        filled(tr(ofVerb != nullptr ? ofVerb : sentenceFor(error.code).remedy), error);
    const QString ofEnd = wayOn(end);
    // Of what wrote nothing the cause alone tells whether trying again is of use.
    const bool wroteNothing = end == JobEnd::NothingWritten || end == JobEnd::RegionUnchanged;
    if (ofEnd.isEmpty() || (wroteNothing && error.code != ErrorCode::Canceled))
        return ofError;
    const bool enough = error.code == ErrorCode::Canceled || end == JobEnd::CopyNotVerified;
    return enough ? ofEnd : ofError + u' ' + ofEnd;
}

QString stateNow(Verb verb, const Error& error, JobEnd end)
{
    if (end != JobEnd::NotKnown)
        return stateAfter(end);
    const ErrorClass group = errorClass(error.code);
    if (group == ErrorClass::Usage || group == ErrorClass::Refused)
        return tr("Nothing was changed.");
    switch (verb) {
    case Verb::BackUp:
    case Verb::Restore:
    case Verb::Undo:
    case Verb::Resume:
        return stateOfCopy(verb, error);
    case Verb::Swap:
        return tr("Both contents are whole: the regions are exchanged, or they are not.");
    case Verb::Open:
        return tr("Nothing was written: opening only reads.");
    case Verb::Refresh:
        return tr("What is shown is what was read last.");
    case Verb::CreateArray:
        return tr("Files that were made for it have been removed again.");
    case Verb::Verify:
        return tr("The backup was only read.");
    case Verb::Import:
        return tr("The region may hold a part of the image.");
    case Verb::Export:
    case Verb::ExportCatalog:
    case Verb::ExportBackup:
        return tr("The array is untouched, and no file was made or replaced.");
    default:
        return tr("The array is as it was before, or as it was asked for: refresh shows which.");
    }
}

} // namespace

QString ErrorText::paragraph() const
{
    return QStringList{what, state, remedy}.join(u' ');
}

QString causeText(const Error& error)
{
    const char* cause = sentenceFor(error.code).cause;
    if (error.code == ErrorCode::RegionBusy && error.amount != 0)
        cause = kUnendedCause;
    else if (error.code == ErrorCode::InvalidSize && error.amount != 0)
        cause = kTooSmallCause;
    else if (lacksRoom(error))
        cause = kNoRoomCause;
    return filled(tr(cause), error);
}

QString causeText(const Generation& generation)
{
    if (generation.state != GenerationState::Failed &&
        generation.state != GenerationState::Partial &&
        generation.state != GenerationState::Interrupted)
        return {};
    // Recorded by whoever came next: nobody canceled anything.
    if (generation.failure == ErrorCode::Canceled && generation.failureDetail == kWriterEnded)
        return tr("Its writer ended before the copy did: it was killed, or the power failed.");
    if (!generation.unreadable.empty() && generation.failure == ErrorCode::ReadFailed)
        return tr("%1 of its source could not be read, and are zeroes in it; `cairnctl resume %2` "
                  "reads them again.")
            .arg(sizeDisplay(generation.unreadable.bytes()))
            .arg(generation.number);
    return causeText({generation.failure, 0, generation.target.name, generation.failureDetail,
                      generation.damaged.count()});
}

ErrorText errorText(Verb verb, const Error& error, JobEnd end)
{
    return {failedPhrase(verb) + u' ' + causeText(error), stateNow(verb, error, end),
            remedyNow(verb, error, end)};
}

} // namespace cairn
