// What the catalog tells and gives away: its ledger, itself as a file, a backup as an archive.
#include "ui/array_actions.h"

#include "core/backup/catalog_file.h"
#include "core/backup/export_generation.h"
#include "core/backup/guards.h"
#include "ui/asking.h"
#include "ui/dialogs/file_dialog.h"
#include "ui/dialogs/history_dialog.h"
#include "ui/display_text.h"
#include "ui/job_steps.h"
#include "ui/jobs/saved_file.h"
#include "ui/record_text.h"

namespace cairn {
namespace {

// Hands on what an export writes, as long as the job is not canceled. Of how much, nobody knows.
Result<std::uint64_t> exportCatalogTo(Attachment& attachment, const std::string& path,
                                      CopyControl& control)
{
    SavedFile file = CAIRN_TRY(SavedFile::open(path));
    CAIRN_TRY(exportCatalog(attachment, [&](std::span<const std::byte> bytes) -> Result<void> {
        if (!control.checkpoint({.phase = CopyPhase::Copying, .doneBytes = file.writtenBytes()}))
            return failure(ErrorCode::Canceled, path);
        return file.write(bytes);
    }));
    CAIRN_TRY(file.commit());
    return file.writtenBytes();
}

Result<ArchivedBackup> exportBackupTo(Attachment& attachment, GenerationNumber number,
                                      const std::string& path, CopyControl& control)
{
    SavedFile file = CAIRN_TRY(SavedFile::open(path));
    ArchivedBackup archived;
    archived.exported = CAIRN_TRY(exportGeneration(
        attachment, number, [&](std::span<const std::byte> bytes) { return file.write(bytes); },
        control));
    CAIRN_TRY(file.commit());
    // An array that cannot be written now is exported all the same.
    if (const auto recorded = recordExport(attachment, number, path); !recorded)
        archived.unrecorded = recorded.error();
    return archived;
}

QFileDialog* saveDialog(const QString& title, const QString& name, const QString& filter,
                        QWidget& window)
{
    auto* chooser = new QFileDialog(&window, title, {}, filter);
    chooser->setAcceptMode(QFileDialog::AcceptSave);
    chooser->setFileMode(QFileDialog::AnyFile);
    chooser->selectFile(name);
    fitFileDialog(*chooser);
    return chooser;
}

// A name that a file can have, whatever the array or region is called.
QString fileName(QString shown, const QString& end)
{
    for (QChar& each : shown) {
        if (!each.isLetterOrNumber() && each != u'-' && each != u'_')
            each = u'-';
    }
    return shown + end;
}

} // namespace

void ArrayActions::addRecordActions()
{
    add({Verb::ShowHistory, "showHistory", tr("H&istory …"),
         tr("Show what was done to the array, when and by which host"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_H, &ArrayActions::showHistory});
    add({Verb::ExportCatalog, "exportCatalog", tr("&Export catalog …"),
         tr("Write all records, digests and the ledger into a file"),
         Qt::CTRL | Qt::SHIFT | Qt::Key_K, &ArrayActions::askExportCatalog});
    add({Verb::ExportBackup, "exportBackup", tr("Export to ar&chive …"),
         tr("Write the selected backup with its record and digests into a file"),
         Qt::CTRL | Qt::Key_T, &ArrayActions::askExportBackup});
}

QString ArrayActions::whyNoCatalog() const
{
    if (m_array == nullptr)
        return tr("No array is open.");
    return snapshot().catalog ? QString() : tr("There is no readable catalog.");
}

QString ArrayActions::whyNoCatalogFile() const
{
    if (const QString why = whyNoCatalog(); !why.isEmpty())
        return why;
    return snapshot().splitBrain()
               ? tr("It has several histories: choose one, or open the member of one alone.")
               : QString();
}

QString ArrayActions::whyNoArchive() const
{
    const Generation* backup = selectedGeneration();
    if (backup == nullptr)
        return tr("Select a backup.");
    if (backup->undo)
        return tr("This is an undo copy: only backups are exported.");
    if (!isRestorable(*backup))
        return unrestorableText(*backup);
    return whyNoCopy(*backup);
}

void ArrayActions::showHistory()
{
    HistoryDialog::About about;
    if (const Generation* backup = selectedGeneration())
        about = {.backup = backup->number,
                 .title = recordTitle(*backup),
                 .only = m_view.selection().backupFirst};
    auto* dialog = new HistoryDialog(displayShort(snapshot().name(), 60), about, &m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_array, &QObject::destroyed, dialog, &QWidget::close);
    m_array->read(
        dialog,
        [](Attachment& attachment) -> Result<Ledger> {
            const auto catalog = CAIRN_TRY(attachment.catalog());
            return catalog->ledger();
        },
        [dialog](Result<Ledger> ledger) { dialog->setLedger(std::move(ledger)); });
    dialog->show();
}

void ArrayActions::askExportCatalog()
{
    const QString name = displayShort(snapshot().name(), 60);
    auto* chooser =
        saveDialog(tr("Export the catalog"), fileName(name, QStringLiteral("-catalog.jsonl")),
                   tr("Exports of a catalog (*.jsonl);;All files (*)"), m_window);
    chooser->setObjectName(QStringLiteral("exportCatalogDialog"));
    ask(chooser, this, [this, name](const QFileDialog& dialog) {
        if (!m_array || dialog.selectedFiles().isEmpty())
            return;
        const std::string path = QFile::encodeName(dialog.selectedFiles().first()).toStdString();
        m_array->start({.verb = Verb::ExportCatalog,
                        .title = tr("Export the catalog of %1").arg(name),
                        .target = std::nullopt,
                        .generation = 0,
                        .run = {}},
                       [path](Attachment& attachment, CopyControl& control) {
                           return asOutcome(exportCatalogTo(attachment, path, control));
                       });
    });
}

void ArrayActions::askExportBackup()
{
    const Generation* backup = selectedGeneration();
    if (backup == nullptr)
        return;
    auto* chooser = saveDialog(
        tr("Export %1").arg(recordTitle(*backup)),
        fileName(tr("%1-backup-%2").arg(regionDisplay(backup->source)).arg(backup->number),
                 QStringLiteral(".tar")),
        tr("Archives of a backup (*.tar);;All files (*)"), m_window);
    chooser->setObjectName(QStringLiteral("exportBackupDialog"));
    ask(chooser, this, [this, backup = *backup](const QFileDialog& dialog) {
        if (!m_array || dialog.selectedFiles().isEmpty())
            return;
        const std::string path = QFile::encodeName(dialog.selectedFiles().first()).toStdString();
        m_array->start(
            {.verb = Verb::ExportBackup,
             .title = tr("Export %1").arg(recordTitle(backup)),
             .target = backup.target.id,
             .generation = backup.number,
             .steps = stepsOfExport(backup),
             .run = {}},
            [path, number = backup.number](Attachment& attachment, CopyControl& control) {
                return asOutcome(exportBackupTo(attachment, number, path, control));
            });
    });
}

} // namespace cairn
