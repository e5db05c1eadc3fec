// Builds the command line, with the same global options before and after every command.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/question.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <string_view>

namespace cairn::ctl {
namespace {

constexpr const char* kFooter =
    "Global options (before or after the command): -a/--array URI, --json, --yes,\n"
    "--confirm REGION, --take-over, --quiet; `cairnctl --help` describes them.\n"
    "Exit codes: 0 done, 1 failed, 2 usage error, 3 refused by a guard,\n"
    "4 done but partial, 130 canceled.";

constexpr const char* kRootFooter =
    "An array is named by its members: image files or block devices (one -a for each), or\n"
    "sim:DIRECTORY for a simulated array. CAIRN_ARRAY holds URIs, one a line, for when -a is not\n"
    "given. Regions are named by name or PARTUUID. Sizes are written 64M, 1.5G, or in bytes.\n"
    "`cairnctl COMMAND --help` describes a command; the whole is in cairnctl(1).\n\n"
    "Exit codes: 0 done, 1 failed, 2 usage error, 3 refused by a guard,\n"
    "4 done but partial, 130 canceled.";

// Files written on other systems end their lines with CR LF; indented ones begin with blanks.
std::string_view trimmed(std::string_view line)
{
    constexpr std::string_view kBlanks = " \t\r";
    const std::size_t first = line.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return line.substr(first, line.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> environmentUris()
{
    std::vector<std::string> uris;
    const char* value = std::getenv("CAIRN_ARRAY");
    std::string_view rest = value == nullptr ? std::string_view{} : std::string_view(value);
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view uri = trimmed(rest.substr(0, end));
        if (!uri.empty())
            uris.emplace_back(uri);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return uris;
}

// A check for options whose empty value would read as "not given".
CLI::Validator filled()
{
    return CLI::Validator([](std::string& value) { return value.empty() ? "it is empty" : ""; }, "",
                          "not empty");
}

std::string complaintOf(const CLI::App& app, const CLI::ParseError& error)
{
    const auto unknown = app.remaining(true);
    if (unknown.empty()) {
        const bool noCommand = error.get_name() == "RequiredError" && app.get_subcommands().empty();
        return noCommand ? "no command was given" : error.what();
    }
    const std::string& word = unknown.front();
    if (word.size() > 1 && word.front() == '-')
        return fmt::format("\"{}\" is not an option here; a name that begins with - stands behind "
                           "the word --",
                           word);
    if (error.get_name() == "RequiredError")
        return fmt::format("\"{}\" is not a command", word);
    return error.what();
}

} // namespace

const Option& Option::required() const
{
    m_option->required();
    return *this;
}

const Option& Option::notEmpty() const
{
    m_option->check(filled());
    return *this;
}

const Option& Option::typeName(const std::string& name) const
{
    m_option->type_name(name);
    return *this;
}

const Option& Option::excludes(const Option& other) const
{
    m_option->excludes(other.m_option);
    return *this;
}

const Option& Option::needs(const Option& other) const
{
    m_option->needs(other.m_option);
    return *this;
}

Option Command::addOption(const std::string& name, std::string& value,
                          const std::string& help) const
{
    return Option(*m_app->add_option(name, value, help));
}

Option Command::addOption(const std::string& name, std::optional<std::string>& value,
                          const std::string& help) const
{
    return Option(*m_app->add_option(name, value, help));
}

Option Command::addNumber(const std::string& name, std::uint64_t& value, std::uint64_t least,
                          std::uint64_t most, const std::string& help) const
{
    return Option(*m_app->add_option(name, value, help)->check(CLI::Range(least, most)));
}

Option Command::addFlag(const std::string& name, bool& value, const std::string& help) const
{
    return Option(*m_app->add_flag(name, value, help));
}

CommandLine::CommandLine()
    : m_app(std::make_unique<CLI::App>(
          "Backs up the regions of an array into each other; the catalog lives on the array.",
          "cairnctl"))
{
    m_app->fallthrough();
    m_app->require_subcommand(1);
    m_app->set_version_flag("--version", "cairnctl " CAIRN_VERSION, "Print the version and exit");
    m_app
        ->add_option("-a,--array", m_options.uris,
                     "A member of the array; repeat for each. Else CAIRN_ARRAY is used")
        ->type_name("URI")
        ->allow_extra_args(false)
        ->check(filled());
    m_app->add_flag("--json", m_options.json, "Print the result as one JSON value");
    m_app->add_flag("--yes", m_options.yes, "Answer ordinary questions with yes");
    m_app
        ->add_option("--confirm", m_options.confirm,
                     "Stands for the typed name of a region that loses its content; repeatable")
        ->type_name("REGION")
        ->allow_extra_args(false)
        ->check(filled());
    m_app->add_flag("--take-over", m_options.takeOver,
                    "Take the writer lease of a host that does not renew it any more");
    m_app->add_flag("--quiet", m_options.quiet, "Print no progress and no messages of success");
    m_app->footer(kRootFooter);
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() const
{
    return Command(*m_app);
}

Command CommandLine::addGroup(const std::string& name, const std::string& purpose)
{
    CLI::App* group = m_app->add_subcommand(name, purpose);
    group->require_subcommand(1);
    group->footer(kFooter);
    return Command(*group);
}

Command CommandLine::add(Command parent, const CommandHelp& help, CommandBody body)
{
    CLI::App* command = parent.m_app->add_subcommand(help.name, help.purpose);
    command->footer("Example:\n  cairnctl -a array.img " + help.example + "\n\n" + kFooter);
    if (!help.losesContent) {
        body = [work = std::move(body)](Invocation& invocation) -> Result<ExitCode> {
            CAIRN_TRY(requireNothingConfirmed(invocation));
            return work(invocation);
        };
    }
    command->callback([this, chosen = std::move(body)] { m_chosen = chosen; });
    return Command(*command);
}

std::optional<ParseEnd> CommandLine::parse(int count, char** words)
{
    try {
        m_app->parse(count, words);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)
            return ParseEnd{static_cast<ExitCode>(m_app->exit(error)), {}};
        return ParseEnd{ExitCode::Usage, complaintOf(*m_app, error)};
    }
}

GlobalOptions CommandLine::globalOptions() const
{
    GlobalOptions options = m_options;
    if (options.uris.empty())
        options.uris = environmentUris();
    return options;
}

} // namespace cairn::ctl
