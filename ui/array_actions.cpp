// Which verbs there are, and when they can be chosen.
#include "ui/array_actions.h"

#include "ui/dialogs/member_dialog.h"
#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/icons.h"

#include <QLocale>

namespace cairn {
namespace {

QString number(std::uint64_t value)
{
    return QLocale().toString(qulonglong{value});
}

QString iconOf(Verb verb)
{
    switch (verb) {
    case Verb::BackUp:
        return QStringLiteral("backup");
    case Verb::Restore:
        return QStringLiteral("restore");
    case Verb::Verify:
        return QStringLiteral("verify");
    case Verb::Hold:
        return QStringLiteral("lock");
    case Verb::Release:
        return QStringLiteral("unlock");
    case Verb::AddRegion:
        return QStringLiteral("add");
    case Verb::Refresh:
        return QStringLiteral("refresh");
    default:
        return {};
    }
}

QString interruptedHeadline(const Job& job)
{
    if (job.kind == JobKind::Undo)
        return ArrayActions::tr("Undoing the restore of %1 was interrupted.")
            .arg(regionDisplay(job.target));
    if (job.kind == JobKind::Restore)
        return ArrayActions::tr("The restore of backup %1 onto %2 was interrupted.")
            .arg(number(job.generation), regionDisplay(job.target));
    if (job.kind == JobKind::Import)
        return ArrayActions::tr("The import of backup %1 into %2 was interrupted.")
            .arg(number(job.generation), regionDisplay(job.target));
    return ArrayActions::tr("Backup %1 of %2 was interrupted.")
        .arg(number(job.generation), regionDisplay(job.source));
}

QString interruptedBody(const Job& job)
{
    const std::uint64_t doneBytes =
        std::min(job.sizeBytes, job.done.count() * std::uint64_t{kChunkBytes});
    const QString done = sizeDisplay(doneBytes);
    const QString all = sizeDisplay(job.sizeBytes);
    const QString target = regionDisplay(job.target);
    if (!makesGeneration(job.kind))
        return ArrayActions::tr("%1 of %2 are done; %3 is incomplete until it is resumed.")
            .arg(done, all, target);
    if (job.kind == JobKind::Import)
        return ArrayActions::tr("%1 of %2 are safe in %3. Importing the same file again goes on: "
                                "cairnctl import FILE REGION")
            .arg(done, all, target);
    return ArrayActions::tr("%1 of %2 are safe in %3; %4 is untouched.")
        .arg(done, all, target, regionDisplay(job.source));
}

} // namespace

ArrayActions::ArrayActions(ArrayView& view, MessageStrip& messages, QWidget& window)
    : QObject(&window), m_view(view), m_messages(messages), m_window(window)
{
    addBackupActions();
    addRegionActions();
    addArrayActions();
    recolorIcons();
    connect(&view, &ArrayView::selectionChanged, this, &ArrayActions::updateEnabled);
    updateEnabled();
}

void ArrayActions::add(const Look& look)
{
    auto* made = new QAction(look.text, this);
    made->setObjectName(QLatin1StringView(look.name));
    made->setShortcut(look.shortcut);
    made->setStatusTip(look.tip);
    const QString keys = look.shortcut.toString(QKeySequence::NativeText);
    made->setToolTip(keys.isEmpty() ? look.tip : tr("%1 (%2)").arg(look.tip, keys));
    connect(made, &QAction::triggered, this, look.run);
    m_actions[look.verb] = made;
}

void ArrayActions::addBackupActions()
{
    add({Verb::BackUp, "backUp", tr("&Back up …"), tr("Copy the selected region into another"),
         Qt::CTRL | Qt::Key_B, &ArrayActions::backUp});
    add({Verb::Restore, "restore", tr("&Restore …"),
         tr("Copy the selected backup back over a region"), Qt::CTRL | Qt::Key_R,
         &ArrayActions::restore});
    add({Verb::Verify, "verify", tr("&Verify"),
         tr("Read the selected backup and compare every chunk"), Qt::CTRL | Qt::Key_Y,
         &ArrayActions::verifyGeneration});
    add({Verb::Hold, "hold", tr("&Hold"), tr("Protect the selected backup from being replaced"),
         Qt::CTRL | Qt::Key_L, &ArrayActions::holdGeneration});
    add({Verb::Release, "release", tr("Re&lease"), tr("End the hold on the selected backup"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_L, &ArrayActions::releaseGeneration});
    add({Verb::Forget, "forget", tr("&Forget …"),
         tr("Give the region of the selected backup free for others"), Qt::CTRL | Qt::Key_Delete,
         &ArrayActions::forgetGeneration});
}

void ArrayActions::addRegionActions()
{
    add({Verb::AddRegion, "addRegion", tr("&Add region …"), tr("Add a region in free space"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_N, &ArrayActions::addRegion});
    add({Verb::RenameRegion, "renameRegion", tr("Re&name region …"),
         tr("Rename the selected region"), Qt::Key_F2, &ArrayActions::renameRegion});
    add({Verb::RemoveRegion, "removeRegion", tr("&Remove region …"),
         tr("Remove the selected region from the table"), Qt::SHIFT | Qt::Key_Delete,
         &ArrayActions::removeRegion});
    add({Verb::Import, "importImage", tr("&Import image …"),
         tr("Fill the selected region from an image file"), Qt::CTRL | Qt::Key_I,
         &ArrayActions::importImage});
    add({Verb::Export, "exportImage", tr("&Export to image …"),
         tr("Copy the selected region into an image file"), Qt::CTRL | Qt::SHIFT | Qt::Key_E,
         &ArrayActions::exportImage});
}

void ArrayActions::addArrayActions()
{
    add({Verb::AddMember, "addMember", tr("Add &member …"), tr("Let a disk or file join the array"),
         Qt::CTRL | Qt::Key_M, &ArrayActions::addMember});
    add({Verb::ReplaceMember, "replaceMember", tr("Re&place member …"),
         tr("Put a disk or file in the place of a lost member"), Qt::CTRL | Qt::SHIFT | Qt::Key_M,
         &ArrayActions::replaceMember});
    add({Verb::Refresh, "refresh", tr("&Refresh"), tr("Read the array again"), Qt::Key_F5,
         &ArrayActions::refresh});
}

void ArrayActions::recolorIcons()
{
    for (const auto& [verb, made] : m_actions) {
        const QString icon = iconOf(verb);
        if (!icon.isEmpty())
            made->setIcon(lineIcon(icon, m_window.palette()));
    }
}

void ArrayActions::setArray(AttachedArray* array)
{
    m_array = array;
    if (array != nullptr) {
        connect(array, &AttachedArray::snapshotChanged, this, [this] {
            offerInterrupted();
            warnOfCatalog();
        });
        connect(array, &AttachedArray::jobDone, this, &ArrayActions::report);
        connect(array, &AttachedArray::failed, this,
                [this](Verb verb, const Error& error) { m_messages.showError(verb, error); });
        connect(array, &AttachedArray::changeDone, this, [this](const QString& text) {
            if (!text.isEmpty())
                m_messages.show({.kind = MessageKind::Success,
                                 .headline = text,
                                 .body = {},
                                 .actions = {},
                                 .key = QStringLiteral("done")});
        });
        offerInterrupted();
        warnOfCatalog();
    }
    updateEnabled();
}

bool ArrayActions::writable() const
{
    return m_array != nullptr && snapshot().catalog && !snapshot().splitBrain() &&
           !snapshot().catalog->newerFormat;
}

const Region* ArrayActions::selectedRegion() const
{
    const auto id = m_view.selection().region;
    return m_array != nullptr && id ? snapshot().layout.find(*id) : nullptr;
}

const Generation* ArrayActions::selectedGeneration() const
{
    return m_array != nullptr ? m_view.record() : nullptr;
}

void ArrayActions::updateEnabled()
{
    const bool write = writable();
    const Region* region = selectedRegion();
    const Generation* backup = selectedGeneration();
    const bool ordinary = region != nullptr && region->role != RegionRole::Management;
    const bool usable = backup != nullptr && isUsable(*backup);
    const bool kept = backup != nullptr && (usable || backup->state == GenerationState::Partial);
    const auto enable = [this](Verb verb, bool on) { m_actions.at(verb)->setEnabled(on); };
    enable(Verb::BackUp, write && ordinary);
    enable(Verb::Restore, write && backup != nullptr && isRestorable(*backup));
    enable(Verb::Verify, m_array && snapshot().catalog && kept);
    enable(Verb::Hold, write && kept && !backup->held);
    enable(Verb::Release, write && backup != nullptr && backup->held);
    enable(Verb::Forget, write && backup != nullptr && !backup->held &&
                             backup->state != GenerationState::Forgotten &&
                             backup->state != GenerationState::Copying);
    enable(Verb::AddRegion, write);
    enable(Verb::RenameRegion, write && ordinary);
    enable(Verb::RemoveRegion, write && ordinary);
    enable(Verb::Import, write && ordinary);
    enable(Verb::Export, m_array && ordinary);
    enable(Verb::AddMember, write);
    enable(Verb::ReplaceMember, write && hasReplaceable(snapshot().layout));
    enable(Verb::Refresh, m_array != nullptr);
}

void ArrayActions::offerInterrupted()
{
    for (const Job& job : snapshot().interrupted) {
        std::vector<MessageAction> actions;
        // An import needs its file again, which only the operator has.
        if (job.kind != JobKind::Import)
            actions.push_back(
                {tr("Resume"), QStringLiteral("resumeJob"), [this, job] { startResume(job); }});
        actions.push_back(
            {tr("Discard"), QStringLiteral("discardJob"), [this, job] { discardJob(job); }});
        m_messages.show({.kind = MessageKind::Warning,
                         .headline = interruptedHeadline(job),
                         .body = interruptedBody(job),
                         .actions = actions,
                         .key = QStringLiteral("interrupted-%1").arg(job.id)});
    }
}

void ArrayActions::warnOfCatalog()
{
    const QString key = QStringLiteral("catalog");
    m_messages.remove(key);
    if (snapshot().catalogProblem) {
        const Error& error = *snapshot().catalogProblem;
        const ErrorText text = errorText(Verb::Open, error);
        m_messages.show({.kind = MessageKind::Error,
                         .headline = tr("The catalog cannot be read. %1").arg(causeText(error)),
                         .body = tr("Nothing was written. The regions are shown as the partition "
                                    "tables list them. %1")
                                     .arg(text.remedy),
                         .actions = {},
                         .key = key});
    } else if (snapshot().catalog && snapshot().catalog->newerFormat) {
        m_messages.show(
            {.kind = MessageKind::Warning,
             .headline = tr("A newer version of Cairn has written this catalog."),
             .body = tr("Everything is shown and can be verified and exported; nothing can be "
                        "written with this version. Update Cairn to go on."),
             .actions = {},
             .key = key});
    } else if (snapshot().catalog && snapshot().catalog->nearlyFull) {
        const CatalogStatus& status = *snapshot().catalog;
        m_messages.show(
            {.kind = MessageKind::Warning,
             .headline = tr("The management region is nearly full: %1 of %2.")
                             .arg(sizeDisplay(status.usedBytes), sizeDisplay(status.capacityBytes)),
             .body = tr("Everything stays readable. Forget backups that are not needed, or new "
                        "ones will be refused."),
             .actions = {},
             .key = key});
    }
}

void ArrayActions::reportSuccess(const RunningJob& job, const JobOutcome& outcome)
{
    Message message{.kind = MessageKind::Success,
                    .headline = tr("%1: done.").arg(job.request().title),
                    .body = {},
                    .actions = {},
                    .key = QStringLiteral("done")};
    if (const auto* backup = std::get_if<BackupOutcome>(&outcome)) {
        const bool good = backup->state == GenerationState::Good;
        message.headline =
            good ? tr("Backup %1 is complete and verified.").arg(number(backup->number))
                 : tr("Backup %1 is complete.").arg(number(backup->number));
        message.body =
            tr("%1 were read, %2 written.")
                .arg(sizeDisplay(backup->copy.copiedBytes), sizeDisplay(backup->copy.writtenBytes));
        if (!good)
            message.body += u' ' + tr("It was not read back: verify it (Ctrl+Y) to be sure.");
    } else if (const auto* restored = std::get_if<RestoreOutcome>(&outcome)) {
        message.body = tr("%1 were written; %2 were already right.")
                           .arg(sizeDisplay(restored->copy.writtenBytes + restored->copy.zeroBytes),
                                sizeDisplay(restored->copy.unchangedBytes));
        if (restored->undo != 0)
            message.body +=
                u' ' + tr("Backup %1 keeps what was overwritten.").arg(number(restored->undo));
    } else if (const auto* copy = std::get_if<CopyOutcome>(&outcome)) {
        message.body = tr("%1 were written; %2 were already right.")
                           .arg(sizeDisplay(copy->writtenBytes + copy->zeroBytes),
                                sizeDisplay(copy->unchangedBytes));
    } else if (const auto* proof = std::get_if<Verification>(&outcome)) {
        const VerifyOutcome& found = proof->outcome;
        if (found.good()) {
            message.headline = tr("Backup %1 is what it was when it was copied.")
                                   .arg(number(job.request().generation));
            message.body =
                tr("%1 were compared, %2.")
                    .arg(sizeDisplay(found.verifiedBytes), readBackDisplay(found.readBack));
        } else {
            message.kind = MessageKind::Error;
            message.headline = tr("Backup %1 is damaged.").arg(number(job.request().generation));
            message.body =
                tr("Of its chunks of 1 MiB, %1 differ and %2 cannot be read. The catalog says so "
                   "now. Use another backup, and check the device.")
                    .arg(number(found.different.count()), number(found.unreadable.count()));
        }
        if (!proof->recorded)
            message.body +=
                u' ' + tr("The array cannot be written now, so the result was not recorded.");
    } else if (const auto* bytes = std::get_if<std::uint64_t>(&outcome)) {
        message.body = tr("%1 were copied.").arg(sizeDisplay(*bytes));
    }
    m_messages.show(message);
}

void ArrayActions::report(RunningJob* job)
{
    const Result<JobOutcome>& outcome = job->outcome();
    if (outcome) {
        reportSuccess(*job, *outcome);
        return;
    }
    if (outcome.error().code != ErrorCode::Canceled) {
        m_messages.showError(job->request().verb, outcome.error());
        return;
    }
    m_messages.show({.kind = MessageKind::Info,
                     .headline = tr("Canceled: %1.").arg(job->request().title),
                     .body = errorText(job->request().verb, outcome.error()).state,
                     .actions = {},
                     .key = QStringLiteral("done")});
}

} // namespace cairn
