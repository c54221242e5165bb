// The whole service: workers for each account, accounts that come and go, metrics.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "cubed/cloud/cloud.h"
#include "cubed/control/aws_cloud.h"
#include "cubed/dps/processor.h"
#include "net/http_server.h"

namespace cubed::dps {

/// Starts workers for the accounts it serves and keeps the list up to date. Thread-safe where it says so.
class Service {
  public:
    struct Options {
        std::string account;      ///< a token; empty: all accounts
        std::size_t workers = 2;  ///< of each account
        Processor::Options processor;
    };
    Service(Cloud cloud, Tools tools, base::MetricsRegistry& metrics, Options options);
    ~Service();

    /// Runs until stopped; returns when the workers are done with their batches. A cloud or central database
    /// that is away is waited for.
    void run(std::stop_token stop);

  private:
    /// One account with its workers.
    struct Station {
        std::mutex mutex;
        control::Account account;  ///< by mutex
        std::unique_ptr<QueueSource> queue;
        std::unique_ptr<AccountMetrics> metrics;
        std::vector<std::jthread> workers;
    };

    base::Result<base::Unit> refresh(std::stop_token stop);
    base::Result<base::Unit> start(const control::Account& account);
    void measure();

    const Cloud cloud_;
    control::AwsCloud secrets_;
    const Tools tools_;
    base::MetricsRegistry& metrics_;
    const Options options_;
    std::optional<database::Connection> attrib_;
    std::map<std::string, std::unique_ptr<Station>> stations_;
};

/// GET /health and /metrics.
class MetricsHandler final : public net::Handler {
  public:
    explicit MetricsHandler(const base::MetricsRegistry& metrics) : metrics_(metrics) {}
    net::Admission admit(const net::RequestHead& head) override;
    void handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) override;

  private:
    const base::MetricsRegistry& metrics_;
};

}  // namespace cubed::dps
