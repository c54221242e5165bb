// S3 PUT and GET of small objects against plain files: the same bytes, the same number of threads, the same
// file system, in turns. A server is running; bench/s3/run starts it and reads what this prints.
#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/files.h"
#include "base/random.h"
#include "wire/sigv4.h"

namespace {

namespace fs = std::filesystem;

struct Options {
    std::string host = "127.0.0.1";
    int port = 0;
    std::string access_key, secret_key, bucket, files, blobs;
    int threads = 16;
    int count = 4000;
    int size = 64 * 1024;
    int rounds = 5;
};

[[noreturn]] void fail(const std::string& why) {
    fmt::print(stderr, "s3_bench: {}\n", why);
    std::exit(2);
}

/// One kept-alive connection.
class Connection {
  public:
    explicit Connection(const Options& options)
        : options_(options),
          socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
          inbox_(256 * 1024, '\0') {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(options.port));
        ::inet_pton(AF_INET, options.host.c_str(), &address.sin_addr);
        if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            fail("connect");
        const int on = 1;
        ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }

    /// Sends one presigned request and reads its answer; the answer's body is counted and dropped.
    void exchange(const std::string& method, const std::string& key, const std::string& body,
                  std::size_t expected_bytes) {
        wire::OutgoingRequest request{.method = method, .path = "/" + options_.bucket + "/" + key};
        request.headers.set("Host", host_);
        const std::string query =
            wire::presigned_query(request, {options_.access_key, options_.secret_key, {}}, "eu-west-1", "s3",
                                  wire::SigningRules::s3, clock_.now(), std::chrono::seconds(60));
        std::string head = fmt::format("{} {}?{} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n", method,
                                       request.path, query, host_, body.size());
        iovec pieces[] = {{head.data(), head.size()}, {const_cast<char*>(body.data()), body.size()}};
        const auto sent = ::writev(socket_.get(), pieces, 2);
        if (sent < 0) fail("send");
        const auto done = static_cast<std::size_t>(sent);
        if (done < head.size()) fail("the head was cut");
        send_all(std::string_view(body).substr(done - head.size()));
        receive(expected_bytes);
    }

  private:
    void send_all(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) fail("send");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void receive(std::size_t expected_bytes) {
        std::size_t have = 0;
        std::size_t head_end = std::string::npos;
        while (head_end == std::string::npos) {
            have += receive_into(have);
            head_end = std::string_view(inbox_.data(), have).find("\r\n\r\n");
        }
        const std::string_view head(inbox_.data(), head_end);
        if (!head.starts_with("HTTP/1.1 200")) fail(std::string(inbox_.data(), have));
        std::size_t at = head.find("ontent-");
        std::size_t length = 0;
        for (; at != std::string_view::npos; at = head.find("ontent-", at + 1)) {
            if (!head.substr(at).starts_with("ontent-Length: ") &&
                !head.substr(at).starts_with("ontent-length: ")) {
                continue;
            }
            std::from_chars(head.data() + at + 15, head.data() + head.size(), length);
        }
        if (length != expected_bytes) fail(fmt::format("{} bytes in place of {}", length, expected_bytes));
        std::size_t body = have - head_end - 4;
        while (body < length) body += receive_into(0);
    }
    std::size_t receive_into(std::size_t offset) {
        const ssize_t got = ::recv(socket_.get(), inbox_.data() + offset, inbox_.size() - offset, 0);
        if (got <= 0) fail("recv");
        return static_cast<std::size_t>(got);
    }

    const Options& options_;
    const std::string host_ = fmt::format("{}:{}", options_.host, options_.port);
    base::Fd socket_;
    std::string inbox_;
    base::RealClock clock_;
};

/// Runs `each(thread, i)` for i in [0, count) spread over the threads; operations per second.
double timed(const Options& options, const std::function<std::function<void(int)>()>& make_worker) {
    std::atomic<int> next = 0;
    std::vector<std::thread> threads;
    const auto began = std::chrono::steady_clock::now();
    for (int t = 0; t < options.threads; ++t) {
        threads.emplace_back([&] {
            const auto work = make_worker();
            for (int i = next++; i < options.count; i = next++) work(i);
        });
    }
    for (auto& thread : threads) thread.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    return options.count / took.count();
}

std::string name_of(int round, int i) {
    return fmt::format("r{}-{:06}", round, i);
}

double write_files(const Options& options, const std::string& body, int round) {
    return timed(options, [&] {
        return [&](int i) {
            const fs::path path = fs::path(options.files) / name_of(round, i);
            const base::Fd file(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
            if (!file || !base::write_all(file.get(), body).ok() || ::fsync(file.get()) != 0) fail("write");
        };
    });
}

double read_files(const Options& options, int round) {
    return timed(options, [&] {
        return [&, buffer = std::string(static_cast<std::size_t>(options.size), '\0')](int i) mutable {
            const fs::path path = fs::path(options.files) / name_of(round, i);
            const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
            if (!file || ::read(file.get(), buffer.data(), buffer.size()) != options.size) fail("read");
        };
    });
}

double put_objects(const Options& options, const std::string& body, int round) {
    return timed(options, [&] {
        auto connection = std::make_shared<Connection>(options);
        return [&, connection](int i) { connection->exchange("PUT", name_of(round, i), body, 0); };
    });
}

double get_objects(const Options& options, int round) {
    return timed(options, [&] {
        auto connection = std::make_shared<Connection>(options);
        return [&, connection](int i) {
            connection->exchange("GET", name_of(round, i), "", static_cast<std::size_t>(options.size));
        };
    });
}

/// Drops a tree's pages from the page cache: what is read next comes from the disk.
void make_cold(const std::string& directory) {
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        const base::Fd file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) continue;
        ::fsync(file.get());
        ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    }
}

void report(const char* name, double per_second) {
    fmt::print("{{\"name\": \"{}\", \"per_second\": {:.1f}}}\n", name, per_second);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"S3 against plain files"};
    app.add_option("--port", options.port)->required();
    app.add_option("--access-key", options.access_key)->required();
    app.add_option("--secret-key", options.secret_key)->required();
    app.add_option("--bucket", options.bucket)->required();
    app.add_option("--files", options.files, "an empty directory for the plain files")->required();
    app.add_option("--blobs", options.blobs, "the server's blobs, to be made cold")->required();
    app.add_option("--threads", options.threads);
    app.add_option("--count", options.count);
    app.add_option("--size", options.size);
    app.add_option("--rounds", options.rounds);
    CLI11_PARSE(app, argc, argv);

    const std::string body = base::SystemRandom().bytes(static_cast<std::size_t>(options.size));
    for (int round = 0; round < options.rounds; ++round) {
        report("file write", write_files(options, body, round));
        report("s3 put", put_objects(options, body, round));
        make_cold(options.files);
        report("file read, cold", read_files(options, round));
        make_cold(options.blobs);
        report("s3 get, cold", get_objects(options, round));
        report("file read, cached", read_files(options, round));
        report("s3 get, cached", get_objects(options, round));
    }
    return 0;
}
