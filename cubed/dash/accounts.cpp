#include "cubed/dash/accounts.h"

#include <fmt/format.h>

namespace cubed::dash {

constexpr size_t connections_per_account_max = 4;

base::Result<Account*> Accounts::find(std::string_view token) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = accounts_.find(token);
        if (known != accounts_.end()) return known->second.get();
    }
    auto connection = TRY(central_.acquire());
    const database::Rows rows =
        TRY(connection->query("SELECT name, currency, database_name FROM attrib_account"
                              " WHERE token = $1 AND active",
                              token));
    if (rows.empty()) {
        return base::Failure{base::FailureKind::not_found, fmt::format("no active account {}", token)};
    }
    auto account = std::make_unique<Account>();
    account->token = std::string(token);
    account->name = rows.string(0, 0);
    account->currency = rows.string(0, 1);
    account->pool = std::make_unique<database::Pool>(
        [central = central_settings_, name = rows.string(0, 2)]() -> base::Result<database::Settings> {
            database::Settings settings = TRY(central());
            settings.database = name;
            settings.application = "cubed dash";
            return settings;
        },
        connections_per_account_max);
    const std::lock_guard lock(mutex_);
    return accounts_.try_emplace(std::string(token), std::move(account)).first->second.get();
}

}  // namespace cubed::dash
