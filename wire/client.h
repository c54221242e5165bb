// ClientCore: signs, sends, retries and decodes; the typed clients (aws/<svc>/client.h) are thin over it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "wire/error.h"
#include "wire/service.h"
#include "wire/sigv4.h"

namespace wire {

/// Thread-safe; several clients may share one.
class ClientCore {
  public:
    virtual ~ClientCore() = default;
    /// Encodes `input` (of the operation's input shape), sends it, and decodes the answer into `output`.
    /// Failures of the transport come as status 0 errors: "ConnectionError" or "RequestTimeout".
    virtual Outcome<base::Unit> call(const Service& service, const Operation& operation, const void* input,
                                     void* output) = 0;
    /// For idempotency tokens that the caller left out.
    virtual std::string new_token();
};

struct ClientOptions {
    std::string
        endpoint_url;  ///< http(s)://host[:port][/prefix]; empty: Amazon's endpoint of the service and region
    std::string region = "eu-west-1";
    Credentials credentials;
    int attempts_max = 4;  ///< tries in all, for lost connections, 5xx and throttling
    std::chrono::milliseconds back_off{
        100};  ///< doubled each time, up to back_off_max, then drawn below that
    std::chrono::milliseconds back_off_max{5'000};
    std::chrono::milliseconds timeout{30'000};  ///< of one try
};

/// A client over HTTP. Buckets are named in the path, never in the host, so that names with dots work over
/// TLS. Bodies are held in memory. `invalid` for an endpoint that is no URL, or without credentials.
base::Result<std::shared_ptr<ClientCore>> connect_client(ClientOptions options);

/// The same with time and chance given, for tests. Both must outlive the client.
base::Result<std::shared_ptr<ClientCore>> connect_client(ClientOptions options, const base::Clock& clock,
                                                         base::Random& random);

/// True for what may be tried again: throttling, 5xx, a lost connection.
bool may_retry(const Error& error);

}  // namespace wire
