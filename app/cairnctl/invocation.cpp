// Opens the array, and prints results, warnings and errors where they belong.
#include "app/cairnctl/invocation.h"

#include "app/cairnctl/disk_advice.h"
#include "app/cairnctl/foreign_text.h"
#include "app/cairnctl/guid_text.h"
#include "app/cairnctl/lease_text.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/standard_error.h"
#include "core/backup/catalog_return.h"
#include "core/backup/histories_apart.h"
#include "core/backup/resume.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace cairn::ctl {
namespace {

// Whether the member was replaced or released.
bool hasLeft(Catalog& catalog, const Uuid& member)
{
    const auto known = catalog.members().value_or(std::vector<KnownMember>());
    const auto entry = std::ranges::find(known, member, &KnownMember::id);
    return entry != known.end() && entry->removed;
}

// Of a restore or an undo; written: it had begun to overwrite its target.
std::string interruptedText(const Job& job, bool written)
{
    const std::string target = printable(job.target.name);
    const std::string left = written ? fmt::format(", so that {} holds half of each", target)
                                     : std::string(" before it overwrote anything");
    const std::string what =
        job.kind == JobKind::Undo
            ? fmt::format("the undo with #{}", job.generation)
            : fmt::format("a restore of backup #{} into {}", job.generation, target);
    return fmt::format("{} was interrupted{}; {}", what, left, waysToEnd(job, written));
}

// Of what was named and cannot be opened as a member that the catalog knows.
bool isUnknownMember(const Error& error)
{
    return error.code == ErrorCode::OpenFailed && error.detail.ends_with(kNoMemberSeen);
}

// What becomes of a copy that is not current.
std::string staleAdvice(Attachment& attachment, const CatalogCopyStatus& copy, std::size_t number,
                        bool written)
{
    const auto catalog = attachment.catalog();
    if (catalog && hasLeft(**catalog, copy.member))
        return fmt::format("; {}, and nothing is written while it is attached: leave its -a out. ",
                           kHasLeft) +
               wayBackFrom(copy.memberName, kHasLeft);
    if (copy.state != CatalogCopyState::Foreign && written)
        return "; another process is writing to the array just now, and repairs it or has not come "
               "to it yet";
    if (copy.state != CatalogCopyState::Foreign)
        return "; the next command that writes repairs it, or tells why it cannot";
    const std::string nothing = "; nothing is written while it is attached";
    if (const auto former = findFormerDisk(attachment, copy.memberName))
        return fmt::format("{}. {}", nothing, wayToFormerGuids(*former, copy.memberName));
    if (!foreignCopyOn(attachment, copy.member))
        return nothing;
    return nothing + fmt::format(". It is a member of this array whose catalog {}: `cairnctl array "
                                 "add-catalog {}` makes it a copy of this one again",
                                 isCopiedCatalog(copy.detail)
                                     ? "was overwritten with that of another disk"
                                     : "was rebuilt alone",
                                 number);
}

// One that was replaced, and comes back with writes of its own, is left out rather than chosen.
std::string wayOutOfApart(Attachment& attachment)
{
    const auto left = membersLeftApart(attachment);
    if (left.empty())
        return {};
    const ArrayLayout layout = attachment.array().layout();
    const Member* member = layout.findMember(left.front().member.id);
    const std::string location =
        member != nullptr ? member->location : left.front().member.location;
    const std::string name = printable(location);
    return fmt::format("{} is not one of them any more ({}), and was written alone: leave its -a "
                       "out. {}",
                       name, kHasLeft, wayBackFrom(location, kHasLeft));
}

std::string apartText(Attachment& attachment)
{
    const std::string way = wayOutOfApart(attachment);
    return way.empty() ? "the members were written apart; the array is read-only until `cairnctl "
                         "array choose-history` decides"
                       : "the members were written apart. " + way +
                             ". With it the array is read-only, until `cairnctl array "
                             "choose-history` decides otherwise";
}

} // namespace

Invocation::Invocation(GlobalOptions options, const Environment& environment)
    : m_options(std::move(options)), m_environment(environment)
{}

Result<std::vector<std::string>> Invocation::uris() const
{
    if (m_options.uris.empty()) {
        return failure(ErrorCode::InvalidArgument, "no array was named",
                       "give -a URI, or set CAIRN_ARRAY");
    }
    return m_options.uris;
}

Result<Attachment*> Invocation::attach()
{
    if (!m_attachment) {
        const auto wanted = CAIRN_TRY(uris());
        m_attachment = CAIRN_TRY(Attachment::attach(wanted, m_environment));
        m_attachment->setLeaseTerms(
            {.takeOver = m_options.takeOver, .onWait = [this](const LeaseWait& wait) {
                 warn("LeaseWatched", wait.holder.host.name, leaseWaitText(wait));
             }});
        warnOfState();
    }
    return m_attachment.get();
}

