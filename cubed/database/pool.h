// Connections that come back after the server went away.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "cubed/database/connection.h"

namespace cubed::database {

struct BackOff {
    std::chrono::milliseconds first{100};
    std::chrono::milliseconds longest{5000};
};

/// Opens a connection, trying again with growing pauses while the server is away; any other failure, or a
/// stop, ends it (`unavailable` when stopped).
base::Result<Connection> connect_when_up(const SettingsSource& settings, std::stop_token stop,
                                         BackOff pauses = {});

/// A few connections shared by threads. Thread-safe. Must outlive its leases.
class Pool {
  public:
    Pool(SettingsSource settings, std::size_t connections_max)
        : settings_(std::move(settings)), connections_max_(connections_max) {}

    /// A borrowed connection; goes back when dropped, unless it is dead or left in a transaction.
    class Lease {
      public:
        Lease(Lease&&) = default;
        ~Lease();
        Connection& operator*() { return *connection_; }
        Connection* operator->() { return connection_.get(); }

      private:
        friend class Pool;
        Lease(Pool& pool, std::unique_ptr<Connection> connection)
            : pool_(&pool), connection_(std::move(connection)) {}
        Pool* pool_;
        std::unique_ptr<Connection> connection_;
    };

    /// `unavailable` when the server is away or no connection comes free in time.
    base::Result<Lease> acquire(std::chrono::milliseconds wait = std::chrono::seconds(5));

  private:
    void give_back(std::unique_ptr<Connection> connection);

    const SettingsSource settings_;
    const std::size_t connections_max_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Connection>> idle_;  ///< by mutex_
    std::size_t open_ = 0;                           ///< by mutex_
};

}  // namespace cubed::database
