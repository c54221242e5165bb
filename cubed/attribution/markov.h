// Markov-chain attribution, exact: removal effects of order 1 to 4 without simulation.
//
// Source: Anderl, Becker, von Wangenheim, Schumann 2016, "Mapping the customer journey: Lessons learned from
// graph-based online attribution modeling", Int. J. of Research in Marketing 33(3). States are tuples of the
// last k touches; a channel's removal effect is the share of conversions lost when every walk into it ends
// unconverted.
//
// Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "cubed/attribution/paths.h"

namespace cubed::attribution {

inline constexpr int markov_order_max = 4;

/// Counts of one chain. State 0 is the start; the others are k-tuples of consecutive touches (a path shorter
/// than k is one shorter tuple) packed 16 bits a touch, channel + 1, oldest highest. Consecutive equal states
/// count once. Moves out of state s are entries [row[s], row[s+1]) of `to` and `weight`; a path of c
/// conversions and n nulls adds c + n to each of its moves and c (its value; n) to the last state's
/// conversions (value; nulls).
struct Chain {
    int order = 1;
    std::size_t channel_count = 0;
    std::vector<std::uint64_t> states;
    std::vector<std::uint32_t> row;
    std::vector<std::uint32_t> to;
    std::vector<double> weight;
    std::vector<double> conversions;
    std::vector<double> value;
    std::vector<double> nulls;

    std::size_t size() const { return states.size(); }
};

/// Counts the chain of `order` (1..4) from the non-empty paths. O(touches); memory O(distinct tuples).
Chain count_chain(const Paths& paths, int order);

/// Whether the tuple of a state holds the channel.
bool holds(std::uint64_t state, Channel channel);

/// The state of a path's end: its last `order` touches packed as in Chain.
std::uint64_t pack_state(std::span<const Channel> path, int order);

/// Solutions of a chain. Probabilities are in [0, 1]; values in the unit of the paths, per journey.
struct Removal {
    std::vector<double> reach_conversion;  ///< per state: probability that a walk from it converts
    double conversion_rate = 0;            ///< from the start; equals conversions / (conversions + nulls)
    double value_per_journey = 0;          ///< from the start; equals value / (conversions + nulls)
    std::vector<double> effect;            ///< per channel: share of conversions lost without it, in [0, 1]
    std::vector<double> value_effect;      ///< per channel: share of value lost without it
};

/// Exact removal effects. Order 1: one LU factorisation of I - Q (up to 512 states), with
///   RE_c = N_0c b_c / (N_cc b_0),   N = (I - Q)^-1,   b = N r.
/// Otherwise Gauss-Seidel sweeps until nothing moves by more than 1e-13, once per channel with its states
/// dead. Fails with `internal` if that does not converge (a chain that practically never ends).
base::Result<Removal> removal_effects(const Chain& chain);

/// Credits in proportion to the removal effects, scaled to the totals of `paths`; empty paths stay
/// unattributed. The chain must have been counted from the same paths.
Credits markov_credits(const Paths& paths, const Removal& removal);

/// The three steps in one.
base::Result<Credits> markov_credits(const Paths& paths, int order);

}  // namespace cubed::attribution
