// Where a database is and who we are there.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cubed::database {

struct Settings {
    std::string host = "127.0.0.1";  ///< a name, an address, or the directory of a unix socket
    int port = 5432;
    std::string user;
    std::string password;  ///< never logged
    std::string database;
    std::string application = "cubed";
    int connect_timeout_seconds = 5;
};

/// Asked anew for each connection, so that a rotated secret is picked up.
using SettingsSource = std::function<base::Result<Settings>()>;

/// The JSON of a database secret: engine, host, port, username, password, dbname.
base::Result<Settings> settings_from_secret(std::string_view json);
std::string secret_of(const Settings& settings);

/// "postgresql://user:password@host:port/database" or "host=... port=... user=...": libpq's forms.
base::Result<Settings> settings_from_connection_string(std::string_view text);

}  // namespace cubed::database
