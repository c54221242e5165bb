// Making an account, and the central database itself.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "cubed/control/account.h"
#include "cubed/control/cloud.h"
#include "cubed/control/configuration.h"
#include "cubed/database/settings.h"

namespace cubed::control {

inline constexpr const char* attrib_secret = "cubed/attrib";

/// Makes role and database `attrib` on the server that `admin` (a superuser, or one that may create roles and
/// databases) leads to, its schema, and secret cubed/attrib. May be repeated; the password is kept.
base::Result<base::Unit> create_attrib(const database::Settings& admin, Cloud& cloud, base::Random& random);

struct NewAccount {
    std::string name;      ///< for the token
    std::string location;  ///< for the token
    std::string display_name;
    std::string domain;
    bool simulated = false;
    std::vector<std::string> events;
    std::vector<Goal> goals;
};

/// Makes, in this order: the account's database credentials (as a secret, before anything uses them), role,
/// database, schema, default channels and patterns, events and goals, dashboard password, queue, and last the
/// account's row, so that collectors never see half an account. Stopped anywhere, it is run again. `central`
/// holds the settings of database attrib, whose role may create roles and databases.
base::Result<AccountNames> create_account(const database::Settings& central, Cloud& cloud,
                                          base::Random& random, const NewAccount& request);

/// The secret that holds the password of an account's dashboard: JSON with username and password.
std::string dashboard_secret(std::string_view token);

/// The central database's settings, from its secret.
base::Result<database::Settings> attrib_settings(Cloud& cloud);
/// An account's own database's settings, from its secret.
base::Result<database::Settings> client_settings(Cloud& cloud, const Account& account);

}  // namespace cubed::control
