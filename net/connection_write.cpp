// The writing half of a connection: answers to bytes, and its end.
#include <algorithm>
#include <cerrno>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <boost/asio/write.hpp>

#include "base/log.h"
#include "net/connection.h"

namespace net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t inline_body_max = 32'768;  // larger bodies are not copied behind their head
constexpr std::size_t output_kept_max = 65'536;
constexpr std::size_t linger_bytes_max = 1 << 20;
constexpr std::chrono::milliseconds linger_time{2000};
constexpr std::size_t file_bytes_per_turn = 1 << 20;  // then the loop's other connections have theirs

std::optional<std::uint64_t> length_of(const Body& body) {
    if (const auto* text = std::get_if<std::string>(&body)) return text->size();
    if (const auto* range = std::get_if<FileRange>(&body)) return range->length;
    return std::get<std::unique_ptr<BodyReader>>(body)->length();
}

}  // namespace

Connection::Connection(std::shared_ptr<Loop> loop, asio::ip::tcp::socket socket, std::string peer_address)
    : loop_(std::move(loop)), socket_(std::move(socket)), peer_address_(std::move(peer_address)) {
    listed_ = loop_->connections().insert(loop_->connections().end(), this);
    is_listed_ = true;
    loop_->shared().open.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
    CHECK(!is_listed_, "a connection is closed on its loop before it goes");
}

void Connection::start() {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.native_non_blocking(true, ignored);
    if (loop_->shared().tls) {
        tls_.emplace(socket_, *loop_->shared().tls);
        return shake_hands();
    }
    reset_for_next_request();
    read_some();
}

void Connection::start_refusing() {
    error_code ignored;
    socket_.native_non_blocking(true, ignored);
    if (loop_->shared().tls) return close();
    parser_.emplace(head_, body_);
    refuse(503);
    process();
}

void Connection::extend_deadline(std::chrono::milliseconds by) {
    deadline_ = std::chrono::steady_clock::now() + by;
}

// Answers
// ----------------------------------------------------------------------------------------------------

void Connection::respond(Response response) {
    if (!awaiting_answer_ || state_ == State::closed) return;
    awaiting_answer_ = false;
    if (state_ == State::stream) {  // answered before its body was read: what still comes is not looked at
        pipe_->fail(base::Failure{base::FailureKind::unavailable, "the request was already answered"});
        keep_alive_ = false;
    }
    append_answer(std::move(response));
    process();
}

BodyFraming Connection::frame(const Response& response, std::optional<std::uint64_t> length,
                              bool body_follows) {
    const bool length_known_to_handler = response.headers.contains("content-length");
    if (!body_follows) {
        const bool tell_length = head_only_ && length && !length_known_to_handler && response.status >= 200 &&
                                 response.status != 204 && response.status != 304;
        return tell_length ? BodyFraming::length : BodyFraming::none;
    }
    if (length) return BodyFraming::length;
    if (!http10_) return BodyFraming::chunked;
    keep_alive_ = false;
    return BodyFraming::until_close;
}

void Connection::append_answer(Response response) {
    const std::optional<std::uint64_t> length = length_of(response.body);
    const bool body_follows = !head_only_ && has_body("", response.status);
    if (equal_ignoring_case(response.headers.get_or("connection", ""), "close")) keep_alive_ = false;
    const BodyFraming framing = frame(response, length, body_follows);
    const ResponseHeadContext context{.framing = framing,
                                      .length = length.value_or(0),
                                      .keep_alive = keep_alive_,
                                      .version = http10_ ? 10u : 11u,
                                      .date = loop_->http_date(),
                                      .server_name = loop_->shared().options.server_name};
    append_response_head(output_, response.status, response.headers, context);
    state_ = State::sending;
    if (body_follows) {
        if (auto* text = std::get_if<std::string>(&response.body)) {
            if (text->size() <= inline_body_max) {
                output_ += *text;
            } else {
                output_tail_ = std::move(*text);
            }
        } else if (auto* range = std::get_if<FileRange>(&response.body)) {
            if (range->length > 0) pending_body_ = std::move(*range);
        } else {
            pending_body_ =
                std::shared_ptr<BodyReader>(std::move(std::get<std::unique_ptr<BodyReader>>(response.body)));
            pending_length_ = length;
            chunked_ = framing == BodyFraming::chunked;
        }
    }
    // A small answer is as good as sent: the next request may be looked at, and its answer go out with this
    // one.
    const bool is_small = output_tail_.empty() && std::holds_alternative<std::monostate>(pending_body_);
    if (is_small && keep_alive_) reset_for_next_request();
}

