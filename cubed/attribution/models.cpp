#include "cubed/attribution/models.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "cubed/attribution/markov.h"
#include "cubed/attribution/shapley.h"

namespace cubed::attribution {

namespace {

/// The models that read only distinct paths, in a fixed order. Time decay stands apart: it reads times.
base::Result<std::vector<ModelCredits>> path_models(const Paths& distinct, const ModelOptions& options) {
    HeuristicCredits rules = heuristic_credits(distinct, options.heuristics);
    std::vector<ModelCredits> models;
    models.push_back({"first", std::move(rules.first), {}, {}});
    models.push_back({"last", std::move(rules.last), {}, {}});
    models.push_back({"last_non_direct", std::move(rules.last_non_direct), {}, {}});
    models.push_back({"linear", std::move(rules.linear), {}, {}});
    models.push_back({"unique_linear", std::move(rules.unique_linear), {}, {}});
    models.push_back({"position", std::move(rules.position), {}, {}});
    for (const int order : options.markov_orders) {
        models.push_back({"markov_" + std::to_string(order), TRY(markov_credits(distinct, order)), {}, {}});
    }
    if (channels_in_use(distinct) <= options.shapley_channels) {
        const auto values = TRY(rate_game_shapley(distinct));
        models.push_back({"shapley", shapley_credits(distinct, values), {}, {}});
    }
    return models;
}

std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// 2^32 * P(Poisson(1) <= k) for k = 0..6.
constexpr std::array<std::uint32_t, 7> poisson_thresholds = {
    1580030169u, 3160060337u, 3950075422u, 4213413783u, 4279248374u, 4292415292u, 4294609778u};

/// Replicates are handled this many at a time, which bounds the memory of their counts.
constexpr std::size_t block = 16;

void add_sample(Replicates& replicates, std::size_t model, const Credits& credits) {
    const std::size_t channels = credits.conversions.size();
    if (replicates.conversions.size() <= model) {
        replicates.conversions.resize(model + 1, std::vector<std::vector<double>>(channels));
        replicates.value.resize(model + 1, std::vector<std::vector<double>>(channels));
    }
    for (std::size_t c = 0; c < channels; ++c) {
        replicates.conversions[model][c].push_back(credits.conversions[c]);
        replicates.value[model][c].push_back(credits.value[c]);
    }
}

/// Counts of one block of replicates, row by row of the distinct paths.
struct BlockCounts {
    std::vector<std::array<double, block>> conversions, value, nulls;
    std::vector<std::array<double, block>> decay_conversions, decay_value;  // per channel
};

/// Per touch of converting journeys: its time-decay share; zero elsewhere.
std::vector<double> decay_shares(const JourneySet& journeys, const HeuristicOptions& options) {
    std::vector<double> shares(journeys.paths.touches.size(), 0.0);
    for (std::size_t row = 0; row < journeys.paths.size(); ++row) {
        if (journeys.paths.conversions[row] == 0 && journeys.paths.value[row] == 0) continue;
        const auto path = journeys.paths.path(row);
        const auto ages = std::span(journeys.age_hours).subspan(journeys.paths.offsets[row], path.size());
        const auto row_shares = touch_shares(Rule::time_decay, path, ages, options);
        std::ranges::copy(row_shares, shares.begin() + journeys.paths.offsets[row]);
    }
    return shares;
}

void accumulate(std::array<double, block>& into, const std::array<double, block>& weights, double amount) {
    for (std::size_t r = 0; r < block; ++r) into[r] += weights[r] * amount;
}

BlockCounts count_block(const JourneySet& journeys, const std::vector<std::uint32_t>& row_of,
                        std::size_t distinct_rows, const std::vector<double>& shares,
                        std::uint64_t first_replicate, std::uint64_t seed) {
    BlockCounts counts;
    for (auto* column : {&counts.conversions, &counts.value, &counts.nulls}) column->resize(distinct_rows);
    counts.decay_conversions.resize(journeys.paths.channel_count);
    counts.decay_value.resize(journeys.paths.channel_count);
    const Paths& paths = journeys.paths;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        std::array<double, block> weights;
        for (std::size_t r = 0; r < block; ++r) {
            weights[r] = poisson_weight(journeys.cluster[row], first_replicate + r, seed);
        }
        if (paths.nulls[row] != 0) accumulate(counts.nulls[row_of[row]], weights, paths.nulls[row]);
        if (paths.conversions[row] == 0 && paths.value[row] == 0) continue;
        accumulate(counts.conversions[row_of[row]], weights, paths.conversions[row]);
        accumulate(counts.value[row_of[row]], weights, paths.value[row]);
        for (auto t = paths.offsets[row]; t < paths.offsets[row + 1]; ++t) {
            const Channel channel = paths.touches[t];
            accumulate(counts.decay_conversions[channel], weights, shares[t] * paths.conversions[row]);
            accumulate(counts.decay_value[channel], weights, shares[t] * paths.value[row]);
        }
    }
    return counts;
}

}  // namespace

