// The numbers of the ChannelAttribution example data (10,000 distinct paths, 12 channels), computed
// independently of this code. The data is third-party and not part of the repository: put it at
// tests/data/attribution/paths.csv (columns path, total_conversions, total_conversion_value, total_null) and
// this test runs.
#include <fstream>
#include <numeric>
#include <sstream>

#include <gtest/gtest.h>

#include "cubed/attribution/heuristics.h"
#include "cubed/attribution/markov.h"
#include "cubed/attribution/shapley.h"

namespace cubed::attribution {
namespace {

struct GoldenRow {
    const char* channel;
    double first, last, linear, unique_linear, markov_1, markov_2, markov_3, shapley;
};

constexpr GoldenRow golden[] = {
    {"eta", 3164, 4167, 3539.95, 3613.66, 3340.85, 3391.86, 3396.07, 0.021181},
    {"iota", 4606, 3355, 3857.10, 3505.04, 3884.61, 3810.51, 3791.03, 0.018026},
    {"alpha", 6308, 8447, 7574.72, 7627.94, 5344.95, 5617.45, 5748.10, 0.018439},
    {"beta", 2831, 989, 2083.50, 1982.74, 2527.35, 2439.65, 2405.53, 0.021637},
    {"theta", 1606, 653, 1022.80, 1190.96, 1971.91, 1902.47, 1849.81, 0.028980},
    {"lambda", 902, 1207, 1035.26, 987.78, 1282.85, 1189.47, 1150.74, 0.025710},
    {"kappa", 74, 230, 137.96, 159.06, 274.36, 266.03, 264.24, 0.021550},
    {"zeta", 27, 107, 136.55, 199.99, 381.06, 374.03, 370.36, -0.001016},
    {"epsilon", 99, 531, 272.17, 374.68, 599.57, 614.37, 623.43, 0.026347},
    {"gamma", 165, 92, 121.04, 138.19, 171.15, 171.92, 178.48, 0.018075},
    {"delta", 1, 5, 1.72, 2.29, 4.61, 5.16, 5.07, -0.000011},
    {"mi", 2, 2, 2.22, 2.67, 1.72, 2.07, 2.13, 0.024928},
};

TEST(Golden, ChannelAttributionExampleData) {
    std::ifstream file(GOLDEN_PATHS);
    if (!file) GTEST_SKIP() << "no " << GOLDEN_PATHS;
    std::stringstream text;
    text << file.rdbuf();
    Dictionary dictionary;
    const auto paths = read_paths(text.str(), dictionary);
    ASSERT_TRUE(paths.ok()) << paths.error().what;
    EXPECT_EQ(totals_of(*paths).conversions, 19'785);
    EXPECT_EQ(totals_of(*paths).nulls, 68'602);
    EXPECT_EQ(count_chain(*paths, 1).size(), 13u);
    EXPECT_EQ(count_chain(*paths, 2).size(), 121u);
    EXPECT_EQ(count_chain(*paths, 3).size(), 934u);
    EXPECT_EQ(count_chain(*paths, 4).size(), 3'976u);

    const auto rules = heuristic_credits(*paths, {});
    const auto markov_1 = markov_credits(*paths, 1).value();
    const auto markov_2 = markov_credits(*paths, 2).value();
    const auto markov_3 = markov_credits(*paths, 3).value();
    const auto shapley = rate_game_shapley(*paths).value();
    EXPECT_NEAR(std::accumulate(shapley.begin(), shapley.end(), 0.0), 0.223845, 1e-6);
    for (const GoldenRow& row : golden) {
        const auto channel = dictionary.find(row.channel);
        ASSERT_TRUE(channel) << row.channel;
        EXPECT_NEAR(rules.first.conversions[*channel], row.first, 1e-6) << row.channel;
        EXPECT_NEAR(rules.last.conversions[*channel], row.last, 1e-6) << row.channel;
        EXPECT_NEAR(rules.linear.conversions[*channel], row.linear, 0.006) << row.channel;
        EXPECT_NEAR(rules.unique_linear.conversions[*channel], row.unique_linear, 0.006) << row.channel;
        EXPECT_NEAR(markov_1.conversions[*channel], row.markov_1, 0.006) << row.channel;
        EXPECT_NEAR(markov_2.conversions[*channel], row.markov_2, 0.006) << row.channel;
        EXPECT_NEAR(markov_3.conversions[*channel], row.markov_3, 0.006) << row.channel;
        EXPECT_NEAR(shapley[*channel], row.shapley, 6e-7) << row.channel;
    }
}

}  // namespace
}  // namespace cubed::attribution
