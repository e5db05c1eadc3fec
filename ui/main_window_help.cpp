// The help menu: keys, the manual, a support report; all of it without a network.
#include "ui/main_window.h"

#include "ui/asking.h"
#include "ui/dialogs/file_dialog.h"
#include "ui/dialogs/manual_dialog.h"
#include "ui/dialogs/shortcuts_dialog.h"
#include "ui/display_text.h"
#include "ui/support_report.h"

#include <QApplication>
#include <QMenuBar>
#include <QMessageBox>

namespace cairn {
namespace {

void tellAbout(QWidget* window)
{
    QMessageBox box(window);
    box.setTextFormat(Qt::PlainText);
    box.setWindowTitle(MainWindow::tr("About Cairn"));
    box.setIconPixmap(QApplication::windowIcon().pixmap(64, 64));
    box.setText(MainWindow::tr("Cairn %1").arg(QStringLiteral(CAIRN_VERSION)));
    box.setInformativeText(MainWindow::tr("Administers disk arrays and their backups; the catalog "
                                          "lives on the array itself.\nGPL-3.0-or-later"));
    box.exec();
}

// One window of a kind is enough: it comes to the front again.
template<typename Dialog, typename... Arguments>
void showOnce(QWidget* window, Arguments&&... arguments)
{
    auto* dialog = window->findChild<Dialog*>();
    if (dialog == nullptr) {
        dialog = new Dialog(std::forward<Arguments>(arguments)..., window);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
    }
    dialog->show();
    dialog->raise();
    dialog->activateWindow();
}

} // namespace

void MainWindow::buildHelp()
{
    auto* help = menuBar()->addMenu(tr("&Help"));
    m_showManual = windowAction("showManual", tr("&Manual"), Qt::Key_F1);
    QAction* keys =
        windowAction("showShortcuts", tr("&Keyboard shortcuts"), Qt::CTRL | Qt::Key_Slash);
    m_saveReport = windowAction("saveReport", tr("Save a support &report …"), {});
    m_saveReport->setEnabled(false);
    QAction* about = windowAction("about", tr("&About Cairn"), {});
    connect(keys, &QAction::triggered, this,
            [this] { showOnce<ShortcutsDialog>(this, *menuBar()); });
    connect(m_showManual, &QAction::triggered, this, [this] {
        if (m_manual)
            showOnce<ManualDialog>(this, *m_manual);
    });
    connect(m_saveReport, &QAction::triggered, this, &MainWindow::askReport);
    connect(about, &QAction::triggered, this, [this] { tellAbout(this); });
    help->addActions({m_showManual, keys, m_saveReport});
    help->addSeparator();
    help->addAction(about);
}

void MainWindow::setPrograms(const QString& folder)
{
    m_manual = findManual(folder);
    m_showManual->setVisible(m_manual.has_value());
    m_report = std::make_unique<SupportReport>(folder);
    m_saveReport->setVisible(m_report->available());
    const auto tell = [this](MessageKind kind, const QString& headline, const QString& body) {
        m_saveReport->setEnabled(true);
        m_messages->show({.kind = kind,
                          .headline = headline,
                          .body = body,
                          .actions = {},
                          .key = QStringLiteral("report")});
    };
    connect(m_report.get(), &SupportReport::saved, this, [tell](const QString& file) {
        tell(MessageKind::Success,
             tr("The support report is in %1.").arg(displayText(file.toStdString())),
             tr("No data of any region is in it, but it names hosts, regions and backups: read it "
                "before you send it."));
    });
    connect(m_report.get(), &SupportReport::failed, this, [tell](const QString& why) {
        tell(MessageKind::Error, tr("The support report was not saved. %1").arg(why),
             tr("The array is untouched. Choose another place for the file."));
    });
}

void MainWindow::askReport()
{
    auto* chooser = new QFileDialog(this, tr("Save a support report"), {},
                                    tr("Reports (*.json);;All files (*)"));
    chooser->setObjectName(QStringLiteral("reportDialog"));
    chooser->setAcceptMode(QFileDialog::AcceptSave);
    chooser->setFileMode(QFileDialog::AnyFile);
    chooser->selectFile(QStringLiteral("cairn-report.json"));
    fitFileDialog(*chooser);
    ask(chooser, this, [this](const QFileDialog& dialog) {
        if (dialog.selectedFiles().isEmpty())
            return;
        m_saveReport->setEnabled(false); // Until that one is there.
        m_report->save(openedUris(), dialog.selectedFiles().first());
    });
}

} // namespace cairn
