#include "cubed/simulate/delivery.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/log.h"
#include "net/http_client.h"

namespace cubed::simulate {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using namespace std::chrono_literals;

namespace {

/// Hits of one browser's visitors, in order of time.
struct Request {
    std::size_t browser = 0;
    std::vector<std::size_t> hits;  ///< indices into the traffic
};

std::vector<Request> requests_of(const Traffic& traffic, std::size_t hits_per_request) {
    std::vector<Request> full;
    std::vector<Request> open(browser_count());
    for (std::size_t i = 0; i < traffic.hits.size(); ++i) {
        const std::size_t browser = browser_of(traffic.hits[i].visitor);
        open[browser].browser = browser;
        open[browser].hits.push_back(i);
        if (open[browser].hits.size() < hits_per_request) continue;
        full.push_back(std::move(open[browser]));
        open[browser] = {};
    }
    for (Request& rest : open) {
        if (!rest.hits.empty()) full.push_back(std::move(rest));
    }
    return full;
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

class Courier {
  public:
    Courier(const World& world, const Site& site, const Traffic& traffic, const DeliveryOptions& options,
            const std::function<void(std::size_t)>& progress)
        : world_(world),
          site_(site),
          traffic_(traffic),
          options_(options),
          progress_(progress),
          requests_(requests_of(traffic, options.hits_per_request)),
          client_({.connections_max = options.connections, .user_agent = ""}) {}

    Result<Delivered> run() {
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < options_.connections; ++i) threads.emplace_back([this] { work(); });
        for (std::thread& thread : threads) thread.join();
        if (failure_) return *failure_;
        return Delivered{acknowledged_.load(), refused_.load()};
    }

  private:
    void work() {
        while (!failed_.load()) {
            const std::size_t index = next_.fetch_add(1);
            if (index >= requests_.size()) return;
            const auto sent = send(requests_[index]);
            if (!sent.ok()) {
                const std::lock_guard lock(mutex_);
                failure_ = sent.error();
                failed_.store(true);
                changed_.notify_all();
            }
        }
    }

    Result<Unit> send(const Request& request) {
        std::string body = "[";
        for (const std::size_t hit : request.hits) {
            if (body.size() > 1) body += ',';
            body += render_hit(world_, site_, traffic_.hits[hit]);
        }
        body += ']';
        const Browser& used = browser(request.browser);
        const net::ClientRequest message{.method = "POST",
                                         .url = options_.collector + "/hit",
                                         .headers = {{"Content-Type", "text/plain"},
                                                     {"User-Agent", used.user_agent},
                                                     {"Accept-Language", used.language}},
                                         .body = std::move(body)};
        const auto give_up = std::chrono::steady_clock::now() + options_.patience;
        for (auto pause = 100ms;; pause = std::min(2 * pause, 5000ms)) {
            const auto answer = client_.send(message);
            if (answer.ok() && answer->status == 200) return note(request, answer->body);
            const bool later = !answer.ok() || answer->status == 503 || answer->status == 429;
            if (!later || std::chrono::steady_clock::now() > give_up) {
                return Failure{FailureKind::unavailable,
                               answer.ok() ? "the collector answered " + std::to_string(answer->status) +
                                                 ": " + answer->body.substr(0, 200)
                                           : "the collector cannot be reached: " + answer.error().what};
            }
            std::unique_lock lock(
                mutex_);  // until it is time to try again, or another request has failed for good
            if (changed_.wait_for(lock, pause, [this] { return failed_.load(); })) return *failure_;
        }
    }

    Result<Unit> note(const Request& request, std::string_view answer) {
        constexpr std::string_view refusal = R"({"status": false)";
        if (const std::size_t refused = count_of(answer, refusal); refused > 0) {
            if (refused_.fetch_add(refused) == 0) {
                const std::string_view sample = answer.substr(answer.find(refusal), 200);
                base::log_warning("simulate", "the collector refused hits", {{"answer", sample}});
            }
            acknowledged_.fetch_add(request.hits.size() - refused);
        } else {
            acknowledged_.fetch_add(request.hits.size());
        }
        progress_(acknowledged_.load());
        return Unit{};
    }

    const World& world_;
    const Site& site_;
    const Traffic& traffic_;
    const DeliveryOptions& options_;
    const std::function<void(std::size_t)>& progress_;
    const std::vector<Request> requests_;
    net::HttpClient client_;
    std::atomic<std::size_t> next_{0}, acknowledged_{0}, refused_{0};
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Failure> failure_;  // protected by mutex_ until the threads are joined
};

}  // namespace

Result<Delivered> deliver(const World& world, const Site& site, const Traffic& traffic,
                          const DeliveryOptions& options, const std::function<void(std::size_t)>& progress) {
    return Courier(world, site, traffic, options, progress).run();
}

}  // namespace cubed::simulate
