// The index: which messages exist, in which state, in which order. See queue.h for the invariants.
#include "stratus/services/sqs/queue.h"

#include <algorithm>

#include "base/check.h"

namespace stratus::sqs {

using base::Instant;

Queue::Queue(QueueId id, QueueRules rules, QueueLimits limits, Journal& journal)
    : id_(id), limits_(limits), journal_(journal), rules_(rules), deduplication_(journal) {}

Queue::~Queue() {
    std::uint64_t live = 0;
    for (const auto& [number, message] : messages_) live += message.log_bytes;
    journal_.drop_live(live);
}

QueueRules Queue::rules() const {
    const std::lock_guard lock(mutex_);
    return rules_;
}

void Queue::set_rules(QueueRules rules) {
    const std::lock_guard lock(mutex_);
    const auto delay_change = rules.delay - rules_.delay;
    rules_ = rules;
    // AWS: a FIFO queue's new delay counts for the messages already in it, a standard queue's does not.
    if (!rules_.fifo || delay_change == std::chrono::seconds{0}) return;
    for (auto at = messages_.begin(); at != messages_.end(); ++at) {
        const Message& message = at->second;
        const bool fresh = message.receive_count == 0 && message.state != State::in_flight;
        if (fresh) set_state(at, State::delayed, message.sent + rules_.delay);
    }
}

/// Brings the index up to `now`: what is due becomes visible, what is too old goes.
void Queue::settle(Instant now) {
    while (!timers_.empty() && timers_.begin()->first <= now) {
        const auto at = messages_.find(timers_.begin()->second);
        CHECK(at != messages_.end(), "a timer without its message");
        set_state(at, State::visible, at->second.visible_at);
    }
    while (!ages_.empty() && ages_.begin()->first + rules_.retention <= now) {
        remove(messages_.find(ages_.begin()->second));
    }
}

void Queue::insert(const StoredMessage& stored, Location location, std::uint64_t log_sequence, Instant now) {
    if (stored.number < purged_before_) return;  // a purge overtook the send
    const auto [at, added] = messages_.try_emplace(stored.number);
    CHECK(added, "a message number was given twice");
    Message& message = at->second;
    message.location = location;
    message.log_bytes = logged_bytes(*stored.payload);
    message.log_sequence = log_sequence;
    message.sent = stored.sent;
    message.first_received = stored.first_received;
    message.receive_count = stored.receive_count;
    message.visible_at = stored.visible_at;
    journal_.add_live(message.log_bytes);
    const std::size_t bytes = stored.payload->bytes();
    if (payload_bytes_ + bytes <= limits_.payload_bytes_max) {
        message.payload = stored.payload;
        payload_bytes_ += bytes;
    }
    ages_.emplace(message.sent, stored.number);
    if (rules_.fifo) {
        auto& group = groups_[stored.payload->group];
        if (!group) {
            group = std::make_unique<Group>();
            group->name = stored.payload->group;
        }
        message.group = group.get();
        group->members.insert(stored.number);
    }
    last_number_ = std::max(last_number_, stored.number);
    const bool due = message.visible_at <= now;
    message.state = State::delayed;
    ++delayed_;
    timers_.emplace(message.visible_at, stored.number);
    if (due) {
        set_state(at, State::visible, message.visible_at);
    } else if (message.group != nullptr) {
        refresh(*message.group);
    }
}

void Queue::remove(Messages::iterator at) {
    const MessageNumber number = at->first;
    Message& message = at->second;
    leave_state(at);
    ages_.erase({message.sent, number});
    journal_.drop_live(message.log_bytes);
    if (message.payload) payload_bytes_ -= message.payload->bytes();
    Group* const group = message.group;
    messages_.erase(at);
    if (group == nullptr) return;
    group->members.erase(number);
    refresh(*group);
}

/// Undoes what the message's state means for the sets and counters; a new state or the end must follow.
void Queue::leave_state(Messages::iterator at) {
    Message& message = at->second;
    if (message.state == State::visible) {
        ready_.erase(at->first);
        return;
    }
    timers_.erase({message.visible_at, at->first});
    if (message.state == State::delayed) {
        --delayed_;
        return;
    }
    --in_flight_;
    if (message.group != nullptr) --message.group->in_flight;
}

void Queue::set_state(Messages::iterator at, State state, Instant visible_at) {
    leave_state(at);
    Message& message = at->second;
    message.state = state;
    message.visible_at = visible_at;
    if (state == State::visible) {
        if (message.group == nullptr) ready_.insert(at->first);
    } else {
        timers_.emplace(visible_at, at->first);
        if (state == State::delayed) ++delayed_;
        if (state == State::in_flight) ++in_flight_;
        if (state == State::in_flight && message.group != nullptr) ++message.group->in_flight;
    }
    if (message.group != nullptr) refresh(*message.group);
}

/// Puts the group where open_groups_ should have it; the last message gone, the group goes too.
void Queue::refresh(Group& group) {
    std::optional<MessageNumber> open_at;
    if (group.in_flight == 0 && !group.members.empty()) {
        const MessageNumber head = *group.members.begin();
        if (messages_.at(head).state == State::visible) open_at = head;
    }
    if (open_at != group.open_at) {
        if (group.open_at) open_groups_.erase(*group.open_at);
        if (open_at) open_groups_.emplace(*open_at, &group);
        group.open_at = open_at;
    }
    if (group.members.empty()) groups_.erase(std::string(group.name));
}

QueueCounts Queue::counts(Instant now) {
    const std::lock_guard lock(mutex_);
    settle(now);
    QueueCounts counts;
    counts.in_flight = in_flight_;
    counts.delayed = delayed_;
    counts.visible = messages_.size() - in_flight_ - delayed_;
    counts.payload_bytes = payload_bytes_;
    if (!ages_.empty()) counts.oldest = ages_.begin()->first;
    return counts;
}

MessageNumber Queue::next_number(Instant now) {
    const std::lock_guard lock(mutex_);
    return take_number(now);
}

/// At least the clock's reading, so that numbers grow across restarts even when every message they were given
/// to has left the log.
MessageNumber Queue::take_number(Instant now) {
    last_number_ = std::max(last_number_ + 1, static_cast<MessageNumber>(now.time_since_epoch().count()));
    return last_number_;
}

void Queue::purge_before(MessageNumber number) {
    const std::lock_guard lock(mutex_);
    purged_before_ = std::max(purged_before_, number);
    last_number_ = std::max(last_number_, number);  // at replay the log does not know of the purge
    while (!messages_.empty() && messages_.begin()->first < number) remove(messages_.begin());
}

base::Result<PayloadRef> Queue::payload_of(const Message& message) {
    if (message.payload) return message.payload;
    return journal_.read(message.location);
}

/// Out of the index, into the caller's hands.
base::Result<Removed> Queue::take(Messages::iterator at) {
    const Message& message = at->second;
    Removed removed;
    removed.message.payload = TRY(payload_of(message));
    removed.message.number = at->first;
    removed.message.sent = message.sent;
    removed.message.visible_at = message.visible_at;
    removed.message.first_received = message.first_received;
    removed.message.receive_count = message.receive_count;
    removed.location = message.location;
    remove(at);
    return removed;
}

void Queue::put_back(std::vector<Removed> removed) {
    const std::lock_guard lock(mutex_);
    for (const Removed& one : removed) {
        insert(one.message, one.location, 0, one.message.visible_at);
        // Its place in the log may be about to go, so the body stays here whatever the budget says.
        const auto at = messages_.find(one.message.number);
        if (at == messages_.end() || at->second.payload) continue;
        at->second.payload = one.message.payload;
        payload_bytes_ += one.message.payload->bytes();
    }
}

base::Result<std::vector<Removed>> Queue::take_visible(std::size_t count_max, Instant now) {
    const std::lock_guard lock(mutex_);
    settle(now);
    std::vector<Removed> taken;
    while (taken.size() < count_max) {
        MessageNumber next = 0;
        if (rules_.fifo) {
            if (open_groups_.empty()) break;
            next = open_groups_.begin()->first;
        } else {
            if (ready_.empty()) break;
            next = *ready_.begin();
        }
        auto removed = take(messages_.find(next));
        if (!removed.ok()) {
            for (const Removed& one : taken) insert(one.message, one.location, 0, now);
            return removed.take_error();
        }
        taken.push_back(removed.take());
    }
    return taken;
}

}  // namespace stratus::sqs
