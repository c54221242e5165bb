// EventBus: tells parked requests that something they wait for may have happened.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ticket.h"

namespace stratus {

/// Names what happens, e.g. "sqs/000000000000/eu-west-1/orders": any text, made by the service that notifies.
using EventKey = std::string;
using base::Ticket;

/// Thread-safe; memory is bounded whatever keys are used. A handler takes its ticket first, then looks, then
/// parks on the ticket: a notify() in between wakes it at once. Wakes may be spurious (keys share slots), so
/// a handler that is run again looks again.
class EventBus {
  public:
    using WaiterId = std::uint64_t;

    Ticket ticket(std::string_view key) const;
    void notify(std::string_view key);
    /// Wakes everybody, e.g. after the clock was moved.
    void notify_all();

    /// Calls `wake` once, when the ticket is passed: inline (and returning 0) when it already is, else from
    /// the notifying thread, with no lock of the bus held. `wake` must be quick and must not throw.
    WaiterId wait(const Ticket& ticket, std::function<void()> wake);
    /// After cancel() returns true `wake` will never be called; false: it was, or is being, called.
    bool cancel(WaiterId id);
    std::size_t waiting() const;

  private:
    static constexpr std::size_t slots = 4096;  // a power of two; last_notified_ is 32 KiB

    struct Waiter {
        std::string key;
        std::function<void()> wake;
    };
    using Waiters = std::map<WaiterId, Waiter>;

    static std::size_t slot_of(std::string_view key);

    mutable std::mutex mutex_;
    std::uint64_t sequence_ = 0;
    WaiterId next_id_ = 1;
    std::array<std::uint64_t, slots> last_notified_{};
    Waiters waiters_;
    std::unordered_map<std::string, std::vector<WaiterId>> by_key_;
};

}  // namespace stratus
