#include "cubed/attribution/journeys.h"

#include <gtest/gtest.h>

namespace cubed::attribution {
namespace {

using namespace std::chrono_literals;

Instant day(double days) {
    return Instant{} +
           std::chrono::duration_cast<Instant::duration>(std::chrono::duration<double>(days * 86400));
}

std::string shape(const std::vector<Journey>& journeys) {
    std::string text;
    for (const Journey& journey : journeys) {
        for (const Touch& touch : journey.touches) text += static_cast<char>('a' + touch.channel);
        text += journey.conversion ? '!' : '.';
    }
    return text;
}

std::string split(std::vector<Touch> touches, std::vector<Conversion> conversions) {
    return shape(split_journeys(touches, conversions, 30 * 24h));
}

// The rules of the header, one example each; these move more credit than the choice of the model.
TEST(Journeys, SplitByConversionAndLookback) {
    EXPECT_EQ(split({}, {}), "");
    EXPECT_EQ(split({{day(1), 0, 1}, {day(2), 1, 2}}, {}), "ab.");
    EXPECT_EQ(split({{day(1), 0, 1}, {day(2), 1, 2}, {day(3), 2, 3}}, {{day(2), 2}}), "ab!c.");
    EXPECT_EQ(split({{day(1), 0, 1}, {day(40), 1, 2}}, {{day(40), 2}}), "a.b!") << "a is out of the window";
    EXPECT_EQ(split({{day(1), 0, 1}, {day(40), 1, 2}}, {}), "a.b.") << "a long silence ends a journey";
    EXPECT_EQ(split({}, {{day(5), 9}}), "!") << "a conversion without any touch still counts";
}

TEST(Journeys, TheConvertingVisitIsATouchOfEachOfItsConversions) {
    EXPECT_EQ(split({{day(1), 0, 1}, {day(2), 1, 2}}, {{day(2.1), 2}, {day(2.2), 2}}), "ab!b!");
    EXPECT_EQ(split({{day(1), 0, 1}}, {{day(0.9), 1}}), "a!") << "its clock may be a little early";
}

// Collectors deliver late and out of order.
TEST(Journeys, InputOrderDoesNotMatter) {
    EXPECT_EQ(split({{day(3), 2, 3}, {day(1), 0, 1}, {day(2), 1, 2}}, {{day(3), 3}, {day(1), 1}}), "a!bc!");
}

TEST(Journeys, SetsCarryAgesAndDays) {
    JourneySet set;
    const std::vector<Touch> touches = {{day(1), 0, 1}, {day(2.5), 1, 2}};
    const std::vector<Conversion> conversions = {{day(2.5), 2, 77, 1234}};
    for (const Journey& journey : split_journeys(touches, conversions, 30 * 24h)) set.add(journey, 42);
    ASSERT_EQ(set.paths.size(), 1u);
    EXPECT_EQ(set.age_hours, (std::vector<double>{36, 0}));
    EXPECT_EQ(set.day, (std::vector<std::int32_t>{2}));
    EXPECT_EQ(set.cluster, (std::vector<std::uint64_t>{42}));
    EXPECT_EQ(set.paths.value[0], 1234);
}

}  // namespace
}  // namespace cubed::attribution
