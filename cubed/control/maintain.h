// Changes to accounts that exist. The connection is to the central database; collectors see a change within
// ten seconds, as every one of them moves attrib_account.updated.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cubed/database/connection.h"

namespace cubed::control {

/// One setting of an account by name: active, maintenance, simulated (on or off), name, domain, currency,
/// time-zone, session-idle (seconds), late-days. `invalid` for another name or a value that cannot be.
base::Result<base::Unit> set_setting(database::Connection& attrib, std::string_view token,
                                     std::string_view name, std::string_view value);

enum class Blocking { block, unblock };
/// `range`: an address or CIDR range. `not_found` when there was nothing to unblock.
base::Result<base::Unit> block_address(database::Connection& attrib, std::string_view token,
                                       std::string_view range, Blocking what);
base::Result<base::Unit> block_visitor(database::Connection& attrib, std::string_view token,
                                       std::string_view visitor, Blocking what);
/// A further domain of the same client.
base::Result<base::Unit> add_domain(database::Connection& attrib, std::string_view token,
                                    std::string_view domain);

}  // namespace cubed::control
