// All models over one set of journeys, and how sure each of them is.
//
// Pure functions; deterministic by seed; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cubed/attribution/heuristics.h"
#include "cubed/attribution/journeys.h"
#include "cubed/attribution/paths.h"

namespace cubed::attribution {

/// Bounds of a two-sided interval, in the unit of what it bounds.
struct Interval {
    double lower = 0;
    double upper = 0;
};

/// One model's answer. The intervals are empty until add_intervals().
struct ModelCredits {
    std::string model;  ///< first, last, last_non_direct, linear, unique_linear, time_decay, position,
                        ///< markov_1 .. markov_4, shapley
    Credits credits;
    std::vector<Interval> conversions_interval;  ///< per channel
    std::vector<Interval> value_interval;        ///< per channel
};

struct ModelOptions {
    HeuristicOptions heuristics;
    std::vector<int> markov_orders = {1, 2, 3, 4};
    /// Exact rate-game Shapley is left out above this many channels in use (time and memory double with
    /// each).
    std::size_t shapley_channels = 20;
};

/// Credits of every model. Fails only if a Markov chain cannot be solved.
base::Result<std::vector<ModelCredits>> evaluate_models(const JourneySet& journeys,
                                                        const ModelOptions& options);

struct BootstrapOptions {
    int replicates = 200;
    double level = 0.9;  ///< nominal coverage of the intervals, in (0, 1)
    std::uint64_t seed = 1;
};

/// Credits of every replicate: conversions[model][channel][replicate], models in the order of
/// evaluate_models.
struct Replicates {
    std::vector<std::vector<std::vector<double>>> conversions;
    std::vector<std::vector<std::vector<double>>> value;
};

/// The Poisson bootstrap over visitors (Chamandy, Muralidharan, Najmi, Naidu 2012, "Estimating Uncertainty
/// for Massive Data Streams"): in replicate r every journey of visitor u counts Poisson(1) times, drawn by
/// hash(u, r, seed), so all of a visitor's touches move together and the result does not depend on the order
/// of visitors. Only counts are re-accumulated; each replicate runs the models on the distinct paths.
base::Result<Replicates> resample(const JourneySet& journeys, const ModelOptions& options,
                                  const BootstrapOptions& bootstrap);

/// Sets the percentile intervals of `models`, which evaluate_models made from the same journeys and options.
void add_intervals(const Replicates& replicates, double level, std::vector<ModelCredits>& models);

/// Weight of a visitor in replicate r: Poisson(1) up to 7, exact to 2^-32.
std::uint8_t poisson_weight(std::uint64_t visitor, std::uint64_t replicate, std::uint64_t seed);

/// The two quantiles that bound the middle `level` of the samples (linear interpolation). Sorts `samples`.
Interval middle_of(std::vector<double>& samples, double level);

}  // namespace cubed::attribution
