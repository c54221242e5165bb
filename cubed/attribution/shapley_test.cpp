#include "cubed/attribution/shapley.h"

#include <numeric>

#include <gtest/gtest.h>

#include "cubed/attribution/random_paths.h"

namespace cubed::attribution {
namespace {

/// The definition over all orders of arrival by subsets, for small n.
std::vector<double> brute_force(const std::vector<double>& v, std::size_t n) {
    std::vector<double> factorial(n + 1, 1.0);
    for (std::size_t i = 1; i <= n; ++i) factorial[i] = factorial[i - 1] * static_cast<double>(i);
    std::vector<double> phi(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t s = 0; s < v.size(); ++s) {
            if (s >> i & 1) continue;
            const auto size = static_cast<std::size_t>(__builtin_popcountll(s));
            phi[i] += factorial[size] * factorial[n - size - 1] / factorial[n] * (v[s | 1ULL << i] - v[s]);
        }
    }
    return phi;
}

// Folding is a trick; the definition is not.
TEST(Shapley, FoldingEqualsTheDefinitionUpToTenPlayers) {
    std::mt19937 random(4);
    for (std::size_t n = 0; n <= 10; ++n) {
        std::vector<double> v(std::size_t{1} << n);
        for (double& worth : v) worth = static_cast<double>(random()) / 4e9 - 0.3;
        const auto expected = brute_force(v, n);
        const auto actual = shapley_values(v, n);
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i) {
            EXPECT_NEAR(actual[i], expected[i], 1e-12) << n;
            sum += actual[i];
        }
        EXPECT_NEAR(sum, v.back() - v.front(), 1e-12);
    }
}

// The game itself, counted naively per subset.
TEST(Shapley, RateGameEqualsNaiveCounting) {
    const std::size_t n = 6;
    const Paths paths = random_paths(2, 500, n, 4);
    std::vector<double> v(1 << n, 0.0);
    for (std::size_t set = 1; set < v.size(); ++set) {
        double converted = 0, all = 0;
        for (std::size_t row = 0; row < paths.size(); ++row) {
            std::size_t mask = 0;
            for (const Channel c : paths.path(row)) mask |= std::size_t{1} << c;
            if ((mask & ~set) != 0) continue;
            converted += paths.conversions[row];
            all += paths.conversions[row] + paths.nulls[row];
        }
        v[set] = all > 0 ? converted / all : 0;
    }
    const auto expected = brute_force(v, n);
    const auto actual = rate_game_shapley(paths);
    ASSERT_TRUE(actual.ok());
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR((*actual)[i], expected[i], 1e-12);
}

// Efficiency and the null player, on the size a real account has.
TEST(Shapley, SumsToTheRateAndIgnoresUnusedChannels) {
    Paths paths = random_paths(3, 20'000, 12, 6);
    const auto narrow = rate_game_shapley(paths).value();
    const Totals totals = totals_of(paths);
    EXPECT_NEAR(std::accumulate(narrow.begin(), narrow.end(), 0.0),
                totals.conversions / (totals.conversions + totals.nulls), 1e-12);
    paths.channel_count = 14;
    const auto wide = rate_game_shapley(paths).value();
    for (std::size_t c = 0; c < 12; ++c) EXPECT_NEAR(wide[c], narrow[c], 1e-12);
    EXPECT_NEAR(wide[13], 0, 1e-12);

    const Credits credits = shapley_credits(paths, wide);
    EXPECT_NEAR(std::accumulate(credits.conversions.begin(), credits.conversions.end(), 0.0),
                totals.conversions, 1e-7);
    EXPECT_NEAR(std::accumulate(credits.value.begin(), credits.value.end(), 0.0) / totals.value, 1, 1e-12);
}

// 2^25 doubles is where we stop, with an error rather than a dead machine.
TEST(Shapley, RefusesMoreChannelsThanMemoryHolds) {
    Paths paths;
    paths.channel_count = 100;
    EXPECT_TRUE(rate_game_shapley(paths).ok()) << "channels that nobody used are no players";
    std::vector<Channel> path(25);
    std::iota(path.begin(), path.end(), Channel{70});
    paths.add(path, 1, 1, 0);
    EXPECT_EQ(channels_in_use(paths), 25u);
    ASSERT_FALSE(rate_game_shapley(paths).ok());
    EXPECT_EQ(rate_game_shapley(paths).error().kind, base::FailureKind::no_space);
}

}  // namespace
}  // namespace cubed::attribution
