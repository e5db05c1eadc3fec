// Runs cairnctl report.
#include "ui/support_report.h"

#include "ui/display_text.h"

#include <QDir>
#include <QFileInfo>

namespace cairn {
namespace {

constexpr int kEndingMs = 3000;
constexpr std::size_t kLongestReason = 600;

QString shown(const QByteArray& text)
{
    return displayShort(text.simplified().toStdString(), kLongestReason);
}

} // namespace

SupportReport::SupportReport(const QString& programs, QObject* parent)
    : QObject(parent), m_cairnctl(QDir(programs).filePath(QStringLiteral("cairnctl")))
{
    connect(&m_program, &QProcess::finished, this, &SupportReport::end);
    connect(&m_program, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            Q_EMIT failed(shown(m_program.errorString().toUtf8()));
    });
}

SupportReport::~SupportReport()
{
    m_program.disconnect(this);
    if (!underWay())
        return;
    m_program.terminate();
    if (!m_program.waitForFinished(kEndingMs))
        m_program.kill();
    m_program.waitForFinished(kEndingMs);
}

bool SupportReport::available() const
{
    return QFileInfo(m_cairnctl).isExecutable();
}

void SupportReport::save(const QStringList& uris, const QString& file)
{
    if (underWay())
        return;
    m_file = file;
    QStringList arguments;
    for (const QString& uri : uris)
        arguments << QStringLiteral("-a") << uri;
    // That the file is replaced was asked already. Its name is no option, whatever it begins with.
    arguments << QStringLiteral("--yes") << QStringLiteral("report")
              << QFileInfo(file).absoluteFilePath();
    m_program.start(m_cairnctl, arguments);
}

void SupportReport::end(int exitCode, QProcess::ExitStatus status)
{
    if (status == QProcess::NormalExit && exitCode == 0)
        Q_EMIT saved(m_file);
    else
        Q_EMIT failed(shown(m_program.readAllStandardError()));
}

} // namespace cairn
