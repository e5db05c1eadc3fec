// Which verbs there are, and when they can be chosen.
#include "ui/array_actions.h"

#include "ui/away_member.h"
#include "ui/display_text.h"
#include "ui/job_report.h"
#include "ui/record_text.h"
#include "ui/widgets/icons.h"

#include <QPointer>

#include <algorithm>
#include <initializer_list>

namespace cairn {
namespace {

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

} // namespace

ArrayActions::ArrayActions(ArrayView& view, MessageStrip& messages, QWidget& window)
    : QObject(&window), m_view(view), m_messages(messages), m_window(window)
{
    addBackupActions();
    addRegionActions();
    addArrayActions();
    addRecordActions();
    addRootActions();
    recolorIcons();
    connect(&view, &ArrayView::selectionChanged, this, &ArrayActions::updateEnabled);
    connect(view.map(), &ArrayMap::dragBegun, this, &ArrayActions::showDropVerdicts);
    connect(view.map(), &ArrayMap::dropped, this,
            [this](const RegionId& source, const RegionId& target) {
                const Region* region = writable() ? snapshot().layout.find(source) : nullptr;
                if (region != nullptr)
                    backUpFrom(*region, target);
            });
    updateEnabled();
}

void ArrayActions::add(const Look& look)
{
    auto* made = new QAction(look.text, this);
    made->setObjectName(QLatin1StringView(look.name));
    made->setShortcut(look.shortcut);
    made->setStatusTip(look.tip);
    setReason(*made, {});
    connect(made, &QAction::triggered, this, look.run);
    m_actions[look.verb] = made;
    if (!look.named.text.isEmpty()) {
        m_plainWords[look.verb] = {look.text, look.tip};
        m_namedWords[look.verb] = look.named;
    }
}

void ArrayActions::setReason(QAction& action, const QString& reason)
{
    const QString keys = action.shortcut().toString(QKeySequence::NativeText);
    const QString tip =
        keys.isEmpty() ? action.statusTip() : tr("%1 (%2)").arg(action.statusTip(), keys);
    action.setToolTip(toolTipText(reason.isEmpty() ? tip : tip + u'\n' + reason));
}

void ArrayActions::addBackupActions()
{
    add({Verb::BackUp,
         "backUp",
         tr("&Back up …"),
         tr("Copy the selected region into another"),
         Qt::CTRL | Qt::Key_B,
         &ArrayActions::backUp,
         {tr("&Back up %1 …"), tr("Copy the region %1 into another")}});
    add({Verb::Restore, "restore", tr("&Restore …"),
         tr("Copy the selected backup back over a region"), Qt::CTRL | Qt::Key_R,
         &ArrayActions::restore});
    add({Verb::Swap, "swapRestore", tr("Restore by e&xchange …"),
         tr("Exchange the region of the selected backup with its source, without copying"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_X, &ArrayActions::swapSelected});
    add({Verb::Undo, "undoRestore", tr("&Undo restore …"),
         tr("Bring back what a restore of the selected region or backup overwrote"),
         Qt::CTRL | Qt::Key_Z, &ArrayActions::undoSelected});
    add({Verb::Resume, "resumeInterrupted", tr("Res&ume"),
         tr("Go on with the interrupted job of the selected region or backup, or read again what "
            "the backup lacks of its source"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_R, &ArrayActions::resumeSelected});
    add({Verb::Discard, "discardInterrupted", tr("&Discard interrupted job …"),
         tr("Give the interrupted job of the selected region or backup up"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_D, &ArrayActions::discardSelected});
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
    add({Verb::Seal, "seal", tr("&Seal"),
         tr("Keep the signatures of the selected backup in the catalog, so that no program finds "
            "its filesystem"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_S, &ArrayActions::sealGeneration});
    add({Verb::Unseal, "unseal", tr("U&nseal"),
         tr("Put the signatures of the selected backup back, so that it can be mounted"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_U, &ArrayActions::unsealGeneration});
}

void ArrayActions::addRegionActions()
{
    add({Verb::AddRegion, "addRegion", tr("&Add region …"), tr("Add a region in free space"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_N, &ArrayActions::addRegion});
    add({Verb::RenameRegion,
         "renameRegion",
         tr("Re&name region …"),
         tr("Rename the selected region"),
         Qt::Key_F2,
         &ArrayActions::renameRegion,
         {tr("Re&name region %1 …"), tr("Rename the region %1")}});
    add({Verb::RemoveRegion,
         "removeRegion",
         tr("&Remove region …"),
         tr("Remove the selected region from the table"),
         Qt::SHIFT | Qt::Key_Delete,
         &ArrayActions::removeRegion,
         {tr("&Remove region %1 …"), tr("Remove the region %1 from the table")}});
    add({Verb::AcceptContent,
         "acceptContent",
         tr("Accept as it &is …"),
         tr("Take the content of the selected half-written region as it is"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_T,
         &ArrayActions::acceptContent,
         {tr("Accept %1 as it &is …"),
          tr("Take the content of the half-written region %1 as it is")}});
    add({Verb::Import,
         "importImage",
         tr("&Import image …"),
         tr("Fill the selected region from an image file"),
         Qt::CTRL | Qt::Key_I,
         &ArrayActions::importImage,
         {tr("&Import image into %1 …"), tr("Fill the region %1 from an image file")}});
    add({Verb::Export,
         "exportImage",
         tr("&Export to image …"),
         tr("Copy the selected region into an image file"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_E,
         &ArrayActions::exportImage,
         {tr("&Export %1 to image …"), tr("Copy the region %1 into an image file")}});
}

void ArrayActions::addArrayActions()
{
    add({Verb::AddMember, "addMember", tr("Add &member …"), tr("Let a disk or file join the array"),
         Qt::CTRL | Qt::Key_M, &ArrayActions::addMember});
    add({Verb::ReplaceMember, "replaceMember", tr("Re&place member …"),
         tr("Put a disk or file in the place of a lost member"), Qt::CTRL | Qt::SHIFT | Qt::Key_M,
         &ArrayActions::replaceMember});
    add({Verb::ReleaseDisk, "releaseDisk", tr("Re&lease disk …"),
         tr("Remove Cairn from a disk; its other partitions stay"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_Delete, &ArrayActions::releaseDisk});
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
    m_offered.clear();
    m_again.clear();
    m_refused.clear();
    m_refusedSource.reset();
    m_toldOfCopies.clear();
    m_toldOfAway.clear();
    m_away.clear();
    if (array != nullptr) {
        connect(array, &AttachedArray::snapshotChanged, this, [this] {
            offerInterrupted();
            warnOfCatalog();
            warnOfCopies();
            warnOfMembers();
            judgeFailed();
            dropRefusals();
        });
        // What is resumed is not offered any more, though the array calls it interrupted still.
        connect(array, &AttachedArray::jobStarted, this, &ArrayActions::offerInterrupted);
        connect(array, &AttachedArray::jobStarted, this, &ArrayActions::judgeFailed);
        connect(array, &AttachedArray::jobStarted, this, &ArrayActions::updateEnabled);
        connect(array, &AttachedArray::jobDone, this, &ArrayActions::report);
        connect(array, &AttachedArray::jobDone, this, &ArrayActions::updateEnabled);
        connect(array, &AttachedArray::failed, this, &ArrayActions::tellFailure);
        connect(array, &AttachedArray::refreshed, this, [this] {
            m_messages.removeError(Verb::Refresh);
            m_refused.erase(Verb::Refresh);
        });
        connect(array, &AttachedArray::changeDone, this, [this](Verb verb, const QString& text) {
            m_messages.removeError(verb);
            m_again.erase(verb);
            m_refused.erase(verb);
            if (!text.isEmpty())
                m_messages.show(
                    {.kind = MessageKind::Success,
                     .headline = text,
                     .body = {},
                     .actions = verb == Verb::Release ? holdAgain() : std::vector<MessageAction>(),
                     .key = QStringLiteral("done")});
        });
        offerInterrupted();
        warnOfCatalog();
        warnOfCopies();
        warnOfMembers();
    }
    updateEnabled();
}

bool ArrayActions::writable() const
{
    return m_blocked.isEmpty() && m_array != nullptr && snapshot().catalog &&
           !snapshot().splitBrain() && !snapshot().catalog->newerFormat;
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

const Region* ArrayActions::sourceToBackUp() const
{
    const Generation* backup = selectedGeneration();
    if (backup != nullptr && m_view.selection().backupFirst)
        return snapshot().layout.find(backup->source.id);
    return selectedRegion();
}

void ArrayActions::allow(Verb verb, const QString& whyNot)
{
    const QString reason = !m_blocked.isEmpty() ? m_blocked
                           : several() && !takesSeveral(verb)
                               ? tr("Several backups are selected: select one.")
                               : whyNot;
    m_actions.at(verb)->setEnabled(reason.isEmpty());
    setReason(*m_actions.at(verb), reason);
    offerToRoot(verb, reason);
}

void ArrayActions::setBlocked(const QString& why)
{
    m_blocked = why;
    updateEnabled();
}

void ArrayActions::nameRegion(Verb verb, const Region* region)
{
    const Words& words = region != nullptr ? m_namedWords.at(verb) : m_plainWords.at(verb);
    const QString name = region != nullptr ? regionDisplay(*region) : QString();
    QAction& named = *m_actions.at(verb);
    named.setText(region != nullptr ? words.text.arg(buttonText(name)) : words.text);
    named.setStatusTip(region != nullptr ? words.tip.arg(name) : words.tip);
}

void ArrayActions::nameRegions()
{
    nameRegion(Verb::BackUp, m_array != nullptr ? sourceToBackUp() : nullptr);
    for (const Verb verb :
         {Verb::RenameRegion, Verb::RemoveRegion, Verb::AcceptContent, Verb::Import, Verb::Export})
        nameRegion(verb, selectedRegion());
}

void ArrayActions::updateEnabled()
{
    nameRegions();
    const QString notWritten = whyNotWritten();
    const QString noChange = whyNoChange();
    updateBackupVerbs();
    allow(Verb::AddRegion, whyNotAdded());
    allow(Verb::RenameRegion, noChange);
    allow(Verb::RemoveRegion, whyNotRemoved());
    allow(Verb::AcceptContent, whyNotAccepted());
    allow(Verb::Import, whyNotGivenUp());
    allow(Verb::Export, whyNoExport());
    allow(Verb::ShowHistory, whyNoCatalog());
    allow(Verb::ExportCatalog, whyNoCatalogFile());
    allow(Verb::ExportBackup, whyNoArchive());
    allow(Verb::AddMember, notWritten);
    const bool replaceable = m_array != nullptr && !awayMembers(snapshot()).empty();
    allow(Verb::ReplaceMember, !notWritten.isEmpty() ? notWritten
                               : replaceable         ? QString()
                                                     : tr("No member is missing or failed."));
    allow(Verb::ReleaseDisk, whyNotReleased());
    allow(Verb::Refresh, m_array != nullptr ? QString() : tr("No array is open."));
}

void ArrayActions::updateBackupVerbs()
{
    const Generation* backup = selectedGeneration();
    const Job* interrupted = selectedInterrupted();
    const bool kept = backup != nullptr && hasCopy(*backup);
    const QString notWritten = whyNotWritten();
    // The first that holds; none of them: it can be chosen.
    struct Why {
        bool holds = false;
        QString text;
    };
    const auto allowUnless = [&](Verb verb, std::initializer_list<Why> reasons) {
        const auto* first = std::ranges::find_if(reasons, &Why::holds);
        allow(verb, first == reasons.end() ? QString() : first->text);
    };
    const Why unselected{backup == nullptr, tr("Select a backup.")};
    const Why locked{!notWritten.isEmpty(), notWritten};
    const Why copyless{!kept, tr("There is no copy of it.")};
    const Why jobless{interrupted == nullptr, tr("The selection has no interrupted job.")};
    const QString absent = kept ? whyNoCopy(*backup) : QString();
    const bool held = backup != nullptr && backup->held;
    const GenerationState state = backup != nullptr ? backup->state : GenerationState::Forgotten;
    allow(Verb::BackUp, whyNoBackup());
    allow(Verb::Restore, whyNoRestore());
    allow(Verb::Swap, whyNoSwap());
    allow(Verb::Undo, whyNoUndo());
    allow(Verb::Resume, whyNoResume());
    allowUnless(Verb::Discard, {locked, jobless});
    allowUnless(Verb::Verify,
                {unselected,
                 {m_array == nullptr || !snapshot().catalog, tr("There is no readable catalog.")},
                 copyless,
                 {!absent.isEmpty(), absent}});
    allow(Verb::Seal, whyNoSeal());
    allow(Verb::Unseal, whyNoUnseal());
    if (several()) {
        for (const Verb verb : {Verb::Hold, Verb::Release, Verb::Forget})
            allow(verb, notWritten);
        return;
    }
    allowUnless(Verb::Hold, {unselected, locked, copyless, {held, tr("It is held already.")}});
    allowUnless(Verb::Release, {unselected, locked, {!held, tr("It is not held.")}});
    allowUnless(Verb::Forget,
                {unselected,
                 locked,
                 {held, tr("It is held: release it first.")},
                 {state == GenerationState::Forgotten, tr("It is forgotten already.")},
                 {state == GenerationState::Copying, tr("It is being copied.")}});
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

// Once for each that is left out: it stays until a later change has reached them all.
void ArrayActions::warnOfCopies()
{
    const auto message = unwrittenMessage(snapshot());
    const QString told = message ? message->headline + message->body : QString();
    if (std::exchange(m_toldOfCopies, told) == told)
        return;
    if (message)
        m_messages.show(*message);
    else
        m_messages.remove(QStringLiteral("catalogCopies"));
}

void ArrayActions::report(RunningJob* job)
{
    if (const auto& outcome = job->outcome()) {
        Message message = successMessage(job->request(), *outcome, snapshot());
        job->setReport(endedWell(job->request(), message));
        if (const GenerationNumber undo = undoOf(*outcome)) {
            message.key = QStringLiteral("restored");
            message.actions.push_back({.text = tr("Undo …"),
                                       .name = QStringLiteral("undoThis"),
                                       .run = [this, undo] { askUndo(undo); },
                                       .settles = false});
        }
        m_messages.removeError(job->request().verb);
        m_messages.show(message);
        judgeFailed();
        return;
    }
    // What the job left behind is read from the array, not guessed from where it stopped.
    m_array->read(
        m_array,
        [uris = snapshot().uris](Attachment& attachment) { return readSnapshot(attachment, uris); },
        [this, ended = QPointer(job), request = job->request(), error = job->outcome().error(),
         began = job->handedOver()](const ArraySnapshot& after) {
            const BadEnd end{request, error, began};
            if (ended)
                ended->setReport(endedBadly(end, after));
            reportFailure(end, after);
            judgeFailed();
        });
}

void ArrayActions::dropMadeGood()
{
    std::vector<RunningJob*> madeGood;
    const auto& jobs = m_array->jobs();
    for (auto failed = jobs.begin(); failed != jobs.end(); ++failed) {
        const JobReport& report = (*failed)->report();
        if (!(*failed)->finished() || (*failed)->outcome() || report.text.isEmpty())
            continue;
        const bool later = std::any_of(failed + 1, jobs.end(), [&](const auto& other) {
            return other->finished() && other->outcome() &&
                   other->report().tone != JobReport::Tone::Bad &&
                   makesGood((*failed)->request(), report, other->request());
        });
        if (later)
            madeGood.push_back(failed->get());
    }
    for (RunningJob* job : madeGood) {
        dropMessageOf(*job);
        m_array->dismiss(job);
    }
}

void ArrayActions::dropMessageOf(const RunningJob& job)
{
    if (job.outcome().error().code == ErrorCode::Canceled)
        m_messages.remove(QStringLiteral("canceled"));
    else
        m_messages.removeError(job.request().verb);
}

void ArrayActions::judgeFailed()
{
    dropMadeGood();
    for (const auto& job : m_array->jobs()) {
        if (!job->finished() || job->outcome() || job->report().text.isEmpty())
            continue;
        JobReport report = job->report();
        const bool repeated = std::ranges::any_of(m_array->jobs(), [&](const auto& other) {
            return !other->finished() && makesGood(job->request(), report, other->request());
        });
        report.underWay = repeated || (report.left && isResumed(*report.left));
        report = judgedAgain(std::move(report), job->outcome().error(), snapshot());
        if (report.text != job->report().text)
            dropMessageOf(*job);
        if (report != job->report())
            job->setReport(std::move(report));
    }
}

void ArrayActions::dropRefusals()
{
    const bool alive = snapshot().catalog && snapshot().catalog->writerAlive;
    const bool writerGone = std::exchange(m_writerWasAlive, alive) && !alive;
    const bool readAnew = std::exchange(m_readAnew, false);
    const bool allThere = awayMembers(snapshot()).empty();
    std::erase_if(m_refused, [&](const auto& refused) {
        const bool forMember =
            refused.second == ErrorCode::MemberMissing || refused.second == ErrorCode::MemberFailed;
        const bool gone = readAnew || (writerGone && refused.second == ErrorCode::ArrayBusy) ||
                          (allThere && forMember);
        if (gone)
            m_messages.removeError(refused.first);
        return gone;
    });
    dropRefusedBackup();
}

void ArrayActions::reportFailure(const BadEnd& end, const ArraySnapshot& after)
{
    const JobRequest& request = end.request;
    const Error& error = end.error;
    const ErrorText text = badEndText(end, after);
    if (error.code == ErrorCode::Canceled) {
        m_messages.show({.kind = MessageKind::Info,
                         .headline = tr("Canceled: %1.").arg(request.title),
                         .body = text.state + u' ' + text.remedy,
                         .actions = {},
                         .key = QStringLiteral("canceled")});
        return;
    }
    std::vector<MessageAction> actions;
    if (error.code == ErrorCode::ConfirmationNeeded && request.askName)
        actions.push_back({tr("Confirm …"), QStringLiteral("confirmByName"),
                           [askName = request.askName, error] { askName(error); }, true});
    if (const auto left = endedBadly(end, after).left; left && leavesOutWhenResumed(*left, error))
        actions.push_back({tr("Go on, skipping what cannot be read"),
                           QStringLiteral("resumeSkipping"),
                           [this, job = *left] { resumeJob(job, OnUnreadable::Skip); }, true});
    if (canSkipUnreadable(request, error))
        actions.push_back(
            {skipUnreadableText(), QStringLiteral("exportSkipping"), request.skipUnreadable, true});
    m_messages.showError(request.verb, text, errorClass(error.code), actions);
}

} // namespace cairn
