// One client's configuration: channels, patterns, events, goals. All functions may be repeated: what is there
// with the same name is updated, and switched on again if it was off. The connection is to the client's
// database.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cubed/database/connection.h"

namespace cubed::control {

base::Result<int> add_channel(database::Connection& client, std::string_view name, bool paid);

/// The conditions of a pattern, RE2 syntax, all that are given must match; see attrib_pattern.
struct PatternRule {
    std::string channel;
    std::optional<std::string> pattern, source, medium, campaign, category;
    int position = 100;
};

/// `invalid` with the reason when a condition does not compile, is longer than 200 characters or would need
/// too much memory, or when there is none. The channel is made if it is not there.
base::Result<int> add_pattern(database::Connection& client, const PatternRule& rule);

base::Result<int> add_event(database::Connection& client, std::string_view name,
                            std::string_view display_name);

struct Goal {
    std::string name;
    std::string type = "ecommerce";  ///< ecommerce, lead or propensity
    std::vector<std::string> events;
    int lookback_days = 30;
};

/// Events that are not there are made.
base::Result<int> add_goal(database::Connection& client, const Goal& goal);

/// Why an RE2 condition cannot be used; nothing when it can.
std::optional<std::string> pattern_problem(std::string_view expression);

/// The channels and patterns that every account starts with. Adds what is missing, changes nothing that is
/// there.
base::Result<base::Unit> add_default_channels(database::Connection& client);

}  // namespace cubed::control