void Invocation::warnOfState()
{
    const ArrayLayout layout = m_attachment->layout();
    for (const Member& member : layout.members) {
        const std::string name = printable(member.location);
        if (member.id.isNull()) {
            warn("MemberUnknown", member.location,
                 fmt::format("{} cannot be opened as a member ({}), and the array has none there",
                             name, printable(member.problem)));
        } else if (member.state == MemberState::Missing) {
            warn("MemberMissing", member.location,
                 fmt::format("the member {} is missing; what lies on it cannot be used", name));
        } else if (member.state == MemberState::Failed) {
            warn("MemberFailed", member.location,
                 fmt::format("the member {} failed: {}", name, printable(member.problem)));
        }
    }
    const auto catalog = m_attachment->catalog();
    if (!catalog)
        return; // Whatever needs the catalog returns this error itself.
    const CatalogStatus status = (*catalog)->status();
    warnOfForeign(layout, status);
    if (status.histories.size() > 1)
        warn("HistoriesDiverged", status.arrayLabel, apartText(*m_attachment));
    const auto alone = std::ranges::find_if(layout.members, [](const Member& member) {
        return member.state == MemberState::Present && !member.holdsCatalog;
    });
    if (status.copies.size() == 1 && alone != layout.members.end()) {
        warn("CatalogNotMirrored", alone->location,
             fmt::format("only {} holds the catalog; make a second copy with `cairnctl array "
                         "add-catalog {}`",
                         printable(status.copies.front().memberName), printable(alone->location)));
    }
    warnOfHalfWritten();
    if (const auto holder = m_attachment->leaseHolder(); holder && !m_options.takeOver)
        warn("LeaseHeld", holder->host.name,
             fmt::format("another host holds the writer lease: {}; until it ends there the array "
                         "can only be read here",
                         leaseHolderText(holder->host.name, holder->sinceMs)));
    if (status.newerFormat) {
        warn("FormatNewer", status.arrayLabel,
             "the catalog was written by a newer Cairn; it can only be read");
    }
    if (status.nearlyFull) {
        warn("CatalogNearlyFull", status.arrayLabel,
             fmt::format("the catalog is nearly full: {} of {} are used",
                         sizeText(status.usedBytes), sizeText(status.capacityBytes)));
    }
    for (const CatalogCopyStatus& copy : status.copies) {
        if (copy.state != CatalogCopyState::Behind && copy.state != CatalogCopyState::Damaged &&
            copy.state != CatalogCopyState::Foreign)
            continue;
        m_stale.insert(copy.member);
        warn("CatalogCopyStale", copy.memberName,
             fmt::format("the copy of the catalog on {} is {}{}", printable(copy.memberName),
                         copyStateName(copy.state),
                         staleAdvice(*m_attachment, copy, memberNumber(layout, copy.member),
                                     status.writerAlive)));
    }
}

void Invocation::warnOfUnwritten()
{
    if (!m_attachment)
        return;
    for (const CatalogCopyStatus& copy : m_attachment->unwrittenCopies()) {
        if (!m_unwritten.insert(copy.member).second)
            continue;
        const std::string name = printable(copy.memberName);
        const std::string why = errorText(*copy.unwritten).what;
        const char* state = copyStateName(copy.state);
        warn("CatalogCopyUnwritten", copy.memberName,
             m_stale.contains(copy.member)
                 ? fmt::format("the copy of the catalog on {} is {} still: its repair was tried, "
                               "and failed: {}",
                               name, state, why)
                 : fmt::format("the copy of the catalog on {} is {} now, since it could not be "
                               "written: {}; the next command that writes tries to repair it",
                               name, state, why));
    }
}

void Invocation::warnOfForeign(const ArrayLayout& layout, const CatalogStatus& status)
{
    for (const Member& member : layout.members) {
        // Of one that carries a copy of a catalog, that copy's state is told; of one that has no
        // table, that it cannot be opened.
        if (member.state != MemberState::Foreign || member.id.isNull() ||
            std::ranges::find(status.copies, member.id, &CatalogCopyStatus::member) !=
                status.copies.end())
            continue;
        warn("ForeignMember", member.location,
             fmt::format("{} is no member of this array ({}); its regions can be read, and nothing "
                         "is written while it is attached",
                         printable(member.location), printable(member.problem)));
    }
}

