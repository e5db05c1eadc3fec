// The desktop program: `cairn [URI…]`.
#include "core/io/standard_descriptors.h"
#include "ui/main_window.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <cstdio>
#include <tuple>

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

} // namespace

int main(int argc, char** argv)
{
    cairn::occupyStandardDescriptors(); // Before anything is opened.
    QCoreApplication::setOrganizationName(QStringLiteral("cairn"));
    QCoreApplication::setApplicationName(QStringLiteral("cairn"));
    QCoreApplication::setApplicationVersion(QStringLiteral(CAIRN_VERSION));
    answerWithoutDisplay(argc, argv);
    QApplication application(argc, argv);
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

    cairn::MainWindow window;
    window.show();
    window.openArray(parser.positionalArguments());
    return QApplication::exec();
}
