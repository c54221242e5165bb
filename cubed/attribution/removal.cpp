// Solves the chain: b = r + Q b, whole and with one channel's states dead.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "cubed/attribution/markov.h"

namespace cubed::attribution {

namespace {

/// Above this many states a dense factorisation costs more than sweeps.
constexpr std::size_t dense_states_max = 512;
constexpr double sweep_tolerance = 1e-13;
constexpr int sweeps_max = 200'000;

/// Transition probabilities in the chain's order, and what leaves each state at once: r (probability of
/// converting) and rv (expected value of converting, scaled by `value_unit` so that it is of the size of r).
struct Transitions {
    std::vector<double> probability;
    std::vector<double> convert;
    std::vector<double> value;
    double value_unit = 1;
};

Transitions transitions_of(const Chain& chain) {
    Transitions out;
    out.probability.resize(chain.to.size());
    out.convert.resize(chain.size());
    out.value.resize(chain.size());
    const double conversions = std::accumulate(chain.conversions.begin(), chain.conversions.end(), 0.0);
    const double value = std::accumulate(chain.value.begin(), chain.value.end(), 0.0);
    out.value_unit = conversions > 0 && value > 0 ? value / conversions : 1;
    for (std::size_t s = 0; s < chain.size(); ++s) {
        double sum = chain.conversions[s] + chain.nulls[s];
        for (auto i = chain.row[s]; i < chain.row[s + 1]; ++i) sum += chain.weight[i];
        if (sum == 0) continue;
        for (auto i = chain.row[s]; i < chain.row[s + 1]; ++i) out.probability[i] = chain.weight[i] / sum;
        out.convert[s] = chain.conversions[s] / sum;
        out.value[s] = chain.value[s] / sum / out.value_unit;
    }
    return out;
}

/// Per state: probability of converting, and expected value, from there on.
struct Reach {
    std::vector<double> conversion;
    std::vector<double> value;
};

/// Gauss-Seidel, last state first (later states tend to lie further down the paths), until nothing moves.
bool sweep(const Chain& chain, const Transitions& p, const std::vector<char>& dead, Reach& reach) {
    for (int round = 0; round < sweeps_max; ++round) {
        double moved = 0;
        for (std::size_t s = chain.size(); s-- > 0;) {
            if (dead[s]) continue;
            double conversion = p.convert[s];
            double value = p.value[s];
            for (auto i = chain.row[s]; i < chain.row[s + 1]; ++i) {
                conversion += p.probability[i] * reach.conversion[chain.to[i]];
                value += p.probability[i] * reach.value[chain.to[i]];
            }
            moved = std::max(
                {moved, std::abs(conversion - reach.conversion[s]), std::abs(value - reach.value[s])});
            reach.conversion[s] = conversion;
            reach.value[s] = value;
        }
        if (moved < sweep_tolerance) return true;
    }
    return false;
}

double share_lost(double with, double without) {
    return with > 0 ? std::clamp(1 - without / with, 0.0, 1.0) : 0;
}

base::Result<Removal> by_sweeps(const Chain& chain, const Transitions& p) {
    const base::Failure endless{base::FailureKind::internal, "the Markov chain does not converge"};
    Reach whole{std::vector<double>(chain.size(), 0.0), std::vector<double>(chain.size(), 0.0)};
    std::vector<char> dead(chain.size(), 0);
    if (!sweep(chain, p, dead, whole)) return endless;

    std::vector<std::vector<std::uint32_t>> states_of(chain.channel_count);
    for (std::uint32_t s = 1; s < chain.size(); ++s) {
        for (std::uint64_t tuple = chain.states[s]; tuple != 0; tuple >>= 16) {
            auto& states = states_of[(tuple & 0xffff) - 1];
            if (states.empty() || states.back() != s) states.push_back(s);
        }
    }
    Removal out;
    out.effect.resize(chain.channel_count);
    out.value_effect.resize(chain.channel_count);
    for (std::size_t channel = 0; channel < chain.channel_count; ++channel) {
        if (states_of[channel].empty()) continue;
        Reach without = whole;
        for (const auto s : states_of[channel]) {
            dead[s] = 1;
            without.conversion[s] = without.value[s] = 0;
        }
        if (!sweep(chain, p, dead, without)) return endless;
        for (const auto s : states_of[channel]) dead[s] = 0;
        out.effect[channel] = share_lost(whole.conversion[0], without.conversion[0]);
        out.value_effect[channel] = share_lost(whole.value[0], without.value[0]);
    }
    out.conversion_rate = whole.conversion[0];
    out.value_per_journey = whole.value[0] * p.value_unit;
    out.reach_conversion = std::move(whole.conversion);
    return out;
}

/// Inverse of I - Q by Gauss-Jordan with partial pivoting; false if singular.
bool invert(std::vector<double>& a, std::size_t n) {
    std::vector<double> inverse(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) inverse[i * n + i] = 1;
    for (std::size_t column = 0; column < n; ++column) {
        std::size_t pivot = column;
        for (std::size_t i = column + 1; i < n; ++i) {
            if (std::abs(a[i * n + column]) > std::abs(a[pivot * n + column])) pivot = i;
        }
        if (a[pivot * n + column] == 0) return false;
        if (pivot != column) {
            std::swap_ranges(&a[pivot * n], &a[pivot * n] + n, &a[column * n]);
            std::swap_ranges(&inverse[pivot * n], &inverse[pivot * n] + n, &inverse[column * n]);
        }
        const double scale = 1 / a[column * n + column];
        for (std::size_t j = 0; j < n; ++j) {
            a[column * n + j] *= scale;
            inverse[column * n + j] *= scale;
        }
        for (std::size_t i = 0; i < n; ++i) {
            const double factor = a[i * n + column];
            if (i == column || factor == 0) continue;
            for (std::size_t j = 0; j < n; ++j) {
                a[i * n + j] -= factor * a[column * n + j];
                inverse[i * n + j] -= factor * inverse[column * n + j];
            }
        }
    }
    a.swap(inverse);
    return true;
}

/// Order 1: a channel is one state, so the hitting probability F_0c = N_0c / N_cc gives its effect directly.
base::Result<Removal> by_inverse(const Chain& chain, const Transitions& p) {
    const std::size_t n = chain.size();
    std::vector<double> matrix(n * n, 0.0);
    for (std::size_t s = 0; s < n; ++s) {
        matrix[s * n + s] = 1;
        for (auto i = chain.row[s]; i < chain.row[s + 1]; ++i)
            matrix[s * n + chain.to[i]] -= p.probability[i];
    }
    if (!invert(matrix, n)) return base::Failure{base::FailureKind::internal, "the Markov chain never ends"};

    Removal out;
    out.effect.resize(chain.channel_count);
    out.value_effect.resize(chain.channel_count);
    std::vector<double> value(n, 0.0);
    out.reach_conversion.assign(n, 0.0);
    for (std::size_t s = 0; s < n; ++s) {
        for (std::size_t j = 0; j < n; ++j) {
            out.reach_conversion[s] += matrix[s * n + j] * p.convert[j];
            value[s] += matrix[s * n + j] * p.value[j];
        }
    }
    for (std::size_t s = 1; s < n; ++s) {
        const std::size_t channel = chain.states[s] - 1;
        const double hit = matrix[s] / matrix[s * n + s];
        const auto share = [&](const std::vector<double>& from) {
            return from[0] > 0 ? std::clamp(hit * from[s] / from[0], 0.0, 1.0) : 0.0;
        };
        out.effect[channel] = share(out.reach_conversion);
        out.value_effect[channel] = share(value);
    }
    out.conversion_rate = out.reach_conversion[0];
    out.value_per_journey = value[0] * p.value_unit;
    return out;
}

}  // namespace

base::Result<Removal> removal_effects(const Chain& chain) {
    CHECK(chain.size() > 0, "a chain has at least its start");
    const Transitions p = transitions_of(chain);
    if (chain.order == 1 && chain.size() <= dense_states_max) return by_inverse(chain, p);
    return by_sweeps(chain, p);
}

}  // namespace cubed::attribution
