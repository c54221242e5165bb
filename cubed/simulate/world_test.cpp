// The simulator judges the models, so its own truth must be beyond doubt.
#include "cubed/simulate/world.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "cubed/simulate/philox.h"

namespace cubed::simulate {
namespace {

constexpr std::uint32_t visitors = 20'000;

// The published test vectors of Philox4x32-10.
TEST(Philox, MatchesItsKnownAnswers) {
    EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
              (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
              (std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

bool same(const Life& a, const Life& b) {
    if (a.touches.size() != b.touches.size() || a.conversion.has_value() != b.conversion.has_value())
        return false;
    for (std::size_t i = 0; i < a.touches.size(); ++i) {
        if (a.touches[i].at != b.touches[i].at || a.touches[i].channel != b.touches[i].channel) return false;
    }
    return !a.conversion ||
           (a.conversion->at == b.conversion->at && a.conversion->cause == b.conversion->cause);
}

TEST(World, TheSameSeedLivesTheSameLives) {
    for (const char* id : {"A", "B", "C", "L"}) {
        const auto scenario = find_scenario(id);
        for (std::uint32_t visitor = 0; visitor < 500; ++visitor) {
            EXPECT_TRUE(same(live({*scenario, 7}, visitor), live({*scenario, 7}, visitor)));
        }
    }
}

TEST(World, LivesAreInOrderAndEndWithTheirConversion) {
    const auto scenario = find_scenario("C");
    for (std::uint32_t visitor = 0; visitor < 5'000; ++visitor) {
        const Life life = live({*scenario, 3}, visitor);
        EXPECT_TRUE(std::is_sorted(life.touches.begin(), life.touches.end(),
                                   [](const Touch& a, const Touch& b) { return a.at < b.at; }));
        if (!life.conversion) continue;
        EXPECT_LT(life.conversion->at, 30);
        EXPECT_GT(life.conversion->revenue, 0);
        if (life.touches.empty()) continue;
        EXPECT_LT(life.touches.back().at, life.conversion->at);
    }
}

// In a world where nothing matters every cause is the baseline and no channel adds anything, to the last
// visitor.
TEST(World, InTheNullWorldNoChannelAddsAnything) {
    const auto scenario = find_scenario("L");
    std::size_t conversions = 0;
    for (std::uint32_t visitor = 0; visitor < visitors; ++visitor) {
        const Life life = live({*scenario, 1}, visitor);
        if (!life.conversion) continue;
        ++conversions;
        EXPECT_EQ(life.conversion->cause, baseline_cause);
    }
    EXPECT_GT(conversions, 500u);
    for (const Incremental& added : incremental({*scenario, 1}, visitors)) EXPECT_EQ(added.conversions, 0);
}

TEST(World, RetargetingCausesNothingAndStillMeetsBuyers) {
    const auto scenario = find_scenario("B");
    const auto added = incremental({*scenario, 1}, visitors);
    std::map<std::string, Incremental> by_name;
    for (std::size_t i = 0; i < added.size(); ++i) by_name[scenario->channels[i].name] = added[i];
    EXPECT_EQ(by_name["Display"].conversions, 0);
    EXPECT_GT(by_name["PPC"].conversions, 50);
    // While they were there, buyers met display far more often than others did: what fools a last-click
    // report.
    double buyers_days = 0, buyers_touches = 0, others_days = 0, others_touches = 0;
    for (std::uint32_t visitor = 0; visitor < visitors; ++visitor) {
        const Life life = live({*scenario, 1}, visitor);
        if (life.touches.empty()) continue;
        const double days = (life.conversion ? life.conversion->at : 30) - life.touches.front().at;
        const auto met = std::count_if(life.touches.begin(), life.touches.end(), [&](const Touch& touch) {
            return scenario->channels[touch.channel].name == "Display";
        });
        (life.conversion ? buyers_days : others_days) += days;
        (life.conversion ? buyers_touches : others_touches) += static_cast<double>(met);
    }
    EXPECT_GT(buyers_touches / buyers_days, 1.5 * others_touches / others_days);
}

// Independent channels: what a channel adds is about what it is the cause of (some causes would have been
// replaced).
TEST(World, WhereChannelsAreIndependentCauseAndIncrementAgree) {
    const auto scenario = find_scenario("A");
    const auto added = incremental({*scenario, 1}, visitors);
    std::vector<std::int64_t> caused(added.size());
    for (std::uint32_t visitor = 0; visitor < visitors; ++visitor) {
        const Life life = live({*scenario, 1}, visitor);
        if (life.conversion && life.conversion->cause != baseline_cause) ++caused[life.conversion->cause];
    }
    for (std::size_t i = 0; i < added.size(); ++i) {
        EXPECT_LE(added[i].conversions, caused[i]) << scenario->channels[i].name;
        EXPECT_GE(added[i].conversions, 0.8 * static_cast<double>(caused[i]) - 5)
            << scenario->channels[i].name;
    }
}

// Display's worth is mostly in the searches it brings: the increment exceeds what it is the direct cause of.
TEST(World, HaloIsPartOfTheIncrement) {
    const auto scenario = find_scenario("C");
    const auto added = incremental({*scenario, 1}, visitors);
    std::int64_t caused = 0;
    std::size_t display = 0;
    while (scenario->channels[display].name != "Display") ++display;
    for (std::uint32_t visitor = 0; visitor < visitors; ++visitor) {
        const Life life = live({*scenario, 1}, visitor);
        caused += life.conversion && life.conversion->cause == display;
    }
    EXPECT_GT(added[display].conversions, caused);
}

}  // namespace
}  // namespace cubed::simulate
