// Loop devices of a test, which are given back whatever happens to it.
#pragma once

#include "tests/support/run_program.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <string>

namespace cairn::test {

// An ordinary user's Cairn writes to no file as long as there is a loop device over one that it
// cannot look at: it looks at those of a test, which is run by root beside others.
inline void letOthersLookAt(const QString& file)
{
    const QString temporary = QDir::tempPath() + QLatin1Char('/');
    for (QString path = QFileInfo(file).path(); path.startsWith(temporary);
         path = QFileInfo(path).path())
        QFile::setPermissions(path, QFile::permissions(path) | QFile::ExeOther);
}

// Detached, with its partition nodes, at the end of its life.
class LoopDevice {
public:
    // Further options as for losetup(8), for example "--read-only". Ends the test program where
    // there is no loop device to be had: these tests prove nothing without one.
    explicit LoopDevice(const std::string& file, const QStringList& options = {})
    {
        letOthersLookAt(QString::fromStdString(file));
        QStringList arguments{"--find", "--show"};
        arguments << options << QString::fromStdString(file);
        m_path = runOrDie("losetup", arguments).trimmed().toStdString();
        // A test that was killed leaves its partition nodes behind for whoever gets the device.
        std::ignore = runProgram("partx", {"--delete", QString::fromStdString(m_path)});
    }
    ~LoopDevice()
    {
        std::ignore = runProgram("partx", {"--delete", QString::fromStdString(m_path)});
        runOrDie("losetup", {"--detach", QString::fromStdString(m_path)});
    }
    LoopDevice(const LoopDevice&) = delete;
    LoopDevice& operator=(const LoopDevice&) = delete;

    [[nodiscard]] const std::string& path() const { return m_path; }
    // This test's kernels may have no parser of partition tables: partx does it for them.
    void addNodes() const { runOrDie("partx", {"--add", QString::fromStdString(m_path)}); }
    [[nodiscard]] std::string node(unsigned number) const
    {
        return m_path + "p" + std::to_string(number);
    }

private:
    std::string m_path;
};

// Unmounted at the end of its life.
class Mount {
public:
    Mount(const std::string& device, const std::string& directory, const QStringList& options = {})
        : m_directory(QString::fromStdString(directory))
    {
        QStringList arguments = options;
        arguments << QString::fromStdString(device) << m_directory;
        runOrDie("mount", arguments);
    }
    ~Mount() { runOrDie("umount", {m_directory}); }
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;

private:
    QString m_directory;
};

} // namespace cairn::test
