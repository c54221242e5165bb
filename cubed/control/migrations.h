// The schema's migrations: SQL files under migrations/<set>/, compiled in, applied once each and in order.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cubed/database/connection.h"

namespace cubed::control {

struct Migration {
    std::string_view set;   ///< "attrib" (the central database) or "client" (an account's)
    std::string_view name;  ///< NNNN_what.sql
    std::string_view sql;
};

std::span<const Migration> all_migrations();

/// Applies what is missing of one set, each migration in its own transaction together with its line in table
/// cubed_migration, and returns the names applied. Two at once wait for each other. `conflict` when an
/// applied migration's text has changed since: a new migration is the way to change a schema.
base::Result<std::vector<std::string>> migrate(database::Connection& connection, std::string_view set);

}  // namespace cubed::control
