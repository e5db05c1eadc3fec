// The desktop program: `cairn [URI…]`.
#include "app/udisks/udisks_disks.h"
#include "app/udisks/udisks_opener.h"
#include "core/io/asking_opener.h"
#include "core/io/standard_descriptors.h"
#include "ui/main_window.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <cstdio>
#include <cstdlib>
#include <tuple>
#include <unistd.h>

namespace {

// The command line before the environment before the settings.
cairn::ThemeChoice chosenTheme(const QString& asked)
{
    for (const QString& text : {asked, qEnvironmentVariable("CAIRN_THEME"),
                                QSettings().value(QStringLiteral("theme")).toString()}) {
        if (const auto choice = cairn::themeFromText(text))
            return *choice;
    }
    return cairn::ThemeChoice::System;
}

QCommandLineOption themeOption()
{
    return {QStringLiteral("theme"), QCoreApplication::translate("main", "system, light or dark"),
            QStringLiteral("LOOK")};
}

void describeOptions(QCommandLineParser& parser)
{
    parser.setApplicationDescription(QCoreApplication::translate(
        "main", "Back up, verify and restore the regions of an array."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOption(themeOption());
    parser.addPositionalArgument(
        QStringLiteral("URI"),
        QCoreApplication::translate("main", "Members of the array to open: disks, image files, or "
                                            "sim:DIRECTORY."),
        QStringLiteral("[URI…]"));
}

// QApplication ends the program where there is no display: what needs none comes before it.
void answerWithoutDisplay(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    describeOptions(parser);
    // Options of Qt itself are no error yet: QApplication takes them.
    std::ignore = parser.parse(QCoreApplication::arguments());
    if (parser.isSet(QStringLiteral("version")))
        parser.showVersion();
    if (parser.isSet(QStringLiteral("help")))
        parser.showHelp();
}

// Not 1, with which Xlib ends a program whose display goes away.
constexpr int kNoDisplay = 3;

// Qt ends a program that finds no display by abort(3), which looks like a crash. Its warnings
// before that tell why; its last words advise to install the program again.
void endWithoutDisplay(QtMsgType type, const QMessageLogContext& context, const QString& text)
{
    if (type != QtFatalMsg) {
        std::fprintf(stderr, "%s\n", qPrintable(qFormatLogMessage(type, context, text)));
        return;
    }
    std::fputs("cairn: there is no display to open a window on; cairnctl needs none\n", stderr);
    std::_Exit(kNoDisplay);
}

} // namespace

int main(int argc, char** argv)
{
    cairn::occupyStandardDescriptors(); // Before anything is opened.
    QCoreApplication::setOrganizationName(QStringLiteral("cairn"));
    QCoreApplication::setApplicationName(QStringLiteral("cairn"));
    QCoreApplication::setApplicationVersion(QStringLiteral(CAIRN_VERSION));
    answerWithoutDisplay(argc, argv);
    const QtMessageHandler usual = qInstallMessageHandler(endWithoutDisplay);
    QApplication application(argc, argv);
    qInstallMessageHandler(usual);
    QApplication::setDesktopFileName(QStringLiteral("io.github.cairn.Cairn"));
    cairn::registerResources();
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/cairn.svg")));

    QCommandLineParser parser;
    describeOptions(parser);
    parser.process(application);
    const QString asked = parser.value(QStringLiteral("theme"));
    if (!asked.isEmpty() && !cairn::themeFromText(asked)) {
        std::fputs("cairn: --theme takes system, light or dark\n", stderr);
        return 2;
    }
    cairn::applyTheme(chosenTheme(asked));

    // Before the window, which they outlive.
    cairn::AskingOpener opener(&cairn::openThroughUdisks);
    cairn::DiskList disks;
    const cairn::UdisksDisks udisks(disks);
    cairn::MainWindow window;
    const bool isRoot = ::geteuid() == 0;
    window.setDevices(isRoot ? nullptr : &opener, &disks);
    if (isRoot)
        window.showRunningAsRoot();
    window.show();
    window.openArray(parser.positionalArguments());
    const int status = QApplication::exec();
    // A disk that answers slowly, or never, is not waited for: reading leaves nothing behind.
    if (window.onlyReads())
        std::_Exit(status);
    return status;
}
