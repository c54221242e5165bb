// Queue: one queue's messages in memory, backed by the journal. Knows nothing of AWS's wire.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "stratus/services/sqs/deduplication.h"
#include "stratus/services/sqs/journal.h"
#include "stratus/services/sqs/message.h"
#include "stratus/services/sqs/receipt.h"

namespace stratus::sqs {

/// What of a queue's attributes decides how messages move. See settings.h for all attributes.
struct QueueRules {
    bool fifo = false;
    bool deduplication_per_group = false;
    std::chrono::seconds visibility_timeout{30};
    std::chrono::seconds delay{0};
    std::chrono::seconds retention{345'600};
    std::uint32_t max_receives = 0;  ///< 0: no dead-letter queue
};

/// Bounds that AWS documents, and our own of memory; smaller ones make tests small.
struct QueueLimits {
    std::size_t in_flight_max = 120'000;
    std::chrono::seconds held_max{43'200};             ///< how long one delivery may be kept from others
    std::size_t payload_bytes_max = 32 * 1024 * 1024;  ///< bodies in memory; beyond, only in the log
};

struct ReceiveRequest {
    std::size_t count_max = 1;
    std::optional<std::chrono::seconds> visibility_timeout;
    std::string attempt_id;    ///< FIFO: the same id gets the same messages again
    bool dead_letter = false;  ///< the dead-letter queue exists: set aside what was received too often
};

/// A message taken out of a queue, to go to another.
struct Removed {
    StoredMessage message;
    Location location;
};

struct ReceiveAnswer {
    std::vector<Delivery> deliveries;
    std::vector<Removed> dead;            ///< the caller moves these, or puts them back
    std::uint64_t log_sequence = 0;       ///< the deliveries may be shown once this is durable
    bool over_limit = false;              ///< nothing was looked for: too many are in flight
    std::optional<base::Instant> change;  ///< when a message may become visible by itself
    bool moved_away = false;              ///< Engine::receive: some went to the dead-letter queue
};

struct SendAnswer {
    std::vector<Sent> sent;
    std::uint64_t log_sequence = 0;
};

/// What accept() added, and what to wait for.
struct Accepted {
    std::uint64_t log_sequence = 0;
    MessageNumber first = 0;
    MessageNumber last = 0;
};

enum class EraseVerdict {
    done,     ///< erased, or was not there any more
    expired,  ///< FIFO: the delivery's time is over
};

struct EraseAnswer {
    std::vector<EraseVerdict> verdicts;
    std::uint64_t log_sequence = 0;
};

enum class VisibilityVerdict { done, gone, not_in_flight, beyond_limit };

struct QueueCounts {
    std::size_t visible = 0;
    std::size_t in_flight = 0;
    std::size_t delayed = 0;
    std::optional<base::Instant> oldest;
    std::size_t payload_bytes = 0;
};

/// Copies of what a segment about to go still held.
struct Rewritten {
    std::vector<std::pair<MessageNumber, Location>> messages;
    std::vector<std::pair<std::vector<RememberedSend>, Location>> sends;
    std::vector<std::uint64_t> log_sequences;
};

/// Thread-safe: one mutex, never held while waiting for the disk to write. Always owned by a shared_ptr.
/// Holds:
///   - a message is in messages_ and ages_ exactly while it exists; in timers_ exactly while delayed or in
///   flight;
///   - standard: in ready_ exactly while visible;
///   - FIFO: in its group's members; a group is in open_groups_ exactly while none of its messages is in
///   flight
///     and its oldest is visible.
class Queue : public std::enable_shared_from_this<Queue> {
  public:
    Queue(QueueId id, QueueRules rules, QueueLimits limits, Journal& journal);
    ~Queue();
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    QueueId id() const { return id_; }
    QueueRules rules() const;
    void set_rules(QueueRules rules);

    /// Atomic: all of the messages or, when the journal refuses, none.
    base::Result<SendAnswer> send(std::vector<Outgoing> messages, base::Instant now);
    base::Result<ReceiveAnswer> receive(const ReceiveRequest& request, base::Instant now);
    base::Result<EraseAnswer> erase(std::span<const Receipt> receipts, base::Instant now);
    VisibilityVerdict change_visibility(const Receipt& receipt, std::chrono::seconds timeout,
                                        base::Instant now);
    QueueCounts counts(base::Instant now);

    /// The number that the next message gets: purge_before(next_number()) empties the queue.
    MessageNumber next_number(base::Instant now);
    void purge_before(MessageNumber number);

