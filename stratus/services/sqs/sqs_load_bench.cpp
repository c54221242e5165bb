// A load client for bench/sqs: 32 connections, each sending, receiving and deleting batches of ten 1 KiB
// messages, over signed SQS JSON or over Redis's protocol (LPUSH and RPOP of the same bodies in the same
// batches).
//
//   sqs_load_bench redis 127.0.0.1:PORT SECONDS
//   sqs_load_bench sqs 127.0.0.1:PORT SECONDS QUEUE_URL ACCESS_KEY_ID SECRET
//
// Prints messages per second: those that went in and out again. One thread, so that the client takes as
// little as it can of the two cores; a request whose bytes do not change is signed once a second, as any
// client may do.
#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <fmt/core.h>

#include "base/clock.h"
#include "wire/sigv4.h"

namespace {

constexpr int connections = 32;
constexpr int batch = 10;
constexpr std::size_t body_bytes = 1024;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "sqs_load_bench: %s\n", why.c_str());
    std::exit(1);
}

std::string body_of(int i) {
    std::string body = fmt::format("message {} ", i);
    while (body.size() < body_bytes) body += static_cast<char>('a' + body.size() % 26);
    return body;
}

/// What one connection says next, and whether an answer is complete.
class Dialogue {
  public:
    virtual ~Dialogue() = default;
    virtual const std::string& next_request() = 0;
    /// Takes a whole answer off the front of `in`; false: more bytes are needed.
    virtual bool take_answer(std::string& in) = 0;
    long messages = 0;  ///< in and out again
};

class RedisDialogue final : public Dialogue {
  public:
    RedisDialogue() {
        const std::string name = "queue";
        push_ = fmt::format("*{}\r\n$5\r\nLPUSH\r\n${}\r\n{}\r\n", batch + 2, name.size(), name);
        for (int i = 0; i < batch; ++i)
            push_ += fmt::format("${}\r\n{}\r\n", body_bytes, body_of(i).substr(0, body_bytes));
        pop_ = fmt::format("*3\r\n$4\r\nRPOP\r\n${}\r\n{}\r\n$2\r\n{}\r\n", name.size(), name, batch);
    }
    const std::string& next_request() override {
        pushing_ = !pushing_;
        return pushing_ ? push_ : pop_;
    }
    bool take_answer(std::string& in) override {
        if (in.empty()) return false;
        if (in[0] == ':') {
            if (!in.ends_with("\r\n")) return false;
            in.clear();
            return true;
        }
        if (in[0] != '*') fail("Redis answered " + in.substr(0, 100));
        const auto line = in.find("\r\n");
        if (line == std::string::npos) return false;
        const long count = std::atol(in.c_str() + 1);
        const std::size_t element = fmt::format("${}\r\n", body_bytes).size() + body_bytes + 2;
        if (count < 0) fail("Redis's list was empty");
        if (in.size() < line + 2 + static_cast<std::size_t>(count) * element) return false;
        messages += count;
        in.clear();
        return true;
    }

  private:
    std::string push_;
    std::string pop_;
    bool pushing_ = false;
};

class SqsDialogue final : public Dialogue {
  public:
    SqsDialogue(std::string host, std::string queue_url, wire::Credentials credentials)
        : host_(std::move(host)), credentials_(std::move(credentials)) {
        send_ = "{\"QueueUrl\":\"" + queue_url + "\",\"Entries\":[";
        for (int i = 0; i < batch; ++i) {
            send_ += fmt::format("{}{{\"Id\":\"{}\",\"MessageBody\":\"{}\"}}", i == 0 ? "" : ",", i,
                                 body_of(i).substr(0, body_bytes));
        }
        send_ += "]}";
        receive_ = "{\"QueueUrl\":\"" + queue_url + "\",\"MaxNumberOfMessages\":10}";
        delete_head_ = "{\"QueueUrl\":\"" + queue_url + "\",\"Entries\":[";
    }
    const std::string& next_request() override {
        switch (step_) {
            case 0: return cached("SendMessageBatch", send_);
            case 1: return cached("ReceiveMessage", receive_);
            default: request_ = signed_request("DeleteMessageBatch", delete_); return request_;
        }
    }
    bool take_answer(std::string& in) override {
        const auto head_end = in.find("\r\n\r\n");
        if (head_end == std::string::npos) return false;
        const std::size_t length = content_length(std::string_view(in).substr(0, head_end));
        if (in.size() < head_end + 4 + length) return false;
        if (!in.starts_with("HTTP/1.1 200")) fail("SQS answered " + in.substr(0, 1000));
        const std::string_view body = std::string_view(in).substr(head_end + 4, length);
        if (step_ == 1) {
            read_handles(body);
        } else if (body.find("\"Failed\":[{") != std::string_view::npos) {
            fail("SQS answered " + in.substr(0, 1000));
        }
        if (step_ == 2) messages += held_;
        // Others may have taken what this connection sent: with nothing to delete it sends again.
        step_ = step_ == 1 && held_ == 0 ? 1 : (step_ + 1) % 3;
        in.clear();
        return true;
    }

