// Times of records as people and programs read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace cairn::ctl {

// Local time with its zone, "2025-05-01 12:00:03 CEST"; "-" for 0, "?" for what no calendar has.
[[nodiscard]] std::string localTimeText(std::int64_t unixMs);

// ISO 8601 in UTC, "2025-05-01T10:00:03.250Z"; nothing for 0 and for years outside 1970 to 9999.
[[nodiscard]] std::optional<std::string> isoTime(std::int64_t unixMs);

// "0.4 s", "24 s", "3 min 05 s", "2 h 14 min".
[[nodiscard]] std::string durationText(std::chrono::nanoseconds duration);

} // namespace cairn::ctl
