// What the collector knows of the accounts, kept fresh from the central database.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cubed/database/settings.h"
#include "cubed/dcs/network.h"

namespace cubed::dcs {

struct Account {
    std::string token;
    std::string queue_name;
    bool active = true;
    bool maintenance = false;                 ///< collect nothing for now
    bool simulated = false;                   ///< event times of the past are taken as they are
    std::vector<std::string> blocked_ranges;  ///< CIDR
    std::vector<Network> blocked_networks;    ///< the same, parsed
    std::set<std::string, std::less<>> blocked_visitors;

    bool blocks_address(std::string_view address) const;
};

using AccountMap = std::map<std::string, std::shared_ptr<const Account>, std::less<>>;

/// The current accounts. Thread-safe; readers get a snapshot.
class Accounts {
  public:
    std::shared_ptr<const Account> find(std::string_view token) const;
    std::shared_ptr<const AccountMap> all() const;
    void replace(AccountMap accounts);
    /// False until the first replace(): then nobody can be refused as unknown.
    bool loaded() const;

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const AccountMap> accounts_;  // protected by mutex_
};

/// Re-reads accounts whose `updated` moved, every ten seconds, on a thread of its own. Each good state is
/// also kept in a file, so that the collector starts and goes on while the database is away.
class AccountRefresher {
  public:
    struct Options {
        std::filesystem::path cache_file;
        std::chrono::milliseconds every = std::chrono::seconds(10);
    };
    AccountRefresher(Accounts& accounts, database::SettingsSource settings, Options options);
    ~AccountRefresher();

    /// Loads the kept state, then tries the database once; then refreshes until stop().
    void start();
    void stop();
    /// One pass. Fails when the database is away; what is known stays.
    base::Result<base::Unit> refresh();

  private:
    void run();
    void load_cache();
    void save_cache() const;

    Accounts& accounts_;
    const database::SettingsSource settings_;
    const Options options_;
    std::optional<base::Instant> newest_;  ///< largest `updated` seen
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;  // protected by mutex_
    std::thread thread_;
};

/// The accounts as JSON text and back, for the kept state.
std::string accounts_to_json(const AccountMap& accounts);
base::Result<AccountMap> accounts_from_json(std::string_view text);

}  // namespace cubed::dcs
