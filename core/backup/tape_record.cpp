// Wraps a record of the catalog for a tape, and unwraps it.
#include "core/backup/tape_record.h"

#include "core/backup/catalog_lines.h"
#include "core/backup/guards.h"
#include "core/tape/tape_layout.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace cairn {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDepthLimit = 4;
constexpr std::size_t kLabelLimitBytes = 64 * kKiB;

std::unexpected<Error> problem(const std::string& name, const std::string& field)
{
    return failure(ErrorCode::InvalidArchive, name, std::string(kRecordEntry) + ": " + field);
}

std::optional<std::uint64_t> numberIn(const Json& json, const char* field)
{
    const auto found = json.find(field);
    if (found == json.end() || !found->is_number_unsigned())
        return std::nullopt;
    return found->get<std::uint64_t>();
}

std::optional<std::string> textIn(const Json& json, const char* field)
{
    const auto found = json.find(field);
    if (found == json.end() || !found->is_string())
        return std::nullopt;
    auto text = found->get<std::string>();
    return text.size() > kLabelLimitBytes ? std::nullopt : std::optional(std::move(text));
}

Result<Generation> generationIn(const Json& json, const std::string& name)
{
    const auto found = json.find("generation");
    if (found == json.end() || !found->is_object())
        return problem(name, "generation");
    auto line = parseLine(found->dump());
    if (!line)
        return problem(name, "generation." + line.error().detail);
    auto* generation = std::get_if<Generation>(&*line);
    if (generation == nullptr)
        return problem(name, "generation.kind");
    const bool partial = generation->state == GenerationState::Partial;
    if ((!partial && !isUsable(*generation)) || partial != (numberIn(json, "version") == 2))
        return problem(name, "generation.state");
    if (partial && !generation->damaged.empty())
        return problem(name, "generation.damaged");
    if (!generation->unreadable.empty())
        return problem(name, "generation.unreadable");
    if (generation->digest == Digest{})
        return problem(name, "generation.digest");
    return std::move(*generation);
}

} // namespace

std::string toJsonText(const TapeRecord& record)
{
    Generation generation = record.generation;
    generation.unreadable = {};
    const bool partial = generation.state == GenerationState::Partial;
    const Json json = {{"kind", "export"},
                       {"format", "cairn-export"},
                       {"version", partial ? kTapeVersion : 1}, // An older program reads the rest.
                       {"chunkBytes", kChunkBytes},
                       {"pieceBytes", kPieceBytes},
                       {"arrayId", record.arrayId.toString()},
                       {"arrayLabel", record.arrayLabel},
                       {"exportedMs", record.exportedMs},
                       {"generation", Json::parse(toLine(generation))}};
    return json.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

Result<TapeRecord> parseTapeRecord(std::string_view text, const std::string& name)
{
    bool tooDeep = false;
    const auto limitDepth = [&](int depth, Json::parse_event_t, Json&) {
        tooDeep = tooDeep || depth > kDepthLimit;
        return !tooDeep;
    };
    const Json json = Json::parse(text.begin(), text.end(), limitDepth, false);
    if (tooDeep || !json.is_object())
        return problem(name, "JSON");
    if (textIn(json, "format") != "cairn-export")
        return problem(name, "format");
    const auto version = numberIn(json, "version");
    if (!version || *version == 0)
        return problem(name, "version");
    if (*version > kTapeVersion)
        return failure(ErrorCode::FormatNewer, name, std::to_string(*version));
    if (numberIn(json, "chunkBytes") != kChunkBytes)
        return problem(name, "chunkBytes");
    if (numberIn(json, "pieceBytes") != kPieceBytes)
        return problem(name, "pieceBytes");
    const auto arrayId = Uuid::parse(textIn(json, "arrayId").value_or(std::string()));
    auto label = textIn(json, "arrayLabel");
    const auto exportedMs = numberIn(json, "exportedMs");
    if (!arrayId || !label || !exportedMs || *exportedMs > INT64_MAX)
        return problem(name, !arrayId ? "arrayId" : !label ? "arrayLabel" : "exportedMs");
    TapeRecord record{.arrayId = *arrayId,
                      .arrayLabel = *std::move(label),
                      .generation = CAIRN_TRY(generationIn(json, name)),
                      .exportedMs = static_cast<std::int64_t>(*exportedMs)};
    return record;
}

} // namespace cairn
