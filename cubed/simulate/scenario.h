// Scenario: the laws of one simulated world.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubed::simulate {

/// A channel: how often it touches a visitor, and what a touch does.
struct ChannelLaw {
    std::string name;         ///< as the account's channels are named
    double first_weight = 1;  ///< share of visitors it brings at first
    double touches_per_day = 0;
    double targeting = 0;   ///< b: touches per day grow with e^(b u), u the visitor's hidden intent
    double effect = 0;      ///< delta: expected conversions that one touch causes
    double delay_days = 1;  ///< tau: mean delay of those that are not at once
    bool is_ad = true;      ///< false: navigation (Direct), which never causes anything
};

/// A touch of `from` brings `mean` further touches of `to` within about a day (display, then brand search).
struct Excitation {
    std::string from, to;
    double mean = 0;
};

struct Scenario {
    std::string id;  ///< "A"
    std::string title;
    std::vector<ChannelLaw> channels;
    std::vector<Excitation> excitations;
    double baseline_per_day = 0.001;  ///< mu: conversions per visitor and day without any touch
    double baseline_intent = 0.5;     ///< g: the baseline grows with e^(g u)
    double at_once = 0.7;             ///< share of a touch's conversions that come within its visit
};

/// A independent, B retargeting confounding, C halo, L null world. Nothing for another letter.
std::optional<Scenario> find_scenario(std::string_view id);

/// Direct's place in the scenario's channels.
std::size_t direct_channel(const Scenario& scenario);

}  // namespace cubed::simulate
