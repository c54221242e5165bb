#include "stratus/gateway/pipeline.h"

#include <algorithm>
#include <charconv>
#include <exception>

#include "stratus/gateway/body_adapters.h"
#include "wire/body_digest.h"
#include "wire/common_errors.h"
#include "wire/select.h"
#include "wire/validate.h"

namespace stratus {
namespace {

/// S3's largest single upload, plus the framing and trailers of aws-chunked.
constexpr std::uint64_t stream_bytes_max = 5ULL * 1024 * 1024 * 1024 + 64 * 1024 * 1024;
/// Uploads up to this size are read whole before a thread takes them: one hand-over in place of many.
constexpr std::uint64_t small_stream_bytes_max = 512 * 1024;
/// What may be decoded on an I/O thread.
constexpr std::size_t quick_bytes_max = 64 * 1024;
constexpr std::uint64_t control_bytes_max = 64 * 1024;
/// Where no service is known: enough for the form that may tell.
constexpr std::uint64_t unknown_bytes_max = 1024 * 1024;

std::optional<std::uint64_t> content_length(const net::RequestHead& head) {
    const auto text = head.headers.find("Content-Length");
    std::uint64_t length = 0;
    if (!text) return std::nullopt;
    const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), length);
    if (error != std::errc() || rest != text->data() + text->size()) return std::nullopt;
    return length;
}

bool takes_a_stream(const wire::Operation& operation) {
    if (operation.input == nullptr) return false;
    return std::ranges::any_of(operation.input->members, [](const wire::Member& member) {
        return member.shape != nullptr && member.shape->kind == wire::Kind::stream_in;
    });
}

bool is_rest(wire::Protocol protocol) {
    return protocol == wire::Protocol::rest_xml || protocol == wire::Protocol::rest_json;
}

/// Known from the head alone, as only REST operations are: may its body be long?
bool asks_for_a_stream(const Address& address, const net::RequestHead& head) {
    if (address.service == nullptr || !is_rest(address.protocol)) return false;
    const wire::Route* route = wire::find_route(*address.service->binding.service, head.method, address.path,
                                                address.query, head.headers);
    return route != nullptr && route->operation != nullptr && takes_a_stream(*route->operation);
}

wire::HttpRequest as_wire(const Exchange& exchange) {
    return {.method = exchange.head.method,
            .path = exchange.address.path,
            .query = exchange.address.query,
            .headers = exchange.head.headers,
            .body = exchange.body,
            .stream = exchange.stream};
}

}  // namespace

/// The life of a request. Admission came before (admit(), on the head alone); the handler comes after
/// (Dispatcher::invoke). A stage that fails ends it: the dispatcher answers with the error.
const Pipeline::Stage Pipeline::stages[] = {
    &Pipeline::find_service,    // credential scope, X-Amz-Target, host, path; a form's Version and Action
    &Pipeline::authenticate,    // SigV4, session tokens; or what --accept-any-credentials believes
    &Pipeline::find_operation,  // X-Amz-Target, Action, or method and path
    &Pipeline::authorise,       // who may do what
    &Pipeline::decode_and_validate,  // bytes to the typed input, checked against the model
};

Pipeline::Pipeline(const Router& router, Admission& admission, const Authenticator& authenticator,
                   Dispatcher& dispatcher, ControlEndpoints& control, base::Random& random,
                   const base::Clock& clock)
    : router_(router),
      admission_(admission),
      authenticator_(authenticator),
      dispatcher_(dispatcher),
      control_(control),
      random_(random),
      clock_(clock) {}

net::Admission Pipeline::admit(const net::RequestHead& head) {
    if (ControlEndpoints::is_control(head.target)) return net::Buffer{control_bytes_max};
    const Address address = router_.address_of(head);
    const auto length = content_length(head);
    const bool streams = asks_for_a_stream(address, head);
    if (streams && !(length && *length <= small_stream_bytes_max)) {
        auto lease = admission_.enter_streamed();
        if (!lease)
            return net::Refuse{refuse(address, wire::service_unavailable("too many uploads at once"))};
        return net::Stream{stream_bytes_max, std::move(lease)};
    }
    const std::uint64_t most = streams           ? small_stream_bytes_max
                               : address.service ? address.service->body_bytes_max
                                                 : unknown_bytes_max;
    if (length && *length > most) return net::Refuse{refuse(address, wire::request_too_large(most))};
    const bool has_body = head.method != "GET" && head.method != "HEAD";
    auto lease = admission_.enter_buffered(length.value_or(has_body ? most : 0));
    if (!lease) return net::Refuse{refuse(address, wire::service_unavailable("too many requests at once"))};
    return net::Buffer{most, std::move(lease)};
}

net::Response Pipeline::refuse(const Address& address, const wire::Error& error) const {
    const std::string request_id = random_.uuid4();
    net::Response response =
        error_response(address.service ? address.service->binding.service : nullptr, address.protocol, error,
                       {.request_id = request_id, .resource = address.path});
    if (response.status == 503) response.headers.set("Retry-After", "1");
    return response;
}

