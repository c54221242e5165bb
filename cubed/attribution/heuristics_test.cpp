#include "cubed/attribution/heuristics.h"

#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "cubed/attribution/random_paths.h"

namespace cubed::attribution {
namespace {

using Shares = std::vector<double>;

void expect_near(const Shares& actual, const Shares& expected) {
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-12) << i;
}

// The definitions, by hand.
TEST(Heuristics, SharesAreWhatTheRulesSay) {
    HeuristicOptions options;
    options.skip = {9};
    const std::vector<Channel> path = {0, 1, 0, 9};
    const std::vector<double> ages = {336, 168, 84, 0};
    const auto shares = [&](Rule rule) { return touch_shares(rule, path, ages, options); };
    expect_near(shares(Rule::first), {1, 0, 0, 0});
    expect_near(shares(Rule::last), {0, 0, 0, 1});
    expect_near(shares(Rule::last_non_direct), {0, 0, 1, 0});
    expect_near(shares(Rule::linear), {.25, .25, .25, .25});
    expect_near(shares(Rule::unique_linear), {1. / 6, 1. / 3, 1. / 6, 1. / 3});
    expect_near(shares(Rule::position), {.4, .1, .1, .4});
    const double sum = .25 + .5 + std::sqrt(.5) + 1;
    expect_near(shares(Rule::time_decay), {.25 / sum, .5 / sum, std::sqrt(.5) / sum, 1 / sum});
}

// Short paths are where the peers go wrong: a lone touch gets all, two share the ends, all-Direct credits the
// last.
TEST(Heuristics, ShortAndSkippedPaths) {
    HeuristicOptions options;
    options.skip = {9};
    const auto shares = [&](Rule rule, std::vector<Channel> path) {
        return touch_shares(rule, path, std::vector<double>(path.size(), 1e9), options);
    };
    expect_near(shares(Rule::position, {3}), {1});
    expect_near(shares(Rule::position, {3, 4}), {.5, .5});
    expect_near(shares(Rule::last_non_direct, {9, 9, 9}), {0, 0, 1});
    expect_near(shares(Rule::time_decay, {3, 4}), {.5, .5});  // 1e9 hours old: no underflow
    EXPECT_TRUE(shares(Rule::first, {}).empty());
}

// The fast one-pass forms against the definition, on random data: two independent computations of each
// credit.
TEST(Heuristics, OnePassEqualsTheDefinition) {
    const Paths paths = random_paths(7, 3000, 6, 9);
    HeuristicOptions options;
    options.skip = {0, 4};
    std::mt19937 random(3);
    std::vector<double> ages(paths.touches.size());
    for (double& age : ages) age = random() % 2000;

    const HeuristicCredits fast = heuristic_credits(paths, options);
    const Credits decay = time_decay_credits(paths, ages, options.half_life_hours);
    const std::map<Rule, const Credits*> credits = {
        {Rule::first, &fast.first},       {Rule::last, &fast.last},
        {Rule::linear, &fast.linear},     {Rule::last_non_direct, &fast.last_non_direct},
        {Rule::position, &fast.position}, {Rule::unique_linear, &fast.unique_linear},
        {Rule::time_decay, &decay}};
    for (const auto& [rule, actual] : credits) {
        Credits expected(paths.channel_count);
        for (std::size_t row = 0; row < paths.size(); ++row) {
            const auto path = paths.path(row);
            const auto age = std::span(ages).subspan(paths.offsets[row], path.size());
            const auto shares = touch_shares(rule, path, age, options);
            for (std::size_t i = 0; i < path.size(); ++i) {
                expected.conversions[path[i]] += shares[i] * paths.conversions[row];
                expected.value[path[i]] += shares[i] * paths.value[row];
            }
        }
        for (std::size_t c = 0; c < paths.channel_count; ++c) {
            EXPECT_NEAR(actual->conversions[c], expected.conversions[c], 1e-9) << name_of(rule);
            EXPECT_NEAR(actual->value[c], expected.value[c], 1e-6) << name_of(rule);
        }
        const double sum = std::accumulate(actual->conversions.begin(), actual->conversions.end(), 0.0);
        EXPECT_NEAR(sum, totals_of(paths).conversions, 1e-9) << name_of(rule);
    }
}

// Simplified Shapley is defined on sets; that it equals unique-linear is why we may call it so.
TEST(Heuristics, UniqueLinearIsTheSimplifiedShapleyValue) {
    const Paths paths = random_paths(11, 1000, 5, 6);
    std::map<std::set<Channel>, double> by_set;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        const auto path = paths.path(row);
        by_set[{path.begin(), path.end()}] += paths.conversions[row];
    }
    const Credits credits = heuristic_credits(paths, {}).unique_linear;
    for (Channel c = 0; c < 5; ++c) {
        double phi = 0;
        for (const auto& [set, conversions] : by_set) {
            if (set.contains(c)) phi += conversions / static_cast<double>(set.size());
        }
        EXPECT_NEAR(credits.conversions[c], phi, 1e-9);
    }
}

// A conversion nobody touched belongs to no channel, in every model.
TEST(Heuristics, EmptyPathsStayUnattributed) {
    Paths paths;
    paths.add({}, 3, 700, 1);
    const std::vector<Channel> path = {1};
    paths.add(path, 2, 100, 0);
    const auto credits = heuristic_credits(paths, {});
    EXPECT_EQ(credits.linear.unattributed_conversions, 3);
    EXPECT_EQ(credits.linear.unattributed_value, 700);
    EXPECT_EQ(credits.first.conversions[1], 2);
    EXPECT_EQ(time_decay_credits(paths, std::vector<double>{5}, 24).unattributed_value, 700);
}

}  // namespace
}  // namespace cubed::attribution
