// The desktop program: `cairn [URI…]`.
#include "core/io/standard_descriptors.h"
#include "ui/main_window.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <cstdio>

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

} // namespace

int main(int argc, char** argv)
{
    cairn::occupyStandardDescriptors(); // Before anything is opened.
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("cairn"));
    QApplication::setApplicationName(QStringLiteral("cairn"));
    QApplication::setApplicationVersion(QStringLiteral(CAIRN_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("io.github.cairn.Cairn"));
    cairn::registerResources();
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/cairn.svg")));

    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate(
        "main", "Back up, verify and restore the regions of an array."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption theme(QStringLiteral("theme"),
                                   QCoreApplication::translate("main", "system, light or dark"),
                                   QStringLiteral("LOOK"));
    parser.addOption(theme);
    parser.addPositionalArgument(
        QStringLiteral("URI"),
        QCoreApplication::translate("main", "Members of the array to open: disks, image files, or "
                                            "sim:DIRECTORY."),
        QStringLiteral("[URI…]"));
    parser.process(application);
    const QString asked = parser.value(theme);
    if (!asked.isEmpty() && !cairn::themeFromText(asked)) {
        std::fputs("cairn: --theme takes system, light or dark\n", stderr);
        return 2;
    }
    cairn::applyTheme(chosenTheme(asked));

    cairn::MainWindow window;
    window.show();
    window.openArray(parser.positionalArguments());
    return QApplication::exec();
}
