// Dispatcher: calls handlers and answers clients; parking, durability, metrics, the access log: once, here.
#pragma once

#include <shared_mutex>

#include "base/executor.h"
#include "base/metrics.h"
#include "stratus/gateway/exchange.h"
#include "stratus/gateway/parking.h"
#include "stratus/gateway/request_metrics.h"
#include "wire/codec.h"

namespace stratus {

/// Thread-safe. Every exchange given to it is answered, parked, or dropped because its client is gone. An
/// exception that leaves a handler is answered 500.
class Dispatcher {
  public:
    struct Options {
        std::size_t workers = 16;
        std::size_t queue_max = 4096;  ///< requests waiting for a worker
        std::size_t streams = 32;      ///< workers for operations whose body streams
        std::size_t streams_queue_max = 64;
        std::size_t parked_max = 4096;
    };
    Dispatcher(Options options, EventBus& events, const base::Clock& clock, base::MetricsRegistry& metrics);
    ~Dispatcher();

    /// Puts the work on the pool that suits it; false, with nothing done, when that pool is full.
    bool submit(const ExchangePtr& exchange, std::function<void()> work);
    /// Runs the handler. The operation, the input and the context are set.
    void invoke(const ExchangePtr& exchange);
    void answer_error(const ExchangePtr& exchange, const wire::Error& error);

    /// Stops handlers from starting, waits for those that run, and calls `change`. Then everybody who is
    /// parked looks again. For the test endpoints.
    void change_the_world(const std::function<void()>& change);
    std::size_t parked() const { return parking_.parked(); }
    std::size_t queued() const { return workers_.queued(); }
    void stop();

  private:
    void run_handler(const ExchangePtr& exchange);
    void park(const ExchangePtr& exchange, wire::Park park);
    void answer(const ExchangePtr& exchange, const void* output);
    void record(const Exchange& exchange, int status, const wire::Error* error);

    EventBus& events_;
    RequestMetrics metrics_;
    std::shared_mutex world_;
    base::ThreadPool workers_;
    base::ThreadPool streams_;
    Parking parking_;
};

/// The error as the client's protocol says it.
net::Response error_response(const wire::Service* service, wire::Protocol protocol, const wire::Error& error,
                             const wire::ErrorDetails& details);

}  // namespace stratus
