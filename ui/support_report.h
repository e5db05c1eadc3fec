// The support report of cairnctl, made for the desktop.
#pragma once

#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace cairn {

// What `cairnctl report` gathers, by that program itself: so that there is one such report, also of
// an array that the window could not open. Lives on the GUI thread, and waits for nothing but in
// its destructor, which ends the program.
class SupportReport final : public QObject {
    Q_OBJECT

public:
    // The folder with cairnctl.
    explicit SupportReport(const QString& programs, QObject* parent = nullptr);
    ~SupportReport() override;

    [[nodiscard]] bool available() const;
    [[nodiscard]] bool underWay() const { return m_program.state() != QProcess::NotRunning; }
    // Replaces the file; nothing while one is under way.
    void save(const QStringList& uris, const QString& file);

Q_SIGNALS:
    void saved(const QString& file);
    // Plain text, safe to show.
    void failed(const QString& why);

private:
    void end(int exitCode, QProcess::ExitStatus status);

    QString m_cairnctl;
    QString m_file;
    QProcess m_program;
};

} // namespace cairn
