// An account: one client of the platform, as the central database knows it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cubed/database/connection.h"

namespace cubed::control {

/// The names that follow from an account's name and location; see docs for the platform's naming rules.
struct AccountNames {
    std::string token;     ///< c-a-<name>-<location>
    std::string database;  ///< cubed_a_<name>_<location>; also its role
    std::string queue;     ///< visscore_main_<token>
    std::string dead_letter_queue;
    std::string secret;  ///< cubed/account/<token>
};

/// `invalid` unless name and location are 1 to 20 and 2 to 10 of a-z and 0-9.
base::Result<AccountNames> account_names(std::string_view name, std::string_view location);
/// The same, from a token.
base::Result<AccountNames> account_names_of(std::string_view token);

/// The host of what a person typed: "https://www.Shop.example.co.uk/x" -> "shop.example.co.uk":
/// lower case, without scheme, port, path and "www.". `invalid` when that is no host name.
base::Result<std::string> clean_domain(std::string_view text);

struct Account {
    std::int64_t id = 0;
    std::string token;
    std::string name;
    std::string domain;
    std::vector<std::string> domains;  ///< `domain` and the further ones
    std::string database_name;
    std::string database_secret;
    std::string queue_name;
    bool simulated = false;
    bool active = true;
    std::optional<database::Instant> maintenance;
    std::string currency = "GBP";
    int session_idle_seconds = 1800;
    int late_days = 7;
    database::Instant updated{};
};

/// All accounts, by token.
base::Result<std::vector<Account>> load_accounts(database::Connection& attrib);
/// `not_found` for an unknown token.
base::Result<Account> load_account(database::Connection& attrib, std::string_view token);

}  // namespace cubed::control
