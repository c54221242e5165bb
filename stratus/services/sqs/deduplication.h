// Deduplication: which messages of a FIFO queue were sent within the last five minutes.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "stratus/services/sqs/journal.h"

namespace stratus::sqs {

inline constexpr std::chrono::minutes deduplication_interval{5};

/// Not thread-safe; part of a Queue. Outlives the messages themselves: a deleted message still counts. What
/// it holds counts as live in the journal, because the reclaimer must write it again.
class Deduplication {
  public:
    explicit Deduplication(Journal& journal) : journal_(journal) {}
    ~Deduplication() { clear(); }
    Deduplication(const Deduplication&) = delete;
    Deduplication& operator=(const Deduplication&) = delete;

    struct Entry {
        RememberedSend send;
        Location location;
    };

    /// The earlier send under this key, if its interval is not over at `now`.
    const RememberedSend* find(const std::string& key, base::Instant now);
    void remember(RememberedSend send, Location location);
    /// Undoes remember() for messages that could not be written.
    void forget(MessageNumber first, MessageNumber last);
    /// What is still needed and only written in segments up to this one.
    std::vector<RememberedSend> written_in(std::uint64_t segment, base::Instant now);
    void moved(const std::vector<RememberedSend>& sends, Location location);
    void clear();
    std::size_t size() const { return entries_.size(); }

  private:
    using Entries = std::unordered_map<std::string, Entry>;
    void expire(base::Instant now);
    Entries::iterator drop(Entries::iterator at);

    Journal& journal_;

    Entries entries_;
    std::set<std::pair<base::Instant, std::string>> by_expiry_;
};

}  // namespace stratus::sqs
