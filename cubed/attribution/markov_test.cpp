#include "cubed/attribution/markov.h"

#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "cubed/attribution/random_paths.h"

namespace cubed::attribution {
namespace {

/// The definition written a second time, as plainly as possible: states are vectors, probabilities live in
/// maps, and the share of converting mass is found by walking the whole distribution forward until nothing is
/// left.
class NaiveChain {
  public:
    using State = std::vector<int>;

    NaiveChain(const Paths& paths, int order) {
        for (std::size_t row = 0; row < paths.size(); ++row) {
            const auto path = paths.path(row);
            if (path.empty()) continue;
            const double both = paths.conversions[row] + paths.nulls[row];
            std::vector<State> walk;
            const std::size_t k = order;
            if (path.size() < k) walk.push_back(State(path.begin(), path.end()));
            for (std::size_t i = 0; i + k <= path.size(); ++i) {
                State state(path.begin() + i, path.begin() + i + k);
                if (walk.empty() || walk.back() != state) walk.push_back(state);
            }
            State at;
            for (const State& state : walk) {
                counts_[at][state] += both;
                at = state;
            }
            conversions_[at] += paths.conversions[row];
            value_[at] += paths.value[row];
            nulls_[at] += paths.nulls[row];
        }
    }

    /// {probability, expected value} of converting without entering a state that holds `removed` (-1: none).
    std::pair<double, double> converting(int removed) {
        double conversion = 0, value = 0;
        std::map<State, double> mass = {{State{}, 1.0}};
        for (int step = 0; step < 5000 && !mass.empty(); ++step) {
            std::map<State, double> next;
            for (const auto& [state, share] : mass) {
                double out = conversions_[state] + nulls_[state];
                for (const auto& [to, count] : counts_[state]) out += count;
                if (conversions_[state] > 0) {
                    conversion += share * conversions_[state] / out;
                    value += share * value_[state] / out;
                }
                for (const auto& [to, count] : counts_[state]) {
                    if (std::ranges::find(to, removed) != to.end()) continue;
                    if (share * count / out > 1e-18) next[to] += share * count / out;
                }
            }
            mass.swap(next);
        }
        return {conversion, value};
    }

