#include "cubed/attribution/models.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "cubed/attribution/random_paths.h"

namespace cubed::attribution {
namespace {

JourneySet random_journeys(std::uint32_t seed, std::size_t rows, std::size_t channels) {
    JourneySet set;
    set.paths = random_paths(seed, rows, channels, 5);
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < set.paths.touches.size(); ++i) set.age_hours.push_back(random() % 500);
    for (std::size_t row = 0; row < rows; ++row) {
        set.cluster.push_back(row / 2);  // two journeys a visitor
        set.day.push_back(20'000 + static_cast<std::int32_t>(random() % 30));
    }
    return set;
}

// The rule behind every report: whatever the model, channels plus unattributed are the conversions and the
// revenue.
TEST(Models, EveryModelReconciles) {
    JourneySet set = random_journeys(1, 5000, 6);
    set.paths.add({}, 3, 999, 2);
    set.cluster.push_back(1);
    const auto models = evaluate_models(set, {});
    ASSERT_TRUE(models.ok());
    EXPECT_EQ(models->size(), 12u);
    const Totals totals = totals_of(set.paths);
    for (const ModelCredits& model : *models) {
        const Credits& credits = model.credits;
        const double sum = std::accumulate(credits.conversions.begin(), credits.conversions.end(), 0.0);
        const double value = std::accumulate(credits.value.begin(), credits.value.end(), 0.0);
        EXPECT_NEAR(sum + credits.unattributed_conversions, totals.conversions, 1e-7) << model.model;
        EXPECT_NEAR((value + credits.unattributed_value) / totals.value, 1, 1e-12) << model.model;
        EXPECT_EQ(credits.unattributed_conversions, 3) << model.model;
    }
}

// The weights are the whole randomness of the intervals: they must be Poisson(1), and independent between
// replicates.
TEST(Models, BootstrapWeightsArePoisson) {
    std::vector<double> seen(9, 0.0);
    double sum = 0, square = 0, product = 0;
    const int visitors = 200'000;
    for (std::uint64_t visitor = 0; visitor < visitors; ++visitor) {
        const double weight = poisson_weight(visitor, 3, 1);
        const double other = poisson_weight(visitor, 4, 1);
        seen[static_cast<std::size_t>(weight)] += 1. / visitors;
        sum += weight / visitors;
        square += weight * weight / visitors;
        product += weight * other / visitors;
    }
    EXPECT_NEAR(seen[0], std::exp(-1), 0.005);
    EXPECT_NEAR(seen[1], std::exp(-1), 0.005);
    EXPECT_NEAR(seen[2], std::exp(-1) / 2, 0.005);
    EXPECT_NEAR(sum, 1, 0.01);
    EXPECT_NEAR(square - sum * sum, 1, 0.02);
    EXPECT_NEAR(product, 1, 0.02);
}

// Linear credits have a known sampling error, so the interval can be checked against theory: for counts
// summed over visitors the bootstrap variance is the sum of squared visitor contributions.
TEST(Models, IntervalsHaveTheWidthThatTheoryGives) {
    const JourneySet set = random_journeys(3, 8000, 4);
    ModelOptions options;
    options.markov_orders = {1};
    auto models = evaluate_models(set, options).value();
    add_intervals(resample(set, options, {.replicates = 400, .level = 0.9, .seed = 9}).value(), 0.9, models);

    std::vector<std::vector<double>> of_visitor(4, std::vector<double>(4000, 0.0));
    for (std::size_t row = 0; row < set.paths.size(); ++row) {
        const auto path = set.paths.path(row);
        for (const Channel c : path) {
            of_visitor[c][row / 2] += set.paths.conversions[row] / static_cast<double>(path.size());
        }
    }
    for (const ModelCredits& model : models) {
        for (std::size_t c = 0; c < 4; ++c) {
            const Interval interval = model.conversions_interval[c];
            EXPECT_LT(interval.lower, model.credits.conversions[c]) << model.model;
            EXPECT_GT(interval.upper, model.credits.conversions[c]) << model.model;
            if (model.model != "linear") continue;
            double variance = 0;
            for (const double part : of_visitor[c]) variance += part * part;
            EXPECT_NEAR((interval.upper - interval.lower) / (2 * 1.645 * std::sqrt(variance)), 1, 0.2);
        }
    }
}

// Same seed, same interval, whatever the order of visitors in the input.
TEST(Models, IntervalsAreDeterministicAndOrderFree) {
    const JourneySet set = random_journeys(4, 1000, 3);
    JourneySet reversed;
    for (std::size_t row = set.paths.size(); row-- > 0;) {
        const auto path = set.paths.path(row);
        const auto ages = set.age_hours.begin() + static_cast<std::ptrdiff_t>(set.paths.offsets[row]);
        reversed.paths.add(path, set.paths.conversions[row], set.paths.value[row], set.paths.nulls[row]);
        reversed.age_hours.insert(reversed.age_hours.end(), ages,
                                  ages + static_cast<std::ptrdiff_t>(path.size()));
        reversed.cluster.push_back(set.cluster[row]);
        reversed.day.push_back(set.day[row]);
    }
    const BootstrapOptions bootstrap{.replicates = 20, .level = 0.9, .seed = 5};
    auto models = evaluate_models(set, {}).value();
    auto again = evaluate_models(reversed, {}).value();
    add_intervals(resample(set, {}, bootstrap).value(), 0.9, models);
    add_intervals(resample(reversed, {}, bootstrap).value(), 0.9, again);
    for (std::size_t m = 0; m < models.size(); ++m) {
        for (std::size_t c = 0; c < 3; ++c) {
            EXPECT_NEAR(models[m].conversions_interval[c].lower, again[m].conversions_interval[c].lower,
                        1e-6);
            EXPECT_NEAR(models[m].conversions_interval[c].upper, again[m].conversions_interval[c].upper,
                        1e-6);
        }
    }
}

}  // namespace
}  // namespace cubed::attribution
