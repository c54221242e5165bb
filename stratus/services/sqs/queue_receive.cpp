// Messages out of a queue: deliveries, erasure, visibility.
#include <algorithm>

#include "stratus/services/sqs/queue.h"

namespace stratus::sqs {

using base::Instant;
using base::Unit;

base::Result<ReceiveAnswer> Queue::receive(const ReceiveRequest& request, Instant now) {
    const std::lock_guard lock(mutex_);
    settle(now);
    const Instant until = now + request.visibility_timeout.value_or(rules_.visibility_timeout);
    ReceiveAnswer answer;
    if (!request.attempt_id.empty() && TRY(receive_again(request, until, now, answer))) return answer;
    const auto received = rules_.fifo ? receive_fifo(request, until, now, answer)
                                      : receive_standard(request, until, now, answer);
    if (!received.ok() && answer.deliveries.empty() && answer.dead.empty()) return received.error();
    if (!answer.deliveries.empty()) {
        if (rules_.max_receives > 0) count_receives(answer);
        if (rules_.fifo && !request.attempt_id.empty()) {
            Attempt& attempt = attempts_[request.attempt_id];
            attempt = Attempt{now + deduplication_interval, {}, until};
            for (const Delivery& one : answer.deliveries)
                attempt.receipts.emplace_back(one.number, one.receipt);
        }
    }
    if (!timers_.empty()) answer.change = timers_.begin()->first;
    return answer;
}

bool Queue::is_dead(const Message& message, const ReceiveRequest& request) const {
    return request.dead_letter && rules_.max_receives > 0 && message.receive_count >= rules_.max_receives;
}

base::Result<Unit> Queue::receive_standard(const ReceiveRequest& request, Instant until, Instant now,
                                           ReceiveAnswer& answer) {
    answer.over_limit = in_flight_ >= limits_.in_flight_max;
    while (answer.deliveries.size() < request.count_max && !ready_.empty() &&
           in_flight_ < limits_.in_flight_max) {
        const auto at = messages_.find(*ready_.begin());
        if (is_dead(at->second, request)) {
            answer.dead.push_back(TRY(take(at)));
            continue;
        }
        TRY(deliver(at, until, now, answer));
    }
    return Unit{};
}

/// Oldest open group first, and of it as many messages as asked for before the next group gives any.
base::Result<Unit> Queue::receive_fifo(const ReceiveRequest& request, Instant until, Instant now,
                                       ReceiveAnswer& answer) {
    std::vector<MessageNumber> batch;
    while (answer.deliveries.size() < request.count_max && !open_groups_.empty()) {
        Group* const group = open_groups_.begin()->second;
        const auto head = messages_.find(*group->members.begin());
        if (is_dead(head->second, request)) {
            answer.dead.push_back(TRY(take(head)));  // may end the group
            continue;
        }
        batch.clear();
        for (const MessageNumber number : group->members) {
            const Message& message = messages_.at(number);
            const std::size_t count = answer.deliveries.size() + batch.size();
            if (count == request.count_max || in_flight_ + batch.size() == limits_.in_flight_max) break;
            if (message.state != State::visible || is_dead(message, request)) break;
            batch.push_back(number);
        }
        if (batch.empty()) break;  // the limit of what may be in flight: AWS answers with what there is
        for (const MessageNumber number : batch) TRY(deliver(messages_.find(number), until, now, answer));
    }
    return Unit{};
}

base::Result<Unit> Queue::deliver(Messages::iterator at, Instant until, Instant now, ReceiveAnswer& answer) {
    Message& message = at->second;
    Delivery delivery;
    delivery.payload = TRY(payload_of(message));
    if (message.receive_count == 0) message.first_received = now;
    ++message.receive_count;
    message.received = now;
    message.receipt = journal_.take_stamp();
    delivery.number = at->first;
    delivery.receipt = message.receipt;
    delivery.sent = message.sent;
    delivery.first_received = message.first_received;
    delivery.receive_count = message.receive_count;
    answer.log_sequence = std::max(answer.log_sequence, message.log_sequence);
    answer.deliveries.push_back(std::move(delivery));
    set_state(at, State::in_flight, until);
    return Unit{};
}

/// A retry of a FIFO receive whose answer was lost: the same messages and handles, their time starting anew.
/// False when there was no such attempt or when anything happened to its messages since.
base::Result<bool> Queue::receive_again(const ReceiveRequest& request, Instant until, Instant now,
                                        ReceiveAnswer& answer) {
    std::erase_if(attempts_, [&](const auto& entry) { return entry.second.expires <= now; });
    const auto found = attempts_.find(request.attempt_id);
    if (found == attempts_.end()) return false;
    Attempt& attempt = found->second;
    for (const auto& [number, receipt] : attempt.receipts) {
        const auto at = messages_.find(number);
        const bool untouched = at != messages_.end() && at->second.state == State::in_flight &&
                               at->second.receipt == receipt && at->second.visible_at == attempt.visible_at;
        if (untouched) continue;
        attempts_.erase(found);
        return false;
    }
    for (const auto& [number, receipt] : attempt.receipts) {
        const auto at = messages_.find(number);
        const Message& message = at->second;
        answer.deliveries.push_back({TRY(payload_of(message)), number, receipt, message.sent,
                                     message.first_received, message.receive_count});
        answer.log_sequence = std::max(answer.log_sequence, message.log_sequence);
        set_state(at, State::in_flight, until);
    }
    attempt.visible_at = until;
    return true;
}

/// Receive counts decide who goes to the dead-letter queue, so for queues that have one they survive a
/// restart. Not waited for: a count lost with the machine costs one more delivery, which at-least-once
/// allows.
void Queue::count_receives(const ReceiveAnswer& answer) {
    std::vector<std::pair<MessageNumber, std::uint32_t>> counts;
    for (const Delivery& one : answer.deliveries) counts.emplace_back(one.number, one.receive_count);
    RecordBuilder record;
    record.counted(id_, counts);
    std::ignore = journal_.append(record);
}

base::Result<EraseAnswer> Queue::erase(std::span<const Receipt> receipts, Instant now) {
    EraseAnswer answer;
    std::vector<MessageNumber> erased;
    const std::lock_guard lock(mutex_);
    settle(now);
    for (const Receipt& receipt : receipts) {
        const auto at = messages_.find(receipt.number);
        answer.verdicts.push_back(EraseVerdict::done);
        if (at == messages_.end()) continue;
        const Message& message = at->second;
        const bool from_before_start = message.receipt == 0;
        const bool latest = message.receipt == receipt.stamp || from_before_start;
        const bool held = message.state == State::in_flight || from_before_start;
        if (rules_.fifo && !(latest && held)) {
            answer.verdicts.back() = EraseVerdict::expired;
        } else if (latest) {  // AWS: an older handle of a standard queue succeeds and may delete nothing
            erased.push_back(receipt.number);
        }
    }
    if (!erased.empty()) {
        RecordBuilder record;
        record.erased(id_, erased);
        last_erase_sequence_ = TRY(journal_.append(record)).sequence;
        for (const MessageNumber number : erased) {
            // Twice the same handle in one batch is one message.
            if (const auto at = messages_.find(number); at != messages_.end()) remove(at);
        }
    }
    answer.log_sequence =
        last_erase_sequence_;  // also where nothing is left: the first delete may be on its way
    return answer;
}

VisibilityVerdict Queue::change_visibility(const Receipt& receipt, std::chrono::seconds timeout,
                                           Instant now) {
    const std::lock_guard lock(mutex_);
    settle(now);
    const auto at = messages_.find(receipt.number);
    if (at == messages_.end()) return VisibilityVerdict::gone;
    Message& message = at->second;
    if (message.state != State::in_flight) return VisibilityVerdict::not_in_flight;
    if (message.receipt != receipt.stamp) return VisibilityVerdict::gone;
    if (now + timeout > message.received + limits_.held_max) return VisibilityVerdict::beyond_limit;
    set_state(at, State::in_flight, now + timeout);
    settle(now);
    return VisibilityVerdict::done;
}

}  // namespace stratus::sqs
