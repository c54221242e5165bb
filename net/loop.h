// One I/O thread of the server: an event loop, its connections, and the answers that other threads post to
// it.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/executor.h"
#include "net/http_server.h"

namespace net {

class Connection;

/// What all loops and connections of one server share. Outlives them all; sinks held by others keep it alive.
struct ServerShared {
    HttpServer::Options options;
    Handler* handler = nullptr;  ///< not to be called once `stopping`
    std::unique_ptr<boost::asio::ssl::context> tls;
    std::unique_ptr<base::ThreadPool> body_pool;
    std::atomic<bool> stopping{false};
    std::atomic<std::uint64_t> open{0}, accepted{0}, refused{0}, requests{0};
};

/// A piece of a response body that a pool thread has read; empty is the end.
struct BodyPiece {
    base::Result<std::size_t> size;
    std::string bytes;
};
struct ResumeReading {};

/// Everything but post() belongs to the loop's own thread. Posting wakes the thread once for all that is
/// posted before it gets there, so answers that come in batches cost one wake-up.
class Loop : public std::enable_shared_from_this<Loop> {
  public:
    explicit Loop(std::shared_ptr<ServerShared> shared);
    ~Loop();

    void start(std::size_t number);
    void stop_and_join();

    using What = std::variant<Response, BodyPiece, ResumeReading>;
    /// From any thread; dropped once the loop has stopped.
    void post(std::shared_ptr<Connection> connection, What what);

    bool on_this_thread() const { return std::this_thread::get_id() == thread_id_; }
    boost::asio::io_context& io() { return io_; }
    ServerShared& shared() { return *shared_; }
    std::string_view http_date();

    std::list<Connection*>& connections() { return connections_; }

  private:
    struct Posted {
        std::shared_ptr<Connection> connection;
        What what;
    };
    void drain();
    void sweep();

    const std::shared_ptr<ServerShared> shared_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer sweeper_;
    std::list<Connection*> connections_;
    std::vector<Posted> draining_;  // kept for its memory
    std::string date_;
    std::chrono::seconds date_of_{0};
    std::thread thread_;
    std::atomic<std::thread::id> thread_id_{};

    std::mutex mutex_;
    std::vector<Posted> posted_;  // protected by mutex_
    bool stopped_ = false;        // protected by mutex_
};

}  // namespace net
