// Registry: every queue that exists, by name and by ARN, so that sending a message reads no store.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "stratus/services/sqs/queue.h"
#include "stratus/services/sqs/records.h"
#include "stratus/services/sqs/settings.h"

namespace stratus::sqs {

struct QueueName {
    std::string account;
    std::string region;
    std::string name;

    std::string arn() const;
    std::string key() const { return key_of(account, region, name); }
    /// Nothing for what is no queue's ARN.
    static std::optional<QueueName> of_arn(std::string_view arn);
    friend auto operator<=>(const QueueName&, const QueueName&) = default;
};

/// One queue at one moment; a change of its attributes makes a new one. Immutable but for the messages.
struct LiveQueue {
    QueueName name;
    std::string arn;
    QueueRecord record;
    QueueSettings settings;
    std::shared_ptr<Queue> queue;
    std::string arrivals;  ///< the event that wakes those who wait for messages
};
using LiveQueueRef = std::shared_ptr<const LiveQueue>;

LiveQueueRef make_live(QueueName name, QueueRecord record, std::shared_ptr<Queue> queue);

/// Thread-safe.
class Registry {
  public:
    LiveQueueRef find(const QueueName& name) const;
    void put(LiveQueueRef queue);
    void erase(const QueueName& name);
    void clear();
    std::vector<LiveQueueRef> all() const;
    /// In order of name, at most `limit`, with names behind `after`.
    std::vector<LiveQueueRef> list(std::string_view account, std::string_view region, std::string_view prefix,
                                   std::string_view after, std::size_t limit) const;

  private:
    mutable std::shared_mutex mutex_;
    std::map<QueueName, LiveQueueRef> queues_;
};

}  // namespace stratus::sqs
