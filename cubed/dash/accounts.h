// The accounts a dashboard serves: their settings and a pool of connections to each one's database.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cubed/database/pool.h"

namespace cubed::dash {

/// The current value of a secret, by name; `not_found` when there is none. Thread-safe.
using SecretSource = std::function<base::Result<std::string>(const std::string& name)>;

struct Account {
    std::string token;
    std::string name;
    std::string currency;
    std::unique_ptr<database::Pool> pool;
};

/// Thread-safe. An account is looked up once in the central database and then kept.
class Accounts {
  public:
    /// Both the central database's connection data and each account's come from secrets.
    explicit Accounts(SecretSource secrets);

    /// `not_found` when no active account has this token; the pointer stays good as long as this object.
    base::Result<Account*> find(std::string_view token);

  private:
    const SecretSource secrets_;
    database::Pool central_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;  // protected by mutex_
};

}  // namespace cubed::dash
