// ControlEndpoints: /_stratus/health and /_stratus/metrics; for test suites also reset and clock.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "net/http_server.h"
#include "stratus/gateway/dispatcher.h"
#include "stratus/store/store.h"

namespace stratus {

/// Thread-safe. Quick enough for a loop thread but for POST, which the pipeline puts on a worker.
class ControlEndpoints {
  public:
    struct Options {
        std::string region;
        std::string account;
        bool test_endpoints = false;
    };
    ControlEndpoints(Options options, std::span<const HostedService> services, Store& store,
                     base::OffsetClock& clock, Dispatcher& dispatcher, base::MetricsRegistry& metrics);

    static bool is_control(std::string_view target) { return target.starts_with("/_stratus/"); }
    net::Response answer(const net::Request& request);

  private:
    net::Response health() const;
    net::Response reset();
    net::Response move_clock(const std::string& body);

    const Options options_;
    std::span<const HostedService> services_;
    Store& store_;
    base::OffsetClock& clock_;
    Dispatcher& dispatcher_;
    base::MetricsRegistry& metrics_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace stratus
