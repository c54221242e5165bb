// Lives as traffic: the hits that a visitor's browser would send. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cubed/simulate/world.h"

namespace cubed::simulate {

struct Site {
    std::string account;  ///< token
    std::string domain;   ///< of the shop: its pages are under www.
    base::Instant start;  ///< of the simulated period
};

enum class Step : std::uint8_t { landing, browse, basket, checkout, purchase };

struct PlannedHit {
    base::Instant at;
    std::uint32_t visitor = 0;
    std::uint16_t visit = 0;    ///< of the visitor
    std::uint16_t number = 0;   ///< of the visitor's hits
    std::uint16_t channel = 0;  ///< that brought the visit
    Step step = Step::landing;
    std::int64_t revenue = 0;  ///< pence, with the purchase
};

struct TruthRow {
    std::string visitor, transaction_id, cause;
    base::Instant converted;
    std::int64_t revenue = 0;  ///< pence
};

struct Traffic {
    std::vector<PlannedHit> hits;  ///< in order of time
    std::vector<TruthRow> truth;
    std::size_t visits = 0;
};

Traffic plan_traffic(const World& world, const Site& site, std::uint32_t visitors);

/// The hit as the tag would send it, one JSON object.
std::string render_hit(const World& world, const Site& site, const PlannedHit& hit);

/// Browsers as they are met in the wild; each visitor keeps one.
struct Browser {
    std::string_view user_agent, language, screen;
};
std::size_t browser_count();
const Browser& browser(std::size_t index);
std::size_t browser_of(std::uint32_t visitor);

}  // namespace cubed::simulate
