// Several ways to do the same, run in turn until each has a median.
#pragma once

#include "bench/measure.h"

#include <string>
#include <vector>

namespace cairn::bench {

struct Contestant {
    std::string name;
    std::string command;                   // As it is printed; empty for what has none.
    std::function<Result<void>()> prepare; // Before each run, not measured; may be empty.
    std::function<Result<Measurement>()> run;
};

struct Standing {
    std::string name;
    std::string command;
    Measurement median; // Of each value by itself, but for the memory: its highest.
    double fastestSeconds = 0;
    double slowestSeconds = 0;
    std::string problem; // Why there is no measurement; empty otherwise.
    [[nodiscard]] bool measured() const { return problem.empty(); }
};

// Every contestant once a round, in an order that changes from round to round. One that fails
// drops out, with its reason, and the others go on.
[[nodiscard]] std::vector<Standing>
hold(const std::string& title, const std::vector<Contestant>& contestants, unsigned rounds);

// A contestant that cannot be measured compares as nothing.
[[nodiscard]] const Standing* find(const std::vector<Standing>& standings, const std::string& name);

} // namespace cairn::bench
