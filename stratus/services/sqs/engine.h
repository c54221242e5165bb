// Engine: all queues and the one log they share. Opens, replays, moves between queues, reclaims.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/durable_log.h"
#include "base/random.h"
#include "stratus/services/sqs/journal.h"
#include "stratus/services/sqs/queue.h"

namespace stratus::sqs {

/// Thread-safe. A queue that was removed lives on for those who still hold it, and its records in the log are
/// ignored at the next start. Borrows clock and randomness.
class Engine {
  public:
    struct Options {
        std::string journal_key;  ///< 32 bytes
        QueueLimits limits;
        /// Dead bytes that are not worth a reclaim; a start replays as many, so they cost start-up time.
        std::uint64_t slack_bytes = 32 * 1024 * 1024;
    };
    /// A queue that exists when the log is replayed. Records of others are ignored.
    struct Known {
        QueueId id = 0;
        QueueRules rules;
        MessageNumber purged_before = 0;
    };
    /// Opens the log with the given replay; base::DurableLog::open or, in tests, a log in memory.
    using OpenLog = std::function<base::Result<std::unique_ptr<base::DurableLog>>(base::DurableLog::Replay)>;

    static base::Result<std::unique_ptr<Engine>> open(Options options, const OpenLog& open_log,
                                                      const std::vector<Known>& queues, base::Clock& clock,
                                                      base::Random& random);
    ~Engine();

    std::shared_ptr<Queue> add(QueueId id, QueueRules rules);
    std::shared_ptr<Queue> find(QueueId id) const;
    void remove(QueueId id);
    /// Forgets every queue and all that can be forgotten of the log.
    base::Result<base::Unit> clear();

    /// Receives; what was received too often goes to `dead_letters` (may be null), marked with the source's
    /// ARN.
    base::Result<ReceiveAnswer> receive(Queue& queue, ReceiveRequest request, Queue* dead_letters,
                                        const std::string& source_arn);
    /// A redrive: visible messages of `from` become new messages of the queues that `target_of` picks (null:
    /// the message stays, and the move stops). Returns how many were moved.
    using TargetOf = std::function<std::shared_ptr<Queue>(const Payload&)>;
    struct Redriven {
        std::size_t moved = 0;
        bool stuck = false;    ///< a message had no target
        bool emptied = false;  ///< nothing visible is left
    };
    base::Result<Redriven> redrive(Queue& from, const TargetOf& target_of, std::size_t count_max);

    /// Frees the oldest segment if the log holds far more than what is live. False: nothing to do.
    base::Result<bool> reclaim();

    base::DurableLog& log() { return *log_; }
    Journal& journal() { return journal_; }

  private:
    class Replayer;
    Engine(Options options, base::Clock& clock, base::Random& random);
    std::vector<std::shared_ptr<Queue>> all() const;
    base::Result<base::Unit> move(Queue& source, Queue& target, std::vector<Removed> originals,
                                  const std::vector<Removed>& moved, base::Instant now);
    base::Result<base::Unit> fence();

    const Options options_;
    base::Clock& clock_;
    base::Random& random_;
    Journal journal_;
    mutable std::shared_mutex queues_mutex_;  // protects queues_
    std::map<QueueId, std::shared_ptr<Queue>> queues_;
    /// Shared while a message is between two queues; the reclaimer takes it once, to wait for those.
    std::shared_mutex moves_mutex_;
    std::atomic<std::uint64_t> undone_moves_{0};  ///< came back: a reclaimer may have missed them
    std::unique_ptr<base::DurableLog> log_;
};

}  // namespace stratus::sqs
