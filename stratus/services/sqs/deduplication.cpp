#include "stratus/services/sqs/deduplication.h"

namespace stratus::sqs {

const RememberedSend* Deduplication::find(const std::string& key, base::Instant now) {
    expire(now);
    const auto at = entries_.find(key);
    return at == entries_.end() ? nullptr : &at->second.send;
}

void Deduplication::remember(RememberedSend send, Location location) {
    const auto [at, added] = entries_.try_emplace(send.key);
    if (!added) by_expiry_.erase({at->second.send.expires, send.key});
    by_expiry_.emplace(send.expires, send.key);
    at->second = Entry{std::move(send), location};
}

void Deduplication::forget(MessageNumber first, MessageNumber last) {
    for (auto at = entries_.begin(); at != entries_.end();) {
        const RememberedSend& send = at->second.send;
        if (send.number < first || send.number > last) {
            ++at;
            continue;
        }
        by_expiry_.erase({send.expires, send.key});
        at = entries_.erase(at);
    }
}

std::vector<RememberedSend> Deduplication::written_in(std::uint64_t segment, base::Instant now) {
    expire(now);
    std::vector<RememberedSend> found;
    for (const auto& [key, entry] : entries_) {
        if (entry.location.position.segment <= segment) found.push_back(entry.send);
    }
    return found;
}

void Deduplication::moved(const std::vector<RememberedSend>& sends, Location location) {
    for (const RememberedSend& send : sends) {
        if (const auto at = entries_.find(send.key); at != entries_.end()) at->second.location = location;
    }
}

void Deduplication::clear() {
    entries_.clear();
    by_expiry_.clear();
}

void Deduplication::expire(base::Instant now) {
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
        entries_.erase(by_expiry_.begin()->second);
        by_expiry_.erase(by_expiry_.begin());
    }
}

}  // namespace stratus::sqs
