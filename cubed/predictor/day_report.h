// A window's credits spread over its days so that every margin holds. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cubed/attribution/paths.h"
#include "cubed/predictor/fit.h"

namespace cubed::predictor {

/// Days and channels of the book with `credits` (modelled) beside last click, in whole units and pence.
DayReport spread_over_days(const JourneyBook& book, const attribution::Credits& credits,
                           std::span<const double> effect);

/// Adds the bootstrap's draws: replicate r's credits (credits[channel][r]) spread over the days as the
/// credits themselves are, with visitors weighted as the bootstrap weighted them.
void add_draws(const JourneyBook& book, const std::vector<std::vector<double>>& credits,
               std::span<const double> effect, std::uint64_t seed, DayReport& report);

}  // namespace cubed::predictor
