// The reading half of a connection: bytes to requests to the handler.
#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "net/connection.h"

namespace net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t input_bytes_idle = 4096;        // kept by an idle connection
constexpr std::size_t input_bytes_kept_max = 16'384;  // more is given back after a request
constexpr std::size_t input_bytes_body = 65'536;      // while a body comes in
constexpr std::uint64_t body_bytes_per_second_min = 4096;
constexpr std::size_t body_reserved_max = 1 << 20;

/// The handler's way back to a connection. Keeps the connection (not its socket) alive.
class Sink final : public ResponseSink {
  public:
    Sink(std::shared_ptr<Connection> connection, std::shared_ptr<void> lease)
        : connection_(std::move(connection)), lease_(std::move(lease)) {}
    ~Sink() override {
        if (!used_) send(Response{.status = 500});
    }

    void send(Response response) override {
        if (used_.exchange(true)) return;
        Loop& loop = *connection_->loop();
        if (loop.on_this_thread()) {
            connection_->respond(std::move(response));
        } else {
            loop.post(connection_, std::move(response));
        }
    }
    bool connected() const override { return connection_->connected(); }

  private:
    const std::shared_ptr<Connection> connection_;
    const std::shared_ptr<void> lease_;
    std::atomic<bool> used_{false};
};

int status_of(const error_code& error) {
    if (error == http::error::header_limit) return 431;
    if (error == http::error::body_limit) return 413;
    return 400;
}

}  // namespace

std::shared_ptr<ResponseSink> Connection::make_sink() {
    return std::make_shared<Sink>(shared_from_this(), std::move(lease_));
}

void Connection::shake_hands() {
    state_ = State::handshake;
    extend_deadline(loop_->shared().options.header_timeout);
    tls_->async_handshake(asio::ssl::stream_base::server,
                          [self = shared_from_this()](const error_code& error) {
                              if (self->state_ == State::closed) return;
                              if (error) return self->close();
                              self->state_ = State::head;
                              self->reset_for_next_request();
                              self->read_some();
                          });
}

void Connection::reset_for_next_request() {
    state_ = State::head;
    head_ = RequestHead{};
    body_ = std::string{};
    lease_.reset();
    pipe_.reset();
    pipe_full_ = false;
    parser_.emplace(head_, body_);
    parser_->header_limit(static_cast<std::uint32_t>(loop_->shared().options.header_bytes));
    parser_->body_limit(boost::none);
    const bool idle = input_begin_ == input_end_;
    extend_deadline(idle ? loop_->shared().options.idle_timeout : loop_->shared().options.header_timeout);
    if (idle && input_.size() > input_bytes_kept_max) {
        input_ = std::vector<char>(input_bytes_idle);
        input_begin_ = input_end_ = 0;
    }
}

void Connection::read_some() {
    if (reading_ || state_ == State::closed) return;
    if (input_begin_ == input_end_) input_begin_ = input_end_ = 0;
    const bool is_body = state_ == State::body || state_ == State::stream;
    const std::size_t wanted = is_body ? input_bytes_body : input_bytes_idle;
    if (input_.size() < wanted) input_.resize(wanted);
    if (input_.size() - input_end_ < wanted / 2 && input_begin_ > 0) {
        std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
        input_end_ -= std::exchange(input_begin_, 0);
    }
    if (input_.size() == input_end_) input_.resize(input_.size() * 2);
    reading_ = true;
    const auto buffer = asio::buffer(input_.data() + input_end_, input_.size() - input_end_);
    auto done = [self = shared_from_this()](const error_code& error, std::size_t size) {
        self->on_read(error, size);
    };
    if (tls_) {
        tls_->async_read_some(buffer, std::move(done));
    } else {
        socket_.async_read_some(buffer, std::move(done));
    }
}

void Connection::on_read(const error_code& error, std::size_t size) {
    reading_ = false;
    if (state_ == State::closed) return;
    if (error) return peer_gone();
    if (state_ == State::lingering) {
        lingered_bytes_ += size;
        return discard();
    }
    const auto& options = loop_->shared().options;
    if (state_ == State::head && input_begin_ == input_end_) extend_deadline(options.header_timeout);
    input_end_ += size;
    process();
}

/// The peer closed or broke the connection. What it sent before may still be answered; a body that was still
/// coming cannot be finished.
void Connection::peer_gone() {
    if (pipe_) {
        pipe_->fail(base::Failure{base::FailureKind::unavailable, "the client went away within its body"});
    }
    close();
}

/// Goes as far as the input reaches. Answers made on the way are written together at the end.
void Connection::process() {
    if (processing_) return;
    const std::shared_ptr<Connection> alive = shared_from_this();
    processing_ = true;
    for (;;) {
        Step next = Step::again;
        while (next == Step::again) next = step();
        if (state_ == State::closed) break;
        if (has_output() && !writing_) flush();
        if (writing_ || state_ == State::closed) break;  // on_flushed() comes back here
        if (next == Step::wait && state_ == State::head) continue;
        if (next == Step::need_input) read_some();
        break;
    }
    processing_ = false;
}

Connection::Step Connection::step() {
    constexpr std::size_t output_gathered_max = 65'536;
    switch (state_) {
        case State::head:
            if (writing_ || output_.size() > output_gathered_max) return Step::wait;
            return read_head();
        case State::body: return read_body();
        case State::stream: return read_stream();
        default: return Step::wait;
    }
}

/// Gives the parser what there is. False when it needs more.
bool Connection::feed(error_code& error) {
    const auto buffer = asio::const_buffer(input_.data() + input_begin_, input_end_ - input_begin_);
    input_begin_ += parser_->put(buffer, error);
    if (error == http::error::need_more) {
        error = {};
        return false;
    }
    return true;
}

