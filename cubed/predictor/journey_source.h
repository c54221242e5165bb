// Journeys from an account's database.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cubed/attribution/journeys.h"
#include "cubed/database/connection.h"

namespace cubed::predictor {

struct Goal {
    std::int32_t id = 0;
    std::string name;
    std::int32_t lookback_days = 30;
};

/// The active goals, or the one asked for; `not_found` when that one is not there.
base::Result<std::vector<Goal>> load_goals(database::Connection& connection,
                                           std::optional<std::int32_t> only);

/// Days, as half-open interval of instants, whose conversions are attributed.
struct Window {
    base::Instant from;
    base::Instant to;
};

/// Everything training reads of one goal.
struct JourneyBook {
    attribution::Dictionary channels;       ///< names by channel index
    std::vector<std::int32_t> referer_ids;  ///< attrib_referer.id by channel index
    /// Journeys that ended within the window; the set's rows are in the same order.
    std::vector<attribution::Journey> journeys;
    std::vector<std::int64_t> visitors;  ///< by journey: the visitor of its conversion or last touch
    attribution::JourneySet set;
    /// Visits of the window: visits[day][channel index]; the last column counts visits without a channel.
    std::vector<std::vector<std::int64_t>> visits;
    std::int32_t first_day = 0;  ///< days since 1970 of visits[0]; days run to the window's end
    base::Instant watermark{};   ///< newest visit or event in the database
    std::int64_t other_currency =
        0;  ///< conversions whose revenue is not in the account's currency: counted, worth 0
};

/// Reads one snapshot of visits (bots left out) and conversions. Conversions of a goal are unique by
/// transaction id where there is one. Visitors joined by a sync id are one person, unless more than
/// `shared_sync_visitors_max` share it. Touches reach back one lookback before the window. Memory: some 100
/// bytes a visit.
base::Result<JourneyBook> load_journeys(database::Connection& connection, const Goal& goal,
                                        const std::string& currency, Window window);

inline constexpr int shared_sync_visitors_max = 20;

/// All of the account's data, at most `days` back from its newest event; whole UTC days.
base::Result<Window> whole_window(database::Connection& connection, int days);

}  // namespace cubed::predictor
