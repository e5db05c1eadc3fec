// How a verb of the desktop asks in a dialog, and how its outcome goes to the jobs.
#pragma once

#include "ui/jobs/running_job.h"

#include <QDialog>
#include <QLocale>
#include <utility>

namespace cairn {

[[nodiscard]] inline QString numberDisplay(std::uint64_t value)
{
    return QLocale().toString(qulonglong{value});
}

// Shown beside the window and deleted after its answer; `then` runs only if it was accepted.
template<typename Dialog, typename Then>
void ask(Dialog* dialog, QObject* receiver, const Then& then)
{
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QDialog::accepted, receiver, [dialog, then] { then(*dialog); });
    dialog->open();
}

template<typename Value>
[[nodiscard]] Result<JobOutcome> asOutcome(Result<Value> result)
{
    if (!result)
        return std::unexpected(std::move(result).error());
    return JobOutcome(*std::move(result));
}

// Of one that gives back what any of several would.
template<typename... Values>
[[nodiscard]] Result<JobOutcome> asOutcome(Result<std::variant<Values...>> result)
{
    if (!result)
        return std::unexpected(std::move(result).error());
    return std::visit([](auto&& value) { return JobOutcome(std::forward<decltype(value)>(value)); },
                      *std::move(result));
}

// Of a verb whose answer is read from the array again.
template<typename Value>
[[nodiscard]] Result<void> withoutValue(const Result<Value>& result)
{
    if (!result)
        return std::unexpected(result.error());
    return {};
}

} // namespace cairn
