// Parking: requests that wait for an event or a deadline, each a socket and a few hundred bytes, never a
// thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "net/http_server.h"
#include "stratus/runtime/event_bus.h"
#include "wire/context.h"

namespace stratus {

/// Thread-safe. Borrows the bus and the clock. Each parked request is run again once: on its event, or at its
/// deadline, whichever is first; or dropped when its client went away or at stop().
class Parking {
  public:
    /// Puts a function on the worker pool; false when the pool is full.
    using Run = std::function<bool(std::function<void()>)>;

    Parking(EventBus& events, const base::Clock& clock, Run run, std::size_t parked_max);
    ~Parking();
    Parking(const Parking&) = delete;
    Parking& operator=(const Parking&) = delete;

    /// False when too many wait already: the caller answers without waiting.
    bool park(wire::Park park, std::shared_ptr<net::ResponseSink> client, std::function<void()> again);
    /// After the clock was moved: looks at the deadlines anew.
    void reconsider();
    std::size_t parked() const;
    /// Drops everybody and joins the timer thread. Idempotent.
    void stop();

  private:
    using Id = std::uint64_t;
    struct Parked {
        base::Instant deadline;
        std::shared_ptr<net::ResponseSink> client;
        std::function<void()> again;
        EventBus::WaiterId waiter = 0;
    };

    void wake(Id id);
    void run_or_retry(Parked parked);
    Id keep(Parked parked);
    void watch_deadlines();
    void drop_the_disconnected();

    EventBus& events_;
    const base::Clock& clock_;
    const Run run_;
    const std::size_t parked_max_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Id next_id_ = 1;
    std::map<Id, Parked> parked_;
    std::multimap<base::Instant, Id> deadlines_;
    bool stopping_ = false;
    std::thread timer_;
};

}  // namespace stratus
