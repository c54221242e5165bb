#include "cubed/attribution/order.h"

#include <random>

#include <gtest/gtest.h>

namespace cubed::attribution {
namespace {

struct Sample {
    Paths paths;
    std::vector<std::uint64_t> visitors;
};

/// Journeys whose next channel depends on the last `memory` channels: it repeats the channel `memory` steps
/// ago with probability 0.9, else a random one.
Sample journeys_with_memory(std::size_t memory, int count) {
    std::mt19937 random(17);
    Sample sample;
    for (int i = 0; i < count; ++i) {
        std::vector<Channel> path;
        // A constant chance to stop: a fixed length would itself be something to remember.
        while (path.empty() || random() % 8 != 0) {
            const bool remembers = memory > 0 && path.size() >= memory && random() % 10 != 0;
            path.push_back(remembers ? path[path.size() - memory] : static_cast<Channel>(random() % 4));
        }
        sample.paths.add(path, i % 5 == 0, 0, i % 5 != 0);
        sample.visitors.push_back(static_cast<std::uint64_t>(i));
    }
    return sample;
}

// The chosen order must be the data's own, neither more nor less: higher orders only cost certainty.
TEST(Order, FindsTheMemoryOfTheData) {
    for (const int memory : {1, 2, 3}) {
        const Sample sample = journeys_with_memory(memory, 4000);
        const OrderChoice choice = choose_order(sample.paths, sample.visitors);
        EXPECT_EQ(choice.order, memory);
        EXPECT_EQ(choice.steps, static_cast<double>(sample.paths.touches.size() + 4000));
    }
    const Sample forgetful = journeys_with_memory(0, 4000);
    EXPECT_EQ(choose_order(forgetful.paths, forgetful.visitors).order, 1);
}

TEST(Order, WithoutDataItIsOne) {
    EXPECT_EQ(choose_order(Paths{}, {}).order, 1);
}

}  // namespace
}  // namespace cubed::attribution
