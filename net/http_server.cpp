#include "net/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "net/connection.h"

namespace net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

void Handler::handle_stream(RequestHead, std::shared_ptr<BodyReader>, std::shared_ptr<ResponseSink> sink) {
    sink->send(refusal(500));  // a handler that says Stream must override this
}

Response Handler::refusal(int status) {
    Response response{.status = status};
    response.headers.add("Content-Type", "text/plain");
    if (status == 503) response.headers.add("Retry-After", "1");
    response.body = std::string(reason_phrase(status)) + "\n";
    return response;
}

namespace {

base::Failure failure_of(const error_code& error, const std::string& doing) {
    const bool denied = error == asio::error::access_denied;
    return base::Failure{denied ? base::FailureKind::denied : base::FailureKind::unavailable,
                         doing + ": " + error.message()};
}

base::Result<std::unique_ptr<asio::ssl::context>> make_tls(const HttpServer::Options& options) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code error;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1,
                         error);
    if (!error) context->use_certificate_chain_file(options.tls_certificate_file, error);
    if (!error) context->use_private_key_file(options.tls_key_file, asio::ssl::context::pem, error);
    if (error) {
        return base::Failure{base::FailureKind::invalid,
                             "the TLS certificate or key is unusable: " + error.message()};
    }
    return context;
}

}  // namespace

class HttpServer::Implementation {
  public:
    Implementation(Options options, Handler& handler) : shared_(std::make_shared<ServerShared>()) {
        shared_->options = std::move(options);
        shared_->handler = &handler;
    }
    ~Implementation() { stop(); }

    base::Result<base::Unit> start();
    void stop();
    std::uint16_t port() const { return port_; }
    Counts counts() const {
        return Counts{.connections_open = shared_->open,
                      .connections_accepted = shared_->accepted,
                      .connections_refused = shared_->refused,
                      .requests = shared_->requests};
    }

  private:
    base::Result<base::Unit> listen();
    void accept_next();
    void take(tcp::socket socket, const std::shared_ptr<Loop>& loop);

    const std::shared_ptr<ServerShared> shared_;
    std::vector<std::shared_ptr<Loop>> loops_;
    std::unique_ptr<tcp::acceptor> acceptor_;    // belongs to the first loop's thread
    std::unique_ptr<asio::steady_timer> retry_;  // likewise
    std::size_t next_loop_ = 0;                  // likewise
    std::uint16_t port_ = 0;
    bool stopped_ = false;
};

base::Result<base::Unit> HttpServer::Implementation::start() {
    const Options& options = shared_->options;
    CHECK(options.io_threads > 0, "a server has at least one loop");
    if (!options.tls_certificate_file.empty()) shared_->tls = TRY(make_tls(options));
    shared_->body_pool = std::make_unique<base::ThreadPool>(base::ThreadPool::Options{
        .name = "http-body", .threads = options.body_threads, .queue_max = options.connections});
    for (std::size_t i = 0; i < options.io_threads; ++i) loops_.push_back(std::make_shared<Loop>(shared_));
    TRY(listen());
    accept_next();
    for (std::size_t i = 0; i < loops_.size(); ++i) loops_[i]->start(i);
    return base::Unit{};
}

base::Result<base::Unit> HttpServer::Implementation::listen() {
    const Options& options = shared_->options;
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return base::Failure{base::FailureKind::invalid, options.address + " is not an IP address"};
    const tcp::endpoint endpoint(address, options.port);
    const std::string where = options.address + ":" + std::to_string(options.port);
    acceptor_ = std::make_unique<tcp::acceptor>(loops_.front()->io());
    retry_ = std::make_unique<asio::steady_timer>(loops_.front()->io());
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(4096, error);
    if (error) return failure_of(error, "listen on " + where);
    port_ = acceptor_->local_endpoint(error).port();
    return base::Unit{};
}

void HttpServer::Implementation::accept_next() {
    const std::shared_ptr<Loop> loop = loops_[next_loop_++ % loops_.size()];
    acceptor_->async_accept(loop->io(), [this, loop](const error_code& error, tcp::socket socket) {
        if (shared_->stopping || error == asio::error::operation_aborted) return;
        if (!error) {
            take(std::move(socket), loop);
            return accept_next();
        }
        // Out of descriptors, most likely: trying again at once would spin.
        base::log_warning("net", "accept failed", {{"why", error.message()}});
        retry_->expires_after(std::chrono::milliseconds{100});
        retry_->async_wait([this](const error_code& cancelled) {
            if (!cancelled) accept_next();
        });
    });
}

void HttpServer::Implementation::take(tcp::socket socket, const std::shared_ptr<Loop>& loop) {
    constexpr std::uint64_t refusals_at_once = 64;  // beyond those the connection is just dropped
    shared_->accepted.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t open = shared_->open.load(std::memory_order_relaxed);
    const bool refuse = open >= shared_->options.connections;
    if (refuse) shared_->refused.fetch_add(1, std::memory_order_relaxed);
    if (open >= shared_->options.connections + refusals_at_once) return;
    auto begin = [loop, refuse, socket = std::move(socket)]() mutable {
        error_code error;
        const tcp::endpoint peer = socket.remote_endpoint(error);
        if (error) return;
        auto connection = std::make_shared<Connection>(loop, std::move(socket), peer.address().to_string());
        if (refuse) return connection->start_refusing();
        connection->start();
    };
    if (loop->on_this_thread()) return begin();
    asio::post(loop->io(), std::move(begin));
}

void HttpServer::Implementation::stop() {
    if (std::exchange(stopped_, true)) return;
    shared_->stopping = true;
    if (acceptor_ && acceptor_->is_open()) {
        asio::post(loops_.front()->io(), [this] {
            error_code ignored;
            acceptor_->close(ignored);
            retry_->cancel();
        });
    }
    for (const auto& loop : loops_) loop->stop_and_join();
    acceptor_.reset();
    retry_.reset();
    if (shared_->body_pool) shared_->body_pool->stop();
}

HttpServer::HttpServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
HttpServer::~HttpServer() = default;

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(Options options, Handler& handler) {
    auto implementation = std::make_unique<Implementation>(std::move(options), handler);
    TRY(implementation->start());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(implementation)));
}

std::uint16_t HttpServer::port() const {
    return implementation_->port();
}
HttpServer::Counts HttpServer::counts() const {
    return implementation_->counts();
}
void HttpServer::stop() {
    implementation_->stop();
}

}  // namespace net
