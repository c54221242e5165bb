#include "cubed/dash/accounts.h"

#include <fmt/format.h>

#include "cubed/control/create_account.h"

namespace cubed::dash {

constexpr size_t connections_per_account_max = 4;

/// Reads the secret anew for each connection, so that a rotated password is picked up.
static database::SettingsSource settings_from(const SecretSource& secrets, std::string name) {
    return [secrets, name = std::move(name)]() -> base::Result<database::Settings> {
        const std::string secret = TRY(secrets(name));
        database::Settings settings = TRY(database::settings_from_secret(secret));
        settings.application = "cubed dash";
        return settings;
    };
}

Accounts::Accounts(SecretSource secrets)
    : secrets_(std::move(secrets)), central_(settings_from(secrets_, control::attrib_secret), 2) {}

base::Result<Account*> Accounts::find(std::string_view token) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = accounts_.find(token);
        if (known != accounts_.end()) return known->second.get();
    }
    auto connection = TRY(central_.acquire());
    const database::Rows rows =
        TRY(connection->query("SELECT name, currency, database_secret FROM attrib_account"
                              " WHERE token = $1 AND active",
                              token));
    if (rows.empty()) {
        return base::Failure{base::FailureKind::not_found, fmt::format("no active account {}", token)};
    }
    auto account = std::make_unique<Account>();
    account->token = std::string(token);
    account->name = rows.string(0, 0);
    account->currency = rows.string(0, 1);
    account->pool = std::make_unique<database::Pool>(settings_from(secrets_, rows.string(0, 2)),
                                                     connections_per_account_max);
    const std::lock_guard lock(mutex_);
    return accounts_.try_emplace(std::string(token), std::move(account)).first->second.get();
}

}  // namespace cubed::dash
