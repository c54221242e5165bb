#include "cubed/predictor/account_access.h"

#include "cubed/control/create_account.h"

namespace cubed::predictor {

base::Result<OpenAccount> open_account(const Cloud& cloud, std::string_view token) {
    const std::string central_secret = TRY(secret_string(cloud, control::attrib_secret));
    const auto central = TRY(database::settings_from_secret(central_secret));
    auto attrib = TRY(database::Connection::open(central));
    auto account = TRY(control::load_account(attrib, token));
    const std::string own_secret = TRY(secret_string(cloud, account.database_secret));
    const auto own = TRY(database::settings_from_secret(own_secret));
    auto connection = TRY(database::Connection::open(own));
    return OpenAccount{std::move(account), std::move(connection)};
}

}  // namespace cubed::predictor