  private:
    std::map<State, std::map<State, double>> counts_;
    std::map<State, double> conversions_, value_, nulls_;
};

// The main oracle: closed form and sweeps against the naive walk, for every order, on several random data
// sets.
TEST(Markov, EqualsTheNaiveChain) {
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        const Paths paths = random_paths(seed, 400, 4, 6);
        for (int order = 1; order <= 4; ++order) {
            const auto removal = removal_effects(count_chain(paths, order));
            ASSERT_TRUE(removal.ok());
            NaiveChain naive(paths, order);
            const auto [conversion, value] = naive.converting(-1);
            EXPECT_NEAR(removal->conversion_rate, conversion, 1e-11);
            EXPECT_NEAR(removal->value_per_journey / value, 1, 1e-10);
            for (int c = 0; c < 4; ++c) {
                const auto without = naive.converting(c);
                EXPECT_NEAR(removal->effect[c], 1 - without.first / conversion, 1e-10) << order << c;
                EXPECT_NEAR(removal->value_effect[c], 1 - without.second / value, 1e-10) << order << c;
            }
        }
    }
}

// Three paths small enough to work out on paper: a>conv (1), a>b>conv (1), b>null (2).
// From start: a 1/2, b 1/2. a: conv 1/2, b 1/2. b: conv 1/3, null 2/3.
TEST(Markov, HandWorkedExample) {
    Paths paths;
    const std::vector<Channel> a = {0}, ab = {0, 1}, b = {1};
    paths.add(a, 1, 0, 0);
    paths.add(ab, 1, 0, 0);
    paths.add(b, 0, 0, 2);
    const auto removal = removal_effects(count_chain(paths, 1));
    ASSERT_TRUE(removal.ok());
    EXPECT_NEAR(removal->conversion_rate, 0.5, 1e-15);
    EXPECT_NEAR(removal->effect[0], 1 - (0.5 / 3) / 0.5, 1e-14);    // without a: 1/2 * 1/3
    EXPECT_NEAR(removal->effect[1], 1 - (0.5 * 0.5) / 0.5, 1e-14);  // without b: 1/2 * 1/2
}

// What every order must reproduce, whatever it remembers: the data's own conversion rate and value.
TEST(Markov, EveryOrderKeepsTheConversionRate) {
    const Paths paths = random_paths(21, 20'000, 9, 8);
    const Totals totals = totals_of(paths);
    for (int order = 1; order <= 4; ++order) {
        const auto removal = removal_effects(count_chain(paths, order));
        ASSERT_TRUE(removal.ok());
        const double journeys = totals.conversions + totals.nulls;
        EXPECT_NEAR(removal->conversion_rate, totals.conversions / journeys, 1e-11);
        EXPECT_NEAR(removal->value_per_journey / (totals.value / journeys), 1, 1e-9);
    }
}

// A memory as long as the longest path turns the effect into coverage: the share of conversions whose path
// has c.
TEST(Markov, FullMemoryGivesCoverage) {
    const Paths paths = random_paths(5, 3000, 5, 4);
    // Repeats collapse states (a,a,a,a is one state however long), so the premise is paths of at most four
    // touches.
    const auto removal = removal_effects(count_chain(paths, 4));
    ASSERT_TRUE(removal.ok());
    const double total = totals_of(paths).conversions;
    for (Channel c = 0; c < 5; ++c) {
        double covered = 0;
        for (std::size_t row = 0; row < paths.size(); ++row) {
            if (std::ranges::find(paths.path(row), c) != paths.path(row).end())
                covered += paths.conversions[row];
        }
        EXPECT_NEAR(removal->effect[c], covered / total, 1e-10);
    }
}

Paths relabelled(const Paths& paths, const std::vector<Channel>& as) {
    Paths out = paths;
    for (Channel& touch : out.touches) touch = as[touch];
    return out;
}

Paths shuffled(const Paths& paths, std::uint32_t seed) {
    std::vector<std::size_t> order(paths.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(seed));
    Paths out;
    for (const auto row : order)
        out.add(paths.path(row), paths.conversions[row], paths.value[row], paths.nulls[row]);
    out.channel_count = paths.channel_count;
    return out;
}

// Invariances that hold for any honest attribution: nothing but the multiset of journeys may matter.
TEST(Markov, InvariantToOrderScaleLabelsAndUnusedChannels) {
    const Paths paths = random_paths(8, 2000, 5, 7);
    for (int order = 1; order <= 4; ++order) {
        const Credits credits = markov_credits(paths, order).value();
        const Credits permuted = markov_credits(shuffled(paths, 99), order).value();

        Paths twice = paths;
        for (auto* column : {&twice.conversions, &twice.value, &twice.nulls}) {
            for (double& count : *column) count *= 2;
        }
        const Credits doubled = markov_credits(twice, order).value();
        const std::vector<Channel> as = {3, 1, 4, 0, 2};
        const Credits renamed = markov_credits(relabelled(paths, as), order).value();
        Paths wider = paths;
        wider.channel_count = 7;
        const Credits padded = markov_credits(wider, order).value();

        for (std::size_t c = 0; c < 5; ++c) {
            const double expected = credits.conversions[c];
            EXPECT_NEAR(permuted.conversions[c], expected, 1e-7) << order;
            EXPECT_NEAR(doubled.conversions[c], 2 * expected, 1e-7) << order;
            EXPECT_NEAR(renamed.conversions[as[c]], expected, 1e-7) << order;
            EXPECT_NEAR(padded.conversions[c], expected, 1e-7) << order;
        }
        EXPECT_EQ(padded.conversions[6], 0);
        const double sum = std::accumulate(credits.conversions.begin(), credits.conversions.end(), 0.0);
        EXPECT_NEAR(sum, totals_of(paths).conversions, 1e-8);
        const double value = std::accumulate(credits.value.begin(), credits.value.end(), 0.0);
        EXPECT_NEAR(value / totals_of(paths).value, 1, 1e-12);
    }
}

// Order 1 has a dense and a sparse counter; the tables they fill must describe the same chain.
TEST(Markov, ManyChannelsTakeTheSparsePathToTheSameAnswer) {
    const Paths paths = random_paths(13, 4000, 6, 6);
    Paths wide = paths;
    wide.channel_count = 5000;  // beyond the dense counter
    const Credits dense = markov_credits(paths, 1).value();
    const Credits sparse = markov_credits(wide, 1).value();
    for (std::size_t c = 0; c < 6; ++c) EXPECT_NEAR(sparse.conversions[c], dense.conversions[c], 1e-8);
}

// Degenerate data must neither divide by zero nor invent credit.
TEST(Markov, NothingInNothingOut) {
    Paths paths;
    EXPECT_TRUE(markov_credits(paths, 1).ok());
    const std::vector<Channel> ab = {0, 1};
    paths.add(ab, 0, 0, 5);
    paths.add({}, 4, 40, 0);
    for (int order = 1; order <= 4; ++order) {
        const Credits credits = markov_credits(paths, order).value();
        EXPECT_EQ(credits.conversions, (std::vector<double>{0, 0}));
        EXPECT_EQ(credits.unattributed_conversions, 4);
        EXPECT_EQ(credits.unattributed_value, 40);
    }
}

}  // namespace
}  // namespace cubed::attribution
