#include "stratus/gateway/parking.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace stratus {
namespace {

using namespace std::chrono_literals;

constexpr auto look_for_disconnected_every = 1s;
constexpr auto retry_when_pool_is_full = 10ms;

}  // namespace

Parking::Parking(EventBus& events, const base::Clock& clock, Run run, std::size_t parked_max)
    : events_(events), clock_(clock), run_(std::move(run)), parked_max_(parked_max) {
    timer_ = std::thread([this] { watch_deadlines(); });
}

Parking::~Parking() {
    stop();
}

Parking::Id Parking::keep(Parked parked) {
    const Id id = next_id_++;
    const base::Instant deadline = parked.deadline;
    parked_.emplace(id, std::move(parked));
    const auto at = deadlines_.emplace(deadline, id);
    if (at == deadlines_.begin()) changed_.notify_one();
    return id;
}

bool Parking::park(wire::Park park, std::shared_ptr<net::ResponseSink> client, std::function<void()> again) {
    Id id = 0;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || parked_.size() >= parked_max_) return false;
        id = keep({.deadline = park.deadline, .client = std::move(client), .again = std::move(again)});
    }
    // Without the lock: the event may already have happened, and then wakes from inside.
    const auto waiter = events_.wait(park.until, [this, id] { wake(id); });
    if (waiter == 0) return true;
    const std::lock_guard lock(mutex_);
    if (const auto found = parked_.find(id); found != parked_.end()) {
        found->second.waiter = waiter;
    } else {
        events_.cancel(waiter);  // its deadline passed in between
    }
    return true;
}

void Parking::wake(Id id) {
    Parked woken;
    {
        const std::lock_guard lock(mutex_);
        const auto found = parked_.find(id);
        if (found == parked_.end()) return;
        woken = std::move(found->second);
        parked_.erase(found);
        const auto [first, last] = deadlines_.equal_range(woken.deadline);
        deadlines_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == id; }));
    }
    if (woken.waiter != 0) events_.cancel(woken.waiter);
    run_or_retry(std::move(woken));
}

void Parking::run_or_retry(Parked parked) {
    if (!parked.client->connected()) return;
    if (run_(parked.again)) return;
    // Waking may happen on a pool thread, so this must not wait for room. The handler looks at its own
    // deadline when it runs; coming back a little later is all that is lost.
    parked.deadline = clock_.now() + retry_when_pool_is_full;
    parked.waiter = 0;
    const std::lock_guard lock(mutex_);
    if (!stopping_) keep(std::move(parked));
}

void Parking::watch_deadlines() {
    auto next_look = std::chrono::steady_clock::now() + look_for_disconnected_every;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        auto until = next_look;
        if (!deadlines_.empty()) {
            const auto wait = std::max(deadlines_.begin()->first - clock_.now(), base::Microseconds(0));
            until = std::min(until, std::chrono::steady_clock::now() + wait);
        }
        changed_.wait_until(lock, until);
        while (!stopping_ && !deadlines_.empty() && deadlines_.begin()->first <= clock_.now()) {
            const Id id = deadlines_.begin()->second;
            lock.unlock();
            wake(id);
            lock.lock();
        }
        if (std::chrono::steady_clock::now() < next_look) continue;
        next_look = std::chrono::steady_clock::now() + look_for_disconnected_every;
        lock.unlock();
        drop_the_disconnected();
        lock.lock();
    }
}

void Parking::drop_the_disconnected() {
    std::vector<Id> gone;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, parked] : parked_) {
            if (!parked.client->connected()) gone.push_back(id);
        }
    }
    for (const Id id : gone) wake(id);  // which runs nothing for a client that went away
}

void Parking::reconsider() {
    const std::lock_guard lock(mutex_);
    changed_.notify_one();
}

std::size_t Parking::parked() const {
    const std::lock_guard lock(mutex_);
    return parked_.size();
}

void Parking::stop() {
    std::map<Id, Parked> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(parked_);
        deadlines_.clear();
        changed_.notify_one();
    }
    if (timer_.joinable()) timer_.join();
    for (const auto& [id, parked] : dropped) {
        if (parked.waiter != 0) events_.cancel(parked.waiter);
    }
}

}  // namespace stratus
