#include "cubed/dps/service.h"

#include <condition_variable>

#include "base/log.h"
#include "cubed/control/create_account.h"
#include "cubed/dps/sqs_source.h"

namespace cubed::dps {

using base::Result;
using base::Unit;

Service::Service(Cloud cloud, Tools tools, base::MetricsRegistry& metrics, Options options)
    : cloud_(std::move(cloud)),
      secrets_(cloud_),
      tools_(tools),
      metrics_(metrics),
      options_(std::move(options)) {}

Service::~Service() = default;

Result<Unit> Service::start(const control::Account& account) {
    auto station = std::make_unique<Station>();
    station->account = account;
    station->queue = TRY(SqsSource::open(cloud_, account.queue_name));
    station->metrics = std::make_unique<AccountMetrics>(metrics_, account.token);
    Station& at = *station;
    for (std::size_t i = 0; i < options_.workers; ++i) {
        at.workers.emplace_back([this, &at](std::stop_token stop) {
            const auto current = [&at]() -> std::optional<control::Account> {
                const std::lock_guard lock(at.mutex);
                return at.account;
            };
            const auto settings = [this, current] { return control::client_settings(secrets_, *current()); };
            Processor(current, *at.queue, settings, tools_, *at.metrics, options_.processor).run(stop);
        });
    }
    stations_[account.token] = std::move(station);
    base::log_info("dps", "account is served", {{"account", account.token}, {"queue", account.queue_name}});
    return Unit{};
}

Result<Unit> Service::refresh(std::stop_token stop) {
    if (!attrib_ || !attrib_->usable()) {
        attrib_.reset();
        attrib_ = TRY(database::connect_when_up([this] { return control::attrib_settings(secrets_); }, stop));
    }
    auto accounts = control::load_accounts(*attrib_);
    if (!accounts.ok()) return accounts.take_error();
    std::map<std::string, bool> there;
    for (const control::Account& account : *accounts) {
        if (!options_.account.empty() && account.token != options_.account) continue;
        there[account.token] = true;
        if (const auto known = stations_.find(account.token); known != stations_.end()) {
            const std::lock_guard lock(known->second->mutex);
            known->second->account = account;
        } else if (auto started = start(account); !started.ok()) {
            base::log_warning("dps", "account is not served yet",
                              {{"account", account.token}, {"reason", started.error().what}});
        }
    }
    if (!options_.account.empty() && there.empty()) {
        base::log_warning("dps", "there is no such account yet", {{"account", options_.account}});
    }
    std::erase_if(stations_, [&](const auto& station) { return !there.contains(station.first); });
    return Unit{};
}

void Service::measure() {
    for (const auto& [token, station] : stations_) {
        if (const auto depth = station->queue->depth(); depth.ok())
            station->metrics->queue_depth.set(double(*depth));
    }
}

void Service::run(std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        if (auto refreshed = refresh(stop); !refreshed.ok() && !stop.stop_requested()) {
            base::log_warning("dps", "accounts cannot be read", {{"reason", refreshed.error().what}});
        }
        measure();
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, options_.processor.refresh, [] { return false; });
    }
    // All at once, so that their long polls end together.
    for (const auto& [token, station] : stations_) {
        for (std::jthread& worker : station->workers) worker.request_stop();
    }
    stations_.clear();
}

net::Admission MetricsHandler::admit(const net::RequestHead& head) {
    if (head.method == "GET" && (head.target == "/metrics" || head.target == "/health"))
        return net::Buffer{0};
    return net::Refuse{
        {.status = 404, .headers = {{"Content-Type", "text/plain"}}, .body = std::string("not found\n")}};
}

void MetricsHandler::handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) {
    const bool health = request.head.target == "/health";
    sink->send({.status = 200,
                .headers = {{"Content-Type", "text/plain; version=0.0.4"}},
                .body = health ? std::string("ok\n") : metrics_.render()});
}

}  // namespace cubed::dps
