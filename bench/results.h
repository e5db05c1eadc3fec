// What was measured, which goals it meets, and how both are written down.
#pragma once

#include "bench/contest.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::bench {

enum class Bound : std::uint8_t { AtLeast, AtMost };

struct Goal {
    std::string job;
    std::string text; // "≥ 0.95 of fio's mixed limit".
    Bound bound = Bound::AtLeast;
    double limit = 0;
    std::optional<double> value; // Nothing: could not be measured.
    std::string unit;            // After the value: "", " ms", " MiB".
};

class Results {
public:
    // `bytes` are those of the job, for the throughput; 0: it has none.
    void add(const std::string& title, const std::string& note, std::uint64_t bytes,
             std::vector<Standing> standings);
    void add(Goal goal) { m_goals.push_back(std::move(goal)); }

    struct Setting {
        std::string command;
        std::string machine;
        std::string load;
    };
    [[nodiscard]] std::string markdown(const Setting& setting) const;

private:
    struct Table {
        std::string title;
        std::string note;
        std::uint64_t bytes = 0;
        std::vector<Standing> standings;
    };
    std::vector<Table> m_tables;
    std::vector<Goal> m_goals;
};

// How many times as fast as `other` it is: other's seconds / its own. Nothing where either is not
// measured.
[[nodiscard]] std::optional<double> speed(const Standing* one, const Standing* other);
// The fastest of those named that could be measured.
[[nodiscard]] const Standing* fastest(const std::vector<Standing>& standings,
                                      const std::vector<std::string>& names);

} // namespace cairn::bench
