// The simulated truth in the account's database: tables simulate_truth and simulate_incremental.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cubed/database/connection.h"
#include "cubed/simulate/traffic.h"
#include "cubed/simulate/world.h"

namespace cubed::simulate {

/// Whether this scenario and seed are there already.
base::Result<bool> has_truth(database::Connection& client, const World& world);

/// Replaces what is there for the scenario and seed, in one transaction.
base::Result<base::Unit> write_truth(database::Connection& client, const World& world,
                                     const std::vector<TruthRow>& truth,
                                     const std::vector<Incremental>& added);

/// The events and the goal that the simulated shop reports, where they are missing.
base::Result<base::Unit> configure_shop(database::Connection& client);

/// Hits in the database so far.
base::Result<std::int64_t> stored_hits(database::Connection& client);

/// A table for people: per scenario, seed and channel, what it caused and what it adds.
base::Result<std::string> truth_table(database::Connection& client);

}  // namespace cubed::simulate
