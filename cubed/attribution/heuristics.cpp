#include "cubed/attribution/heuristics.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace cubed::attribution {

std::string_view name_of(Rule rule) {
    switch (rule) {
        case Rule::first: return "first";
        case Rule::last: return "last";
        case Rule::last_non_direct: return "last_non_direct";
        case Rule::linear: return "linear";
        case Rule::unique_linear: return "unique_linear";
        case Rule::time_decay: return "time_decay";
        case Rule::position: return "position";
    }
    __builtin_unreachable();
}

namespace {

bool skipped(Channel channel, const std::vector<Channel>& skip) {
    return std::ranges::find(skip, channel) != skip.end();
}

/// Index of the touch that last_non_direct credits; the path is not empty.
std::size_t last_kept(std::span<const Channel> path, const std::vector<Channel>& skip) {
    for (std::size_t i = path.size(); i-- > 0;) {
        if (!skipped(path[i], skip)) return i;
    }
    return path.size() - 1;
}

/// Shares of first, each middle and last touch under the position model.
struct PositionShares {
    double first, middle, last;
};
PositionShares position_shares(std::size_t touches, const HeuristicOptions& options) {
    const double ends = options.position_first + options.position_last;
    if (touches == 1) return {1, 0, 0};
    if (touches == 2) return {options.position_first / ends, 0, options.position_last / ends};
    return {options.position_first, (1 - ends) / static_cast<double>(touches - 2), options.position_last};
}

void share_by_unique_channel(std::span<const Channel> path, std::vector<double>& shares) {
    std::vector<Channel> channels(path.begin(), path.end());
    std::ranges::sort(channels);
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    for (std::size_t i = 0; i < path.size(); ++i) {
        const auto repeats = static_cast<double>(std::ranges::count(path, path[i]));
        shares[i] = 1 / (static_cast<double>(channels.size()) * repeats);
    }
}

void share_by_age(std::span<const double> age_hours, double half_life_hours, std::vector<double>& shares) {
    // Relative to the youngest touch, so that a path of very old touches does not underflow to nothing.
    const double youngest = *std::ranges::min_element(age_hours);
    double sum = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        shares[i] = std::exp2(-(age_hours[i] - youngest) / half_life_hours);
        sum += shares[i];
    }
    for (double& share : shares) share /= sum;
}

}  // namespace

std::vector<double> touch_shares(Rule rule, std::span<const Channel> path, std::span<const double> age_hours,
                                 const HeuristicOptions& options) {
    std::vector<double> shares(path.size(), 0.0);
    if (path.empty()) return shares;
    switch (rule) {
        case Rule::first: shares.front() = 1; break;
        case Rule::last: shares.back() = 1; break;
        case Rule::last_non_direct: shares[last_kept(path, options.skip)] = 1; break;
        case Rule::linear: std::ranges::fill(shares, 1 / static_cast<double>(path.size())); break;
        case Rule::unique_linear: share_by_unique_channel(path, shares); break;
        case Rule::time_decay:
            CHECK(age_hours.size() == path.size(), "one age per touch");
            share_by_age(age_hours, options.half_life_hours, shares);
            break;
        case Rule::position: {
            const auto position = position_shares(path.size(), options);
            std::ranges::fill(shares, position.middle);
            shares.back() = position.last;
            shares.front() = position.first;
            break;
        }
    }
    return shares;
}

HeuristicCredits heuristic_credits(const Paths& paths, const HeuristicOptions& options) {
    const std::size_t channels = paths.channel_count;
    HeuristicCredits out{Credits(channels), Credits(channels), Credits(channels),
                         Credits(channels), Credits(channels), Credits(channels)};
    std::vector<char> skip(channels, 0);
    for (const Channel channel : options.skip) {
        if (channel < channels) skip[channel] = 1;
    }
    std::vector<std::uint32_t> seen_in(channels, 0);  // row + 1 of the last path that held the channel
    std::vector<Channel> unique;
    double empty_conversions = 0;
    double empty_value = 0;

    for (std::size_t row = 0; row < paths.size(); ++row) {
        const double conversions = paths.conversions[row];
        const double value = paths.value[row];
        if (conversions == 0 && value == 0) continue;
        const auto path = paths.path(row);
        if (path.empty()) {
            empty_conversions += conversions;
            empty_value += value;
            continue;
        }
        const auto give = [&](Credits& credits, Channel channel, double share) {
            credits.conversions[channel] += share * conversions;
            credits.value[channel] += share * value;
        };
        give(out.first, path.front(), 1);
        give(out.last, path.back(), 1);
        std::size_t kept = path.size() - 1;
        while (kept > 0 && skip[path[kept]]) --kept;
        give(out.last_non_direct, skip[path[kept]] ? path.back() : path[kept], 1);

        const auto position = position_shares(path.size(), options);
        const double linear_share = 1 / static_cast<double>(path.size());
        unique.clear();
        for (std::size_t i = 0; i < path.size(); ++i) {
            const Channel channel = path[i];
            give(out.linear, channel, linear_share);
            give(out.position, channel,
                 i == 0 ? position.first : (i + 1 == path.size() ? position.last : position.middle));
            if (seen_in[channel] != row + 1) {
                seen_in[channel] = static_cast<std::uint32_t>(row + 1);
                unique.push_back(channel);
            }
        }
        const double unique_share = 1 / static_cast<double>(unique.size());
        for (const Channel channel : unique) give(out.unique_linear, channel, unique_share);
    }
    for (Credits* credits :
         {&out.first, &out.last, &out.last_non_direct, &out.linear, &out.unique_linear, &out.position}) {
        credits->unattributed_conversions = empty_conversions;
        credits->unattributed_value = empty_value;
    }
    return out;
}

Credits time_decay_credits(const Paths& paths, std::span<const double> age_hours, double half_life_hours) {
    CHECK(age_hours.size() == paths.touches.size(), "one age per touch");
    Credits out(paths.channel_count);
    std::vector<double> shares;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        if (paths.conversions[row] == 0 && paths.value[row] == 0) continue;
        const auto path = paths.path(row);
        if (path.empty()) {
            out.unattributed_conversions += paths.conversions[row];
            out.unattributed_value += paths.value[row];
            continue;
        }
        shares.resize(path.size());
        share_by_age(age_hours.subspan(paths.offsets[row], path.size()), half_life_hours, shares);
        for (std::size_t i = 0; i < path.size(); ++i) {
            out.conversions[path[i]] += shares[i] * paths.conversions[row];
            out.value[path[i]] += shares[i] * paths.value[row];
        }
    }
    return out;
}

}  // namespace cubed::attribution
