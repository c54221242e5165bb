#include "net/loop.h"

#include <algorithm>
#include <pthread.h>
#include <signal.h>

#include <boost/asio/post.hpp>

#include "base/time.h"
#include "net/connection.h"

namespace net {

namespace {

/// Often enough for the shortest timeout, seldom enough to cost nothing.
std::chrono::milliseconds sweep_interval(const HttpServer::Options& options) {
    const auto shortest = std::min({options.idle_timeout, options.header_timeout, options.stall_timeout});
    return std::clamp(shortest / 4, std::chrono::milliseconds{10}, std::chrono::milliseconds{1000});
}

/// sendfile() has no flag against the signal that a vanished peer would raise.
void block_sigpipe() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

Loop::Loop(std::shared_ptr<ServerShared> shared)
    : shared_(std::move(shared)), work_(boost::asio::make_work_guard(io_)), sweeper_(io_) {}

Loop::~Loop() = default;

void Loop::start(std::size_t number) {
    sweep();
    thread_ = std::thread([this] {
        thread_id_ = std::this_thread::get_id();
        block_sigpipe();
        io_.run();
    });
    const std::string name = "http-" + std::to_string(number);
    pthread_setname_np(thread_.native_handle(), name.c_str());
}

void Loop::stop_and_join() {
    if (!thread_.joinable()) return;
    boost::asio::post(io_, [this] {
        sweeper_.cancel();
        const std::list<Connection*> all = connections_;
        for (Connection* connection : all) connection->close();
        work_.reset();
    });
    thread_.join();
    std::vector<Posted> dropped;
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(posted_);
}

void Loop::post(std::shared_ptr<Connection> connection, What what) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        wake = posted_.empty();
        posted_.push_back(Posted{.connection = std::move(connection), .what = std::move(what)});
    }
    if (wake) boost::asio::post(io_, [this] { drain(); });
}

void Loop::drain() {
    {
        const std::lock_guard lock(mutex_);
        draining_.swap(posted_);
    }
    for (Posted& posted : draining_) {
        if (auto* response = std::get_if<Response>(&posted.what)) {
            posted.connection->respond(std::move(*response));
        } else if (auto* piece = std::get_if<BodyPiece>(&posted.what)) {
            posted.connection->body_piece(std::move(*piece));
        } else {
            posted.connection->resume_reading();
        }
    }
    draining_.clear();
}

std::string_view Loop::http_date() {
    const base::Instant now = base::RealClock().now();
    const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    if (second != date_of_) {
        date_ = base::format_http_date(now);
        date_of_ = second;
    }
    return date_;
}

void Loop::sweep() {
    const auto now = std::chrono::steady_clock::now();
    for (auto at = connections_.begin(); at != connections_.end();) {
        Connection* const connection = *at++;  // a connection that times out takes itself off the list
        connection->check_deadline(now);
    }
    if (shared_->stopping) return;
    sweeper_.expires_after(sweep_interval(shared_->options));
    sweeper_.async_wait([this](const boost::system::error_code& error) {
        if (!error) sweep();
    });
}

}  // namespace net
