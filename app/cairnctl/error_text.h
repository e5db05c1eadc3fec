// The sentences of errors: what failed, what state things are in, what to do.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::ctl {

// What the command knows about its failure beyond the error itself. All texts are printable.
struct ErrorContext {
    std::string action;               // Completes "cannot …": "back up db into target-02".
    std::vector<std::string> reasons; // Every reason of a refusal, where there are several.
    std::string question;             // That --yes would have answered; of ConfirmationNeeded.
    std::string state;                // Without a full stop; empty: nothing was changed.
    std::string advice;               // Instead of the code's own; a sentence.
    std::string unconfirmed; // Of ConfirmationNeeded: what it does, where nothing is erased.
    bool losesUndo = false;  // Of ConfirmationNeeded: what its backup keeps is an undo.
    std::string lastCopy;    // Of ConfirmationNeeded: what its backup is, as lastCopyText().
};

// "1 record", "2 records".
[[nodiscard]] std::string countText(std::uint64_t count, const char* noun);

// The text, or what stands for it where it is empty.
[[nodiscard]] inline std::string orElse(const std::string& text, const char* otherwise)
{
    return text.empty() ? std::string(otherwise) : text;
}

struct ErrorText {
    std::string what;   // A clause without a full stop.
    std::string advice; // Sentences, or empty.
};

// The code's own words, for every ErrorCode. Printable whatever the error holds.
[[nodiscard]] ErrorText errorText(const Error& error);

// One paragraph: "cannot <action>: <what>. <state>. <advice>".
[[nodiscard]] std::string errorMessage(const Error& error, const ErrorContext& context);

// As printed on a terminal: "cairnctl: cannot <action>: <what>." and an indented line for the rest.
[[nodiscard]] std::string errorReport(const Error& error, const ErrorContext& context);

} // namespace cairn::ctl
