// The words for jobs that are about to be canceled.
#include "ui/closing_text.h"

#include "ui/record_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>
#include <algorithm>

namespace cairn {
namespace {

constexpr qsizetype kMostJobs = 8; // In lines of their own.

QString tr(const char* text)
{
    return QCoreApplication::translate("Closing", text);
}

QString ofBackup(const Standing& now, bool resumed)
{
    if (now.step == 0 && !resumed)
        return tr("it has copied nothing yet, and is to be asked for again.");
    if (now.step > 0 && now.current.work == StepWork::ReadBack)
        return tr("all is copied, but not read back: verify it later.");
    return tr("what it has copied is kept. It can be resumed when the array is opened again.");
}

// Whether it can be gone back on, once it has begun to overwrite.
bool isKept(const JobRequest& request)
{
    const bool undoes =
        request.verb == Verb::Undo || (request.resumes && request.resumes->kind == JobKind::Undo);
    return undoes || !request.areas.empty();
}

QString ofRestore(const JobRequest& request, const Standing& now)
{
    if (now.step > 0 && now.current.work == StepWork::Copy)
        return isKept(request)
                   ? tr("its target is half-written then, and cannot be used until the job is "
                        "resumed, or the restore undone, when the array is opened again.")
                   : tr("its target is half-written then, and cannot be used until the job is "
                        "resumed when the array is opened again. It cannot be undone.");
    if (now.step > 0 && now.current.work == StepWork::ReadBack)
        return tr("all is written, but not read back: resume it when the array is opened again.");
    const bool keeps = now.step > 0 && (now.current.work == StepWork::KeepOld ||
                                        now.current.work == StepWork::ProveKept);
    if (keeps || request.resumes)
        return tr("it overwrites nothing more. It can be resumed when the array is opened again.");
    return tr("it has overwritten nothing yet, and is to be asked for again.");
}

} // namespace

QString ifCanceledText(const JobRequest& request, const Standing& now, bool begun)
{
    if (!begun)
        return request.resumes
                   ? tr("it has not begun, and can be resumed when the array is opened again.")
                   : tr("it has not begun, and is to be asked for again.");
    switch (request.verb) {
    case Verb::Verify:
        return tr("it only reads, and is to be begun anew.");
    case Verb::Export:
        return tr("no file is made or replaced: it is to be exported anew.");
    case Verb::Import:
        return tr("it cannot be resumed. Its target holds a part of the image then, and is "
                  "half-written until it is imported anew.");
    default:
        break;
    }
    const bool isBackup =
        request.verb == Verb::BackUp || (request.resumes && makesGeneration(request.resumes->kind));
    return isBackup ? ofBackup(now, request.resumes.has_value()) : ofRestore(request, now);
}

QString halfLeftText(const JobRequest& request, const Standing& now, bool begun)
{
    if (!begun)
        return {};
    if (request.verb == Verb::Import)
        return tr("Its target holds a part of the image then, and is half-written until it is "
                  "imported anew. An import cannot be resumed.");
    const bool restores = request.verb == Verb::Restore || request.verb == Verb::Undo ||
                          (request.resumes && !makesGeneration(request.resumes->kind));
    if (!restores || now.step == 0 || now.current.work != StepWork::Copy)
        return {};
    return isKept(request) ? tr("Its target is half-written then, and cannot be used until the job "
                                "is resumed, or the restore undone.")
                           : tr("Its target is half-written then, and cannot be used until the job "
                                "is resumed. It cannot be undone.");
}

QString closingText(const std::vector<std::unique_ptr<RunningJob>>& jobs)
{
    QStringList lines;
    for (const auto& job : jobs) {
        if (!job->finished())
            lines.append(
                tr("• %1: %2")
                    .arg(job->request().title,
                         ifCanceledText(job->request(), job->standing(), job->handedOver())));
    }
    const qsizetype more = lines.size() - kMostJobs;
    if (more > 0) {
        lines = lines.first(kMostJobs);
        lines.append(tr("• More jobs that are not finished: %1.").arg(QLocale().toString(more)));
    }
    return lines.join(u'\n');
}

QString disksInUse(const std::vector<std::unique_ptr<RunningJob>>& jobs, const ArrayLayout& layout)
{
    QStringList names;
    const auto add = [&](const std::optional<RegionId>& id) {
        const Region* region = id ? layout.find(*id) : nullptr;
        const Member* member = region != nullptr ? layout.findMember(region->member) : nullptr;
        if (member != nullptr)
            names.append(memberDisplay(*member));
    };
    for (const auto& job : jobs) {
        if (job->finished())
            continue;
        add(job->request().source);
        add(job->request().target);
        for (const CourseStep& step : job->request().steps) {
            add(step.reads);
            add(step.writes);
        }
    }
    names.removeDuplicates();
    return QLocale().createSeparatedList(names);
}

} // namespace cairn