  private:
    static std::size_t content_length(std::string_view head) {
        for (const std::string_view name : {"\r\ncontent-length: ", "\r\nContent-Length: "}) {
            const auto at = head.find(name);
            if (at != std::string_view::npos)
                return std::strtoul(head.data() + at + name.size(), nullptr, 10);
        }
        fail("an answer without Content-Length");
    }
    void read_handles(std::string_view body) {
        constexpr std::string_view key = "\"ReceiptHandle\":\"";
        delete_ = delete_head_;
        held_ = 0;
        for (auto at = body.find(key); at != std::string_view::npos; at = body.find(key, at)) {
            at += key.size();
            const std::string_view handle = body.substr(at, body.find('"', at) - at);
            delete_ += fmt::format("{}{{\"Id\":\"{}\",\"ReceiptHandle\":\"{}\"}}", held_ == 0 ? "" : ",",
                                   held_, handle);
            ++held_;
        }
        delete_ += "]}";
    }
    std::string signed_request(std::string_view operation, const std::string& body) {
        wire::OutgoingRequest request;
        request.method = "POST";
        request.path = "/";
        request.headers.add("Host", host_);
        request.headers.add("Content-Type", "application/x-amz-json-1.0");
        request.headers.add("X-Amz-Target", "AmazonSQS." + std::string(operation));
        request.body = body;
        wire::sign(request, credentials_, "eu-west-1", "sqs", wire::SigningRules::common, clock_.now());
        std::string text = "POST / HTTP/1.1\r\n";
        for (const auto [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
        return text + fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body;
    }
    const std::string& cached(std::string_view operation, const std::string& body) {
        static std::map<std::string, std::pair<std::chrono::steady_clock::time_point, std::string>,
                        std::less<>>
            all;
        auto& [made, text] = all[std::string(operation)];
        const auto now = std::chrono::steady_clock::now();
        if (text.empty() || now - made > std::chrono::seconds(1)) {
            text = signed_request(operation, body);
            made = now;
        }
        request_ = text;
        return request_;
    }

    base::RealClock clock_;
    std::string host_;
    wire::Credentials credentials_;
    std::string send_, receive_, delete_head_, delete_, request_;
    int step_ = 0;
    int held_ = 0;
};

struct Connection {
    int fd = -1;
    std::unique_ptr<Dialogue> dialogue;
    std::string out;
    std::size_t written = 0;
    std::string in;
};

int connect_to(const std::string& address) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
    if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1)
        fail("bad address " + address);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) fail("cannot connect to " + address);
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

void write_some(Connection& connection) {
    while (connection.written < connection.out.size()) {
        const ssize_t n = send(connection.fd, connection.out.data() + connection.written,
                               connection.out.size() - connection.written, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (n <= 0) fail("write: " + std::string(std::strerror(errno)));
        connection.written += static_cast<std::size_t>(n);
    }
}

void speak(Connection& connection) {
    connection.out = connection.dialogue->next_request();
    connection.written = 0;
    write_some(connection);
}

void listen_to(Connection& connection) {
    char bytes[65536];
    for (;;) {
        const ssize_t n = recv(connection.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (n <= 0) fail("the server closed a connection");
        connection.in.append(bytes, static_cast<std::size_t>(n));
        if (connection.dialogue->take_answer(connection.in)) speak(connection);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv, argv + argc);
    if (argc < 4) fail("see the head of the source for usage");
    const bool redis = args[1] == "redis";
    std::vector<Connection> all(connections);
    const int poll = epoll_create1(0);
    for (int i = 0; i < connections; ++i) {
        all[static_cast<std::size_t>(i)].fd = connect_to(args[2]);
        auto& one = all[static_cast<std::size_t>(i)];
        if (redis) {
            one.dialogue = std::make_unique<RedisDialogue>();
        } else {
            one.dialogue = std::make_unique<SqsDialogue>(args[2], args.at(4),
                                                         wire::Credentials{args.at(5), args.at(6), ""});
        }
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.u32 = static_cast<std::uint32_t>(i);
        epoll_ctl(poll, EPOLL_CTL_ADD, one.fd, &event);
    }
    const auto started = std::chrono::steady_clock::now();
    const auto end = started + std::chrono::seconds(std::atoi(args[3].c_str()));
    for (auto& one : all) speak(one);
    epoll_event events[connections];
    while (std::chrono::steady_clock::now() < end) {
        const int n = epoll_wait(poll, events, connections, 100);
        for (int i = 0; i < n; ++i) {
            Connection& one = all[events[i].data.u32];
            if (events[i].events & EPOLLOUT) write_some(one);
            if (events[i].events & EPOLLIN) listen_to(one);
        }
    }
    long messages = 0;
    for (const auto& one : all) messages += one.dialogue->messages;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    std::printf("%.0f\n", static_cast<double>(messages) / took.count());
}
