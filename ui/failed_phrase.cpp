// What is said first of a verb that did not succeed.
#include "ui/failed_phrase.h"

#include <QCoreApplication>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Errors", text);
}

} // namespace

QString failedPhrase(Verb verb)
{
    switch (verb) {
    case Verb::Open:
        return tr("The array was not opened.");
    case Verb::Refresh:
        return tr("The array could not be read again.");
    case Verb::CreateArray:
        return tr("The array was not created.");
    case Verb::AdoptDisk:
        return tr("The disk was not adopted.");
    case Verb::BackUp:
        return tr("The backup was not completed.");
    case Verb::Restore:
        return tr("The restore was not completed.");
    case Verb::Swap:
        return tr("The regions were not exchanged.");
    case Verb::Undo:
        return tr("The restore was not undone.");
    case Verb::Verify:
        return tr("The backup was not verified.");
    case Verb::Resume:
        return tr("The job was not completed.");
    case Verb::Discard:
        return tr("The interrupted job was not discarded.");
    case Verb::Hold:
        return tr("The backup is not held.");
    case Verb::Release:
        return tr("The backup was not released.");
    case Verb::Forget:
        return tr("The backup was not forgotten.");
    case Verb::Seal:
        return tr("The backup was not sealed.");
    case Verb::Unseal:
        return tr("The backup was not unsealed.");
    case Verb::AddRegion:
        return tr("The region was not added.");
    case Verb::RenameRegion:
        return tr("The region was not renamed.");
    case Verb::RemoveRegion:
        return tr("The region was not removed.");
    case Verb::AcceptContent:
        return tr("The content was not taken as it is.");
    case Verb::Import:
        return tr("The image was not imported.");
    case Verb::Export:
        return tr("The region was not exported.");
    case Verb::ShowHistory:
        return tr("The history was not read.");
    case Verb::ExportCatalog:
        return tr("The catalog was not exported.");
    case Verb::ExportBackup:
        return tr("The backup was not exported.");
    case Verb::AddMember:
        return tr("The member was not added.");
    case Verb::ReplaceMember:
        return tr("The member was not replaced.");
    case Verb::ReleaseDisk:
        return tr("The disk was not released.");
    case Verb::ChooseHistory:
        return tr("The history was not chosen.");
    case Verb::ChangeFaults:
        return tr("The faults of the simulated disk were not changed.");
    }
    return {};
}

} // namespace cairn
