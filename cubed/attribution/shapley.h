// Exact Shapley values of the conversion-rate game.
//
// Source: Shapley 1953, "A Value for n-Person Games"; the game v(S) = conversion rate of journeys whose
// channels all lie in S is the usual one in attribution. Order within a journey and repeats do not matter to
// it. Computed by subset-sum (zeta) transform and folding in O(n 2^n), with no sampling. Values may be
// negative: a channel on whose journeys fewer convert lowers the rate of every set that it joins.
//
// Pure functions; safe from any thread. Memory: two arrays of 2^n doubles (n = 24: 256 MiB).
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "cubed/attribution/paths.h"

namespace cubed::attribution {

inline constexpr std::size_t shapley_channels_max = 24;

/// Shapley value of each of n players in the game v, where v[mask] is the worth of the set whose members are
/// mask's bits and v has 2^n entries. Sum of the result = v[full] - v[empty]. Consumes v.
std::vector<double> shapley_values(std::vector<double> v, std::size_t players);

/// How many channels some path holds: the players of the game.
std::size_t channels_in_use(const Paths& paths);

/// Shapley values of v(S) = (c(S) + pseudo * p) / (n(S) + pseudo), c and n counting converted and all
/// journeys whose channel set lies within S, p the overall rate; v(empty) = 0 and v(S) = 0 where no journey
/// lies within S and pseudo is 0. Unit: conversion probability; the sum equals the conversion rate of the
/// non-empty paths when pseudo = 0. Fails with `no_space` above 24 channels.
base::Result<std::vector<double>> rate_game_shapley(const Paths& paths, double pseudo_journeys = 0);

/// Credits in proportion to rate_game_shapley, scaled to conversions and, with the same proportions, to
/// value. If the values sum to nothing, everything is unattributed.
Credits shapley_credits(const Paths& paths, std::span<const double> values);

}  // namespace cubed::attribution
