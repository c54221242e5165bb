// Sender: packs spooled hits into envelopes and gives them to the accounts' queues.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "cubed/cloud/cloud.h"
#include "cubed/dcs/accounts.h"
#include "cubed/dcs/spool.h"

namespace cubed::dcs {

/// Where messages go. Thread-safe.
class MessageSink {
  public:
    virtual ~MessageSink() = default;
    /// At most ten bodies, together at most sqs_bytes_max. For each: was it taken? A failure means that none
    /// is known to be.
    virtual base::Result<std::vector<bool>> send(const std::string& account,
                                                 std::span<const std::string> bodies) = 0;
};

/// The account's main queue in SQS. Queue addresses are looked up once and again after a failure.
class SqsSink final : public MessageSink {
  public:
    SqsSink(const Cloud& cloud, const Accounts& accounts) : cloud_(cloud), accounts_(accounts) {}
    base::Result<std::vector<bool>> send(const std::string& account,
                                         std::span<const std::string> bodies) override;

  private:
    base::Result<std::string> url_of(const std::string& account);

    const Cloud& cloud_;
    const Accounts& accounts_;
    std::mutex mutex_;
    std::map<std::string, std::string> urls_;  // protected by mutex_
};

/// One thread from construction to stop(). Borrows everything.
class Sender {
  public:
    Sender(Spool& spool, MessageSink& sink, base::MetricsRegistry& metrics);
    ~Sender();
    void stop();

  private:
    void run();
    void deliver(Spool::Work work);

    Spool& spool_;
    MessageSink& sink_;
    base::Counter& hits_;
    base::Counter& messages_;
    base::Counter& failures_;
    std::thread thread_;
};

}  // namespace cubed::dcs
