// A queue in memory that behaves like SQS where it matters: messages come back unless removed. For tests and
// benches.
#pragma once

#include <deque>
#include <map>
#include <mutex>

#include "cubed/dps/queue_source.h"

namespace cubed::dps {

/// Thread-safe. Received messages are invisible until release() or their removal.
class MemoryQueue final : public QueueSource {
  public:
    void send(std::string body) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({.id = "m" + std::to_string(++count_), .receipt = "", .body = std::move(body)});
    }

    base::Result<std::vector<QueueMessage>> receive(std::chrono::seconds) override {
        const std::lock_guard lock(mutex_);
        std::vector<QueueMessage> out;
        while (!waiting_.empty() && out.size() < 10) {
            QueueMessage message = std::move(waiting_.front());
            waiting_.pop_front();
            message.receipt = message.id + "/" + std::to_string(message.receive_count);
            in_flight_[message.id] = message;
            out.push_back(std::move(message));
        }
        return out;
    }

    base::Result<base::Unit> remove(std::span<const QueueMessage> messages) override {
        const std::lock_guard lock(mutex_);
        for (const QueueMessage& message : messages) {
            if (lose_removals) continue;
            in_flight_.erase(message.id);
        }
        return base::Unit{};
    }

    base::Result<std::int64_t> depth() override {
        const std::lock_guard lock(mutex_);
        return std::int64_t(waiting_.size() + in_flight_.size());
    }

    /// Every visibility timeout runs out at once.
    void release() {
        const std::lock_guard lock(mutex_);
        for (auto& [id, message] : in_flight_) {
            ++message.receive_count;
            waiting_.push_back(message);
        }
        in_flight_.clear();
    }

    bool lose_removals = false;  ///< removals are forgotten, as when a worker dies before them

  private:
    std::mutex mutex_;
    std::deque<QueueMessage> waiting_;               ///< by mutex_
    std::map<std::string, QueueMessage> in_flight_;  ///< by mutex_
    int count_ = 0;                                  ///< by mutex_
};

}  // namespace cubed::dps
