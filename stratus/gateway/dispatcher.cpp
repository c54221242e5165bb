#include "stratus/gateway/dispatcher.h"

#include <exception>

#include "base/crypto.h"
#include "base/encoding.h"
#include "stratus/gateway/body_adapters.h"
#include "wire/common_errors.h"

namespace stratus {
namespace {

/// Stands in where no service was found, so that even then the protocol's codec shapes the error.
constexpr wire::Service nobody{.name = "none", .signing_name = "none", .json_version = "1.0"};

net::Response to_net(wire::HttpResponse response) {
    return net::Response{.status = response.status,
                         .headers = std::move(response.headers),
                         .body = to_net_body(std::move(response.body))};
}

/// S3's second request id: opaque, but the same for the same request.
std::string host_id_of(std::string_view request_id) {
    return base::base64_encode(base::sha256(request_id));
}

}  // namespace

net::Response error_response(const wire::Service* service, wire::Protocol protocol, const wire::Error& error,
                             const wire::ErrorDetails& details) {
    const wire::Service& about = service == nullptr ? nobody : *service;
    return to_net(wire::codec_of(protocol).encode_error(about, error, details));
}

Dispatcher::Dispatcher(Options options, EventBus& events, const base::Clock& clock,
                       base::MetricsRegistry& metrics)
    : events_(events),
      metrics_(metrics),
      workers_({.name = "worker", .threads = options.workers, .queue_max = options.queue_max}),
      streams_({.name = "stream", .threads = options.streams, .queue_max = options.streams_queue_max}),
      parking_(
          events, clock, [this](std::function<void()> run) { return workers_.try_submit(std::move(run)); },
          options.parked_max) {}

Dispatcher::~Dispatcher() {
    stop();
}

void Dispatcher::stop() {
    parking_.stop();
    streams_.stop();
    workers_.stop();
}

bool Dispatcher::submit(const ExchangePtr& exchange, std::function<void()> work) {
    return (exchange->stream ? streams_ : workers_).try_submit(std::move(work));
}

void Dispatcher::invoke(const ExchangePtr& exchange) {
    try {
        run_handler(exchange);
    } catch (const std::exception& stray) {
        answer_error(exchange, wire::internal_failure(std::string("a handler threw: ") + stray.what()));
    }
}

void Dispatcher::run_handler(const ExchangePtr& exchange) {
    exchange->hold.forget();
    exchange->context.hold = &exchange->hold;
    wire::Outcome<wire::Reply> outcome = [&] {
        const std::shared_lock lock(world_);
        return exchange->operation->invoke(exchange->address.service->binding.api, exchange->context,
                                           exchange->input.get());
    }();
    if (!outcome.ok()) return answer_error(exchange, outcome.error());
    wire::Reply reply = outcome.take();
    if (auto* until = std::get_if<wire::Park>(&reply)) return park(exchange, std::move(*until));
    answer(exchange, std::get<wire::Value>(reply).get());
}

void Dispatcher::park(const ExchangePtr& exchange, wire::Park until) {
    exchange->parked = true;
    const bool parked =
        parking_.park(std::move(until), exchange->client, [this, exchange] { invoke(exchange); });
    if (!parked) answer_error(exchange, wire::service_unavailable("too many requests are parked"));
}

/// Encodes now, while the output is at hand; sends when what the handler wrote is on disk.
void Dispatcher::answer(const ExchangePtr& exchange, const void* output) {
    const wire::Codec& codec = wire::codec_of(exchange->address.protocol);
    auto encoded = std::make_shared<wire::HttpResponse>(
        codec.encode_response(*exchange->address.service->binding.service, *exchange->operation, output,
                              exchange->context.request_id));
    exchange->hold.release([this, exchange, encoded](const base::Result<base::Unit>& durable) {
        if (!durable.ok()) return answer_error(exchange, wire::to_wire(durable.error()));
        record(*exchange, encoded->status, nullptr);
        exchange->client->send(to_net(std::move(*encoded)));
    });
}

void Dispatcher::answer_error(const ExchangePtr& exchange, const wire::Error& error) {
    const Address& address = exchange->address;
    const wire::Service* service = address.service ? address.service->binding.service : nullptr;
    const std::string host_id = host_id_of(exchange->context.request_id);
    net::Response response = error_response(
        service, address.protocol, error,
        {.request_id = exchange->context.request_id, .host_id = host_id, .resource = address.path});
    if (response.status == 503) response.headers.set("Retry-After", "1");
    record(*exchange, response.status, &error);
    exchange->client->send(std::move(response));
}

void Dispatcher::record(const Exchange& exchange, int status, const wire::Error* error) {
    const Address& address = exchange.address;
    metrics_.record({
        .service = address.service ? address.service->binding.service->name : std::string_view(),
        .operation = exchange.operation ? exchange.operation->name : std::string_view(),
        .request_id = exchange.context.request_id,
        .account = exchange.context.caller.account,
        .region = exchange.context.region,
        .source_ip = exchange.context.source_ip,
        .status = status,
        .error = error,
        .took = std::chrono::steady_clock::now() - exchange.began,
        .parked = exchange.parked,
    });
}

void Dispatcher::change_the_world(const std::function<void()>& change) {
    {
        const std::unique_lock lock(world_);
        change();
    }
    events_.notify_all();
    parking_.reconsider();
}

}  // namespace stratus
