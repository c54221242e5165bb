#include "cubed/attribution/allocate.h"

#include <cmath>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace cubed::attribution {
namespace {

std::int64_t sum_of(const Allocation& out) {
    return std::accumulate(out.parts.begin(), out.parts.end(), out.rest);
}

// "To the cent" is a statement about every input, so try many: sums are exact and each part is within one
// unit.
TEST(Allocate, SumsExactlyAndStaysWithinOneUnit) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 2000; ++round) {
        std::vector<double> shares(1 + random() % 20);
        for (double& share : shares)
            share = random() % 4 == 0 ? 0 : std::ldexp(double(random() % 1000), -int(random() % 40));
        const auto total = static_cast<std::int64_t>(random() % 10'000'000'000);
        const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
        const Allocation out = allocate(total, shares);
        ASSERT_EQ(sum_of(out), total);
        if (sum == 0) continue;
        for (std::size_t i = 0; i < shares.size(); ++i) {
            EXPECT_LE(std::abs(double(out.parts[i]) - double(total) * shares[i] / sum), 1.0 + 1e-6);
        }
    }
}

// One penny, three equal channels: the result must not depend on anything but the order of channels.
TEST(Allocate, TiesGoToTheLowerIndex) {
    EXPECT_EQ(allocate(1, std::vector<double>{1, 1, 1}).parts, (std::vector<std::int64_t>{1, 0, 0}));
    EXPECT_EQ(allocate(100, std::vector<double>{1, 1, 1}).parts, (std::vector<std::int64_t>{34, 33, 33}));
    EXPECT_EQ(allocate(-100, std::vector<double>{1, 1, 1}).parts, (std::vector<std::int64_t>{-33, -33, -34}));
    EXPECT_EQ(allocate(10, std::vector<double>{1.2, -0.2}).parts, (std::vector<std::int64_t>{12, -2}));
    EXPECT_EQ(allocate(7, std::vector<double>{0, 0}).rest, 7);
    EXPECT_EQ(allocate(7, {}).rest, 7);
}

// A month of days: each exact, and the month's sum not 30 roundings away from the model.
TEST(Allocate, SeriesErrorsDoNotAddUp) {
    std::mt19937_64 random(6);
    const std::size_t channels = 7;
    SeriesAllocator series(channels);
    std::vector<double> exact(channels, 0.0);
    std::vector<std::int64_t> given(channels, 0);
    for (int day = 0; day < 1000; ++day) {
        std::vector<double> shares(channels);
        for (double& share : shares) share = random() % 3 == 0 ? 0 : double(random() % 100);
        const auto total = static_cast<std::int64_t>(random() % 50);
        const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
        const Allocation out = series.next(total, shares);
        ASSERT_EQ(sum_of(out), total);
        for (std::size_t c = 0; c < channels && sum > 0; ++c) {
            ASSERT_GE(out.parts[c], 0);
            exact[c] += double(total) * shares[c] / sum;
            given[c] += out.parts[c];
            ASSERT_LE(std::abs(exact[c] - double(given[c])), 2.0) << day;
        }
    }
}

}  // namespace
}  // namespace cubed::attribution
