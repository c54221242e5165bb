#include "wire/select.h"

#include <algorithm>

#include <fmt/format.h>

#include "wire/common_errors.h"
#include "wire/form.h"
#include "wire/uri_pattern.h"

namespace wire {
namespace {

bool speaks(const Service& service, Protocol protocol) {
    return std::ranges::find(service.protocols, protocol) != service.protocols.end();
}

Outcome<const Operation*> by_name(const Service& service, std::string_view name, Error unknown) {
    if (const Operation* operation = find_operation(service, name)) return operation;
    if (is_known(service, name)) return not_implemented(std::string(name));
    return unknown;
}

Outcome<const Operation*> by_target(const Service& service, const HttpRequest& request) {
    const auto target = request.headers.find("x-amz-target");
    if (!target) return missing_action();
    const std::size_t dot = target->rfind('.');
    Error unknown = unknown_operation(fmt::format("The operation {} is not known.", *target));
    if (dot == std::string_view::npos || target->substr(0, dot) != service.target_prefix) return unknown;
    return by_name(service, target->substr(dot + 1), std::move(unknown));
}

Outcome<const Operation*> by_action(const Service& service, const HttpRequest& request) {
    auto form = Form::parse(request.query);
    if (form.ok()) {
        const auto added = form->add(request.body);
        if (!added.ok()) form = added.error();
    }
    if (!form.ok())
        return malformed_query_string("The query string contains a syntax error: " + form.error().what);
    const std::string* action = form->find("Action");
    if (!action) return missing_action();
    return by_name(service, *action,
                   invalid_action(fmt::format("The action {} is not valid for this web service.", *action)));
}

/// How well a route fits; negative: not at all.
int fitness(const Route& route, std::string_view method, std::string_view path, const Form& query,
            const net::Headers& headers) {
    if (route.method != method || !match_path(route.uri, path)) return -1;
    int score = 100 * literal_segments(route.uri);
    for (const auto& [name, value] : literal_query(route.uri)) {
        const std::string* given = query.find(name);
        if (!given || (!value.empty() && *given != value)) return -1;
        score += 10;
    }
    for (const std::string_view name : route.required_query) {
        if (!query.find(name)) return -1;
        ++score;
    }
    for (const std::string_view name : route.required_headers) {
        if (!headers.contains(name)) return -1;
        ++score;
    }
    // "/{Bucket}" before "/{Key+}" for what both could take.
    return 2 * score + (route.uri.find("+}") == std::string_view::npos ? 1 : 0);
}

Outcome<const Operation*> by_route(const Service& service, const HttpRequest& request) {
    const Route* route = find_route(service, request.method, request.path, request.query, request.headers);
    if (!route) {
        Error error("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
        if (service.protocols.front() == Protocol::rest_json) {
            return Error("UnknownOperationException", "The operation is not known.", 404);
        }
        return std::move(error).with("Method", std::string(request.method));
    }
    if (!route->operation) return not_implemented(std::string(route->name));
    return route->operation;
}

}  // namespace

const Route* find_route(const Service& service, std::string_view method, std::string_view path,
                        std::string_view query, const net::Headers& headers) {
    const auto form = Form::parse(query);
    if (!form.ok()) return nullptr;
    const Route* best = nullptr;
    int best_fitness = -1;
    for (const Route& route : service.routes) {
        const int fit = fitness(route, method, path, *form, headers);
        // Two names for one request (GetBucketLifecycle and ...Configuration): the implemented one.
        if (fit > best_fitness || (fit >= 0 && fit == best_fitness && route.operation && !best->operation)) {
            best = &route;
            best_fitness = fit;
        }
    }
    return best;
}

Protocol protocol_of(const Service& service, const HttpRequest& request) {
    if (service.protocols.size() == 1) return service.protocols.front();
    const auto type = request.headers.get_or("content-type", "");
    const bool json = request.headers.contains("x-amz-target") || type.starts_with("application/x-amz-json");
    if (json && speaks(service, Protocol::aws_json)) return Protocol::aws_json;
    if (speaks(service, Protocol::query)) return Protocol::query;
    return service.protocols.front();
}

Outcome<Selection> select_operation(const Service& service, const HttpRequest& request) {
    const Protocol protocol = protocol_of(service, request);
    switch (protocol) {
        case Protocol::aws_json: return Selection{protocol, TRY(by_target(service, request))};
        case Protocol::query:
        case Protocol::ec2_query: return Selection{protocol, TRY(by_action(service, request))};
        case Protocol::rest_json:
        case Protocol::rest_xml: return Selection{protocol, TRY(by_route(service, request))};
    }
    __builtin_unreachable();
}

}  // namespace wire
