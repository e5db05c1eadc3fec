// Turns values into JSON.
#include "app/cairnctl/json_output.h"

#include "app/cairnctl/exit_code.h"
#include "app/cairnctl/missing_text.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/copy_presence.h"

namespace cairn::ctl {
namespace {

Json digestOrNull(const Digest& digest)
{
    return digest == Digest{} ? Json(nullptr) : Json(digest.toHex());
}

Json jsonOf(const CatalogCopyStatus& copy)
{
    return {{"member", copy.member.toString()},
            {"memberName", copy.memberName},
            {"state", copyStateName(copy.state)},
            {"commits", copy.commits},
            {"detail", copy.detail}};
}

Json jsonOf(const CatalogHistory& history)
{
    Json members = Json::array();
    for (const Uuid& member : history.members)
        members.push_back(member.toString());
    Json changes = Json::array();
    for (const Event& event : history.ownEvents)
        changes.push_back(cairn::ctl::jsonOf(event));
    Json regions = Json::array();
    for (const RegionRef& region : history.ownRegions)
        regions.push_back({{"region", region.name}, {"regionId", region.id.uuid.toString()}});
    return {{"id", history.id},
            {"commits", history.commits},
            {"lastCommit", jsonTime(history.lastCommitMs)},
            {"lastHost", history.lastHost},
            {"members", std::move(members)},
            {"ownBackups", history.ownGenerations},
            {"ownRegions", std::move(regions)},
            {"ownChanges", std::move(changes)},
            {"ownChangeCount", history.ownEventCount}};
}

} // namespace

std::string jsonText(const Json& value)
{
    return value.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

Json jsonTime(std::int64_t unixMs)
{
    const auto text = isoTime(unixMs);
    return text ? Json(*text) : Json(nullptr);
}

Json jsonOf(const Content& content)
{
    return {{"kind", contentKindName(content.kind)},
            {"sampled", content.sampled},
            {"type", content.type},
            {"label", content.label},
            {"uuid", content.uuid},
            {"usedBytes", content.usedBytes ? Json(*content.usedBytes) : Json(nullptr)}};
}

Json jsonOf(const ChunkMap& chunks)
{
    Json runs = Json::array();
    for (const ChunkMap::Run& run : chunks.runs())
        runs.push_back({{"first", run.first}, {"count", run.count}});
    return runs;
}

namespace {

Json undoJson(const UndoCopy& undo)
{
    return {{"restored", undo.restored},
            {"sizeBytes", undo.sizeBytes},
            {"chunks", cairn::ctl::jsonOf(undo.chunks)},
            {"contentBefore", digestOrNull(undo.contentBefore)},
            {"contentAfter", digestOrNull(undo.contentAfter)},
            {"kept", jsonTime(undo.keptMs)},
            {"undone", jsonTime(undo.undoneMs)}};
}

} // namespace

Json jsonOf(const Generation& generation, const ArrayLayout& layout)
{
    Json json = {{"number", generation.number},
                 {"state", stateName(generation.state)},
                 {"source", generation.source.name},
                 {"target", generation.target.name},
                 {"label", generation.label},
                 {"note", generation.note},
                 {"started", jsonTime(generation.startedMs)},
                 {"finished", jsonTime(generation.finishedMs)},
                 {"sizeBytes", generation.sizeBytes},
                 {"writtenBytes", generation.writtenBytes},
                 {"held", generation.held},
                 {"verified", jsonTime(generation.verifiedMs)},
                 {"readBack", readBackName(generation.readBack)},
                 {"host", generation.hostName},
                 {"hostId", generation.hostId.toString()},
                 {"sourceId", generation.source.id.uuid.toString()},
                 {"sourceMember", generation.source.member.toString()},
                 {"targetId", generation.target.id.uuid.toString()},
                 {"targetMember", generation.target.member.toString()},
                 {"digest", digestOrNull(generation.digest)},
                 {"content", jsonOf(generation.content)},
                 {"recovered", generation.recovered},
                 {"supersededBy", nullptr},
                 {"failure", nullptr},
                 {"damagedChunks", jsonOf(generation.damaged)},
                 {"kind", generation.undo ? "undo" : "backup"},
                 {"undo", nullptr},
                 {"takenAsIs", generation.takenAsIs},
                 {"missing", jsonOf(generation.unreadable.ranges())},
                 {"consistency", consistencyName(generation.consistency)},
                 {"seal", sealStateName(generation.seal)},
                 {"presence", nullptr},
                 {"sourceNow", nullptr},
                 {"targetNow", nullptr}};
    if (const Region* source = layout.find(generation.source.id))
        json["sourceNow"] = source->name;
    if (const Region* target = layout.find(generation.target.id))
        json["targetNow"] = target->name;
    if (hasCopy(generation))
        json["presence"] = presenceName(findCopy(layout, generation).presence);
    if (generation.undo)
        json["undo"] = undoJson(*generation.undo);
    if (generation.supersededBy != 0)
        json["supersededBy"] = generation.supersededBy;
    if (generation.failure != ErrorCode{} || !generation.failureDetail.empty()) {
        json["failure"] = {{"code", errorName(generation.failure)},
                           {"detail", generation.failureDetail}};
    }
    return json;
}

Json jsonOf(const std::vector<ExportedCopy>& exports)
{
    Json all = Json::array();
    for (const ExportedCopy& copy : exports) {
        all.push_back({{"location", copy.location},
                       {"time", jsonTime(copy.timeMs)},
                       {"host", copy.hostName},
                       {"imported", copy.imported}});
    }
    return all;
}

Json jsonOf(const HalfWritten* half)
{
    if (half == nullptr)
        return nullptr;
    const UnfinishedWrite& write = half->write;
    return {{"state", halfWrittenStateName(half->state)},
            {"kind", writeKindName(write.kind)},
            {"backup", write.generation == 0 ? Json(nullptr) : Json(write.generation)},
            {"sizeBytes", write.sizeBytes},
            {"since", jsonTime(write.sinceMs)},
            {"accepted", jsonTime(write.acceptedMs)}};
}

Json jsonOf(const Region& region, std::size_t memberNumber, const HalfWritten* half)
{
    return {{"name", region.name},
            {"id", region.id.uuid.toString()},
            {"member", memberNumber},
            {"memberId", region.member.toString()},
            {"entry", region.entry},
            {"offsetBytes", region.extent.offsetBytes},
            {"sizeBytes", region.extent.lengthBytes},
            {"type", region.type.toString()},
            {"role", roleName(region.role)},
            {"content", jsonOf(region.content)},
            {"inUse", region.use.inUse},
            {"usedBy", region.use.by},
            {"halfWritten", jsonOf(half)}};
}

Json jsonOf(const Member& member, std::size_t memberNumber)
{
    const auto freeNow = freeBytes(member);
    return {{"number", memberNumber},
            {"id", member.id.isNull() ? Json(nullptr) : Json(member.id.toString())},
            {"location", member.location},
            {"model", member.model},
            {"sizeBytes", member.sizeBytes},
            {"freeBytes", freeNow ? Json(*freeNow) : Json(nullptr)},
            {"sectorBytes", member.sectorBytes},
            {"state", memberStateName(member.state)},
            {"problem", member.problem},
            {"holdsCatalog", member.holdsCatalog}};
}

Json jsonOf(const CatalogStatus& status)
{
    Json copies = Json::array();
    for (const CatalogCopyStatus& copy : status.copies)
        copies.push_back(jsonOf(copy));
    Json histories = Json::array();
    for (const CatalogHistory& history : status.histories)
        histories.push_back(jsonOf(history));
    return {{"copies", std::move(copies)},      {"histories", std::move(histories)},
            {"usedBytes", status.usedBytes},    {"capacityBytes", status.capacityBytes},
            {"nearlyFull", status.nearlyFull},  {"newerFormat", status.newerFormat},
            {"writerAlive", status.writerAlive}};
}

Json jsonOf(const CopyOutcome& outcome)
{
    return {{"copiedBytes", outcome.copiedBytes}, {"writtenBytes", outcome.writtenBytes},
            {"zeroBytes", outcome.zeroBytes},     {"unchangedBytes", outcome.unchangedBytes},
            {"clonedBytes", outcome.clonedBytes}, {"digest", digestOrNull(outcome.content)}};
}

Json jsonOf(const Event& event)
{
    return {{"id", event.id},
            {"kind", eventName(event.kind)},
            {"backup", event.generation == 0 ? Json(nullptr) : Json(event.generation)},
            {"time", jsonTime(event.timeMs)},
            {"host", event.hostName},
            {"hostId", event.hostId.toString()},
            {"subject", event.subject},
            {"detail", event.detail},
            {"hash", event.hash.toHex()}};
}

Json jsonOf(const Job& job)
{
    return {{"id", job.id},
            {"kind", jobKindName(job.kind)},
            {"backup", job.generation},
            {"source", job.source.name},
            {"sourceId", job.source.id.uuid.toString()},
            {"target", job.target.name},
            {"targetId", job.target.id.uuid.toString()},
            {"undo", job.undo == 0 ? Json(nullptr) : Json(job.undo)},
            {"sizeBytes", job.sizeBytes},
            {"doneChunks", job.done.count()},
            {"totalChunks", chunkCount(job.sizeBytes)},
            {"started", jsonTime(job.startedMs)},
            {"saved", jsonTime(job.savedMs)},
            {"host", job.hostName}};
}

Json jsonOf(const Error& error, const std::string& message)
{
    return {{"code", errorName(error.code)},
            {"subject", error.subject},
            {"detail", error.detail},
            {"amount", error.amount},
            {"osError", error.osError},
            {"exitCode", static_cast<int>(exitCodeFor(errorClass(error.code)))},
            {"message", message}};
}

const char* roleName(RegionRole role) noexcept
{
    switch (role) {
    case RegionRole::Data:
        return "data";
    case RegionRole::Backup:
        return "backup";
    case RegionRole::Management:
        return "management";
    }
    return "unknown";
}

const char* memberStateName(MemberState state) noexcept
{
    switch (state) {
    case MemberState::Present:
        return "present";
    case MemberState::ReadOnly:
        return "read-only";
    case MemberState::Missing:
        return "missing";
    case MemberState::Foreign:
        return "foreign";
    case MemberState::Failed:
        return "failed";
    }
    return "unknown";
}

const char* copyStateName(CatalogCopyState state) noexcept
{
    switch (state) {
    case CatalogCopyState::Current:
        return "current";
    case CatalogCopyState::Behind:
        return "behind";
    case CatalogCopyState::Diverged:
        return "diverged";
    case CatalogCopyState::Damaged:
        return "damaged";
    case CatalogCopyState::Foreign:
        return "foreign";
    }
    return "unknown";
}

const char* contentKindName(ContentKind kind) noexcept
{
    switch (kind) {
    case ContentKind::Unread:
        return "unread";
    case ContentKind::Empty:
        return "empty";
    case ContentKind::Unknown:
        return "unknown";
    case ContentKind::Recognised:
        return "recognised";
    }
    return "unknown";
}

const char* readBackName(ReadBack readBack) noexcept
{
    switch (readBack) {
    case ReadBack::Direct:
        return "direct";
    case ReadBack::Dropped:
        return "dropped";
    case ReadBack::Cached:
        return "cached";
    }
    return "unknown";
}

const char* jobKindName(JobKind kind) noexcept
{
    switch (kind) {
    case JobKind::Backup:
        return "backup";
    case JobKind::Restore:
        return "restore";
    case JobKind::Undo:
        return "undo";
    case JobKind::Import:
        return "import";
    }
    return "unknown";
}

} // namespace cairn::ctl
