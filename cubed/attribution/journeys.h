// Journeys: one visitor's touches and conversions cut into the paths that the models read.
//
// Pure functions; safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cubed/attribution/paths.h"

namespace cubed::attribution {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

/// A visit that came through a channel. Visits without a channel are no touches.
struct Touch {
    Instant at;
    Channel channel = 0;
    std::int64_t visit = 0;  ///< the caller's key, passed through
};

struct Conversion {
    Instant at;
    std::int64_t visit = 0;  ///< the visit in which it happened
    std::int64_t event = 0;  ///< the caller's key, passed through
    std::int64_t value_pence = 0;
};

/// Touches in order of time and what they led to; no conversion means the journey ended without one.
/// A journey with a conversion and no touch is possible: its credit is unattributed.
struct Journey {
    std::vector<Touch> touches;
    std::optional<Conversion> conversion;
};

/// Cuts one visitor's history (both spans in any order) by these rules:
///  - a conversion ends a journey: later touches belong to the next one;
///  - touches more than `lookback` before the conversion get no credit for it: they form journeys without
///  conversion;
///  - the visit in which a conversion happens is always a touch of its journey, even if an earlier conversion
///  in the
///    same visit has used it already;
///  - touches that end in no conversion form one journey per run of gaps of at most `lookback`.
/// Every touch is in some journey and every conversion in exactly one.
std::vector<Journey> split_journeys(std::span<const Touch> touches, std::span<const Conversion> conversions,
                                    std::chrono::microseconds lookback);

/// All visitors' journeys as the models read them: row i of paths is one journey with one conversion or one
/// null.
struct JourneySet {
    Paths paths;
    std::vector<double> age_hours;       ///< parallel to paths.touches: hours before the journey's end
    std::vector<std::uint64_t> cluster;  ///< per row: the visitor, as the unit of resampling
    std::vector<std::int32_t> day;  ///< per row: days since 1970-01-01 UTC of the conversion or last touch

    void add(const Journey& journey, std::uint64_t visitor);
};

}  // namespace cubed::attribution