// Bytes
// ------------------------------------------------------------------------------------------------------

void Connection::flush() {
    if (tls_) return flush_tls();
    flush_plain();
}

void Connection::flush_plain() {
    const int more = std::holds_alternative<FileRange>(pending_body_) ? MSG_MORE : 0;
    for (;;) {
        const std::size_t total = output_.size() + output_tail_.size();
        if (output_sent_ == total) break;
        const std::size_t in_head = std::min(output_sent_, output_.size());
        const std::size_t in_tail = output_sent_ - in_head;
        iovec parts[2] = {{output_.data() + in_head, output_.size() - in_head},
                          {output_tail_.data() + in_tail, output_tail_.size() - in_tail}};
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = 2;
        const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return when_writable();
        if (sent < 0) return peer_gone();
        output_sent_ += static_cast<std::size_t>(sent);
    }
    on_flushed();
}

void Connection::flush_tls() {
    writing_ = true;
    extend_deadline(loop_->shared().options.stall_timeout);
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(output_), asio::buffer(output_tail_)};
    asio::async_write(*tls_, parts, [self = shared_from_this()](const error_code& error, std::size_t) {
        self->writing_ = false;
        if (self->state_ == State::closed) return;
        if (error) return self->peer_gone();
        self->on_flushed();
        self->process();
    });
}

void Connection::when_writable() {
    writing_ = true;
    extend_deadline(loop_->shared().options.stall_timeout);
    socket_.async_wait(asio::ip::tcp::socket::wait_write,
                       [self = shared_from_this()](const error_code& error) { self->on_written(error); });
}

void Connection::on_written(const error_code& error) {
    writing_ = false;
    if (state_ == State::closed) return;
    if (error) return peer_gone();
    if (has_output()) {
        flush_plain();
    } else {
        go_on_sending();
    }
    if (!writing_) process();
}

void Connection::on_flushed() {
    output_.clear();
    output_tail_ = std::string{};
    output_sent_ = 0;
    if (output_.capacity() > output_kept_max) output_.shrink_to_fit();
    if (state_ == State::sending) go_on_sending();
}

/// The head, or the piece before, is out: on with the body, or with what comes after it.
void Connection::go_on_sending() {
    if (std::holds_alternative<FileRange>(pending_body_)) {
        if (tls_) return load_file_piece();
        return send_file_plain();
    }
    if (std::holds_alternative<std::shared_ptr<BodyReader>>(pending_body_)) return request_body_piece();
    body_sent();
}

void Connection::send_file_plain() {
    FileRange& range = std::get<FileRange>(pending_body_);
    std::size_t turn = file_bytes_per_turn;
    while (range.length > 0) {
        if (turn == 0) return when_writable();
        auto offset = static_cast<off_t>(range.offset);
        const std::size_t wanted = std::min<std::uint64_t>(range.length, turn);
        const ssize_t sent = ::sendfile(socket_.native_handle(), range.file->get(), &offset, wanted);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return when_writable();
        if (sent <= 0) return close();  // an error, or a file shorter than promised: the peer must see it cut
        range.offset += static_cast<std::uint64_t>(sent);
        range.length -= static_cast<std::uint64_t>(sent);
        turn -= static_cast<std::size_t>(sent);
    }
    body_sent();
}

void Connection::load_file_piece() {
    FileRange& range = std::get<FileRange>(pending_body_);
    const std::size_t size = std::min<std::uint64_t>(range.length, base::limits::http_file_chunk_bytes);
    output_tail_.resize(size);
    const auto bytes = std::as_writable_bytes(std::span(output_tail_));
    if (!base::read_exactly_at(range.file->get(), bytes, range.offset).ok()) return close();
    range.offset += size;
    range.length -= size;
    if (range.length == 0) pending_body_ = std::monostate{};
    flush();
}