void Pipeline::handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) {
    if (ControlEndpoints::is_control(request.head.target)) {
        // On a worker: a reset waits for handlers to end, and rendering metrics may take a while.
        auto exchange = std::make_shared<Exchange>();
        const bool taken = dispatcher_.submit(
            exchange, [this, sink, request = std::move(request)] { sink->send(control_.answer(request)); });
        if (!taken) sink->send({.status = 503, .headers = {{"Retry-After", "1"}}});
        return;
    }
    auto exchange = std::make_shared<Exchange>();
    exchange->head = std::move(request.head);
    exchange->client = std::move(sink);
    if (asks_for_a_stream(router_.address_of(exchange->head), exchange->head)) {
        exchange->stream = wire::reader_of(std::move(request.body));
    } else {
        exchange->body = std::move(request.body);
    }
    begin(exchange);
}

void Pipeline::handle_stream(net::RequestHead head, std::shared_ptr<net::BodyReader> body,
                             std::shared_ptr<net::ResponseSink> sink) {
    auto exchange = std::make_shared<Exchange>();
    exchange->head = std::move(head);
    exchange->stream = to_wire_reader(std::move(body));
    exchange->client = std::move(sink);
    begin(exchange);
}

void Pipeline::begin(const ExchangePtr& exchange) {
    wire::Context& context = exchange->context;
    context.request_id = random_.uuid4();
    context.received = clock_.now();
    context.host = exchange->head.headers.get_or("Host", "");
    context.source_ip = exchange->head.peer_address;
    context.secure = exchange->head.secure;
    const bool small = !exchange->stream && exchange->body.size() <= quick_bytes_max;
    if (small && router_.is_quick(exchange->head)) return run(exchange);
    if (!dispatcher_.submit(exchange, [this, exchange] { run(exchange); })) {
        dispatcher_.answer_error(exchange, wire::service_unavailable("all workers are busy"));
    }
}

void Pipeline::run(const ExchangePtr& exchange) {
    try {
        for (const Stage stage : stages) {
            auto passed = (this->*stage)(*exchange);
            if (!passed.ok()) return dispatcher_.answer_error(exchange, passed.error());
        }
    } catch (const std::exception& stray) {
        return dispatcher_.answer_error(
            exchange, wire::internal_failure(std::string("a stage threw: ") + stray.what()));
    }
    dispatcher_.invoke(exchange);
}

wire::Outcome<base::Unit> Pipeline::find_service(Exchange& exchange) const {
    exchange.address = router_.address_of(exchange.head);
    Address& address = exchange.address;
    if (address.service == nullptr) router_.look_into_form(exchange.body, address);
    if (address.service == nullptr) {
        if (address.service_name.empty()) return wire::missing_action();
        return wire::Error("UnsupportedOperation",
                           "Stratus has no service '" + address.service_name.substr(0, 64) + "'.", 501);
    }
    if (!is_region_name(address.region)) {
        return wire::Error("InvalidParameterValue", "The region of the request is not a region name.", 400);
    }
    exchange.context.region = address.region;
    return base::Unit{};
}

wire::Outcome<base::Unit> Pipeline::authenticate(Exchange& exchange) const {
    return authenticator_.authenticate(exchange);
}

wire::Outcome<base::Unit> Pipeline::find_operation(Exchange& exchange) const {
    const auto selection =
        TRY(wire::select_operation(*exchange.address.service->binding.service, as_wire(exchange)));
    exchange.address.protocol = selection.protocol;
    exchange.operation = selection.operation;
    return base::Unit{};
}

/// Root of an account may do everything in it; services keep accounts and regions apart by the context.
/// Policies come with IAM. Whoever did not sign may do only what the model opens to everybody.
wire::Outcome<base::Unit> Pipeline::authorise(Exchange& exchange) const {
    if (!exchange.context.caller.account.empty() || exchange.operation->anonymous) return base::Unit{};
    if (exchange.address.protocol == wire::Protocol::rest_xml) return wire::access_denied("Access Denied");
    return wire::missing_authentication_token();
}

wire::Outcome<base::Unit> Pipeline::decode_and_validate(Exchange& exchange) const {
    const wire::Service& service = *exchange.address.service->binding.service;
    exchange.input = exchange.operation->input->structure->make();
    if (service.validation == wire::ValidationStyle::s3 && !exchange.stream) {
        TRY(wire::check_body_digests(*exchange.operation, exchange.head.headers, exchange.body));
    }
    wire::Problems problems;
    TRY(wire::codec_of(exchange.address.protocol)
            .decode_request(service, *exchange.operation, as_wire(exchange), exchange.input.get(), problems));
    TRY(wire::validate(service, *exchange.operation, exchange.input.get(), std::move(problems)));
    exchange.body.clear();  // the input holds what matters; a parked request should be small
    exchange.body.shrink_to_fit();
    return base::Unit{};
}

}  // namespace stratus
