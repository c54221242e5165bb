// The HTTP/1.1 server both layers serve with; the only server side that sees sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "base/limits.h"
#include "base/result.h"
#include "net/message.h"

namespace net {

/// Where a handler puts its answer.
class ResponseSink {
  public:
    virtual ~ResponseSink() = default;
    /// Exactly once, from any thread; later calls are ignored. Answers sent together are written together. A
    /// sink that is dropped without an answer answers 500.
    virtual void send(Response response) = 0;
    /// False once the peer is known to be gone: a long wait may be given up.
    virtual bool connected() const = 0;
};

/// What to do with a request, decided from its head alone.
struct Refuse {
    Response response;  ///< sent at once; the body is never read
};
struct Buffer {
    std::uint64_t bytes_max;  ///< a larger body is answered 413
    /// Anything; the server lets go of it when the request is over: its sink is gone, or its connection
    /// before that.
    std::shared_ptr<void> lease = nullptr;
};
struct Stream {
    std::uint64_t bytes_max;
    std::shared_ptr<void> lease = nullptr;
};
using Admission = std::variant<Refuse, Buffer, Stream>;

/// Serves requests. All three are called on a loop thread and must not block: hand off to a pool. Different
/// connections call from different threads at once. An exception that leaves them is answered 500.
class Handler {
  public:
    virtual ~Handler() = default;
    /// Before the body is read and before "100 Continue" is sent.
    virtual Admission admit(const RequestHead& head) = 0;
    virtual void handle(Request request, std::shared_ptr<ResponseSink> sink) = 0;
    /// For what admit() said to Stream. `body` is read from another thread; answering before its end is
    /// allowed (the connection is then closed).
    virtual void handle_stream(RequestHead head, std::shared_ptr<BodyReader> body,
                               std::shared_ptr<ResponseSink> sink);
    /// The answer to what is refused before admit() or for a limit: 400, 408, 413, 431, 503. Plain text by
    /// default.
    virtual Response refusal(int status);
};

/// Listens from construction to stop(). Borrows the handler, which must outlive it.
class HttpServer {
  public:
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;  ///< 0 = the system chooses; see port()
        std::size_t io_threads = 1;
        std::string server_name;           ///< the Server header; none when empty
        std::string tls_certificate_file;  ///< PEM chain; TLS when set
        std::string tls_key_file;
        std::size_t header_bytes = base::limits::http_header_bytes_max;
        std::size_t connections = base::limits::http_connections_max;
        std::size_t body_threads = 4;  ///< at most this many answers with a BodyReader are pumped at once
        std::chrono::milliseconds idle_timeout = base::limits::http_idle_timeout;
        std::chrono::milliseconds header_timeout = base::limits::http_header_timeout;
        /// The longest a body, either way, may make no progress.
        std::chrono::milliseconds stall_timeout = base::limits::http_body_stall_timeout;
    };
    struct Counts {
        std::uint64_t connections_open, connections_accepted, connections_refused, requests;
    };

    /// Binds and starts serving. denied or unavailable when the address cannot be had; invalid for bad TLS
    /// files.
    static base::Result<std::unique_ptr<HttpServer>> start(Options options, Handler& handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::uint16_t port() const;
    Counts counts() const;
    /// Closes the listener, drops all connections, joins all threads. Idempotent. Sinks that are still held
    /// by others may be used afterwards, to no effect.
    void stop();

  private:
    class Implementation;
    explicit HttpServer(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace net
