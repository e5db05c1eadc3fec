// Every dialog has room for all that it says: no text is cut, no field is squashed.
#include "tests/ui/sample_snapshot.h"
#include "ui/dialogs/add_region_dialog.h"
#include "ui/dialogs/backup_dialog.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/dialogs/create_array_dialog.h"
#include "ui/dialogs/file_dialog.h"
#include "ui/dialogs/import_dialog.h"
#include "ui/dialogs/member_dialog.h"
#include "ui/dialogs/open_array_dialog.h"
#include "ui/dialogs/release_disk_dialog.h"
#include "ui/dialogs/rename_region_dialog.h"
#include "ui/dialogs/restore_dialog.h"
#include "ui/dialogs/undo_dialog.h"

#include <QLayout>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>
#include <functional>
#include <memory>

using namespace cairn;
using namespace cairn::test;

using MakeDialog = std::function<QDialog*()>;

class TestDialogSizes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aDialogHasRoomForAllItSays_data();
    void aDialogHasRoomForAllItSays();
    void whatIsSaidLaterHasRoomToo();
    void namesInAFileDialogCanBeRead();

private:
    [[nodiscard]] const ArrayLayout& layout() const { return m_sample->snapshot().layout; }
    [[nodiscard]] QDialog* backup() const;
    [[nodiscard]] QDialog* restore() const;
    [[nodiscard]] QDialog* undo() const;
    [[nodiscard]] QDialog* release() const;
    [[nodiscard]] QDialog* confirm() const;
    [[nodiscard]] DiskRelease releasePlan() const;

    std::optional<SampleArray> m_sample;
    DiskList m_disks;
};

void TestDialogSizes::init()
{
    m_sample.emplace();
    m_disks.setDisks({{.device = QStringLiteral("/dev/nvme0n1"),
                       .model = QStringLiteral("A model of which the name is rather long"),
                       .sizeBytes = 4'000'787'030'016ULL,
                       .hasTable = true,
                       .holdsCatalog = true,
                       .readOnly = false}});
    m_sample->snapshot().layout.members.back().state = MemberState::Missing;
}

static bool hasRoom(const QDialog& dialog)
{
    const QLayout& layout = *dialog.layout();
    if (dialog.height() < layout.totalHeightForWidth(dialog.width()))
        return false;
    for (const QLabel* label : dialog.findChildren<QLabel*>()) {
        if (label->isVisible() && label->wordWrap() &&
            label->height() < label->heightForWidth(label->width()))
            return false;
    }
    for (const QLineEdit* field : dialog.findChildren<QLineEdit*>()) {
        if (field->isVisible() && qobject_cast<QComboBox*>(field->parentWidget()) == nullptr &&
            field->height() < field->sizeHint().height())
            return false;
    }
    return true;
}

QDialog* TestDialogSizes::backup() const
{
    CandidateTarget occupied;
    occupied.region = m_sample->region(20).id;
    occupied.replaces = 2;
    occupied.refusals = {{RefusalReason::LastGoodCopy, 2, "db"}};
    auto* dialog = new BackupDialog(m_sample->snapshot(), m_sample->region(10), {{occupied}});
    dialog->choose(occupied.region);
    return dialog;
}

QDialog* TestDialogSizes::restore() const
{
    auto* dialog =
        new RestoreDialog(m_sample->snapshot(), m_sample->snapshot().generations.front());
    RestoreOffer offer;
    offer.plan = {.generation = m_sample->snapshot().generations.front(),
                  .backup = m_sample->region(20),
                  .target = m_sample->region(10),
                  .newestBackupOfTarget = 2};
    offer.nameNeeded = true;
    dialog->setOffer(offer);
    return dialog;
}

QDialog* TestDialogSizes::undo() const
{
    UndoOffer offer;
    offer.plan.kept = m_sample->snapshot().generations.front();
    offer.plan.kept.undo.emplace();
    offer.plan.kept.undo->restored = 2;
    offer.plan.area = m_sample->region(21);
    offer.plan.target = m_sample->region(10);
    return new UndoDialog(m_sample->snapshot(), offer, UndoDialog::Changed::SinceTheRestore);
}

DiskRelease TestDialogSizes::releasePlan() const
{
    DiskRelease plan;
    plan.member = layout().members.front();
    plan.management = m_sample->region(12);
    plan.losing = plan.management;
    plan.lastCatalog = true;
    for (GenerationNumber number = 20; number > 0; --number) {
        plan.loss.backups.push_back(number);
        plan.loss.lastCopies.push_back(
            {.name = "region-" + std::to_string(number), .number = number});
    }
    return plan;
}

