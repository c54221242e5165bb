#include "cubed/simulate/scenario.h"

#include "base/check.h"

namespace cubed::simulate {

namespace {

/// The world that the others vary: seven channels, each touch independent of everything, each with its own
/// effect.
Scenario independent() {
    Scenario world{.id = "A", .title = "independent channels"};
    world.channels = {
        {.name = "Direct", .first_weight = 1.5, .touches_per_day = 0.030, .is_ad = false},
        {.name = "SEO", .first_weight = 3.0, .touches_per_day = 0.025, .effect = 0.030, .delay_days = 2},
        {.name = "PPC", .first_weight = 2.5, .touches_per_day = 0.020, .effect = 0.050, .delay_days = 1},
        {.name = "Paid Social",
         .first_weight = 2.0,
         .touches_per_day = 0.018,
         .effect = 0.020,
         .delay_days = 3},
        {.name = "Display", .first_weight = 1.5, .touches_per_day = 0.018, .effect = 0.010, .delay_days = 4},
        {.name = "Email", .first_weight = 0.5, .touches_per_day = 0.015, .effect = 0.040, .delay_days = 1},
        {.name = "Affiliate",
         .first_weight = 1.0,
         .touches_per_day = 0.010,
         .effect = 0.060,
         .delay_days = 0.5},
    };
    return world;
}

ChannelLaw& channel(Scenario& world, std::string_view name) {
    for (ChannelLaw& law : world.channels) {
        if (law.name == name) return law;
    }
    CHECK(false, "the scenarios name channels of the base world");
    __builtin_unreachable();
}

/// Display follows those who will buy anyway, and does nothing: last click's bait.
Scenario retargeting() {
    Scenario world = independent();
    world.id = "B";
    world.title = "retargeting confounding: display follows intent and causes nothing";
    ChannelLaw& display = channel(world, "Display");
    display.targeting = 1.5;
    display.touches_per_day = 0.040;
    display.effect = 0;
    channel(world, "Affiliate").targeting = 0.8;
    world.baseline_intent = 1.2;
    world.baseline_per_day = 0.0015;
    return world;
}

/// Display sells little itself, but sends people to search for the brand.
Scenario halo() {
    Scenario world = independent();
    world.id = "C";
    world.title = "halo: display brings searches";
    channel(world, "Display").effect = 0.004;
    channel(world, "Display").touches_per_day = 0.030;
    world.excitations = {{"Display", "PPC", 0.25}, {"Display", "SEO", 0.35}, {"Paid Social", "SEO", 0.10}};
    return world;
}

/// Nothing that marketing does matters: whatever a model credits to a channel is its error.
Scenario null_world() {
    Scenario world = independent();
    world.id = "L";
    world.title = "null world: every conversion would have happened anyway";
    for (ChannelLaw& law : world.channels) law.effect = 0;
    channel(world, "Display").targeting = 1.0;
    channel(world, "PPC").targeting = 0.7;
    world.baseline_per_day = 0.003;
    world.baseline_intent = 1.0;
    return world;
}

}  // namespace

std::optional<Scenario> find_scenario(std::string_view id) {
    if (id == "A") return independent();
    if (id == "B") return retargeting();
    if (id == "C") return halo();
    if (id == "L") return null_world();
    return std::nullopt;
}

std::size_t direct_channel(const Scenario& scenario) {
    for (std::size_t i = 0; i < scenario.channels.size(); ++i) {
        if (!scenario.channels[i].is_ad) return i;
    }
    CHECK(false, "every scenario has navigation");
    __builtin_unreachable();
}

}  // namespace cubed::simulate
