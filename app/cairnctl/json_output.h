// The JSON that --json prints: field names are a promise, documented in docs/cairnctl.md.
#pragma once

#include "core/array/array.h"
#include "core/backup/half_written.h"
#include "core/catalog/catalog.h"
#include "core/copy/copy_engine.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cairn::ctl {

using Json = nlohmann::ordered_json;

// One value, pure ASCII: everything else is escaped as \uXXXX, and bytes that are no valid UTF-8
// become U+FFFD. Ends in a line feed.
[[nodiscard]] std::string jsonText(const Json& value);

[[nodiscard]] Json jsonTime(std::int64_t unixMs); // ISO 8601 in UTC, or null.
[[nodiscard]] Json jsonOf(const Content& content);
[[nodiscard]] Json jsonOf(const ChunkMap& chunks); // [{"first", "count"}]
// With where its copy is, in the layout that Attachment::layout() gives.
[[nodiscard]] Json jsonOf(const Generation& generation, const ArrayLayout& layout);
[[nodiscard]] Json jsonOf(const std::vector<ExportedCopy>& exports);
// Null where it is not half-written.
[[nodiscard]] Json jsonOf(const HalfWritten* half);
[[nodiscard]] Json jsonOf(const Region& region, std::size_t memberNumber,
                          const HalfWritten* half = nullptr);
[[nodiscard]] Json jsonOf(const Member& member, std::size_t memberNumber);
[[nodiscard]] Json jsonOf(const CatalogStatus& status);
[[nodiscard]] Json jsonOf(const CopyOutcome& outcome);
[[nodiscard]] Json jsonOf(const Event& event);
[[nodiscard]] Json jsonOf(const Job& job);
[[nodiscard]] Json jsonOf(const Error& error, const std::string& message);

// Stable lower-case words for JSON and tables.
[[nodiscard]] const char* roleName(RegionRole role) noexcept;
[[nodiscard]] const char* memberStateName(MemberState state) noexcept;
[[nodiscard]] const char* copyStateName(CatalogCopyState state) noexcept;
[[nodiscard]] const char* contentKindName(ContentKind kind) noexcept;
[[nodiscard]] const char* readBackName(ReadBack readBack) noexcept;
[[nodiscard]] const char* jobKindName(JobKind kind) noexcept;

} // namespace cairn::ctl
