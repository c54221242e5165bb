#include "cubed/predictor/score.h"

#include <algorithm>
#include <map>

#include "cubed/attribution/markov.h"

namespace cubed::predictor {

using attribution::Channel;

static const double* find_reach(const StateTable& table, std::uint64_t state) {
    const auto found = std::ranges::lower_bound(table.states, state);
    if (found == table.states.end() || *found != state) return nullptr;
    return &table.reach[static_cast<std::size_t>(found - table.states.begin())];
}

double conversion_probability(const CustomerModel& model, std::span<const Channel> path) {
    if (path.empty() || path.back() >= model.channels.size()) return model.conversion_rate;
    if (const double* reach = find_reach(model.states, attribution::pack_state(path, model.order)))
        return *reach;
    if (const double* reach = find_reach(model.first_order, attribution::pack_state(path, 1))) return *reach;
    return model.conversion_rate;
}

std::vector<double> touch_shares(std::span<const double> effect, std::span<const Channel> path) {
    std::map<Channel, std::size_t> touches_of;
    for (const Channel channel : path) ++touches_of[channel];
    const auto effect_of = [&](Channel channel) {
        return channel < effect.size() ? std::max(effect[channel], 0.0) : 0.0;
    };
    double sum = 0;
    for (const auto& [channel, touches] : touches_of) sum += effect_of(channel);
    std::vector<double> shares;
    shares.reserve(path.size());
    for (const Channel channel : path) {
        const double of_channel =
            sum > 0 ? effect_of(channel) / sum : 1 / static_cast<double>(touches_of.size());
        shares.push_back(of_channel / static_cast<double>(touches_of[channel]));
    }
    return shares;
}

std::vector<Channel> path_of(const CustomerModel& model, std::span<const std::string_view> channels) {
    std::vector<Channel> path;
    for (const auto name : channels) {
        const auto found = std::ranges::find(model.channels, name);
        path.push_back(static_cast<Channel>(found - model.channels.begin()));
    }
    return path;
}

}  // namespace cubed::predictor
