// Serves tiny answers until its input ends, for a load generator to be pointed at (bench/ runs it beside
// nginx):
//     http_server_bench inline|later [io threads]
// "later" posts each answer from another thread in batches, as a service does that waits for its log to be
// durable.
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

#include "net/http_server.h"

namespace {

using Sinks = std::vector<std::shared_ptr<net::ResponseSink>>;

net::Response pixel() {
    net::Response response;
    response.headers.add("Content-Type", "image/gif");
    response.body = std::string(43, 'g');
    return response;
}

class BenchHandler final : public net::Handler {
  public:
    explicit BenchHandler(bool later) : later_(later) {
        if (later_) thread_ = std::thread([this] { answer_in_batches(); });
    }
    ~BenchHandler() override {
        if (!thread_.joinable()) return;
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        waiting_changed_.notify_one();
        thread_.join();
    }
    net::Admission admit(const net::RequestHead&) override { return net::Buffer{.bytes_max = 4096}; }
    void handle(net::Request, std::shared_ptr<net::ResponseSink> sink) override {
        if (!later_) return sink->send(pixel());
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(sink));
        if (waiting_.size() == 1) waiting_changed_.notify_one();
    }

  private:
    void answer_in_batches() {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            waiting_changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            const Sinks batch = std::exchange(waiting_, {});
            lock.unlock();
            for (const auto& sink : batch) sink->send(pixel());
            lock.lock();
        }
    }

    const bool later_;
    std::mutex mutex_;
    std::condition_variable waiting_changed_;
    Sinks waiting_;          // protected by mutex_
    bool stopping_ = false;  // protected by mutex_
    std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
    BenchHandler handler(argc > 1 && std::string_view(argv[1]) == "later");
    const std::size_t threads = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
    auto server = net::HttpServer::start({.io_threads = threads}, handler);
    if (!server.ok()) return 1;
    std::printf("%u\n", server.value()->port());
    std::fflush(stdout);
    char byte;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    server.value()->stop();
    return 0;
}
