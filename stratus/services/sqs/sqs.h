// Sqs: Amazon SQS's operations over the queue engine. One file per noun: queues, attributes, policy,
// messages, receive, handles, moves.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "aws/sqs/api.h"
#include "aws/sqs/types.h"
#include "base/metrics.h"
#include "base/random.h"
#include "stratus/runtime/event_bus.h"
#include "stratus/services/sqs/engine.h"
#include "stratus/services/sqs/receipt.h"
#include "stratus/services/sqs/registry.h"
#include "stratus/store/store.h"

namespace stratus::sqs {

/// Thread-safe. Borrows everything it is opened with. Messages are in the log; queues, their attributes and
/// move tasks in the store; receive counts (but of queues with a dead-letter queue), receipts and FIFO locks
/// in memory alone: after a restart what was in flight is visible again, which at-least-once allows, and
/// handles from before it still delete.
class Sqs final : public aws::sqs::Api {
  public:
    struct Options {
        Engine::OpenLog open_log;
        std::string key;  ///< 32 bytes; the keys of journal and receipt handles are derived from it
        QueueLimits limits;
        std::uint64_t slack_bytes = 32 * 1024 * 1024;
        std::chrono::seconds name_rest{60};  ///< AWS: a deleted queue's name rests this long
    };
    struct Services {
        Store& store;
        base::Clock& clock;
        base::Random& random;
        EventBus& events;
    };

    static base::Result<std::unique_ptr<Sqs>> open(Options options, Services services);
    ~Sqs() override;

#include "aws/sqs/overrides.inc"

    /// Background work, every so often until stop(): reclaims the log and moves messages of running tasks.
    void start();
    void stop();
    /// One round of it; for tests. Returns whether there may be more to do at once.
    bool work();
    /// Forgets everything in memory and log; the store is cleared by its owner first.
    base::Result<base::Unit> reset();
    /// Depth, oldest age and in flight of each queue, at every rendering. The registry must not outlive this.
    void publish(base::MetricsRegistry& metrics);

  private:
    struct Task;
    using TaskRef = std::shared_ptr<Task>;
    struct BuiltMessage {
        Outgoing outgoing;
        std::string md5_of_system_attributes;
        std::size_t bytes = 0;
    };

    Sqs(Options options, Services services);
    base::Result<base::Unit> load();

    // Which queue is meant, and may the caller do that to it.
    wire::Outcome<LiveQueueRef> find_queue(const wire::Context& ctx, std::string_view url,
                                           std::string_view action);
    wire::Outcome<LiveQueueRef> find_by_arn(const wire::Context& ctx, std::string_view arn);
    std::string url_of(const wire::Context& ctx, const QueueName& name) const;
    static QueueName name_in(const wire::Context& ctx, std::string_view name);

    // Queues.
    wire::Outcome<base::Unit> check_redrive(const QueueName& name, const QueueSettings& settings) const;
    /// Changes the queue's record in store and registry. REQUIRES: control_mutex_ held.
    wire::Outcome<base::Unit> change_record(const LiveQueueRef& queue,
                                            const std::function<void(QueueRecord&)>& change);

    // Messages.
    wire::Outcome<BuiltMessage> build(const wire::Context& ctx, const LiveQueue& queue,
                                      const aws::sqs::SendMessageBatchRequestEntry& in);
    wire::Outcome<std::string> deduplication_id(const LiveQueue& queue,
                                                const aws::sqs::SendMessageBatchRequestEntry& in) const;
    wire::Outcome<std::vector<Sent>> send(const wire::Context& ctx, const LiveQueue& queue,
                                          std::vector<Outgoing> messages);
    aws::sqs::Message shown(const LiveQueue& queue, const Delivery& delivery,
                            const aws::sqs::ReceiveMessageRequest& in) const;
    wire::Outcome<Receipt> open_receipt(const LiveQueue& queue, const std::string& handle) const;
    wire::Outcome<base::Unit> change_one(const LiveQueue& queue, const std::string& handle, int timeout);
    void hold(const wire::Context& ctx, std::uint64_t log_sequence);

    // Move tasks.
    bool advance(Task& task);
    void finish(Task& task, std::string_view status, std::string_view failure);
    wire::Outcome<base::Unit> save(const Task& task);

    const Options options_;
    const Services at_;
    const ReceiptSealer receipts_;
    std::unique_ptr<Engine> engine_;
    Registry registry_;
    std::mutex control_mutex_;  // one change of queues at a time; the data path never takes it

    std::mutex tasks_mutex_;  // protects tasks_ and what they hold
    std::vector<TaskRef> tasks_;

    std::mutex worker_mutex_;  // protects stopping_
    std::condition_variable worker_wake_;
    bool stopping_ = false;
    std::thread worker_;
};

}  // namespace stratus::sqs