    /// Takes out visible messages, oldest first. accept() or put_back() must follow.
    base::Result<std::vector<Removed>> take_visible(std::size_t count_max, base::Instant now);
    void put_back(std::vector<Removed> removed);
    /// Undoes sends or moves whose write failed: that was reported, so the messages must not stay.
    void forget_unwritten(MessageNumber first, MessageNumber last);
    /// Moves what was taken from `source` in here: one record erases there and adds here.
    base::Result<Accepted> accept(QueueId source, const std::vector<Removed>& moved, base::Instant now);

    // Replay, before the queue is shared.
    void replay_sent(StoredMessage message, Location location, base::Instant now);
    void replay_erased(MessageNumber number);
    void replay_counted(MessageNumber number, std::uint32_t receive_count);
    void replay_remembered(RememberedSend send, Location location, base::Instant now);

    /// Writes again, at the end of the log, what is live in segments up to this one; once that is durable,
    /// relocate() makes the copies the ones that count.
    base::Result<Rewritten> rewrite_segment(std::uint64_t segment, base::Instant now);
    void relocate(const Rewritten& rewritten);

  private:
    enum class State : std::uint8_t { visible, delayed, in_flight };
    struct Group;
    struct Message {
        PayloadRef payload;  ///< null: only in the log
        Location location;
        std::uint64_t log_bytes = 0;
        std::uint64_t log_sequence = 0;
        base::Instant sent;
        base::Instant first_received;
        base::Instant received;
        base::Instant visible_at;
        std::uint64_t receipt = 0;  ///< of the last delivery; 0: none since the process started
        std::uint32_t receive_count = 0;
        State state = State::visible;
        Group* group = nullptr;
    };
    struct Group {
        std::set<MessageNumber> members;
        std::size_t in_flight = 0;
        std::optional<MessageNumber> open_at;  ///< its key in open_groups_
        std::string name;
    };
    struct Attempt {
        base::Instant expires;
        std::vector<std::pair<MessageNumber, std::uint64_t>> receipts;
        base::Instant visible_at;
    };
    using Messages = std::map<MessageNumber, Message>;
    using Due = std::pair<base::Instant, MessageNumber>;

    // All of these need mutex_.
    void settle(base::Instant now);
    void insert(const StoredMessage& stored, Location location, std::uint64_t log_sequence,
                base::Instant now);
    void remove(Messages::iterator at);
    void set_state(Messages::iterator at, State state, base::Instant visible_at);
    void leave_state(Messages::iterator at);
    void refresh(Group& group);
    base::Result<PayloadRef> payload_of(const Message& message);
    base::Result<Removed> take(Messages::iterator at);
    base::Result<base::Unit> deliver(Messages::iterator at, base::Instant until, base::Instant now,
                                     ReceiveAnswer& answer);
    bool is_dead(const Message& message, const ReceiveRequest& request) const;
    base::Result<base::Unit> receive_standard(const ReceiveRequest& request, base::Instant until,
                                              base::Instant now, ReceiveAnswer& answer);
    base::Result<base::Unit> receive_fifo(const ReceiveRequest& request, base::Instant until,
                                          base::Instant now, ReceiveAnswer& answer);
    base::Result<bool> receive_again(const ReceiveRequest& request, base::Instant until, base::Instant now,
                                     ReceiveAnswer& answer);
    void count_receives(const ReceiveAnswer& answer);
    MessageNumber take_number(base::Instant now);
    void watch_write(std::uint64_t sequence, MessageNumber first, MessageNumber last);
    base::Result<bool> rewrite_some(std::uint64_t segment, MessageNumber& from, Rewritten& rewritten);
    StoredMessage stored(const Outgoing& message, MessageNumber number, base::Instant now) const;
    base::Result<SendAnswer> send_standard(std::vector<Outgoing> messages, base::Instant now);
    base::Result<SendAnswer> send_fifo(std::vector<Outgoing> messages, base::Instant now);
    std::string deduplication_key(const Payload& payload) const;
    static SendAnswer answer_for(std::span<const StoredMessage> messages, std::uint64_t log_sequence);
    void insert_all(std::span<const StoredMessage> messages, const base::DurableLog::Appended& appended,
                    base::Instant now);

    const QueueId id_;
    const QueueLimits limits_;
    Journal& journal_;

    mutable std::mutex mutex_;  // protects all below
    QueueRules rules_;
    Messages messages_;
    std::set<Due> timers_;
    std::set<Due> ages_;
    std::set<MessageNumber> ready_;
    std::unordered_map<std::string, std::unique_ptr<Group>> groups_;
    std::map<MessageNumber, Group*> open_groups_;
    Deduplication deduplication_;
    std::map<std::string, Attempt> attempts_;
    MessageNumber last_number_ = 0;
    MessageNumber purged_before_ = 0;
    std::uint64_t last_send_sequence_ = 0;
    std::uint64_t last_erase_sequence_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t delayed_ = 0;
    std::size_t payload_bytes_ = 0;
};

}  // namespace stratus::sqs
