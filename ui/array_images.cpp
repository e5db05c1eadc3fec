// Images into regions and out of them.
#include "ui/array_actions.h"

#include "core/backup/administer.h"
#include "core/backup/half_written.h"
#include "ui/asking.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/dialogs/file_dialog.h"
#include "ui/dialogs/import_dialog.h"
#include "ui/job_steps.h"
#include "ui/jobs/image_file.h"
#include "ui/jobs/saved_file.h"
#include "ui/record_text.h"

namespace cairn {
namespace {

std::optional<HalfWritten> halfWrittenNow(Attachment& attachment, const RegionId& region)
{
    // Where the catalog cannot tell, a message has said so already.
    const auto all = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
    const HalfWritten* found = findHalfWritten(all, region);
    return found != nullptr ? std::optional(*found) : std::nullopt;
}

Result<RegionExport> exportTo(Attachment& attachment, const RegionId& region,
                              const std::string& path, CopyControl& control,
                              OnUnreadable onUnreadable)
{
    SavedFile file = CAIRN_TRY(SavedFile::open(path));
    auto exported = CAIRN_TRY(exportRegion(
        attachment, region, [&](std::span<const std::byte> bytes) { return file.write(bytes); },
        control, onUnreadable));
    CAIRN_TRY(file.commit());
    return exported;
}

// A file cannot carry the mark: whoever takes it for whole must have been told before.
QString halfExportText(HalfWrittenState state)
{
    if (state == HalfWrittenState::Accepted)
        return ArrayActions::tr("Something that began to overwrite it never ended, and its content "
                                "was accepted as it is. The file does not tell that any more.");
    const QString otherwise =
        state == HalfWrittenState::Running
            ? ArrayActions::tr("Otherwise wait: a job is writing it now.")
        : state == HalfWrittenState::Interrupted
            ? ArrayActions::tr("Otherwise finish the interrupted job that writes it first.")
            : ArrayActions::tr("Otherwise restore or import it again first: what began to "
                               "overwrite it was given up.");
    return ArrayActions::tr("The file will hold neither the old content nor the new one, and "
                            "nothing in it says so. For a rescue that may be what is wanted. %1")
        .arg(otherwise);
}

} // namespace

void ArrayActions::importImage()
{
    if (const Region* region = selectedRegion())
        askImport(region->id, {});
}

void ArrayActions::askImport(const RegionId& wanted, const ImportChoice& choice)
{
    const Region* region = m_array != nullptr ? snapshot().layout.find(wanted) : nullptr;
    if (region == nullptr || refusedAsUsed(Verb::Import, *region))
        return;
    auto* dialog = new ImportDialog(snapshot(), *region, &m_window);
    dialog->choose(choice);
    ask(dialog, this, [this, region = *region](const ImportDialog& answered) {
        startImport(region,
                    {.region = region.id,
                     .sizeBytes = answered.sizeBytes(),
                     .confirmedName = answered.confirmedName(),
                     .seen = region},
                    answered.path());
    });
}

void ArrayActions::startImport(const Region& region, const ImportPlan& plan, const QString& path)
{
    if (!m_array)
        return;
    m_array->start(
        {.verb = Verb::Import,
         .title = tr("Import into %1").arg(regionDisplay(region)),
         .target = region.id,
         .member = region.member,
         .generation = 0,
         .askName = [this, id = region.id,
                     path](const Error&) { askImport(id, {.path = path, .nameNeeded = true}); },
         .askAgain = [this, id = region.id, path] { askImport(id, {.path = path}); },
         .run = {}},
        [plan, path = path.toStdString()](Attachment& attachment, CopyControl& control) {
            return asOutcome(importRegion(attachment, plan, imageSource(path), control));
        });
}

void ArrayActions::exportImage()
{
    const Region* region = selectedRegion();
    if (region == nullptr)
        return;
    auto* chooser = new QFileDialog(&m_window, tr("Export %1").arg(regionDisplay(*region)));
    chooser->setObjectName(QStringLiteral("exportDialog"));
    chooser->setAcceptMode(QFileDialog::AcceptSave);
    chooser->setFileMode(QFileDialog::AnyFile);
    fitFileDialog(*chooser);
    ask(chooser, this, [this, region = *region](const QFileDialog& dialog) {
        if (!m_array || dialog.selectedFiles().isEmpty())
            return;
        m_array->read(
            m_array, [id = region.id](Attachment& each) { return halfWrittenNow(each, id); },
            [this, region, path = dialog.selectedFiles().first().toStdString()](
                const std::optional<HalfWritten>& half) {
                if (half)
                    askHalfExport(region, path, half->state);
                else
                    startExport(region, path, tr("Export %1").arg(regionDisplay(region)),
                                OnUnreadable::Fail);
            });
    });
}

void ArrayActions::askHalfExport(const Region& region, const std::string& path,
                                 HalfWrittenState state)
{
    const QString name = regionDisplay(region);
    const bool accepted = state == HalfWrittenState::Accepted;
    const QString title = accepted ? tr("Export %1, accepted as it is").arg(name)
                                   : tr("Export half-written %1").arg(name);
    ask(new ConfirmDialog(
            {.title = tr("Export %1").arg(name),
             .heading = accepted ? tr("Export %1, which was once half-written?").arg(name)
                                 : tr("%1 is half-written. Export it all the same?").arg(name),
             .explanation = halfExportText(state),
             .verb = tr("Export")},
            &m_window),
        this, [this, region, path, title](const ConfirmDialog&) {
            startExport(region, path, title, OnUnreadable::Fail);
        });
}

void ArrayActions::startExport(const Region& region, const std::string& path, const QString& title,
                               OnUnreadable onUnreadable)
{
    // What another job has begun to write meanwhile is read by none.
    if (!m_array || refusedAsWritten(Verb::Export, region))
        return;
    std::function<void()> skip;
    if (onUnreadable == OnUnreadable::Fail)
        skip = [this, region, path, title] {
            startExport(region, path, title, OnUnreadable::Skip);
        };
    m_array->start(
        {.verb = Verb::Export,
         .title = title,
         .target = std::nullopt,
         .generation = 0,
         .steps = stepsOfExport(region),
         .skipUnreadable = std::move(skip),
         .run = {}},
        [id = region.id, path, onUnreadable](Attachment& attachment, CopyControl& control) {
            return asOutcome(exportTo(attachment, id, path, control, onUnreadable));
        });
}

} // namespace cairn
