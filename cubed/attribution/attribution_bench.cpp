// Seconds and paths per second of the models on one thread: 1 M journeys, not aggregated beforehand.
//
//   attribution_bench [ROWS] [CHANNELS]     prints one JSON object per line: {"name", "seconds",
//   "paths_per_second"}
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "cubed/attribution/markov.h"
#include "cubed/attribution/models.h"
#include "cubed/attribution/order.h"
#include "cubed/attribution/random_paths.h"
#include "cubed/attribution/shapley.h"

namespace {

using namespace cubed::attribution;

template <class Work>
void measure(const char* name, std::size_t rows, int rounds, Work&& work) {
    double best = 1e9;
    for (int round = 0; round < rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        best = std::min(best, taken.count());
    }
    std::printf("{\"name\": \"%s\", \"seconds\": %.4f, \"paths_per_second\": %.0f}\n", name, best,
                static_cast<double>(rows) / best);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const std::size_t channels = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 12;
    JourneySet set;
    set.paths = random_paths(42, rows, channels, 9);
    for (std::size_t row = 0; row < rows; ++row) set.cluster.push_back(row);
    set.age_hours.assign(set.paths.touches.size(), 24);
    std::printf(
        "{\"name\": \"input\", \"paths\": %zu, \"touches\": %zu, \"channels\": %zu, \"distinct\": %zu}\n",
        rows, set.paths.touches.size(), channels, aggregate(set.paths).size());

    double sink = 0;
    const auto markov = [&](const Paths& paths, int order) {
        sink += markov_credits(paths, order).value().conversions[0];
    };
    measure("heuristics", rows, 5, [&] { sink += heuristic_credits(set.paths, {}).linear.conversions[0]; });
    measure("markov order 1", rows, 5, [&] { markov(set.paths, 1); });
    measure("heuristics + markov order 1", rows, 5, [&] {
        sink += heuristic_credits(set.paths, {}).linear.conversions[0];
        markov(set.paths, 1);
    });
    measure("markov order 2", rows, 3, [&] { markov(set.paths, 2); });
    measure("markov order 3", rows, 3, [&] { markov(set.paths, 3); });
    measure("rate-game shapley", rows, 3, [&] { sink += rate_game_shapley(set.paths).value()[0]; });
    measure("time decay", rows, 3,
            [&] { sink += time_decay_credits(set.paths, set.age_hours, 168).value[0]; });
    measure("aggregate", rows, 3, [&] { sink += static_cast<double>(aggregate(set.paths).size()); });
    measure("order choice", rows, 1, [&] { sink += choose_order(set.paths, set.cluster).order; });

    const ModelOptions options{.markov_orders = {1}, .shapley_channels = 0};
    measure("bootstrap of 200, rules + markov order 1", rows, 1,
            [&] { sink += resample(set, options, {.replicates = 200}).value().conversions[0][0][0]; });
    return sink > 0 ? 0 : 1;
}
