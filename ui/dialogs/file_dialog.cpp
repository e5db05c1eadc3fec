// Sets file dialogs up.
#include "ui/dialogs/file_dialog.h"

#include <QHeaderView>
#include <QTreeView>

namespace cairn {
namespace {

constexpr QSize kLeastSize(760, 480);

} // namespace

void fitFileDialog(QFileDialog& dialog)
{
    auto* list = dialog.findChild<QTreeView*>(QStringLiteral("treeView"));
    if (list == nullptr)
        return; // The desktop environment's.
    QHeaderView& columns = *list->header();
    columns.setStretchLastSection(false);
    for (int column = 0; column < columns.count(); ++column)
        columns.setSectionResizeMode(column, column == 0 ? QHeaderView::Stretch
                                                         : QHeaderView::ResizeToContents);
    dialog.resize(dialog.size().expandedTo(kLeastSize));
}

QStringList chooseFiles(QWidget* parent, FileChoice choice, const QString& title,
                        const QString& filter)
{
    QFileDialog dialog(parent, title, {}, filter);
    dialog.setObjectName(QStringLiteral("fileDialog"));
    switch (choice) {
    case FileChoice::Existing:
        dialog.setFileMode(QFileDialog::ExistingFile);
        break;
    case FileChoice::Several:
        dialog.setFileMode(QFileDialog::ExistingFiles);
        break;
    case FileChoice::MayBeNew:
        dialog.setAcceptMode(QFileDialog::AcceptSave);
        dialog.setOption(QFileDialog::DontConfirmOverwrite);
        break;
    case FileChoice::Folder:
        dialog.setFileMode(QFileDialog::Directory);
        dialog.setOption(QFileDialog::ShowDirsOnly);
        break;
    }
    fitFileDialog(dialog);
    return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles() : QStringList();
}

} // namespace cairn
