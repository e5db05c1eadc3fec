// What can be typed: commands, their options, and the help that describes them.
#pragma once

#include "app/cairnctl/invocation.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

// CLI11 reads the words, behind command_line.cpp alone: whatever includes its header compiles all
// of it, four seconds a file.
namespace CLI { // NOLINT(readability-identifier-naming): as CLI11 writes it.
class App;
class Option;
} // namespace CLI

namespace cairn::ctl {

// A command's work, with its arguments bound in. Errors are printed by main().
using CommandBody = std::function<Result<ExitCode>(Invocation&)>;

struct CommandHelp {
    std::string name;
    std::string purpose; // One line.
    std::string example; // What follows "cairnctl -a array.img ".
    // A region may lose its content by it; --confirm names none anywhere else.
    bool losesContent = false;
};

// Something that a command can be given. Each call says more of it.
class Option {
public:
    explicit Option(CLI::Option& option) : m_option(&option) {}

    const Option& required() const;
    // For values that would read as "not given" where they are empty.
    const Option& notEmpty() const;
    // What stands for its value in the help: "SIZE".
    const Option& typeName(const std::string& name) const;
    const Option& excludes(const Option& other) const;
    const Option& needs(const Option& other) const;

private:
    CLI::Option* m_option;
};

// A command, or the program as the place of commands. What is read goes into the variables named,
// which must live until CommandLine::parse() has returned.
class Command {
public:
    explicit Command(CLI::App& app) : m_app(&app) {}

    // "N" is an argument by its place, "--label" an option.
    Option addOption(const std::string& name, std::string& value, const std::string& help) const;
    // Without a value where it is not given: "" may be meant then.
    Option addOption(const std::string& name, std::optional<std::string>& value,
                     const std::string& help) const;
    Option addNumber(const std::string& name, std::uint64_t& value, std::uint64_t least,
                     std::uint64_t most, const std::string& help) const;
    Option addFlag(const std::string& name, bool& value, const std::string& help) const;

private:
    friend class CommandLine;

    CLI::App* m_app;
};

// How a program run ends whose words name no work to do.
struct ParseEnd {
    ExitCode code = ExitCode::Usage;
    // What was wrong with the words, as a clause; names the word that is not understood. Empty
    // where help or version were asked for, which are on the standard output then.
    std::string complaint;
};

// The commands of one program run. Whichever was typed leaves its body in chosen().
class CommandLine {
public:
    CommandLine();
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    // A command that only holds others: "array", "region", "catalog".
    Command addGroup(const std::string& name, const std::string& purpose);
    [[nodiscard]] Command root() const;
    Command add(Command parent, const CommandHelp& help, CommandBody body);

    [[nodiscard]] std::optional<ParseEnd> parse(int count, char** words);

    [[nodiscard]] GlobalOptions globalOptions() const;
    [[nodiscard]] const CommandBody& chosen() const { return m_chosen; }

private:
    std::unique_ptr<CLI::App> m_app;
    CommandBody m_chosen;
    GlobalOptions m_options;
};

// Each adds the commands of one subject.
void addArrayCommands(CommandLine& line);
void addMemberCommands(CommandLine& line, Command array);
void addRegionCommands(CommandLine& line);
void addStreamCommands(CommandLine& line, Command region);
void addBackupCommands(CommandLine& line);
void addRecordCommands(CommandLine& line);
void addSealCommands(CommandLine& line);
void addRestoreCommands(CommandLine& line);
void addUndoCommand(CommandLine& line);
void addResumeCommands(CommandLine& line);
void addTapeCommands(CommandLine& line);
void addCatalogCommands(CommandLine& line);
void addReportCommand(CommandLine& line);

} // namespace cairn::ctl
