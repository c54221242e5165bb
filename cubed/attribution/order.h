// Choice of the Markov order by held-out prediction.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "cubed/attribution/markov.h"

namespace cubed::attribution {

struct OrderChoice {
    int order = 1;
    /// Mean negative log-likelihood (nats) of a held-out next step, for order 1..4 at [0]..[3].
    std::array<double, markov_order_max> log_loss{};
    /// Standard error over folds of each order's excess loss over the best order's.
    std::array<double, markov_order_max> standard_error{};
    double steps = 0;  ///< steps predicted; 0 when there was nothing to choose by
};

/// Predicts each next step of a journey (a channel, conversion, or the end without one) from its last k
/// touches, training on the other folds. Folds hold whole visitors. Probabilities are smoothed by Witten-Bell
/// back-off to the shorter history (Witten and Bell 1991, "The zero-frequency problem", IEEE Trans.
/// Information Theory 37(4)). Takes the lowest order whose loss is within one standard error of the best:
/// more history must earn its place.
///
/// `cluster[i]` is the visitor of row i. O(orders * touches). Pure; deterministic.
OrderChoice choose_order(const Paths& paths, std::span<const std::uint64_t> cluster);

}  // namespace cubed::attribution
