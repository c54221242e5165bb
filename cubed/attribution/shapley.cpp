#include "cubed/attribution/shapley.h"

#include <cmath>
#include <numeric>

#include "base/check.h"

namespace cubed::attribution {

std::vector<double> shapley_values(std::vector<double> v, std::size_t players) {
    CHECK(players <= shapley_channels_max && v.size() == std::size_t{1} << players, "2^n worths");
    const std::size_t n = players;
    // weight[s] = s! (n-s-1)! / n!: the chance that exactly a given set of s players came before a given
    // other.
    std::vector<double> weight(n + 1, 0.0);
    for (std::size_t s = 0; s < n; ++s) {
        weight[s] = s == 0 ? 1 / double(n) : weight[s - 1] * double(s) / double(n - s);
    }
    // phi_i = sum over S with i of w(|S|-1) v(S) - sum over S without i of w(|S|) v(S)
    //       = sum over S with i of g(S) - B,  g(S) = (w(|S|-1) + w(|S|)) v(S),  B = sum over all S of w(|S|)
    //       v(S).
    double base = 0;
    for (std::size_t mask = 0; mask < v.size(); ++mask) {
        const auto size = static_cast<std::size_t>(__builtin_popcountll(mask));
        const double outside = size < n ? weight[size] * v[mask] : 0;
        base += outside;
        v[mask] = (size > 0 ? weight[size - 1] * v[mask] : 0) + outside;
    }
    // All n sums over half the sets by folding: the upper half is "with player i"; then it is added onto the
    // lower.
    std::vector<double> values(n, 0.0);
    std::size_t half = v.size();
    for (std::size_t i = n; i-- > 0;) {
        half /= 2;
        double upper = 0;
        for (std::size_t j = 0; j < half; ++j) {
            upper += v[half + j];
            v[j] += v[half + j];
        }
        values[i] = upper - base;
    }
    return values;
}

namespace {

constexpr std::uint32_t no_player = ~0u;

/// Player of each channel: those in use are numbered, so that a long list of configured channels costs
/// nothing.
std::vector<std::uint32_t> number_players(const Paths& paths, std::size_t& players) {
    std::vector<std::uint32_t> player(paths.channel_count, no_player);
    players = 0;
    for (const Channel channel : paths.touches) {
        if (player[channel] == no_player) player[channel] = static_cast<std::uint32_t>(players++);
    }
    return player;
}

}  // namespace

std::size_t channels_in_use(const Paths& paths) {
    std::size_t players = 0;
    number_players(paths, players);
    return players;
}

base::Result<std::vector<double>> rate_game_shapley(const Paths& paths, double pseudo_journeys) {
    std::size_t n = 0;
    const auto player = number_players(paths, n);
    if (n > shapley_channels_max) {
        return base::Failure{base::FailureKind::no_space,
                             "exact Shapley is for at most 24 channels, not " + std::to_string(n)};
    }
    std::vector<double> converted(std::size_t{1} << n, 0.0);
    std::vector<double> all(converted.size(), 0.0);
    Totals totals;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        std::size_t mask = 0;
        for (const Channel channel : paths.path(row)) mask |= std::size_t{1} << player[channel];
        if (mask == 0) continue;
        converted[mask] += paths.conversions[row];
        all[mask] += paths.conversions[row] + paths.nulls[row];
        totals.conversions += paths.conversions[row];
        totals.nulls += paths.nulls[row];
    }
    for (std::size_t bit = 1; bit < converted.size(); bit *= 2) {
        for (std::size_t block = 0; block < converted.size(); block += 2 * bit) {
            for (std::size_t mask = block + bit; mask < block + 2 * bit; ++mask) {
                converted[mask] += converted[mask - bit];
                all[mask] += all[mask - bit];
            }
        }
    }
    const double journeys = totals.conversions + totals.nulls;
    const double rate = journeys > 0 ? totals.conversions / journeys : 0;
    converted[0] = 0;
    for (std::size_t mask = 1; mask < converted.size(); ++mask) {
        const double weight = all[mask] + pseudo_journeys;
        converted[mask] = weight > 0 ? (converted[mask] + pseudo_journeys * rate) / weight : 0;
    }
    all = {};
    const auto values = shapley_values(std::move(converted), n);
    std::vector<double> out(paths.channel_count, 0.0);
    for (std::size_t channel = 0; channel < out.size(); ++channel) {
        if (player[channel] != no_player) out[channel] = values[player[channel]];
    }
    return out;
}

Credits shapley_credits(const Paths& paths, std::span<const double> values) {
    CHECK(values.size() == paths.channel_count, "one value per channel");
    Credits out(paths.channel_count);
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    Totals attributed;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        if (paths.path(row).empty() || !(std::abs(sum) > 0)) {
            out.unattributed_conversions += paths.conversions[row];
            out.unattributed_value += paths.value[row];
        } else {
            attributed.conversions += paths.conversions[row];
            attributed.value += paths.value[row];
        }
    }
    if (!(std::abs(sum) > 0)) return out;
    for (std::size_t channel = 0; channel < values.size(); ++channel) {
        out.conversions[channel] = values[channel] / sum * attributed.conversions;
        out.value[channel] = values[channel] / sum * attributed.value;
    }
    return out;
}

}  // namespace cubed::attribution
