// RequestMetrics: what is counted of every request, and its line in the log.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string_view>

#include "base/metrics.h"
#include "wire/error.h"

namespace stratus {

/// One answered request, as the log and the metrics tell it.
struct RequestRecord {
    std::string_view service;    ///< empty where the request never got that far
    std::string_view operation;  ///< likewise; only names from the model, never the client's text
    std::string_view request_id;
    std::string_view account;
    std::string_view region;
    std::string_view source_ip;
    int status = 200;
    const wire::Error* error = nullptr;
    std::chrono::steady_clock::duration took{};
    bool parked = false;  ///< its time says nothing about speed, so it stays out of the histogram
};

/// Thread-safe. Per operation: stratus_requests_total, stratus_request_errors_total (by code),
/// stratus_request_seconds.
class RequestMetrics {
  public:
    explicit RequestMetrics(base::MetricsRegistry& registry) : registry_(registry) {}
    void record(const RequestRecord& record);

  private:
    struct PerOperation {
        base::Counter* requests;
        base::Histogram* seconds;
    };
    PerOperation& of(std::string_view service, std::string_view operation);

    base::MetricsRegistry& registry_;
    std::mutex mutex_;
    std::map<std::pair<std::string_view, std::string_view>, PerOperation>
        operations_;  // names live in the tables
};

}  // namespace stratus
