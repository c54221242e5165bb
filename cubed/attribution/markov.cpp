#include "cubed/attribution/markov.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "cubed/attribution/index_map.h"

namespace cubed::attribution {

bool holds(std::uint64_t state, Channel channel) {
    for (; state != 0; state >>= 16) {
        if ((state & 0xffff) == std::uint64_t{channel} + 1) return true;
    }
    return false;
}

std::uint64_t pack_state(std::span<const Channel> path, int order) {
    std::uint64_t state = 0;
    const std::size_t first = path.size() > static_cast<std::size_t>(order) ? path.size() - order : 0;
    for (std::size_t i = first; i < path.size(); ++i) state = (state << 16) | (std::uint64_t{path[i]} + 1);
    return state;
}

namespace {

/// Moves before they are sorted by state: index i goes from[i] -> to[i].
struct Moves {
    std::vector<std::uint32_t> from, to;
    std::vector<double> weight;
};

void sort_moves(const Moves& moves, Chain& chain) {
    chain.row.assign(chain.size() + 1, 0);
    for (const auto from : moves.from) ++chain.row[from + 1];
    std::partial_sum(chain.row.begin(), chain.row.end(), chain.row.begin());
    chain.to.resize(moves.from.size());
    chain.weight.resize(moves.from.size());
    std::vector<std::uint32_t> next(chain.row.begin(), chain.row.end() - 1);
    for (std::size_t i = 0; i < moves.from.size(); ++i) {
        const auto at = next[moves.from[i]]++;
        chain.to[at] = moves.to[i];
        chain.weight[at] = moves.weight[i];
    }
}

void add_state(Chain& chain, std::uint64_t state) {
    chain.states.push_back(state);
    chain.conversions.push_back(0);
    chain.value.push_back(0);
    chain.nulls.push_back(0);
}

/// Order 1 has at most channels + 1 states: a dense matrix of counts needs no hashing.
Chain count_first_order(const Paths& paths) {
    const std::size_t states = paths.channel_count + 1;
    std::vector<double> counts(states * states, 0.0);
    std::vector<double> conversions(states, 0.0), value(states, 0.0), nulls(states, 0.0);
    for (std::size_t row = 0; row < paths.size(); ++row) {
        const double weight = paths.conversions[row] + paths.nulls[row];
        const auto path = paths.path(row);
        if (weight == 0 || path.empty()) continue;
        std::size_t at = 0;
        for (const Channel channel : path) {
            const std::size_t next = std::size_t{channel} + 1;
            if (next != at) counts[at * states + next] += weight;
            at = next;
        }
        conversions[at] += paths.conversions[row];
        value[at] += paths.value[row];
        nulls[at] += paths.nulls[row];
    }

    Chain chain{.order = 1, .channel_count = paths.channel_count};
    std::vector<std::uint32_t> index(states, 0);
    const auto reached = [&](std::size_t s) {
        if (s == 0) return true;
        for (std::size_t from = 0; from < states; ++from) {
            if (counts[from * states + s] > 0) return true;
        }
        return false;
    };
    for (std::size_t s = 0; s < states; ++s) {
        if (!reached(s)) continue;
        index[s] = static_cast<std::uint32_t>(chain.size());
        add_state(chain, s);
        chain.conversions.back() = conversions[s];
        chain.value.back() = value[s];
        chain.nulls.back() = nulls[s];
    }
    Moves moves;
    for (std::size_t from = 0; from < states; ++from) {
        for (std::size_t to = 1; to < states; ++to) {
            if (counts[from * states + to] == 0) continue;
            moves.from.push_back(index[from]);
            moves.to.push_back(index[to]);
            moves.weight.push_back(counts[from * states + to]);
        }
    }
    sort_moves(moves, chain);
    return chain;
}

/// Beyond this many channels the dense count matrix of order 1 would outgrow the caches.
constexpr std::size_t dense_channels_max = 1024;

Chain count_sparse(const Paths& paths, int order) {
    Chain chain{.order = order, .channel_count = paths.channel_count};
    add_state(chain, 0);
    IndexMap states;      // packed tuple -> state - 1
    IndexMap successors;  // (state, channel) -> move; a tuple and the next channel determine the next tuple
    Moves moves;
    const std::uint64_t window = order == 4 ? ~0ULL : (1ULL << (16 * order)) - 1;
    const auto state_of = [&](std::uint64_t tuple) {
        const std::uint32_t state = states.index_of(tuple) + 1;
        if (state == chain.size()) add_state(chain, tuple);
        return state;
    };
    const auto move = [&](std::uint32_t from, std::uint64_t key, std::uint64_t tuple, double weight) {
        const std::uint32_t index = successors.index_of(key);
        if (index == moves.from.size()) {
            moves.from.push_back(from);
            moves.to.push_back(state_of(tuple));
            moves.weight.push_back(0);
        }
        moves.weight[index] += weight;
        return moves.to[index];
    };
    for (std::size_t row = 0; row < paths.size(); ++row) {
        const double weight = paths.conversions[row] + paths.nulls[row];
        const auto path = paths.path(row);
        if (weight == 0 || path.empty()) continue;

        const std::size_t head = std::min<std::size_t>(path.size(), order);
        std::uint64_t tuple = pack_state(path.first(head), order);
        // The start's moves: no channel has this number.
        std::uint32_t at = state_of(tuple);
        const std::uint32_t first = at;
        move(0, (std::uint64_t{first} << 32) | 0xffffffffULL, tuple, weight);
        for (std::size_t i = head; i < path.size(); ++i) {
            const std::uint64_t next = ((tuple << 16) | (std::uint64_t{path[i]} + 1)) & window;
            if (next == tuple) continue;
            at = move(at, (std::uint64_t{at} << 32) | path[i], next, weight);
            tuple = next;
        }
        chain.conversions[at] += paths.conversions[row];
        chain.value[at] += paths.value[row];
        chain.nulls[at] += paths.nulls[row];
    }
    sort_moves(moves, chain);
    return chain;
}

}  // namespace

Chain count_chain(const Paths& paths, int order) {
    CHECK(order >= 1 && order <= markov_order_max, "Markov order is 1 to 4");
    if (order == 1 && paths.channel_count <= dense_channels_max) return count_first_order(paths);
    return count_sparse(paths, order);
}

Credits markov_credits(const Paths& paths, const Removal& removal) {
    Credits out(paths.channel_count);
    Totals attributed;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        if (paths.path(row).empty()) {
            out.unattributed_conversions += paths.conversions[row];
            out.unattributed_value += paths.value[row];
        } else {
            attributed.conversions += paths.conversions[row];
            attributed.value += paths.value[row];
        }
    }
    const auto scale = [](const std::vector<double>& effects, double total, std::vector<double>& credits) {
        const double sum = std::accumulate(effects.begin(), effects.end(), 0.0);
        for (std::size_t c = 0; c < credits.size(); ++c) credits[c] = sum > 0 ? effects[c] / sum * total : 0;
    };
    scale(removal.effect, attributed.conversions, out.conversions);
    scale(removal.value_effect, attributed.value, out.value);
    return out;
}

base::Result<Credits> markov_credits(const Paths& paths, int order) {
    const Removal removal = TRY(removal_effects(count_chain(paths, order)));
    return markov_credits(paths, removal);
}

}  // namespace cubed::attribution
