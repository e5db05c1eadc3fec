// One run of cairnctl: its global options, the array it works on, and what it prints.
#pragma once

#include "app/cairnctl/error_text.h"
#include "app/cairnctl/exit_code.h"
#include "app/cairnctl/json_output.h"
#include "app/cairnctl/progress_bar.h"
#include "core/backup/attachment.h"
#include "core/base/environment.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::ctl {

struct GlobalOptions {
    std::vector<std::string> uris; // From -a, or else from CAIRN_ARRAY.
    std::vector<std::string> confirm;
    bool json = false;
    bool yes = false;
    bool quiet = false;
    bool takeOver = false; // Another host's writer lease, should that be in the way.
    std::string again;     // The same command line with --take-over.
};

class Invocation {
public:
    Invocation(GlobalOptions options, const Environment& environment);

    [[nodiscard]] const GlobalOptions& options() const { return m_options; }
    [[nodiscard]] const Environment& environment() const { return m_environment; }

    // What is being tried now: completes "cannot …" should it fail.
    void attempt(std::string action) { m_context.action = std::move(action); }
    // What only the command knows about its failure.
    [[nodiscard]] ErrorContext& failureContext() { return m_context; }

    // The URIs; InvalidArgument where none was given.
    [[nodiscard]] Result<std::vector<std::string>> uris() const;
    // Opens the array that the options name, once, and warns of what is wrong with it.
    [[nodiscard]] Result<Attachment*> attach();
    // Takes an array that was created instead of opened.
    void adopt(std::unique_ptr<Attachment> attachment) { m_attachment = std::move(attachment); }

    // The result: exactly one value with --json, or else the text. Only one is made.
    template<typename MakeJson, typename MakeText>
    void print(const MakeJson& makeJson, const MakeText& makeText)
    {
        if (m_options.json)
            write(jsonText(makeJson()));
        else
            write(makeText());
    }
    // The same for what was done, of which --quiet wants to hear nothing. Should the output be
    // lost, achievement() still tells that it was done.
    template<typename MakeJson, typename MakeText>
    void announce(const MakeJson& makeJson, const MakeText& makeText)
    {
        if (m_options.quiet && !m_options.json)
            return;
        m_achievement = makeText();
        print(makeJson, [this] { return m_achievement; });
    }
    // Sentences and a line feed; empty where nothing was done.
    [[nodiscard]] const std::string& achievement() const { return m_achievement; }
    void setAchievement(std::string text) { m_achievement = std::move(text); }
    // Text as it is, to standard output. That it did not arrive is found when main() flushes;
    // outputError() then tells the errno of a write that failed before, or 0.
    void write(std::string_view text);
    [[nodiscard]] int outputError() const { return m_outputError; }
    // A message to people that neither --quiet nor --json wants.
    [[nodiscard]] bool talkative() const { return !m_options.quiet && !m_options.json; }
    // To standard error; with --json as {"warning": …} on a line of its own.
    void warn(const char* code, const std::string& subject, const std::string& message);
    // Of copies of the catalog that the command could not repair or write, each once.
    void warnOfUnwritten();
    // The same for what failed, after all warnings: of what an operator or a script reads, the
    // error is the last. Where part of the work was done, the code is not the error's own.
    void report(const Error& error, ExitCode code);

    [[nodiscard]] ProgressBar::Options progress(std::string title) const;

    // Whether questions can be asked: standard input and standard error are a terminal.
    [[nodiscard]] bool interactive() const;

private:
    void warnOfState();
    void warnOfForeign(const ArrayLayout& layout, const CatalogStatus& status);
    void warnOfHalfWritten();
    // Where the disk that was refused had other GUIDs once: how it gets them back.
    void adviseOnGuids(const Error& error);
    // Where another host's writer lease was in the way: the command that takes it over.
    void adviseOnLease(const Error& error);
    // What an interrupted restore or undo refused: how that is ended.
    void adviseOnUnfinished(const Error& error);

    GlobalOptions m_options;
    Environment m_environment;
    ErrorContext m_context;
    std::string m_achievement;
    int m_outputError = 0;
    std::set<Uuid> m_unwritten; // Members of which warnOfUnwritten() has told.
    std::set<Uuid> m_stale; // Members of which the copies of the catalog were not current before.
    std::unique_ptr<Attachment> m_attachment;
};

} // namespace cairn::ctl
