// One visitor's month: what touched them, whether they bought, and what truly made them.
//
// Every term of the hazard is a Poisson process of its own; the first arrival of all is the conversion, and
// whose it is, is its true cause. All draws are functions of (seed, visitor, what is drawn), so that a world
// with one channel off shares every other draw: the difference is that channel's effect, its halo included.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cubed/simulate/scenario.h"

namespace cubed::simulate {

inline constexpr std::uint32_t baseline_cause = UINT32_MAX;

/// Times are days since the period's start.
struct Touch {
    double at = 0;
    std::uint32_t channel = 0;
    std::uint64_t name = 0;  ///< names its draws: stable when other channels are off
};

struct Conversion {
    double at = 0;
    std::uint32_t cause = baseline_cause;  ///< a channel, or baseline_cause
    std::int64_t revenue = 0;              ///< pence
    /// The touch in whose visit it happens; empty: the visitor comes back for it by themselves.
    std::optional<std::size_t> within;
};

struct Life {
    std::vector<Touch> touches;  ///< in order of time, none after the conversion
    std::optional<Conversion> conversion;
};

struct World {
    const Scenario& scenario;
    std::uint64_t seed = 1;
    double days = 30;
};

/// Pure. `off`: a channel whose touches, and what they bring, do not happen.
Life live(const World& world, std::uint32_t visitor, std::optional<std::uint32_t> off = std::nullopt);

/// What a channel adds over all visitors.
struct Incremental {
    std::uint64_t touches = 0;
    std::int64_t conversions = 0;
    std::int64_t revenue = 0;  ///< pence
};
/// For each channel, in the scenario's order: the full world less the world without it.
std::vector<Incremental> incremental(const World& world, std::uint32_t visitors);

}  // namespace cubed::simulate
