// Spool: accepted hits on disk until their account's queue has them.
//
// A hit enters with append(), becomes durable with its group, and only then becomes work for the sender; when
// SQS has acknowledged it, done() lets go of it, and segments without waiting hits are removed. After a crash
// every hit that may not have been delivered is work again: delivery is at least once, and the hit's id makes
// it exactly once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/durable_log.h"
#include "base/result.h"

namespace cubed::dcs {

/// Thread-safe.
class Spool {
  public:
    struct Options {
        std::filesystem::path directory;
        std::uint64_t bytes_max = std::uint64_t{2} << 30;  ///< more is refused: 503, never dropped
        std::uint64_t segment_bytes = 16 << 20;
        std::size_t cache_bytes_max = 64 << 20;  ///< of waiting hits kept in memory; the rest is read back
        std::chrono::milliseconds linger{100};   ///< how long a hit waits for company
        std::size_t batch_bytes = 1280 * 1024;   ///< of encoded hits: a full batch does not wait
    };

    struct Item {
        base::DurableLog::Position position;
        std::uint32_t size = 0;
        std::string bytes;  ///< the encoded hit, of that size; empty while it is on disk alone
    };
    /// Hits of one account, oldest first, all with their bytes.
    struct Work {
        std::string account;
        std::vector<Item> items;
    };
    using Settled = std::function<void(base::Result<base::Unit>)>;

    static base::Result<std::unique_ptr<Spool>> open(Options options);
    ~Spool();

    /// Takes a hit. `settled` runs once, on the log's writer thread, when it is durable or could not be made
    /// so; it must be short. no_space (and `settled` never runs) when the spool is over its limit.
    base::Result<base::Unit> append(std::string_view account, std::string_view encoded_hit, Settled settled);

    /// Waits for a full or a lingering batch of an account that is not paused. Empty after stop().
    std::optional<Work> take();
    /// SQS has these.
    void done(const Work& work);
    /// Delivery failed: they are first in line again after a growing pause.
    void put_back(Work work);
    /// take() returns empty from now on.
    void stop();

    std::uint64_t bytes() const { return log_->bytes(); }
    std::uint64_t bytes_max() const { return options_.bytes_max; }
    std::size_t waiting() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Queue {
        std::deque<Item> items;
        std::size_t bytes = 0;         ///< of all its encoded hits
        Clock::time_point oldest;      ///< when the first of them became work
        Clock::time_point not_before;  ///< paused until then
        int failures = 0;
    };

    explicit Spool(Options options) : options_(std::move(options)) {}
    base::Result<base::Unit> replayed(base::DurableLog::Position position, std::string_view record);
    void enqueue(std::string_view account, Item item);
    bool is_ready(const Queue& queue, Clock::time_point now) const;
    Clock::time_point wake_time(Clock::time_point now) const;
    Work take_from(const std::string& account, Queue& queue);
    base::Result<base::Unit> load(Work& work);
    void release_segments(std::unique_lock<std::mutex>& lock);

    const Options options_;
    std::unique_ptr<base::DurableLog> log_;
    std::optional<base::DurableLog::Position>
        sent_mark_;  ///< of the last run: everything up to it was delivered

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    // All below protected by mutex_.
    std::map<std::string, Queue, std::less<>> queues_;
    std::map<std::uint64_t, std::uint64_t> outstanding_;  ///< hits not yet delivered, by segment
    std::optional<base::DurableLog::Position> newest_;    ///< the last hit that became work
    std::optional<base::DurableLog::Position> marked_;    ///< what the mark on disk says
    Clock::time_point marked_at_;
    std::size_t cached_bytes_ = 0;
    std::size_t waiting_ = 0;
    bool stopping_ = false;
};

}  // namespace cubed::dcs
