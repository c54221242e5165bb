// The queue and the log: rebuilding the index from it, and moving live messages out of old segments.
#include <algorithm>

#include "stratus/services/sqs/queue.h"

namespace stratus::sqs {

using base::Instant;

/// A message may come twice: the reclaimer writes a copy before the first place goes. The later place counts.
void Queue::replay_sent(StoredMessage message, Location location, Instant now) {
    const std::lock_guard lock(mutex_);
    last_number_ = std::max(last_number_, message.number);
    const Payload& payload = *message.payload;
    if (rules_.fifo && message.sent_here && message.sent + deduplication_interval > now) {
        deduplication_.remember({deduplication_key(payload), message.sent + deduplication_interval,
                                 payload.message_id, message.number},
                                location);
    }
    if (message.sent + rules_.retention <= now) return;
    if (const auto at = messages_.find(message.number); at != messages_.end()) {
        at->second.location = location;
        at->second.receive_count = std::max(at->second.receive_count, message.receive_count);
        return;
    }
    insert(message, location, 0, now);
}

void Queue::replay_erased(MessageNumber number) {
    const std::lock_guard lock(mutex_);
    last_number_ = std::max(last_number_, number);
    if (const auto at = messages_.find(number); at != messages_.end()) remove(at);
}

void Queue::replay_counted(MessageNumber number, std::uint32_t receive_count) {
    const std::lock_guard lock(mutex_);
    if (const auto at = messages_.find(number); at != messages_.end()) {
        at->second.receive_count = std::max(at->second.receive_count, receive_count);
    }
}

void Queue::replay_remembered(RememberedSend send, Location location, Instant now) {
    const std::lock_guard lock(mutex_);
    last_number_ = std::max(last_number_, send.number);
    if (send.expires > now) deduplication_.remember(std::move(send), location);
}

/// In small steps, so that the queue's users wait for one step at most.
base::Result<Rewritten> Queue::rewrite_segment(std::uint64_t segment, Instant now) {
    Rewritten rewritten;
    MessageNumber from = 0;
    for (bool more = true; more;) {
        const std::lock_guard lock(mutex_);
        settle(now);
        more = TRY(rewrite_some(segment, from, rewritten));
    }
    const std::lock_guard lock(mutex_);
    constexpr std::size_t per_record = 5'000;
    std::vector<RememberedSend> sends = deduplication_.written_in(segment, now);
    while (!sends.empty()) {
        const auto from = sends.end() - static_cast<std::ptrdiff_t>(std::min(sends.size(), per_record));
        std::vector<RememberedSend> some(from, sends.end());
        sends.erase(from, sends.end());
        RecordBuilder record;
        record.remembered(id_, some);
        const auto appended = TRY(journal_.append(record));
        rewritten.log_sequences.push_back(appended.sequence);
        rewritten.sends.emplace_back(std::move(some), Location{appended.position, 0});
    }
    return rewritten;
}

base::Result<bool> Queue::rewrite_some(std::uint64_t segment, MessageNumber& from, Rewritten& rewritten) {
    constexpr std::size_t looked_at_max = 2'000;
    constexpr std::size_t bytes_max = 256 * 1024;
    std::vector<StoredMessage> copies;
    std::size_t looked_at = 0;
    std::size_t bytes = 0;
    auto at = messages_.lower_bound(from);
    for (; at != messages_.end() && looked_at < looked_at_max && bytes < bytes_max; ++at, ++looked_at) {
        const Message& message = at->second;
        if (message.location.position.segment > segment) continue;
        const Instant visible_at = message.state == State::delayed ? message.visible_at : message.sent;
        copies.push_back({at->first, message.sent, visible_at, message.first_received, message.receive_count,
                          TRY(payload_of(message)), false});
        bytes += message.log_bytes;
    }
    if (at != messages_.end()) from = at->first;
    if (copies.empty()) return at != messages_.end();
    RecordBuilder record;
    record.sent(id_, copies);
    const auto appended = TRY(journal_.append(record));
    Location location{appended.position, 0};
    for (const StoredMessage& copy : copies) {
        rewritten.messages.emplace_back(copy.number, location);
        ++location.ordinal;
    }
    rewritten.log_sequences.push_back(appended.sequence);
    return at != messages_.end();
}

void Queue::relocate(const Rewritten& rewritten) {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, location] : rewritten.messages) {
        if (const auto at = messages_.find(number); at != messages_.end()) at->second.location = location;
    }
    for (const auto& [sends, location] : rewritten.sends) deduplication_.moved(sends, location);
}

}  // namespace stratus::sqs
