// The support bundle: everything about an array but its data.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/failure_log.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/output_file.h"
#include "core/backup/resume.h"
#include "core/base/printable_text.h"
#include "core/catalog/region_database.h"

#include <algorithm>
#include <array>
#include <blkid/blkid.h>
#include <fmt/core.h>
#include <libfdisk/libfdisk.h>
#include <libmount/libmount.h>
#include <memory>
#include <sys/utsname.h>
#include <xxhash.h>

namespace cairn::ctl {
namespace {

constexpr std::size_t kLedgerEntries = 200;
constexpr std::size_t kLogLines = 200;
constexpr std::size_t kRecords = 1000;

// A report is read by people in editors and mail programs: their strings are escaped as well.
Json printableStrings(Json value)
{
    if (value.is_string())
        return printable(value.get_ref<const std::string&>());
    if (value.is_structured()) {
        for (auto& element : value)
            element = printableStrings(std::move(element));
    }
    return value;
}

Json versionsJson()
{
    utsname kernel{};
    ::uname(&kernel);
    const char* fdisk = nullptr;
    const char* blkid = nullptr;
    const char* mount = nullptr;
    const char* date = nullptr;
    ::fdisk_get_library_version(&fdisk);
    ::blkid_get_library_version(&blkid, &date);
    ::mnt_get_library_version(&mount);
    const auto text = [](const char* version) { return version == nullptr ? "" : version; };
    return {{"cairn", CAIRN_VERSION},
            {"kernel", fmt::format("{} {} {}", kernel.sysname, kernel.release, kernel.version)},
            {"machine", kernel.machine},
            {"sqlite", sqliteVersion()},
            {"xxhash", ::XXH_versionNumber()},
            {"fmt", FMT_VERSION},
            {"libfdisk", text(fdisk)},
            {"libblkid", text(blkid)},
            {"libmount", text(mount)}};
}

template<typename Values, typename Convert>
Json jsonArray(const Values& values, const Convert& convert)
{
    Json all = Json::array();
    for (const auto& value : values)
        all.push_back(convert(value));
    return all;
}

Json errorJson(const Error& error)
{
    return {{"error", jsonOf(error, errorText(error).what)}};
}

Json ledgerJson(Catalog& catalog)
{
    const auto ledger = catalog.ledger();
    if (!ledger)
        return errorJson(ledger.error());
    const std::size_t skipped =
        ledger->events.size() - std::min(ledger->events.size(), kLedgerEntries);
    Json events = Json::array();
    for (std::size_t index = skipped; index < ledger->events.size(); ++index)
        events.push_back(jsonOf(ledger->events[index]));
    return {{"chainIntact", ledger->chainIntact},
            {"firstBrokenId", ledger->firstBrokenId},
            {"entries", ledger->events.size()},
            {"newest", std::move(events)}};
}

Json knownMembersJson(Catalog& catalog)
{
    const auto members = catalog.members();
    if (!members)
        return errorJson(members.error());
    return jsonArray(*members, [](const KnownMember& member) {
        return Json{{"id", member.id.toString()},
                    {"location", member.location},
                    {"model", member.model},
                    {"sizeBytes", member.sizeBytes},
                    {"holdsCatalog", member.holdsCatalog},
                    {"stale", member.stale},
                    {"removed", member.removed}};
    });
}

void addCatalog(Json& report, Attachment& attachment, const ArrayLayout& layout)
{
    const auto catalog = attachment.catalog();
    if (!catalog) {
        report["catalog"] = errorJson(catalog.error());
        return;
    }
    const CatalogStatus status = (*catalog)->status();
    report["array"]["id"] = status.arrayId.toString();
    report["array"]["label"] = status.arrayLabel;
    report["catalog"] = jsonOf(status);
    report["knownMembers"] = knownMembersJson(**catalog);
    GenerationFilter filter;
    filter.limit = kRecords;
    const auto generations = (*catalog)->generations(filter);
    report["backups"] =
        generations
            ? jsonArray(*generations, [&](const Generation& one) { return jsonOf(one, layout); })
            : errorJson(generations.error());
    const auto jobs = (*catalog)->jobs();
    report["jobs"] = jobs ? jsonArray(*jobs, [](const Job& job) { return jsonOf(job); })
                          : errorJson(jobs.error());
    report["ledger"] = ledgerJson(**catalog);
}

Json contentOf(Invocation& invocation)
{
    Json report = {{"report", "cairnctl report: no data of any region is in here"},
                   {"made", jsonTime(invocation.environment().clock.nowUnixMs())},
                   {"host", invocation.environment().host.name},
                   {"versions", versionsJson()}};
    const auto attachment = invocation.attach();
    if (!attachment) {
        report["array"] = errorJson(attachment.error());
        return report;
    }
    const ArrayLayout layout = (*attachment)->layout();
    report["array"] = {{"uri", layout.uri}};
    report["array"]["members"] = jsonArray(layout.members, [&](const Member& member) {
        return jsonOf(member, memberNumber(layout, member.id));
    });
    const auto half = halfWrittenRegions(**attachment).value_or(std::vector<HalfWritten>());
    report["array"]["regions"] = jsonArray(layout.regions, [&](const Region& region) {
        return jsonOf(region, memberNumber(layout, region.member),
                      findHalfWritten(half, region.id));
    });
    addCatalog(report, **attachment, layout);
    return report;
}

Json reportJson(Invocation& invocation)
{
    Json report = printableStrings(contentOf(invocation));
    // Escaped when it was written.
    report["log"] = recentFailures(kLogLines);
    return report;
}

Result<ExitCode> makeReport(Invocation& invocation, const std::string& path)
{
    invocation.attempt("write the report");
    CAIRN_TRY(invocation.uris());
    const std::string text = jsonText(reportJson(invocation));
    if (path.empty() || path == "-") {
        invocation.write(text);
        return ExitCode::Done;
    }
    const auto attachment = invocation.attach();
    OutputFile file =
        CAIRN_TRY(OutputFile::open(invocation, attachment ? *attachment : nullptr, path));
    CAIRN_TRY(file.write(std::as_bytes(std::span(text))));
    CAIRN_TRY(file.finish());
    if (invocation.talkative() || invocation.options().json)
        invocation.print([&] { return Json{{"file", path}}; },
                         [&] {
                             return fmt::format("Wrote the report to {}. It names hosts, regions "
                                                "and backups: read it before you send it.\n",
                                                printable(path));
                         });
    return ExitCode::Done;
}

} // namespace

void addReportCommand(CommandLine& line)
{
    const auto path = std::make_shared<std::string>();
    Command command = line.add(
        line.root(),
        {.name = "report",
         .purpose = "Write a support bundle as JSON: versions, array, ledger, log; no data",
         .example = "report cairn-report.json"},
        [path](Invocation& invocation) { return makeReport(invocation, *path); });
    command.addOption("FILE", *path, "The file; without it, or -, the standard output").notEmpty();
}

} // namespace cairn::ctl
