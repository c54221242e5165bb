// Scoring one journey with a model file: how likely it converts, and how a conversion's credit is shared.
//
// Pure functions, no I/O, no locks: for services and functions that hold a model in memory.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "cubed/attribution/paths.h"
#include "cubed/predictor/model_file.h"

namespace cubed::predictor {

/// Probability in [0, 1] that a journey with these touches so far (oldest first) goes on to convert: the
/// chain's probability at its last touches. A history the chosen order never saw is judged by its last touch,
/// an unknown channel or no touch by the overall rate. Channels beyond the model's dictionary count as
/// unknown.
double conversion_probability(const CustomerModel& model, std::span<const attribution::Channel> path);

/// Each touch's share of one conversion (sum 1): the removal effects of the journey's channels in proportion,
/// each shared equally among its channel's touches. Where no channel has an effect: equally among channels.
/// Markov credit is defined for channels over all journeys, so the sum of these shares over journeys is not
/// the model's total; it shows why a journey's channels matter relative to each other.
std::vector<double> touch_shares(std::span<const double> effect, std::span<const attribution::Channel> path);

/// The path of channel names as indices of the model; unknown names become one index beyond its dictionary.
std::vector<attribution::Channel> path_of(const CustomerModel& model,
                                          std::span<const std::string_view> channels);

}  // namespace cubed::predictor