Connection::Step Connection::read_head() {
    if (input_begin_ == input_end_) return Step::need_input;
    error_code error;
    const bool whole = feed(error);
    if (error) return refuse(status_of(error));
    if (!whole || !parser_->is_header_done()) return Step::need_input;
    return begin_request();
}

Connection::Step Connection::begin_request() {
    loop_->shared().requests.fetch_add(1, std::memory_order_relaxed);
    keep_alive_ = parser_->keep_alive();
    http10_ = head_.version < 11;
    head_only_ = head_.method == "HEAD";
    if (parser_->is_ambiguous()) return refuse(400);
    head_.peer_address = peer_address_;
    head_.secure = tls_.has_value();
    return admit();
}

Connection::Step Connection::admit() {
    const bool has_request_body = !parser_->is_done();
    Admission admission = Refuse{.response = Response{.status = 500}};
    try {
        admission = loop_->shared().handler->admit(head_);
    } catch (const std::exception& problem) {
        base::log_error("net", "the handler threw", {{"what", problem.what()}});
    }
    if (auto* refused = std::get_if<Refuse>(&admission)) {
        if (has_request_body) keep_alive_ = false;
        state_ = State::handling;
        awaiting_answer_ = true;
        respond(std::move(refused->response));
        return Step::again;
    }
    const bool streams = std::holds_alternative<Stream>(admission);
    const std::uint64_t bytes_max =
        streams ? std::get<Stream>(admission).bytes_max : std::get<Buffer>(admission).bytes_max;
    lease_ = std::move(streams ? std::get<Stream>(admission).lease : std::get<Buffer>(admission).lease);
    const auto length = parser_->content_length();
    if (length && *length > bytes_max) return refuse(413);
    if (has_request_body && !http10_ && input_begin_ == input_end_ &&
        equal_ignoring_case(head_.headers.get_or("expect", ""), "100-continue")) {
        output_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    parser_->body_limit(bytes_max);
    parser_->eager(true);
    body_started_ = std::chrono::steady_clock::now();
    extend_deadline(loop_->shared().options.stall_timeout);
    if (streams) return begin_stream();
    state_ = State::body;
    if (length) body_.reserve(std::min<std::uint64_t>(*length, body_reserved_max));
    return Step::again;
}

Connection::Step Connection::begin_stream() {
    std::optional<std::uint64_t> length;
    if (parser_->content_length()) length = *parser_->content_length();
    if (parser_->is_done()) length = 0;
    const std::weak_ptr<Connection> self = weak_from_this();
    auto resume = [self, loop = loop_] {
        if (auto connection = self.lock()) loop->post(std::move(connection), ResumeReading{});
    };
    pipe_ = std::make_shared<BodyPipe>(base::limits::http_stream_pipe_bytes, length, std::move(resume));
    state_ = State::stream;
    awaiting_answer_ = true;
    try {
        loop_->shared().handler->handle_stream(std::move(head_), pipe_, make_sink());
    } catch (const std::exception& problem) {
        base::log_error("net", "the handler threw", {{"what", problem.what()}});
    }
    head_ = RequestHead{};
    return Step::again;
}

Connection::Step Connection::read_body() {
    const std::size_t before = body_.size();
    error_code error;
    while (input_begin_ < input_end_ && !parser_->is_done() && feed(error) && !error) {
    }
    if (error) return refuse(status_of(error));
    if (!parser_->is_done()) {
        // Each 4 KiB buys another second: a body that trickles in cannot hold its memory for ever.
        if (body_.size() > before) {
            const auto earned = std::chrono::seconds{body_.size() / body_bytes_per_second_min};
            deadline_ = std::max(deadline_, body_started_ + loop_->shared().options.stall_timeout + earned);
        }
        return Step::need_input;
    }
    dispatch();
    return Step::again;
}

void Connection::dispatch() {
    state_ = State::handling;
    awaiting_answer_ = true;
    try {
        loop_->shared().handler->handle(Request{.head = std::move(head_), .body = std::move(body_)},
                                        make_sink());
    } catch (const std::exception& problem) {
        base::log_error("net", "the handler threw", {{"what", problem.what()}});
    }
}

Connection::Step Connection::read_stream() {
    if (pipe_full_) return Step::wait;
    error_code error;
    while (input_begin_ < input_end_ && !parser_->is_done() && feed(error) && !error) {
    }
    if (!body_.empty()) {
        extend_deadline(loop_->shared().options.stall_timeout);
        pipe_full_ = !pipe_->push(body_);
        body_.clear();
    }
    if (error) {
        pipe_->fail(base::Failure{base::FailureKind::invalid,
                                  "the body is malformed or too large: " + error.message()});
        keep_alive_ = false;
        state_ = State::handling;  // the handler learns of it from its reader, and answers
        return Step::again;
    }
    if (parser_->is_done()) {
        pipe_->finish();
        state_ = State::handling;
        return Step::again;
    }
    return pipe_full_ ? Step::wait : Step::need_input;
}

void Connection::resume_reading() {
    pipe_full_ = false;
    if (state_ != State::stream) return;
    extend_deadline(loop_->shared().options.stall_timeout);
    process();
}

/// Answers for the server itself; the connection cannot be trusted to be in step after it.
Connection::Step Connection::refuse(int status) {
    keep_alive_ = false;
    http10_ = false;
    lease_.reset();
    state_ = State::handling;
    awaiting_answer_ = true;
    respond(loop_->shared().handler->refusal(status));
    return Step::again;
}

}  // namespace net
