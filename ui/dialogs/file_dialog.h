// Asks for a file: the desktop's own dialog, or Qt's with names that can be read.
#pragma once

#include <QFileDialog>
#include <QString>
#include <QStringList>

namespace cairn {

// Where there is no dialog of the desktop environment: large enough for its columns, and the names
// take what the other columns leave.
void fitFileDialog(QFileDialog& dialog);

enum class FileChoice : std::uint8_t {
    Existing, // One file that is there,
    Several,  // or more of them.
    MayBeNew, // One that may be there or not; that it will be replaced is not asked.
    Folder,
};
// Empty where none was chosen. Waits for the answer.
[[nodiscard]] QStringList chooseFiles(QWidget* parent, FileChoice choice, const QString& title,
                                      const QString& filter = {});

} // namespace cairn
