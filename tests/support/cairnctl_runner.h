// Runs the real cairnctl on a scratch array, as an operator or a script would.
#pragma once

#include <QByteArray>
#include <QCryptographicHash>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <cstdio>

namespace cairn::test {

struct Run {
    int exitCode = -1; // -1: it crashed or did not end in time.
    QByteArray output;
    QByteArray errors;

    [[nodiscard]] QJsonDocument json() const { return QJsonDocument::fromJson(output); }
};

// Waits for a command to end, at most a minute.
inline Run runCommand(const QString& program, const QStringList& arguments,
                      const QByteArray& input = {},
                      const QProcessEnvironment* environment = nullptr)
{
    QProcess process;
    if (environment != nullptr)
        process.setProcessEnvironment(*environment);
    process.start(program, arguments);
    Run run;
    if (!process.waitForStarted()) {
        run.errors = "cannot start " + program.toUtf8() + ": " + process.errorString().toUtf8();
        return run;
    }
    process.write(input);
    process.closeWriteChannel();
    const bool ended = process.waitForFinished(60'000);
    run.output = process.readAllStandardOutput();
    run.errors = process.readAllStandardError();
    if (ended && process.exitStatus() == QProcess::NormalExit)
        run.exitCode = process.exitCode();
    return run;
}

// An array of image files in a directory of its own, which goes with the object.
class ScratchArray {
public:
    explicit ScratchArray(int members)
    {
        for (int member = 0; member < members; ++member)
            m_members << m_directory.filePath(QStringLiteral("member-%1.img").arg(member));
    }

    [[nodiscard]] QString path(const QString& name) const { return m_directory.filePath(name); }
    [[nodiscard]] const QStringList& members() const { return m_members; }
    void setMembers(const QStringList& members) { m_members = members; }

    // The same members from what looks like another computer: no state of the user's is there.
    [[nodiscard]] Run ctl(const QStringList& arguments, const QByteArray& input = {}) const
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.remove(QStringLiteral("CAIRN_ARRAY"));
        environment.insert(QStringLiteral("HOME"), m_directory.path());
        environment.insert(QStringLiteral("XDG_CONFIG_HOME"), m_directory.filePath("config"));
        return runCommand(program(), withMembers(arguments), input, &environment);
    }

    [[nodiscard]] QStringList withMembers(const QStringList& arguments) const
    {
        QStringList all;
        for (const QString& member : m_members)
            all << QStringLiteral("-a") << member;
        return all + arguments;
    }

    [[nodiscard]] static QString program()
    {
        return QStringLiteral(CAIRN_BINARY_DIR "/app/cairnctl");
    }

    // A region's bytes as `region export` gives them.
    [[nodiscard]] QByteArray exported(const QString& region) const
    {
        const Run run = ctl({"region", "export", region, "-"});
        return run.exitCode == 0 ? run.output : QByteArray();
    }

    // SHA-256 of every member file, to prove that nothing was changed.
    [[nodiscard]] QByteArray hash() const
    {
        QCryptographicHash hash(QCryptographicHash::Sha256);
        for (const QString& member : m_members) {
            QFile file(member);
            if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file))
                return {};
        }
        return hash.result();
    }

private:
    QTemporaryDir m_directory;
    QStringList m_members;
};

// Fails the test with what the command said.
#define CAIRN_EXPECT_EXIT(run, code)                                                               \
    QVERIFY2((run).exitCode == (code),                                                             \
             qPrintable(QStringLiteral("exit %1\n%2%3")                                            \
                            .arg((run).exitCode)                                                   \
                            .arg(QString::fromUtf8((run).output.left(4000)),                       \
                                 QString::fromUtf8((run).errors.left(4000)))))

} // namespace cairn::test
