// Runs the programs that a test checks its work with.
#pragma once

#include <QProcess>
#include <QStringList>
#include <QtGlobal>

namespace cairn::test {

struct ProgramResult {
    int exitCode = -1; // -1: did not start or did not exit by itself.
    QByteArray output;
    QByteArray errors;
};

[[nodiscard]] inline ProgramResult runProgram(const QString& program, const QStringList& arguments,
                                              const QByteArray& input = {})
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QString path = environment.value("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin";
    environment.insert("PATH", path);
    environment.insert("LC_ALL", "C.UTF-8");
    process.setProcessEnvironment(environment);
    // QProcess looks the program up in this process's own PATH.
    process.start("/usr/bin/env", QStringList{program} + arguments);
    process.write(input);
    process.closeWriteChannel();
    ProgramResult result;
    if (process.waitForFinished(120'000) && process.exitStatus() == QProcess::NormalExit)
        result.exitCode = process.exitCode();
    result.output = process.readAllStandardOutput();
    result.errors = process.readAllStandardError();
    return result;
}

// The standard output; a program that fails ends the test program loudly.
inline QByteArray runOrDie(const QString& program, const QStringList& arguments,
                           const QByteArray& input = {})
{
    const ProgramResult result = runProgram(program, arguments, input);
    if (result.exitCode != 0) {
        qFatal("%s %s: exit %d: %s", qPrintable(program), qPrintable(arguments.join(' ')),
               result.exitCode, result.errors.constData());
    }
    return result.output;
}

} // namespace cairn::test