/// A pool thread reads the next piece while this loop goes on; no thread waits for a slow client.
void Connection::request_body_piece() {
    deadline_ = SteadyTime::max();
    auto read = [self = shared_from_this(), reader = std::get<std::shared_ptr<BodyReader>>(pending_body_)] {
        std::string bytes(base::limits::http_stream_pipe_bytes, '\0');
        base::Result<std::size_t> size = reader->read(std::as_writable_bytes(std::span(bytes)));
        bytes.resize(size.ok() ? size.value() : 0);
        self->loop()->post(self, BodyPiece{.size = std::move(size), .bytes = std::move(bytes)});
    };
    if (!loop_->shared().body_pool->try_submit(std::move(read))) close();
}

void Connection::body_piece(BodyPiece piece) {
    if (state_ != State::sending) return;
    if (!piece.size.ok()) {
        base::log_warning("net", "a response broke off", {{"why", piece.size.error().what}});
        return close();
    }
    const std::size_t size = piece.bytes.size();
    if (pending_length_ && (size > *pending_length_ || (size == 0 && *pending_length_ > 0))) {
        base::log_error("net", "a response body is not as long as it said");
        return close();
    }
    if (pending_length_) *pending_length_ -= size;
    if (chunked_) {
        char head[32];
        output_.append(head, static_cast<std::size_t>(std::snprintf(head, sizeof head, "%zx\r\n", size)));
        piece.bytes += "\r\n";
    }
    output_tail_ = std::move(piece.bytes);
    if (size == 0 || (pending_length_ && *pending_length_ == 0)) pending_body_ = std::monostate{};
    if (has_output()) {
        flush();
    } else {
        go_on_sending();
    }
    process();
}

void Connection::body_sent() {
    pending_body_ = std::monostate{};
    pending_length_.reset();
    chunked_ = false;
    if (!keep_alive_) return linger();
    reset_for_next_request();
}

// The end
// ----------------------------------------------------------------------------------------------------

/// Closing with unread input would reset the connection and take the answer away from the peer before it has
/// read it: say that no more comes, and wait a little for the peer to close.
void Connection::linger() {
    const bool all_read = parser_ && parser_->is_done() && input_begin_ == input_end_ && !reading_;
    if (all_read && !tls_) return close();
    state_ = State::lingering;
    extend_deadline(linger_time);
    if (tls_) {
        tls_->async_shutdown([self = shared_from_this()](const error_code&) { self->close(); });
        return;
    }
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    discard();
}

void Connection::discard() {
    input_begin_ = input_end_ = 0;
    if (lingered_bytes_ > linger_bytes_max) return close();
    read_some();
}

void Connection::check_deadline(SteadyTime now) {
    const std::shared_ptr<Connection> alive = shared_from_this();
    if (state_ == State::handling && !writing_) {
        // No read is under way while the handler works, so look whether the peer is still there.
        char byte;
        const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno == ECONNRESET)) open_ = false;
        return;
    }
    if (now < deadline_) return;
    if (writing_) return close();
    switch (state_) {
        case State::head:
            if (input_begin_ == input_end_) return close();
            [[fallthrough]];
        case State::body: refuse(408); return process();
        case State::stream:
            if (pipe_full_) return extend_deadline(loop_->shared().options.stall_timeout);
            pipe_->fail(base::Failure{base::FailureKind::timed_out, "the client stopped sending its body"});
            keep_alive_ = false;
            state_ = State::handling;
            return;
        case State::closed: return;
        default: return close();
    }
}

void Connection::close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    open_ = false;
    lease_.reset();
    if (pipe_) pipe_->fail(base::Failure{base::FailureKind::unavailable, "the connection was closed"});
    error_code ignored;
    socket_.close(ignored);
    if (!is_listed_) return;
    is_listed_ = false;
    loop_->connections().erase(listed_);
    loop_->shared().open.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace net
