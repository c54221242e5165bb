// Messages into a queue: sends, and moves from another queue.
#include <algorithm>

#include "stratus/services/sqs/queue.h"

namespace stratus::sqs {

using base::Instant;

base::Result<SendAnswer> Queue::send(std::vector<Outgoing> messages, Instant now) {
    return rules().fifo ? send_fifo(std::move(messages), now) : send_standard(std::move(messages), now);
}

StoredMessage Queue::stored(const Outgoing& message, MessageNumber number, Instant now) const {
    StoredMessage stored;
    stored.number = number;
    stored.sent = now;
    stored.visible_at = now + message.delay.value_or(rules_.delay);
    stored.payload = message.payload;
    return stored;
}

/// The record is built and sealed with the mutex released: senders to one queue do not wait for each other's
/// encryption. Appending and inserting is one step, which is what the reclaimer relies on.
base::Result<SendAnswer> Queue::send_standard(std::vector<Outgoing> messages, Instant now) {
    std::vector<StoredMessage> stored_messages;
    stored_messages.reserve(messages.size());
    {
        const std::lock_guard lock(mutex_);
        for (const Outgoing& message : messages)
            stored_messages.push_back(stored(message, take_number(now), now));
    }
    RecordBuilder record;
    record.sent(id_, stored_messages);
    const std::string sealed = journal_.seal(record);
    base::DurableLog::Appended appended;
    {
        const std::lock_guard lock(mutex_);
        appended = TRY(journal_.append(sealed));
        insert_all(stored_messages, appended, now);
    }
    watch_write(appended.sequence, stored_messages.front().number, stored_messages.back().number);
    return answer_for(stored_messages, appended.sequence);
}

/// One step under the mutex, because the order of the numbers must be the order of arrival.
base::Result<SendAnswer> Queue::send_fifo(std::vector<Outgoing> messages, Instant now) {
    std::unique_lock lock(mutex_);
    SendAnswer answer;
    std::vector<StoredMessage> fresh;
    std::vector<RememberedSend> sends;
    for (const Outgoing& message : messages) {
        const std::string key = deduplication_key(*message.payload);
        const RememberedSend* earlier = deduplication_.find(key, now);
        const auto same =
            std::find_if(sends.begin(), sends.end(), [&](const auto& s) { return s.key == key; });
        if (earlier == nullptr && same != sends.end()) earlier = &*same;
        if (earlier != nullptr) {
            answer.sent.push_back({earlier->message_id, earlier->number, true});
            continue;
        }
        fresh.push_back(stored(message, take_number(now), now));
        sends.push_back(
            {key, now + deduplication_interval, message.payload->message_id, fresh.back().number});
        answer.sent.push_back({message.payload->message_id, fresh.back().number, false});
    }
    if (fresh.empty()) {
        // The first send may still be on its way to the disk: this answer must not overtake it.
        answer.log_sequence = last_send_sequence_;
        return answer;
    }
    RecordBuilder record;
    record.sent(id_, fresh);
    const auto appended = TRY(journal_.append(record));
    insert_all(fresh, appended, now);
    for (RememberedSend& send : sends)
        deduplication_.remember(std::move(send), Location{appended.position, 0});
    last_send_sequence_ = appended.sequence;
    answer.log_sequence = appended.sequence;
    lock.unlock();
    watch_write(appended.sequence, fresh.front().number, fresh.back().number);
    return answer;
}

void Queue::insert_all(std::span<const StoredMessage> messages, const base::DurableLog::Appended& appended,
                       Instant now) {
    Location location{appended.position, 0};
    for (const StoredMessage& message : messages) {
        insert(message, location, appended.sequence, now);
        ++location.ordinal;
    }
}

SendAnswer Queue::answer_for(std::span<const StoredMessage> messages, std::uint64_t log_sequence) {
    SendAnswer answer;
    answer.log_sequence = log_sequence;
    answer.sent.reserve(messages.size());
    for (const StoredMessage& message : messages) {
        answer.sent.push_back({message.payload->message_id, message.number, false});
    }
    return answer;
}

std::string Queue::deduplication_key(const Payload& payload) const {
    if (!rules_.deduplication_per_group) return payload.deduplication_id;
    return payload.group + '\n' + payload.deduplication_id;  // neither may hold a line feed
}

void Queue::watch_write(std::uint64_t sequence, MessageNumber first, MessageNumber last) {
    journal_.log().when_durable(sequence,
                                [queue = weak_from_this(), first, last](base::Result<base::Unit> written) {
                                    if (written.ok()) return;
                                    if (const auto alive = queue.lock()) alive->forget_unwritten(first, last);
                                });
}

void Queue::forget_unwritten(MessageNumber first, MessageNumber last) {
    const std::lock_guard lock(mutex_);
    journal_.forget_last_read();
    deduplication_.forget(first, last);
    for (auto at = messages_.lower_bound(first); at != messages_.end() && at->first <= last;) {
        const auto next = std::next(at);
        remove(at);
        at = next;
    }
}

base::Result<Accepted> Queue::accept(QueueId source, const std::vector<Removed>& moved, Instant now) {
    const std::lock_guard lock(mutex_);
    std::vector<MessageNumber> old_numbers;
    std::vector<StoredMessage> here;
    for (const Removed& one : moved) {
        old_numbers.push_back(one.message.number);
        here.push_back(one.message);
        here.back().number = take_number(now);
        here.back().visible_at = now;
        here.back().sent_here = false;
    }
    RecordBuilder record;
    record.erased(source, old_numbers);
    record.sent(id_, here);
    const auto appended = TRY(journal_.append(record));
    insert_all(here, appended, now);
    return Accepted{appended.sequence, here.front().number, here.back().number};
}

}  // namespace stratus::sqs
