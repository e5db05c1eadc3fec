// Writes and reads the lines of a catalog export.
#include "core/backup/catalog_lines.h"

#include "core/catalog/undo_copy.h"

#include <nlohmann/json.hpp>

#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace cairn {
namespace {

using Json = nlohmann::json;

constexpr int kDepthLimit = 4;
constexpr std::size_t kTextLimitBytes = 64 * kKiB;
constexpr std::array<const char*, 4> kContentKinds = {"unread", "empty", "unknown", "recognised"};
constexpr std::array<const char*, 3> kReadBacks = {"direct", "dropped", "cached"};
constexpr auto kLastState = static_cast<std::uint8_t>(GenerationState::Forgotten);
constexpr auto kLastCode = static_cast<std::uint8_t>(ErrorCode::Unsupported);
constexpr std::uint64_t kSizeLimitBytes = std::numeric_limits<std::int64_t>::max();

std::string hexOf(std::span<const std::byte> bytes)
{
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        text.push_back(kDigits[std::to_integer<unsigned>(byte) >> 4U]);
        text.push_back(kDigits[std::to_integer<unsigned>(byte) & 0x0fU]);
    }
    return text;
}

std::optional<std::vector<std::byte>> bytesOf(std::string_view hex)
{
    const auto nibble = [](char c) -> int {
        if (c >= '0' && c <= '9')
            return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (hex.size() % 2 != 0)
        return std::nullopt;
    std::vector<std::byte> bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = nibble(hex[i]);
        const int low = nibble(hex[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return bytes;
}

Json refToJson(const RegionRef& ref)
{
    return {{"id", ref.id.uuid.toString()}, {"name", ref.name}, {"member", ref.member.toString()}};
}

Json contentToJson(const Content& content)
{
    Json json = {{"kind", kContentKinds.at(static_cast<std::size_t>(content.kind))},
                 {"type", content.type},
                 {"label", content.label},
                 {"uuid", content.uuid}};
    if (content.usedBytes)
        json["usedBytes"] = *content.usedBytes;
    return json;
}

Json undoToJson(const UndoCopy& undo)
{
    if (undo.swapped)
        return {{"restored", undo.restored},
                {"sizeBytes", undo.sizeBytes},
                {"keptMs", undo.keptMs},
                {"undoneMs", undo.undoneMs},
                {"swapped", true}};
    return {{"restored", undo.restored},
            {"sizeBytes", undo.sizeBytes},
            {"chunks", hexOf(undo.chunks.encode())},
            {"contentBefore", undo.contentBefore.toHex()},
            {"contentAfter", undo.contentAfter.toHex()},
            {"keptMs", undo.keptMs},
            {"undoneMs", undo.undoneMs}};
}

struct ToJson {
    Json operator()(const FileHeader& header) const
    {
        return {{"kind", "header"},
                {"format", "cairn-catalog"},
                {"version", header.version},
                {"arrayId", header.arrayId.toString()},
                {"label", header.label}};
    }
    Json operator()(const KnownMember& member) const
    {
        return {{"kind", "member"},
                {"id", member.id.toString()},
                {"location", member.location},
                {"model", member.model},
                {"sizeBytes", member.sizeBytes},
                {"holdsCatalog", member.holdsCatalog},
                {"removed", member.removed}};
    }
    Json operator()(const RegionSeal& seal) const
    {
        Json pieces = Json::array();
        for (const SealedBytes& piece : seal.pieces)
            pieces.push_back({{"offsetBytes", piece.offsetBytes}, {"bytes", hexOf(piece.bytes)}});
        return {{"kind", "sealed"},
                {"region", seal.region.uuid.toString()},
                {"sealedMs", seal.sealedMs},
                {"pieces", std::move(pieces)}};
    }
    Json operator()(const UnfinishedWrite& write) const
    {
        return {{"kind", "unfinished"},           {"write", writeKindName(write.kind)},
                {"generation", write.generation}, {"region", refToJson(write.region)},
                {"sizeBytes", write.sizeBytes},   {"sinceMs", write.sinceMs},
                {"acceptedMs", write.acceptedMs}, {"keptBy", write.keptBy}};
    }
    Json operator()(const Generation& generation) const
    {
        Json json = {{"kind", "generation"},
                     {"number", generation.number},
                     {"source", refToJson(generation.source)},
                     {"target", refToJson(generation.target)},
                     {"sizeBytes", generation.sizeBytes},
                     {"label", generation.label},
                     {"note", generation.note},
                     {"content", contentToJson(generation.content)},
                     {"startedMs", generation.startedMs},
                     {"finishedMs", generation.finishedMs},
                     {"verifiedMs", generation.verifiedMs},
                     {"hostId", generation.hostId.toString()},
                     {"hostName", generation.hostName},
                     {"state", stateName(generation.state)},
                     {"held", generation.held},
                     {"recovered", generation.recovered},
                     {"supersededBy", generation.supersededBy},
                     {"readBack", kReadBacks.at(static_cast<std::size_t>(generation.readBack))},
                     {"writtenBytes", generation.writtenBytes},
                     {"digest", generation.digest.toHex()},
                     {"failureDetail", generation.failureDetail},
                     {"damaged", hexOf(generation.damaged.encode())}};
        if (generation.failure != ErrorCode{} || !generation.failureDetail.empty())
            json["failure"] = errorName(generation.failure);
        if (generation.undo)
            json["undo"] = undoToJson(*generation.undo);
        if (generation.takenAsIs)
            json["takenAsIs"] = true;
        if (!generation.unreadable.empty())
            json["unreadable"] = hexOf(generation.unreadable.encode());
        if (generation.consistency != Consistency::Offline)
            json["consistency"] = consistencyName(generation.consistency);
        return json;
    }
    Json operator()(const FileDigests& digests) const
    {
        std::string hex;
        for (const Digest& digest : digests.segment.digests)
            hex += digest.toHex();
        return {{"kind", "digests"},
                {"generation", digests.generation},
                {"segment", digests.segment.index},
                {"digests", hex}};
    }
    Json operator()(const Event& event) const
    {
        return {{"kind", "event"},
                {"id", event.id},
                {"event", eventName(event.kind)},
                {"eventKind", static_cast<std::uint8_t>(event.kind)},
                {"generation", event.generation},
                {"timeMs", event.timeMs},
                {"hostId", event.hostId.toString()},
                {"hostName", event.hostName},
                {"subject", event.subject},
                {"detail", event.detail},
                {"hash", event.hash.toHex()}};
    }
    Json operator()(const FileEnd& end) const
    {
        return {{"kind", "end"}, {"lines", end.lines}, {"xxh3_128", end.digest.toHex()}};
    }
};

// Reads the fields of one object; the first that is not as it should be is remembered, and what is
// read after it does not matter.
class Fields {
public:
    explicit Fields(const Json& object) : m_object(object) {}

    std::string text(const char* name)
    {
        const Json* value = find(name);
        if (value == nullptr || !value->is_string())
            return bad(name), std::string();
        const auto* string = value->get_ptr<const std::string*>();
        if (string->size() > kTextLimitBytes)
            return bad(name), std::string();
        return *string;
    }
    // Of any length: the line's own limit applies.
    std::string_view hex(const char* name)
    {
        const Json* value = find(name);
        if (value == nullptr || !value->is_string())
            return bad(name), std::string_view();
        return *value->get_ptr<const std::string*>();
    }
    std::uint64_t number(const char* name, std::uint64_t limit = kSizeLimitBytes)
    {
        const Json* value = find(name);
        const auto* integer =
            value == nullptr ? nullptr : value->get_ptr<const Json::number_unsigned_t*>();
        if (integer == nullptr || *integer > limit)
            return bad(name), 0;
        return *integer;
    }
    // Before 1970 by a clock that was wrong: negative.
    std::int64_t time(const char* name)
    {
        const Json* value = find(name);
        if (value != nullptr && value->is_number_integer() && !value->is_number_unsigned())
            return *value->get_ptr<const Json::number_integer_t*>();
        return static_cast<std::int64_t>(number(name));
    }
    bool flag(const char* name)
    {
        const Json* value = find(name);
        const auto* boolean = value == nullptr ? nullptr : value->get_ptr<const Json::boolean_t*>();
        if (boolean == nullptr)
            return bad(name), false;
        return *boolean;
    }
    Uuid uuid(const char* name)
    {
        const auto parsed = Uuid::parse(text(name));
        if (!parsed)
            bad(name);
        return parsed.value_or(Uuid{});
    }
    Digest digest(const char* name)
    {
        const auto parsed = Digest::fromHex(text(name));
        if (!parsed)
            bad(name);
        return parsed.value_or(Digest{});
    }
    // The position of the text among the names that `nameOf` gives to first … last.
    template<typename NameOf>
    std::uint8_t word(const char* name, std::uint8_t first, std::uint8_t last, NameOf nameOf)
    {
        const std::string wanted = text(name);
        for (unsigned value = first; value <= last; ++value) {
            if (wanted == nameOf(static_cast<std::uint8_t>(value)))
                return static_cast<std::uint8_t>(value);
        }
        return bad(name), first;
    }
    const Json* object(const char* name)
    {
        const Json* value = find(name);
        if (value == nullptr || !value->is_object())
            return bad(name), nullptr;
        return value;
    }
    // Of at most that many.
    const Json& array(const char* name, std::size_t most)
    {
        static const Json nothing = Json::array();
        const Json* value = find(name);
        if (value == nullptr || !value->is_array() || value->size() > most)
            return bad(name), nothing;
        return *value;
    }
    [[nodiscard]] bool has(const char* name) const { return m_object.contains(name); }
    void bad(const char* name)
    {
        if (!m_problem)
            m_problem = name;
    }
    // The whole value, or which field was wrong.
    template<typename T>
    Result<FileLine> finish(T value)
    {
        if (m_problem)
            return failure(ErrorCode::InvalidDescription, {}, *m_problem);
        return FileLine(std::move(value));
    }

private:
    [[nodiscard]] const Json* find(const char* name) const
    {
        const auto found = m_object.find(name);
        return found == m_object.end() ? nullptr : &*found;
    }

    const Json& m_object;
    std::optional<std::string> m_problem;
};

RegionRef refFrom(Fields& outer, const char* name)
{
    const Json* object = outer.object(name);
    if (object == nullptr)
        return {};
    Fields fields(*object);
    RegionRef ref{RegionId{fields.uuid("id")}, fields.text("name"), fields.uuid("member")};
    if (!fields.finish(FileEnd{}))
        outer.bad(name);
    return ref;
}

Content contentFrom(Fields& outer)
{
    const Json* object = outer.object("content");
    if (object == nullptr)
        return {};
    Fields fields(*object);
    Content content;
    content.kind = static_cast<ContentKind>(
        fields.word("kind", 0, kContentKinds.size() - 1,
                    [](std::uint8_t value) { return kContentKinds.at(value); }));
    content.type = fields.text("type");
    content.label = fields.text("label");
    content.uuid = fields.text("uuid");
    if (fields.has("usedBytes"))
        content.usedBytes = fields.number("usedBytes");
    if (!fields.finish(FileEnd{}))
        outer.bad("content");
    return content;
}

Result<FileLine> headerFrom(Fields fields)
{
    if (fields.text("format") != "cairn-catalog")
        fields.bad("format");
    const std::uint64_t version = fields.number("version");
    if (version > kCatalogFileVersion)
        return failure(ErrorCode::FormatNewer, {}, std::to_string(version));
    FileHeader header{fields.uuid("arrayId"), fields.text("label"), version};
    return fields.finish(std::move(header));
}

Result<FileLine> memberFrom(Fields fields)
{
    KnownMember member;
    member.id = fields.uuid("id");
    member.location = fields.text("location");
    member.model = fields.text("model");
    member.sizeBytes = fields.number("sizeBytes");
    member.holdsCatalog = fields.flag("holdsCatalog");
    member.removed = fields.flag("removed");
    return fields.finish(std::move(member));
}

Result<FileLine> unfinishedFrom(Fields fields)
{
    UnfinishedWrite write;
    write.kind = static_cast<WriteKind>(fields.word(
        "write", 1, static_cast<std::uint8_t>(WriteKind::RegionImport), [](std::uint8_t value) {
            return std::string_view(writeKindName(static_cast<WriteKind>(value)));
        }));
    write.generation = fields.number("generation");
    write.region = refFrom(fields, "region");
    write.sizeBytes = fields.number("sizeBytes");
    write.sinceMs = fields.time("sinceMs");
    write.acceptedMs = fields.time("acceptedMs");
    write.keptBy = fields.number("keptBy");
    return fields.finish(std::move(write));
}

Result<FileLine> sealFrom(Fields fields)
{
    RegionSeal seal{
        .region = {fields.uuid("region")}, .sealedMs = fields.time("sealedMs"), .pieces = {}};
    std::uint64_t end = 0;
    for (const Json& object : fields.array("pieces", kMostSealedPieces)) {
        if (!object.is_object()) {
            fields.bad("pieces");
            break;
        }
        Fields piece(object);
        SealedBytes sealed{.offsetBytes = piece.number("offsetBytes"), .bytes = {}};
        auto bytes = bytesOf(piece.hex("bytes"));
        if (!bytes || bytes->empty() || bytes->size() > kMostSealedPieceBytes ||
            sealed.offsetBytes < end || !piece.finish(FileEnd{})) {
            fields.bad("pieces");
            break;
        }
        sealed.bytes = *std::move(bytes);
        end = sealed.offsetBytes + sealed.bytes.size();
        seal.pieces.push_back(std::move(sealed));
    }
    return fields.finish(std::move(seal));
}

ChunkMap chunkMapFrom(Fields& fields, const char* name, std::uint64_t sizeBytes)
{
    const auto encoded = bytesOf(fields.hex(name));
    auto chunks = encoded ? ChunkMap::decode(*encoded, chunkCount(sizeBytes))
                          : Result<ChunkMap>(failure(ErrorCode::InvalidDescription));
    if (!chunks)
        return fields.bad(name), ChunkMap();
    return *std::move(chunks);
}

SectorMap sectorMapFrom(Fields& fields, const char* name, std::uint64_t sizeBytes)
{
    const auto encoded = bytesOf(fields.hex(name));
    auto sectors = encoded ? SectorMap::decode(*encoded, sizeBytes)
                           : Result<SectorMap>(failure(ErrorCode::InvalidDescription));
    if (!sectors)
        return fields.bad(name), SectorMap();
    return *std::move(sectors);
}

std::optional<UndoCopy> undoFrom(Fields& outer)
{
    if (!outer.has("undo"))
        return std::nullopt;
    const Json* object = outer.object("undo");
    if (object == nullptr)
        return std::nullopt;
    Fields fields(*object);
    UndoCopy undo;
    undo.restored = fields.number("restored");
    undo.sizeBytes = fields.number("sizeBytes");
    undo.swapped = fields.has("swapped") && fields.flag("swapped");
    if (!undo.swapped) {
        undo.chunks = chunkMapFrom(fields, "chunks", undo.sizeBytes);
        undo.contentBefore = fields.digest("contentBefore");
        undo.contentAfter = fields.digest("contentAfter");
    }
    undo.keptMs = fields.time("keptMs");
    undo.undoneMs = fields.time("undoneMs");
    if (!fields.finish(FileEnd{}))
        outer.bad("undo");
    return undo;
}

void readOutcome(Fields& fields, Generation& generation)
{
    generation.state =
        static_cast<GenerationState>(fields.word("state", 1, kLastState, [](std::uint8_t value) {
            return std::string_view(stateName(static_cast<GenerationState>(value)));
        }));
    generation.readBack =
        static_cast<ReadBack>(fields.word("readBack", 0, kReadBacks.size() - 1,
                                          [](std::uint8_t value) { return kReadBacks.at(value); }));
    if (fields.has("failure")) {
        generation.failure =
            static_cast<ErrorCode>(fields.word("failure", 0, kLastCode, [](std::uint8_t value) {
                return std::string_view(errorName(static_cast<ErrorCode>(value)));
            }));
    }
    generation.failureDetail = fields.text("failureDetail");
    generation.digest = fields.digest("digest");
    generation.damaged = chunkMapFrom(fields, "damaged", generation.sizeBytes);
}

Result<FileLine> generationFrom(Fields fields)
{
    Generation generation;
    generation.number = fields.number("number");
    generation.source = refFrom(fields, "source");
    generation.target = refFrom(fields, "target");
    generation.sizeBytes = fields.number("sizeBytes");
    generation.label = fields.text("label");
    generation.note = fields.text("note");
    generation.content = contentFrom(fields);
    generation.startedMs = fields.time("startedMs");
    generation.finishedMs = fields.time("finishedMs");
    generation.verifiedMs = fields.time("verifiedMs");
    generation.hostId = fields.uuid("hostId");
    generation.hostName = fields.text("hostName");
    generation.held = fields.flag("held");
    generation.recovered = fields.flag("recovered");
    generation.supersededBy = fields.number("supersededBy");
    generation.writtenBytes = fields.number("writtenBytes");
    readOutcome(fields, generation);
    generation.undo = undoFrom(fields);
    generation.takenAsIs = fields.has("takenAsIs") && fields.flag("takenAsIs");
    if (fields.has("unreadable"))
        generation.unreadable = sectorMapFrom(fields, "unreadable", generation.sizeBytes);
    // A word of a newer Cairn tells of a source that was in use, however it was read.
    if (fields.has("consistency")) {
        const auto word = fields.text("consistency");
        generation.consistency = Consistency::Inconsistent;
        for (const auto known : {Consistency::Frozen, Consistency::Cloned}) {
            if (word == consistencyName(known))
                generation.consistency = known;
        }
    }
    if (generation.undo && !isConsistent(*generation.undo, generation.sizeBytes))
        fields.bad("undo");
    if (generation.number == 0)
        fields.bad("number");
    if (generation.sizeBytes == 0)
        fields.bad("sizeBytes");
    return fields.finish(std::move(generation));
}

Result<FileLine> digestsFrom(Fields fields)
{
    FileDigests digests;
    digests.generation = fields.number("generation");
    digests.segment.index = fields.number("segment");
    const std::string_view hex = fields.hex("digests");
    constexpr std::size_t kDigits = 32;
    if (hex.empty() || hex.size() % kDigits != 0 || hex.size() / kDigits > kChunksPerSegment)
        fields.bad("digests");
    for (std::size_t at = 0; at + kDigits <= hex.size(); at += kDigits) {
        const auto digest = Digest::fromHex(hex.substr(at, kDigits));
        if (!digest) {
            fields.bad("digests");
            break;
        }
        digests.segment.digests.push_back(*digest);
    }
    return fields.finish(std::move(digests));
}

Result<FileLine> eventFrom(Fields fields)
{
    Event event;
    event.id = fields.number("id");
    event.kind = static_cast<EventKind>(fields.number("eventKind", UINT8_MAX));
    event.generation = fields.number("generation");
    event.timeMs = fields.time("timeMs");
    event.hostId = fields.uuid("hostId");
    event.hostName = fields.text("hostName");
    event.subject = fields.text("subject");
    event.detail = fields.text("detail");
    event.hash = fields.digest("hash");
    return fields.finish(std::move(event));
}

Result<FileLine> endFrom(Fields fields)
{
    FileEnd end{fields.number("lines"), fields.digest("xxh3_128")};
    return fields.finish(end);
}

} // namespace

std::string toLine(const FileLine& line)
{
    const Json json = std::visit(ToJson{}, line);
    // Texts that are not UTF-8 lose the bytes that are not: JSON has no way to write them.
    return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<FileLine> parseLine(std::string_view text)
{
    bool tooDeep = false;
    const auto limitDepth = [&](int depth, Json::parse_event_t, Json&) {
        tooDeep = tooDeep || depth > kDepthLimit;
        return !tooDeep;
    };
    const Json json = Json::parse(text.begin(), text.end(), limitDepth, false);
    if (tooDeep || !json.is_object())
        return failure(ErrorCode::InvalidDescription, {}, "JSON");
    Fields fields(json);
    const std::string kind = fields.text("kind");
    if (kind == "header")
        return headerFrom(fields);
    if (kind == "member")
        return memberFrom(fields);
    if (kind == "unfinished")
        return unfinishedFrom(fields);
    if (kind == "sealed")
        return sealFrom(fields);
    if (kind == "generation")
        return generationFrom(fields);
    if (kind == "digests")
        return digestsFrom(fields);
    if (kind == "event")
        return eventFrom(fields);
    if (kind == "end")
        return endFrom(fields);
    return failure(ErrorCode::InvalidDescription, {}, "kind");
}

} // namespace cairn
