#include "stratus/services/sqs/deduplication.h"

namespace stratus::sqs {

const RememberedSend* Deduplication::find(const std::string& key, base::Instant now) {
    expire(now);
    const auto at = entries_.find(key);
    return at == entries_.end() ? nullptr : &at->second.send;
}

void Deduplication::remember(RememberedSend send, Location location) {
    if (const auto at = entries_.find(send.key); at != entries_.end()) drop(at);
    journal_.add_live(logged_bytes(send));
    by_expiry_.emplace(send.expires, send.key);
    std::string key = send.key;
    entries_.emplace(std::move(key), Entry{std::move(send), location});
}

Deduplication::Entries::iterator Deduplication::drop(Entries::iterator at) {
    journal_.drop_live(logged_bytes(at->second.send));
    by_expiry_.erase({at->second.send.expires, at->first});
    return entries_.erase(at);
}

void Deduplication::forget(MessageNumber first, MessageNumber last) {
    for (auto at = entries_.begin(); at != entries_.end();) {
        const RememberedSend& send = at->second.send;
        at = send.number >= first && send.number <= last ? drop(at) : std::next(at);
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
    while (!entries_.empty()) drop(entries_.begin());
}

void Deduplication::expire(base::Instant now) {
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= now)
        drop(entries_.find(by_expiry_.begin()->second));
}

}  // namespace stratus::sqs
