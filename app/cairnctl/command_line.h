// What can be typed: commands, their options, and the help that describes them.
#pragma once

#include "app/cairnctl/invocation.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

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

// A check for options whose empty value would read as "not given".
[[nodiscard]] CLI::Validator notEmpty();

// The commands of one program run. Whichever was typed leaves its body in chosen().
class CommandLine {
public:
    CommandLine();

    // A command that only holds others: "array", "region", "catalog".
    CLI::App& addGroup(const std::string& name, const std::string& purpose);
    CLI::App& root() { return m_app; }
    CLI::App& add(CLI::App& parent, const CommandHelp& help, CommandBody body);

    // Throws CLI::ParseError, --help and --version included.
    void parse(int count, char** words);
    // What was wrong with the words, as a clause; names the word that is not understood.
    [[nodiscard]] std::string complaint(const CLI::ParseError& error) const;

    [[nodiscard]] CLI::App& app() { return m_app; }
    [[nodiscard]] GlobalOptions globalOptions() const;
    [[nodiscard]] const CommandBody& chosen() const { return m_chosen; }

private:
    CLI::App m_app;
    CommandBody m_chosen;
    GlobalOptions m_options;
};

// Each adds the commands of one subject.
void addArrayCommands(CommandLine& line);
void addMemberCommands(CommandLine& line, CLI::App& array);
void addRegionCommands(CommandLine& line);
void addStreamCommands(CommandLine& line, CLI::App& region);
void addBackupCommands(CommandLine& line);
void addRecordCommands(CommandLine& line);
void addRestoreCommands(CommandLine& line);
void addUndoCommand(CommandLine& line);
void addResumeCommands(CommandLine& line);
void addTapeCommands(CommandLine& line);
void addCatalogCommands(CommandLine& line);
void addReportCommand(CommandLine& line);

} // namespace cairn::ctl
