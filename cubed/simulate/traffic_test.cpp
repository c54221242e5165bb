// The simulated browsers must pass for real ones: every hit holds the full schema.
#include "cubed/simulate/traffic.h"

#include <map>
#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/json.h"
#include "cubed/schema/validate.h"

namespace cubed::simulate {
namespace {

using namespace std::chrono_literals;

const Site site{"c-a-demo-uk", "shop.example", base::Instant(1'760'000'000s)};

TEST(Traffic, EveryHitHoldsTheFullSchema) {
    for (const char* id : {"A", "B", "C", "L"}) {
        const auto scenario = find_scenario(id);
        const World world{*scenario, 1};
        const Traffic traffic = plan_traffic(world, site, 300);
        for (const PlannedHit& planned : traffic.hits) {
            const std::string text = render_hit(world, site, planned);
            const auto fields = base::parse_json(text);
            ASSERT_TRUE(fields.ok()) << text;
            const auto hit =
                validate_hit(fields->as_object(), {.now = site.start + 31 * 24h, .simulated = true});
            ASSERT_TRUE(hit.ok()) << text;
            EXPECT_FALSE(hit->reduced) << text;
            EXPECT_EQ(hit->occurred, planned.at) << text;
            EXPECT_TRUE(is_token(hit->visitor) && is_token(hit->session) && is_token(hit->id));
        }
    }
}

TEST(Traffic, EachConversionIsOnePurchaseWithItsTransaction) {
    const auto scenario = find_scenario("A");
    const World world{*scenario, 2};
    const Traffic traffic = plan_traffic(world, site, 3'000);
    std::multiset<std::pair<base::Instant, std::int64_t>> bought, truth;
    for (const PlannedHit& hit : traffic.hits) {
        if (hit.step == Step::purchase) bought.emplace(hit.at, hit.revenue);
    }
    for (const TruthRow& row : traffic.truth) truth.emplace(row.converted, row.revenue);
    EXPECT_GT(truth.size(), 100u);
    EXPECT_EQ(bought, truth);
}

// A token or an id that two hits share would merge them in the database.
TEST(Traffic, HitsAreInOrderOfTimeAndHaveIdsOfTheirOwn) {
    const auto scenario = find_scenario("C");
    const World world{*scenario, 3};
    const Traffic traffic = plan_traffic(world, site, 1'000);
    std::set<std::pair<std::uint32_t, std::uint16_t>> ids;
    for (std::size_t i = 0; i < traffic.hits.size(); ++i) {
        EXPECT_TRUE(ids.emplace(traffic.hits[i].visitor, traffic.hits[i].number).second);
        EXPECT_LE(traffic.hits[i == 0 ? 0 : i - 1].at, traffic.hits[i].at);
    }
}

}  // namespace
}  // namespace cubed::simulate
