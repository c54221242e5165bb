// The journal: what of the queues is in the durable log, and how it is written there.
//
// A record is a list of sections (sent, erased, counted, remembered), so that moving a message between queues
// is one record and therefore atomic. Records are sealed with AES-256-GCM: messages are encrypted at rest.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/durable_log.h"
#include "base/random.h"
#include "stratus/services/sqs/message.h"

namespace stratus::sqs {

/// A message as a record holds it.
struct StoredMessage {
    MessageNumber number = 0;
    base::Instant sent;
    base::Instant visible_at;
    base::Instant first_received;
    std::uint32_t receive_count = 0;
    PayloadRef payload;
    bool sent_here = true;  ///< false: moved in or copied, which starts no deduplication interval
};

/// A message of a FIFO queue that must not be accepted again before `expires`.
struct RememberedSend {
    std::string key;
    base::Instant expires;
    std::string message_id;
    MessageNumber number = 0;
};

/// Where a message's content is: the n-th message of the record at that position.
struct Location {
    base::DurableLog::Position position;
    std::uint32_t ordinal = 0;
};

/// Builds one record. Single-threaded.
class RecordBuilder {
  public:
    RecordBuilder();
    /// All of the messages have the same `sent_here`.
    void sent(QueueId queue, std::span<const StoredMessage> messages);
    void erased(QueueId queue, std::span<const MessageNumber> numbers);
    void counted(QueueId queue, std::span<const std::pair<MessageNumber, std::uint32_t>> counts);
    void remembered(QueueId queue, std::span<const RememberedSend> sends);
    const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

/// What replay does with the sections of a record, in their order.
class RecordVisitor {
  public:
    virtual ~RecordVisitor() = default;
    virtual void sent(QueueId queue, StoredMessage message, Location location) = 0;
    virtual void erased(QueueId queue, MessageNumber number) = 0;
    virtual void counted(QueueId queue, MessageNumber number, std::uint32_t receive_count) = 0;
    virtual void remembered(QueueId queue, RememberedSend send, Location location) = 0;
};

/// Fails with `corrupt`, possibly after having visited some sections, on what RecordBuilder did not make.
base::Result<base::Unit> visit_record(std::string_view bytes, base::DurableLog::Position position,
                                      RecordVisitor& visitor);

/// How much of the log one message accounts for; an estimate that is the same at every call.
std::uint64_t logged_bytes(const Payload& payload);

std::uint64_t logged_bytes(const RememberedSend& send);

/// Thread-safe once attached. Borrows the log and the source of randomness.
class Journal {
  public:
    /// `key`: 32 bytes that the records are sealed with.
    Journal(std::string key, base::Random& random);

    /// Must come before everything else but unseal(): the log replays while it is being opened.
    void attach(base::DurableLog& log) { log_ = &log; }
    base::DurableLog& log() { return *log_; }

    /// The costly half of an append, to be done with no lock held where possible.
    std::string seal(const RecordBuilder& record);
    base::Result<base::DurableLog::Appended> append(const std::string& sealed) {
        return log_->append(sealed);
    }
    base::Result<base::DurableLog::Appended> append(const RecordBuilder& record) {
        return append(seal(record));
    }
    base::Result<PayloadRef> read(Location location);
    /// After a failed write: its place in the log may be given to another record.
    void forget_last_read();
    base::Result<std::string> unseal(std::string_view sealed) const;

    /// A number that this process gives once and that earlier ones gave only by an unlikely chance; never 0.
    std::uint64_t take_stamp() {
        const std::uint64_t stamp = nonce_counter_.fetch_add(1, std::memory_order_relaxed);
        return stamp == 0 ? take_stamp() : stamp;
    }

    /// What a reclaimed log would still hold; the reclaimer compares it with what the log does hold.
    void add_live(std::uint64_t bytes) { live_bytes_.fetch_add(bytes, std::memory_order_relaxed); }
    void drop_live(std::uint64_t bytes) { live_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::uint64_t live_bytes() const { return live_bytes_.load(std::memory_order_relaxed); }

  private:
    /// The record read last: its messages are usually asked for one after the other.
    struct LastRead {
        std::mutex mutex;
        base::DurableLog::Position position;
        std::vector<PayloadRef> payloads;
    };

    std::string key_;
    LastRead last_read_;
    std::string nonce_prefix_;  ///< new at every start, so that no nonce is used twice
    std::atomic<std::uint64_t> nonce_counter_{0};
    std::atomic<std::uint64_t> live_bytes_{0};
    base::DurableLog* log_ = nullptr;
};

}  // namespace stratus::sqs
