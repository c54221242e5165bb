#include "stratus/runtime/event_bus.h"

#include <algorithm>
#include <functional>

namespace stratus {

std::size_t EventBus::slot_of(std::string_view key) {
    return std::hash<std::string_view>()(key) & (slots - 1);
}

Ticket EventBus::ticket(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    return Ticket{std::string(key), sequence_};
}

void EventBus::notify(std::string_view key) {
    std::vector<std::function<void()>> wakes;
    {
        const std::lock_guard lock(mutex_);
        last_notified_[slot_of(key)] = ++sequence_;
        const auto found = by_key_.find(std::string(key));
        if (found == by_key_.end()) return;
        for (const WaiterId id : found->second) {
            const auto waiter = waiters_.find(id);
            wakes.push_back(std::move(waiter->second.wake));
            waiters_.erase(waiter);
        }
        by_key_.erase(found);
    }
    for (auto& wake : wakes) wake();
}

void EventBus::notify_all() {
    Waiters woken;
    {
        const std::lock_guard lock(mutex_);
        last_notified_.fill(++sequence_);
        woken.swap(waiters_);
        by_key_.clear();
    }
    for (auto& [id, waiter] : woken) waiter.wake();
}

EventBus::WaiterId EventBus::wait(const Ticket& ticket, std::function<void()> wake) {
    {
        const std::lock_guard lock(mutex_);
        // An empty key is never notified by name; notify_all() and cancel() still reach it.
        if (ticket.key.empty() || last_notified_[slot_of(ticket.key)] <= ticket.seen) {
            const WaiterId id = next_id_++;
            if (!ticket.key.empty()) by_key_[ticket.key].push_back(id);
            waiters_.emplace(id, Waiter{ticket.key, std::move(wake)});
            return id;
        }
    }
    wake();
    return 0;
}

bool EventBus::cancel(WaiterId id) {
    const std::lock_guard lock(mutex_);
    const auto waiter = waiters_.find(id);
    if (waiter == waiters_.end()) return false;
    if (const auto found = by_key_.find(waiter->second.key); found != by_key_.end()) {
        std::erase(found->second, id);
        if (found->second.empty()) by_key_.erase(found);
    }
    waiters_.erase(waiter);
    return true;
}

std::size_t EventBus::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiters_.size();
}

}  // namespace stratus
