// Random journeys for tests and benchmarks; the same seed gives the same journeys.
#pragma once

#include <algorithm>
#include <random>

#include "cubed/attribution/paths.h"

namespace cubed::attribution {

/// Paths of 1..length_max touches over `channels` channels, of uneven popularity, with small whole counts.
inline Paths random_paths(std::uint32_t seed, std::size_t rows, std::size_t channels,
                          std::size_t length_max) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    Paths paths;
    std::vector<Channel> path;
    for (std::size_t row = 0; row < rows; ++row) {
        path.clear();
        const std::size_t length = 1 + below(static_cast<std::uint32_t>(length_max));
        for (std::size_t i = 0; i < length; ++i) {
            // The smaller of two draws: low channels are more popular. Every third touch repeats the last
            // one.
            const bool repeats = !path.empty() && below(3) == 0;
            const auto n = static_cast<std::uint32_t>(channels);
            path.push_back(repeats ? path.back() : static_cast<Channel>(std::min(below(n), below(n))));
        }
        const double conversions = below(4) == 0 ? below(3) : 0;
        paths.add(path, conversions, conversions * (100 + below(5000)), 1 + below(4));
    }
    paths.channel_count = channels;
    return paths;
}

}  // namespace cubed::attribution