QDialog* TestDialogSizes::release() const
{
    auto* dialog = new ReleaseDiskDialog(layout());
    dialog->findChild<QComboBox*>(QStringLiteral("releasedMember"))->setCurrentIndex(0);
    dialog->setPlan(releasePlan().member.id, releasePlan());
    return dialog;
}

QDialog* TestDialogSizes::confirm() const
{
    auto* dialog = new ConfirmDialog({.title = {},
                                      .heading = QStringLiteral("A heading that is too long for a "
                                                                "single line of the dialog"),
                                      .explanation = QString(300, u'e').replace(20, 1, u' '),
                                      .verb = QStringLiteral("Go on")},
                                     nullptr);
    dialog->requireName(layout(), m_sample->region(12),
                        QStringLiteral("A reason that is much longer than one line of the dialog, "
                                       "so that the name stands on its second or third."));
    return dialog;
}

void TestDialogSizes::aDialogHasRoomForAllItSays_data()
{
    QTest::addColumn<MakeDialog>("make");
    const auto row = [](const char* name, MakeDialog make) {
        QTest::newRow(name) << std::move(make);
    };
    row("open", [] { return new OpenArrayDialog; });
    row("open one of these disks", [this] { return new OpenArrayDialog(&m_disks); });
    row("new", [] { return new CreateArrayDialog; });
    row("add region", [this] { return new AddRegionDialog(layout()); });
    row("rename", [this] { return new RenameRegionDialog(layout(), m_sample->region(10)); });
    row("add member", [this] { return new MemberDialog(layout(), MemberDialog::Purpose::Add); });
    row("replace member",
        [this] { return new MemberDialog(layout(), MemberDialog::Purpose::Replace); });
    row("import", [this] { return new ImportDialog(m_sample->snapshot(), m_sample->region(21)); });
    row("import over",
        [this] { return new ImportDialog(m_sample->snapshot(), m_sample->region(11)); });
    row("confirm", [this] { return confirm(); });
    row("back up", [this] { return backup(); });
    row("restore", [this] { return restore(); });
    row("undo", [this] { return undo(); });
    row("release", [this] { return release(); });
}

void TestDialogSizes::aDialogHasRoomForAllItSays()
{
    QFETCH(const MakeDialog, make);
    const std::unique_ptr<QDialog> dialog(make());
    dialog->show();
    QVERIFY(QTest::qWaitForWindowExposed(dialog.get()));
    QTRY_VERIFY(hasRoom(*dialog));
    dialog->resize(dialog->minimumSizeHint().width(), 10); // As small as it can be made.
    QTRY_VERIFY(hasRoom(*dialog));
}

void TestDialogSizes::whatIsSaidLaterHasRoomToo()
{
    ReleaseDiskDialog dialog(layout());
    dialog.show();
    QVERIFY(QTest::qWaitForWindowExposed(&dialog));
    dialog.findChild<QComboBox*>(QStringLiteral("releasedMember"))->setCurrentIndex(0);
    dialog.setPlan(releasePlan().member.id, releasePlan());
    QTRY_VERIFY(hasRoom(dialog));
}

void TestDialogSizes::namesInAFileDialogCanBeRead()
{
    const QTemporaryDir folder;
    const QString name = QStringLiteral("backup-of-the-database-server-2026-11-26.img");
    QVERIFY(QFile(folder.filePath(name)).open(QIODevice::WriteOnly));
    QFileDialog dialog(nullptr, QStringLiteral("Choose"), folder.path());
    dialog.setOption(QFileDialog::DontUseNativeDialog);
    fitFileDialog(dialog);
    dialog.show();
    QVERIFY(QTest::qWaitForWindowExposed(&dialog));
    const auto* list = dialog.findChild<QTreeView*>(QStringLiteral("treeView"));
    const auto readWhole = [&] {
        const QModelIndex row = list->model()->index(0, 0, list->rootIndex());
        int widthPx = 0;
        for (int column = 0; column < list->model()->columnCount(); ++column)
            widthPx += list->columnWidth(column);
        return row.data().toString() == name && widthPx <= list->viewport()->width() &&
               list->columnWidth(0) > list->fontMetrics().horizontalAdvance(name) + 30;
    };
    QTRY_VERIFY(readWhole());
}

QTEST_MAIN(TestDialogSizes)
#include "test_dialog_sizes.moc"