std::uint8_t poisson_weight(std::uint64_t visitor, std::uint64_t replicate, std::uint64_t seed) {
    const std::uint64_t hash = mix(visitor ^ mix(replicate * 0x9e3779b97f4a7c15ULL + seed));
    const auto uniform = static_cast<std::uint32_t>(hash >> 32);
    std::uint8_t weight = 0;
    for (const std::uint32_t threshold : poisson_thresholds) weight += uniform >= threshold;
    return weight;
}

Interval middle_of(std::vector<double>& samples, double level) {
    if (samples.empty()) return {};
    std::ranges::sort(samples);
    const auto quantile = [&](double q) {
        const double at = q * static_cast<double>(samples.size() - 1);
        const auto low = static_cast<std::size_t>(at);
        const auto high = std::min(low + 1, samples.size() - 1);
        return samples[low] + (at - static_cast<double>(low)) * (samples[high] - samples[low]);
    };
    return {quantile((1 - level) / 2), quantile((1 + level) / 2)};
}

base::Result<std::vector<ModelCredits>> evaluate_models(const JourneySet& journeys,
                                                        const ModelOptions& options) {
    auto models = TRY(path_models(aggregate(journeys.paths), options));
    models.push_back(
        {"time_decay",
         time_decay_credits(journeys.paths, journeys.age_hours, options.heuristics.half_life_hours),
         {},
         {}});
    return models;
}

base::Result<Replicates> resample(const JourneySet& journeys, const ModelOptions& options,
                                  const BootstrapOptions& bootstrap) {
    CHECK(bootstrap.replicates >= 0, "a count of replicates");
    std::vector<std::uint32_t> row_of;
    Paths distinct = aggregate(journeys.paths, &row_of);
    const auto shares = decay_shares(journeys, options.heuristics);
    const std::size_t channels = journeys.paths.channel_count;
    Replicates out;
    const auto replicates = static_cast<std::size_t>(bootstrap.replicates);
    for (std::size_t first = 0; first < replicates; first += block) {
        const BlockCounts counts =
            count_block(journeys, row_of, distinct.size(), shares, first, bootstrap.seed);
        for (std::size_t r = 0; r < std::min(block, replicates - first); ++r) {
            for (std::size_t row = 0; row < distinct.size(); ++row) {
                distinct.conversions[row] = counts.conversions[row][r];
                distinct.value[row] = counts.value[row][r];
                distinct.nulls[row] = counts.nulls[row][r];
            }
            const auto drawn = TRY(path_models(distinct, options));
            for (std::size_t m = 0; m < drawn.size(); ++m) add_sample(out, m, drawn[m].credits);
            Credits decay(channels);
            for (std::size_t c = 0; c < channels; ++c) {
                decay.conversions[c] = counts.decay_conversions[c][r];
                decay.value[c] = counts.decay_value[c][r];
            }
            add_sample(out, drawn.size(), decay);
        }
    }
    return out;
}

void add_intervals(const Replicates& replicates, double level, std::vector<ModelCredits>& models) {
    CHECK(level > 0 && level < 1, "a coverage");
    CHECK(replicates.conversions.size() == models.size(), "replicates of the same models");
    const auto intervals = [level](const std::vector<std::vector<double>>& samples) {
        std::vector<Interval> out;
        out.reserve(samples.size());
        for (std::vector<double> sample : samples) out.push_back(middle_of(sample, level));
        return out;
    };
    for (std::size_t m = 0; m < models.size(); ++m) {
        models[m].conversions_interval = intervals(replicates.conversions[m]);
        models[m].value_interval = intervals(replicates.value[m]);
    }
}

}  // namespace cubed::attribution
