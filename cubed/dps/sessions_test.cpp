#include "cubed/dps/sessions.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace cubed::dps {

using std::chrono::minutes;
using std::chrono::seconds;

static Instant at(int minute) {
    return Instant(minutes(minute));
}
static constexpr seconds idle = minutes(30);

TEST(Sessions, SplitAtMoreThanTheIdleTime) {
    const std::vector<Instant> times = {at(0), at(30), at(61), at(60)};
    const auto visits = build_visits({}, times, idle);
    ASSERT_EQ(visits.size(), 1u);
    const std::vector<Instant> gap = {at(0), at(30) + seconds(1)};
    EXPECT_EQ(build_visits({}, gap, idle).size(), 2u);
}

TEST(Sessions, ExtendStoredVisitsBothWays) {
    const KnownVisit stored[] = {{7, at(100), at(110)}};
    const std::vector<Instant> times = {at(80), at(140)};
    const auto visits = build_visits(stored, times, idle);
    ASSERT_EQ(visits.size(), 1u);
    EXPECT_EQ(visits[0].known, std::vector<std::int64_t>{7});
    EXPECT_EQ(visits[0].first, at(80));
    EXPECT_EQ(visits[0].last, at(140));
}

TEST(Sessions, ALateHitJoinsWhatItBridges) {
    const KnownVisit stored[] = {{1, at(0), at(10)}, {2, at(50), at(60)}, {3, at(500), at(510)}};
    const std::vector<Instant> times = {at(30)};
    const auto visits = build_visits(stored, times, idle);
    ASSERT_EQ(visits.size(), 1u);
    EXPECT_EQ(visits[0].known, (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(visits[0].last, at(60));
}

// Queues keep no order, so a report must not depend on it: any order and any batching give the same visits.
TEST(Sessions, DoNotDependOnTheOrderOfArrival) {
    std::mt19937 random(1);
    std::int64_t next_id = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<Instant> times;
        for (int i = 0; i < 12; ++i) times.push_back(at(int(random() % 300)));
        std::vector<std::pair<Instant, Instant>> whole;
        for (const auto& visit : build_visits({}, times, idle)) whole.emplace_back(visit.first, visit.last);

        std::ranges::shuffle(times, random);
        std::vector<KnownVisit> stored;
        for (std::size_t begin = 0; begin < times.size();) {
            const std::size_t count = std::min<std::size_t>(1 + random() % 4, times.size() - begin);
            for (const auto& visit : build_visits(stored, std::span(times).subspan(begin, count), idle)) {
                std::erase_if(stored,
                              [&](const KnownVisit& v) { return std::ranges::count(visit.known, v.id) > 0; });
                stored.push_back({++next_id, visit.first, visit.last});
            }
            begin += count;
        }
        std::vector<std::pair<Instant, Instant>> pieces;
        for (const auto& visit : stored) pieces.emplace_back(visit.first, visit.last);
        std::ranges::sort(pieces);
        EXPECT_EQ(pieces, whole) << "round " << round;
    }
}

}  // namespace cubed::dps
