// The way to one account's database: the central database's secret, the account's row, its own secret.
#pragma once

#include <string_view>

#include "base/result.h"
#include "cubed/cloud/cloud.h"
#include "cubed/control/account.h"
#include "cubed/database/connection.h"

namespace cubed::predictor {

struct OpenAccount {
    control::Account account;
    database::Connection connection;  ///< to the account's own database
};

/// `not_found` for an unknown token; otherwise the failure of whatever did not answer.
base::Result<OpenAccount> open_account(const Cloud& cloud, std::string_view token);

}  // namespace cubed::predictor
