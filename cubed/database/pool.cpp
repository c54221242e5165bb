#include "cubed/database/pool.h"

#include <algorithm>

namespace cubed::database {

using base::Failure;
using base::FailureKind;
using base::Result;

Result<Connection> connect_when_up(const SettingsSource& source, std::stop_token stop, BackOff pauses) {
    auto pause = pauses.first;
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        auto settings = source();
        auto connection = settings.ok() ? Connection::open(*settings) : Result<Connection>(settings.error());
        if (connection.ok() || connection.error().kind != FailureKind::unavailable) return connection;
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, pause, [] { return false; });
        pause = std::min(pause * 2, pauses.longest);
    }
    return Failure{FailureKind::unavailable, "stopped while the database was away"};
}

Result<Pool::Lease> Pool::acquire(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    const bool there =
        freed_.wait_for(lock, wait, [this] { return !idle_.empty() || open_ < connections_max_; });
    if (!there) return Failure{FailureKind::unavailable, "every database connection is in use"};
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->alive()) return Lease(*this, std::move(connection));
        --open_;
    }
    ++open_;
    lock.unlock();
    auto settings = settings_();
    auto opened = settings.ok() ? Connection::open(*settings) : Result<Connection>(settings.error());
    if (!opened.ok()) {
        give_back(nullptr);
        return opened.take_error();
    }
    return Lease(*this, std::make_unique<Connection>(opened.take()));
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    {
        const std::lock_guard lock(mutex_);
        if (connection && connection->usable() && !connection->in_transaction()) {
            idle_.push_back(std::move(connection));
        } else {
            // One dead connection: the idle ones died with the same server, most likely.
            open_ -= 1 + (connection ? idle_.size() : 0);
            if (connection) idle_.clear();
        }
    }
    freed_.notify_all();
}

Pool::Lease::~Lease() {
    if (connection_) pool_->give_back(std::move(connection_));
}

}  // namespace cubed::database
