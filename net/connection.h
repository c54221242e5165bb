// One client's connection: reads requests, asks the handler, writes answers. Only net's .cpp files include
// this.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "net/body_pipe.h"
#include "net/loop.h"
#include "net/request_parser.h"
#include "net/response_head.h"

namespace net {

/// Lives on its loop's thread; only connected() may be asked from elsewhere. Requests of one connection are
/// handled one after the other: the next is not looked at before the answer to this one is on its way.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(std::shared_ptr<Loop> loop, boost::asio::ip::tcp::socket socket, std::string peer_address);
    ~Connection();

    /// Starts serving; or, over the limit of connections, says so and hangs up.
    void start();
    void start_refusing();

    void respond(Response response);
    void body_piece(BodyPiece piece);
    void resume_reading();
    void check_deadline(std::chrono::steady_clock::time_point now);
    void close();

    bool connected() const { return open_.load(std::memory_order_relaxed); }
    const std::shared_ptr<Loop>& loop() const { return loop_; }

  private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    enum class State {
        handshake,
        head,       ///< reading a request's head, or waiting for one
        body,       ///< reading a body into memory
        stream,     ///< feeding a body to its reader; the answer may come at any time
        handling,   ///< the handler has the request
        sending,    ///< a body is being written piece by piece
        lingering,  ///< answered and shut down; waiting for the peer to notice
        closed,
    };
    enum class Step { again, need_input, wait };

    // Reading.
    void shake_hands();
    void read_some();
    void on_read(const boost::system::error_code& error, std::size_t size);
    void process();
    Step step();
    Step read_head();
    Step begin_request();
    Step admit();
    Step begin_stream();
    Step read_body();
    Step read_stream();
    bool feed(boost::system::error_code& error);
    Step refuse(int status);
    void dispatch();
    std::shared_ptr<ResponseSink> make_sink();
    void reset_for_next_request();

    // Writing.
    void append_answer(Response response);
    BodyFraming frame(const Response& response, std::optional<std::uint64_t> length, bool body_follows);
    bool has_output() const { return !output_.empty() || !output_tail_.empty(); }
    void flush();
    void flush_plain();
    void flush_tls();
    void on_flushed();
    void go_on_sending();
    void send_file_plain();
    void load_file_piece();
    void request_body_piece();
    void body_sent();
    void when_writable();
    void on_written(const boost::system::error_code& error);
    void linger();
    void discard();

    void extend_deadline(std::chrono::milliseconds by);
    void peer_gone();

    const std::shared_ptr<Loop> loop_;
    boost::asio::ip::tcp::socket socket_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
    const std::string peer_address_;
    std::list<Connection*>::iterator listed_;
    std::atomic<bool> open_{true};
    bool is_listed_ = false;

    State state_ = State::head;
    SteadyTime deadline_;
    bool processing_ = false, reading_ = false, writing_ = false;

    // Input: what has been read and not yet parsed is input_[input_begin_, input_end_).
    std::vector<char> input_;
    std::size_t input_begin_ = 0, input_end_ = 0;
    std::optional<RequestParser> parser_;
    RequestHead head_;
    std::string body_;
    SteadyTime body_started_;
    std::shared_ptr<BodyPipe> pipe_;
    std::shared_ptr<void> lease_;  ///< from admission to the sink
    bool pipe_full_ = false;

    // Output: output_ then output_tail_, from output_sent_ on; after them what pending_body_ holds.
    std::string output_, output_tail_;
    std::size_t output_sent_ = 0;
    std::variant<std::monostate, FileRange, std::shared_ptr<BodyReader>> pending_body_;
    std::optional<std::uint64_t> pending_length_;  ///< of a reader's body: what is still owed
    bool chunked_ = false;
    bool head_only_ = false, keep_alive_ = true, http10_ = false, awaiting_answer_ = false;
    std::size_t lingered_bytes_ = 0;
};

}  // namespace net
