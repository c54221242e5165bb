#include "stratus/gateway/control_endpoints.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "base/log.h"

namespace stratus {
namespace {

/// A month either way is more than any test needs; beyond, arithmetic on instants would have to worry.
constexpr double advance_seconds_max = 10 * 366 * 86'400.0;

net::Response json_response(int status, const boost::json::value& body) {
    return {.status = status,
            .headers = {{"Content-Type", "application/json"}},
            .body = boost::json::serialize(body) + "\n"};
}

net::Response refusal(int status, std::string_view why) {
    return json_response(status, {{"error", why}});
}

}  // namespace

ControlEndpoints::ControlEndpoints(Options options, std::span<const HostedService> services, Store& store,
                                   base::OffsetClock& clock, Dispatcher& dispatcher,
                                   base::MetricsRegistry& metrics)
    : options_(std::move(options)),
      services_(services),
      store_(store),
      clock_(clock),
      dispatcher_(dispatcher),
      metrics_(metrics) {
    auto& parked = metrics.gauge("stratus_parked_requests", "Long polls that wait.");
    auto& queued = metrics.gauge("stratus_queued_requests", "Requests that wait for a worker.");
    auto& bytes = metrics.gauge("stratus_store_bytes", "Size of the store's files.");
    auto& writes = metrics.gauge("stratus_store_writes", "Transactions committed since the start.");
    auto& commits =
        metrics.gauge("stratus_store_commits", "Groups of transactions made durable since the start.");
    metrics.on_render([&, this] {
        const StoreStatistics statistics = store_.statistics();
        parked.set(static_cast<double>(dispatcher_.parked()));
        queued.set(static_cast<double>(dispatcher_.queued()));
        bytes.set(static_cast<double>(statistics.bytes));
        writes.set(static_cast<double>(statistics.writes));
        commits.set(static_cast<double>(statistics.commits));
    });
}

net::Response ControlEndpoints::answer(const net::Request& request) {
    const std::string& method = request.head.method;
    const std::string_view path =
        std::string_view(request.head.target).substr(0, request.head.target.find('?'));
    const bool is_read = method == "GET" || method == "HEAD";
    if (path == "/_stratus/health") return is_read ? health() : refusal(405, "GET only");
    if (path == "/_stratus/metrics") {
        if (!is_read) return refusal(405, "GET only");
        return {.headers = {{"Content-Type", "text/plain; version=0.0.4"}}, .body = metrics_.render()};
    }
    const bool is_test = path == "/_stratus/reset" || path == "/_stratus/clock";
    if (!is_test) return refusal(404, "no such endpoint");
    if (!options_.test_endpoints) return refusal(404, "stratusd was not started with --test-endpoints");
    if (method != "POST") return refusal(405, "POST only");
    return path == "/_stratus/reset" ? reset() : move_clock(request.body);
}

net::Response ControlEndpoints::health() const {
    boost::json::array names;
    for (const HostedService& service : services_) names.emplace_back(service.binding.service->name);
    const auto up =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_);
    return json_response(200, {{"status", "ok"},
                               {"services", std::move(names)},
                               {"region", options_.region},
                               {"account", options_.account},
                               {"uptime_seconds", up.count()},
                               {"test_endpoints", options_.test_endpoints}});
}

net::Response ControlEndpoints::reset() {
    base::Result<base::Unit> done = base::Unit{};
    dispatcher_.change_the_world([&] {
        done = store_.clear();
        for (const HostedService& service : services_) {
            if (service.reset && done.ok()) done = service.reset();
        }
        clock_.set_offset(base::Microseconds(0));
    });
    if (!done.ok()) return refusal(500, done.error().what);
    base::log_warning("gateway", "everything was emptied through /_stratus/reset");
    return json_response(200, {{"reset", true}});
}

net::Response ControlEndpoints::move_clock(const std::string& body) {
    const auto parsed = base::parse_json(body);
    const boost::json::object* object = parsed.ok() ? parsed->if_object() : nullptr;
    const boost::json::value* member = object ? object->if_contains("advance_seconds") : nullptr;
    boost::system::error_code not_a_number;
    const double seconds = member ? member->to_number<double>(not_a_number) : 0;
    if (!member || not_a_number || !(seconds >= 0 && seconds <= advance_seconds_max)) {
        return refusal(400, "wanted: {\"advance_seconds\": N} with N from 0 to ten years");
    }
    const auto by = std::chrono::duration_cast<base::Microseconds>(std::chrono::duration<double>(seconds));
    dispatcher_.change_the_world([&] { clock_.advance(by); });
    base::log_warning("gateway", "the clock was moved", {{"seconds", seconds}});
    return json_response(200, {{"offset_seconds", std::chrono::duration<double>(clock_.offset()).count()}});
}

}  // namespace stratus
