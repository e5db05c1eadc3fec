// Runs the demonstration's script.
#include "ui/demo_array.h"

#include "ui/display_text.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStandardPaths>
#include <utility>

namespace cairn {
namespace {

constexpr int kEndingMs = 3000;
constexpr std::size_t kLongestReason = 600;

QString shown(const QByteArray& text, std::size_t limit)
{
    return displayShort(text.simplified().toStdString(), limit);
}

} // namespace

std::optional<DemoPlaces> findDemo(const QString& programs)
{
    const QDir folder(programs);
    const QString data = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    if (data.isEmpty() || !QFileInfo(folder.filePath(QStringLiteral("cairnctl"))).isExecutable())
        return std::nullopt;
    // Of /usr/bin, and of build/release/app.
    for (const QString& place : {QStringLiteral("../share/cairn/demo/make_array.sh"),
                                 QStringLiteral("../../../resources/demo/make_array.sh")}) {
        const QFileInfo script(folder.filePath(place));
        if (script.isExecutable())
            return DemoPlaces{.script = script.canonicalFilePath(),
                              .programs = folder.absolutePath(),
                              .directory = data + QStringLiteral("/cairn/demo")};
    }
    return std::nullopt;
}

DemoArray::DemoArray(DemoPlaces places, QObject* parent)
    : QObject(parent), m_places(std::move(places))
{
    connect(&m_script, &QProcess::readyReadStandardOutput, this, &DemoArray::readSteps);
    connect(&m_script, &QProcess::finished, this, &DemoArray::end);
    connect(&m_script, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            Q_EMIT failed(shown(m_script.errorString().toUtf8(), kLongestReason));
    });
}

DemoArray::~DemoArray()
{
    m_script.disconnect(this);
    if (!underWay())
        return;
    m_script.terminate();
    m_script.waitForFinished(kEndingMs);
}

void DemoArray::make()
{
    if (underWay())
        return;
    m_script.setStandardInputFile(QProcess::nullDevice());
    m_script.start(m_places.script, {m_places.programs, m_places.directory});
}

void DemoArray::readSteps()
{
    // As echoed.sh prints the title of a step.
    static const QRegularExpression kTitle(QStringLiteral("^(\\d+)\\. (.+)$"));
    while (m_script.canReadLine()) {
        const QByteArray line = m_script.readLine();
        const auto title = kTitle.match(shown(line, 120));
        if (title.hasMatch())
            Q_EMIT progressed(tr("step %1: %2").arg(title.captured(1), title.captured(2)));
    }
}

void DemoArray::end(int exitCode, QProcess::ExitStatus status)
{
    if (status == QProcess::NormalExit && exitCode == 0) {
        Q_EMIT ready();
        return;
    }
    const QString said = shown(m_script.readAllStandardError(), kLongestReason);
    Q_EMIT failed(said.isEmpty() ? tr("The script that makes it has ended: %1")
                                       .arg(shown(m_script.errorString().toUtf8(), kLongestReason))
                                 : said);
}

} // namespace cairn
