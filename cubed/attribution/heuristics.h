// Rule-based attribution: each model is a fixed way to share one conversion among its touches.
//
// Pure functions of their arguments; safe from any thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "cubed/attribution/paths.h"

namespace cubed::attribution {

/// The rules, and the numbers they need.
struct HeuristicOptions {
    /// Channels that last_non_direct passes over ("Direct", and where wanted brand search, e-mail, payment
    /// providers). A path of nothing else gives its last touch the credit.
    std::vector<Channel> skip;
    /// Position model: share of the first and of the last touch; the touches between share the rest equally.
    /// Of two touches each gets its part of first + last, a single touch gets all. Both >= 0, sum in (0, 1].
    double position_first = 0.4;
    double position_last = 0.4;
    /// Time decay: a touch this long before the conversion weighs half of one at the conversion.
    double half_life_hours = 7 * 24;
};

enum class Rule { first, last, last_non_direct, linear, unique_linear, time_decay, position };

std::string_view name_of(Rule rule);

/// Each touch's share of one conversion: shares[i] >= 0, sum 1 (empty for an empty path). This is the
/// definition of the rules, read by the journey inspector; the passes below are its fast forms.
///
/// `age_hours[i]` is the time from touch i to the conversion (>= 0), the same length as `path`; only
/// Rule::time_decay reads it: weight 2^(-age/half-life), continuous, normalised per path.
///
/// unique_linear gives each distinct channel 1/|set|, shared equally among its touches. Summed over journeys
/// it equals the simplified Shapley value of Zhao et al. 2018 ("Shapley Value Methods for Attribution
/// Modeling in Online Advertising", arXiv:1804.05327), in which v(S) counts the conversions of journeys
/// within S.
std::vector<double> touch_shares(Rule rule, std::span<const Channel> path, std::span<const double> age_hours,
                                 const HeuristicOptions& options);

/// Credits of every rule that needs no times, from one pass over the touches. O(touches).
struct HeuristicCredits {
    Credits first, last, last_non_direct, linear, unique_linear, position;
};
HeuristicCredits heuristic_credits(const Paths& paths, const HeuristicOptions& options);

/// Time-decay credits. `age_hours` runs parallel to paths.touches (hours from touch to conversion, >= 0), so
/// the paths must not be aggregated over different times. O(touches of converting paths).
Credits time_decay_credits(const Paths& paths, std::span<const double> age_hours, double half_life_hours);

}  // namespace cubed::attribution