void Invocation::warnOfHalfWritten()
{
    const auto found = halfWrittenRegions(*m_attachment);
    if (!found && found.error().code == ErrorCode::CatalogDamaged)
        warn("HalfWrittenUnknown", {},
             "which regions are half-written cannot be read from the damaged catalog: look at what "
             "is in a region before you use it");
    const auto half = found.value_or(std::vector<HalfWritten>());
    const auto jobs = interruptedJobs(*m_attachment).value_or(std::vector<Job>());
    for (const Job& job : jobs) {
        if (makesGeneration(job.kind))
            continue; // Its record tells.
        const HalfWritten* known = findHalfWritten(half, job.target.id);
        const bool written =
            !found || (known != nullptr && known->state == HalfWrittenState::Interrupted);
        warn(written ? "RestoreUnfinished" : "RestoreWaiting", job.target.name,
             interruptedText(job, written));
    }
    const ArrayLayout layout = m_attachment->layout();
    const auto isOfTheArray = [&layout](const RegionRef& region) {
        return region.member.isNull() || layout.find(region.id) != nullptr ||
               layout.findMember(region.member) != nullptr;
    };
    // Between two contents a region is neither, and nothing else would show it. Of one on a disk
    // that left nothing follows any more.
    for (const HalfWritten& one : half) {
        const WriteKind kind = one.write.kind;
        if (!isOfTheArray(one.write.region))
            continue;
        if (one.state == HalfWrittenState::GivenUp && kind != WriteKind::Backup &&
            kind != WriteKind::Import)
            warn("HalfWritten", one.write.region.name, halfWrittenText(*m_attachment, one));
    }
}

void Invocation::write(std::string_view text)
{
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        m_outputError = errno;
}

void Invocation::warn(const char* code, const std::string& subject, const std::string& message)
{
    if (m_options.json) {
        const Json warning = {
            {"warning", {{"code", code}, {"subject", subject}, {"message", message}}}};
        tell(warning.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n');
    } else {
        tell(fmt::format("cairnctl: warning: {}.\n", message));
    }
}

void Invocation::adviseOnGuids(const Error& error)
{
    const bool named = error.code == ErrorCode::ForeignMember ||
                       (error.code == ErrorCode::CatalogForeign && isCopiedCatalog(error.detail));
    if (!m_attachment || !m_context.advice.empty() || !named)
        return;
    const auto former = findFormerDisk(*m_attachment, error.subject);
    if (!former)
        return;
    const std::string way = wayToFormerGuids(*former, error.subject);
    m_context.advice = former->location.empty()
                           ? fmt::format("{} {}", errorText(error).advice, way)
                           : fmt::format("Nothing is written while it is attached so. {}", way);
}

void Invocation::adviseOnLease(const Error& error)
{
    if (!isOfLease(error) || !m_context.advice.empty())
        return;
    // With the operator's word, it is renewed.
    m_context.advice = m_options.takeOver
                           ? "Wait until it has ended there. A lease that is renewed is taken from "
                             "nobody."
                           : leaseAdvice(error, m_options.again);
}

void Invocation::adviseOnUnfinished(const Error& error)
{
    const bool named = error.code == ErrorCode::RestoreUnfinished ||
                       error.code == ErrorCode::RestoreWaiting ||
                       error.code == ErrorCode::NeededByRestore;
    if (!m_attachment || !m_context.advice.empty() || !named)
        return;
    const auto jobs = interruptedJobs(*m_attachment).value_or(std::vector<Job>());
    const auto job = std::ranges::find_if(jobs, [&](const Job& one) {
        return !makesGeneration(one.kind) &&
               (one.generation == error.amount || one.undo == error.amount);
    });
    if (job == jobs.end())
        return;
    m_context.advice = adviceToEnd(*job, !overwroteNothing(*m_attachment, job->target.id));
}

void Invocation::report(const Error& error, ExitCode code)
{
    warnOfUnwritten();
    // No member of a simulated array is named by an -a of its own.
    const bool simulated = m_attachment && m_attachment->array().layout().uri.starts_with("sim:");
    const bool isUnknown = error.code == ErrorCode::ForeignMember || isUnknownMember(error);
    if (simulated && isUnknown && m_context.advice.empty())
        m_context.advice = fmt::format(
            "Nothing is written while it is there: take its entry out of simulation.json, and "
            "remove the file if nothing on it is needed: `rm {}`",
            printableShort(error.subject, 120));
    adviseOnGuids(error);
    adviseOnUnfinished(error);
    adviseOnLease(error);
    if (error.code == ErrorCode::HistoriesDiverged && m_attachment && m_context.advice.empty())
        m_context.advice = wayOutOfApart(*m_attachment);
    if (!m_options.json) {
        tell(errorReport(error, m_context));
        return;
    }
    Json json = {{"error", jsonOf(error, errorMessage(error, m_context))}};
    json["error"]["exitCode"] = static_cast<int>(code);
    if (!m_context.reasons.empty())
        json["error"]["reasons"] = m_context.reasons;
    tell(json.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n');
}

ProgressBar::Options Invocation::progress(std::string title) const
{
    return {.draw = !m_options.quiet && ::isatty(STDERR_FILENO) == 1, .title = std::move(title)};
}

bool Invocation::interactive() const
{
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

} // namespace cairn::ctl
