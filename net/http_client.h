// A blocking HTTP client over libcurl with a pool of kept-alive connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "net/message.h"

namespace net {

struct ClientRequest {
    std::string method = "GET";
    std::string url;  ///< http:// or https://, already encoded
    Headers headers;
    std::string body;
    std::chrono::milliseconds timeout{30'000};  ///< of the whole exchange
    std::chrono::milliseconds connect_timeout{5'000};
};

struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

/// Thread-safe: each call takes a connection of its own from the pool. Never follows redirects, never uses
/// proxies from the environment, never decodes bodies.
class HttpClient {
  public:
    struct Options {
        std::size_t connections_max = 64;  ///< kept idle; more may be open while busy
        std::string ca_file;               ///< PEM; the system's store when empty
        std::size_t response_bytes_max = base::limits::http_client_response_bytes_max;
        std::string user_agent = "stratus";
    };
    explicit HttpClient(Options options);
    HttpClient() : HttpClient(Options{}) {}
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Any status is an answer. timed_out, unavailable (no connection, cut off), invalid (bad URL), no_space
    /// (the answer is over the limit).
    base::Result<ClientResponse> send(const ClientRequest& request);

  private:
    class Pool;
    std::unique_ptr<Pool> pool_;
};

}  // namespace net
