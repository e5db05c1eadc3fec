// cairnctl: Cairn's verbs without a screen.
#include "app/cairnctl/command_line.h"
#include "app/cairnctl/failure_log.h"
#include "app/cairnctl/interrupt.h"
#include "app/cairnctl/standard_error.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"
#include "core/io/standard_descriptors.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <new>
#include <string>
#include <string_view>

namespace {

using namespace cairn;
using namespace cairn::ctl;

void addCommands(CommandLine& line)
{
    addArrayCommands(line);
    addRegionCommands(line);
    addBackupCommands(line);
    addRecordCommands(line);
    addSealCommands(line);
    addRestoreCommands(line);
    addUndoCommand(line);
    addResumeCommands(line);
    addTapeCommands(line);
    addCatalogCommands(line);
    addReportCommand(line);
}

// The parse failed, so --json may not have been understood either.
bool asksForJson(int count, char** words)
{
    for (int index = 1; index < count; ++index) {
        if (std::string_view(words[index]) == "--json")
            return true;
    }
    return false;
}

int usageError(const std::string& what, bool json)
{
    GlobalOptions options;
    options.json = json;
    Invocation invocation(options, systemEnvironment());
    invocation.report({ErrorCode::InvalidArgument, 0, what, {}, 0}, ExitCode::Usage);
    return static_cast<int>(ExitCode::Usage);
}

// The same command with the word that takes a lease over.
std::string commandAgain(int count, char** words)
{
    std::string again = "cairnctl --take-over";
    for (int index = 1; index < count; ++index)
        again += ' ' + wordOnCommandLine(words[index], words[index]);
    return printable(again);
}

// Output that did not arrive is a failure, whatever else went well; what was done is told then.
ExitCode flushed(ExitCode code, int earlierError, const std::string& achievement)
{
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return code;
    const int error = earlierError != 0 ? earlierError : errno;
    const bool closed = error == EPIPE;
    const std::string reason = error == 0 ? "" : fmt::format(" ({})", std::strerror(error));
    if (!achievement.empty())
        tell(fmt::format("cairnctl: the output could not be written{}; yet it is done:\n  {}",
                         reason, achievement));
    else if (!closed) // Whoever closed a pipe has read what it wanted.
        tell(fmt::format("cairnctl: the output could not be written{}.\n", reason));
    return code == ExitCode::Done ? ExitCode::Failed : code;
}

ExitCode run(const CommandBody& body, Invocation& invocation)
{
    const auto result = catchOutOfMemory([&]() -> Result<ExitCode> { return body(invocation); });
    invocation.warnOfUnwritten();
    if (result)
        return *result;
    const ExitCode code = exitCodeFor(errorClass(result.error().code));
    invocation.report(result.error(), code);
    return code;
}

} // namespace

int main(int count, char** words)
{
    occupyStandardDescriptors(); // Before anything is opened.
    installInterruptHandlers();
    try {
        CommandLine line;
        addCommands(line);
        if (const auto end = line.parse(count, words)) {
            if (end->complaint.empty())
                return static_cast<int>(flushed(end->code, 0, {}));
            return usageError(printable(end->complaint), asksForJson(count, words));
        }
        GlobalOptions options = line.globalOptions();
        options.again = commandAgain(count, words);
        Invocation invocation(std::move(options), systemEnvironment());
        const ExitCode ended = run(line.chosen(), invocation);
        const ExitCode code = flushed(ended, invocation.outputError(), invocation.achievement());
        if (code != ExitCode::Done)
            logFailure(count, words, code);
        return static_cast<int>(code);
    } catch (const std::bad_alloc&) {
        tell("cairnctl: there is not enough memory.\n");
    } catch (const std::exception& error) {
        tell(fmt::format("cairnctl: {}.\n", printable(error.what())));
    }
    return static_cast<int>(ExitCode::Failed);
}
