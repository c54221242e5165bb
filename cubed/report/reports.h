// The reports themselves: questions to an account's database, answered as tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cubed/database/connection.h"
#include "cubed/report/table.h"

namespace cubed::report {

struct Selection {
    std::optional<std::int32_t> goal;  ///< none: all active goals
    std::string from, to;              ///< YYYY-MM-DD, both inclusive; empty: everything reported
    bool intervals = false;            ///< channels: every model's intervals too
    std::string visitor;               ///< journeys: one visitor's token; empty: the newest
    std::int64_t limit = 20;           ///< journeys: at most this many conversions
};

/// Per goal: "<goal>": modelled (fm) beside last click (lc) by channel with the interval of fm, the
/// unattributed, and the total, which equals the conversions; and "<goal>, all models": every model's
/// conversions over the training window. `not_found` before the first training.
base::Result<std::vector<Table>> channel_report(database::Connection& connection, const Selection& selection);

/// Converting journeys, newest first: a row per touch with the share that each model gives it.
base::Result<std::vector<Table>> journey_report(database::Connection& connection, const Selection& selection);

/// What was refused or set aside, by reason; and, where a simulator left the truth, truth beside each model
/// with its total variation error, over all causes and over channels alone.
base::Result<std::vector<Table>> validation_report(database::Connection& connection,
                                                   const Selection& selection);

/// Half the sum of absolute differences of two lists of shares: 0 equal, 1 disjoint.
double total_variation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace cubed::report
