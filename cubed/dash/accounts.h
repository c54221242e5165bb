// The accounts a dashboard serves: their settings and a pool of connections to each one's database.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cubed/database/pool.h"

namespace cubed::dash {

struct Account {
    std::string token;
    std::string name;
    std::string currency;
    std::unique_ptr<database::Pool> pool;
};

/// Thread-safe. An account is looked up once in the central database and then kept.
class Accounts {
  public:
    /// `central`: how to reach the database `attrib`. Accounts live on the same server unless their row says
    /// otherwise.
    explicit Accounts(database::SettingsSource central) : central_settings_(central), central_(central, 2) {}

    /// `not_found` when no active account has this token; the pointer stays good as long as this object.
    base::Result<Account*> find(std::string_view token);

  private:
    const database::SettingsSource central_settings_;
    database::Pool central_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;  // protected by mutex_
};

}  // namespace cubed::dash
