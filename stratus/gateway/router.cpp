#include "stratus/gateway/router.h"

#include <algorithm>

#include "stratus/gateway/request_target.h"
#include "wire/sigv4.h"

namespace stratus {
namespace {

bool speaks(const wire::Service& service, wire::Protocol protocol) {
    return std::find(service.protocols.begin(), service.protocols.end(), protocol) != service.protocols.end();
}

bool is_form(const net::RequestHead& head) {
    return head.headers.get_or("Content-Type", "").starts_with("application/x-www-form-urlencoded");
}

bool is_json(const net::RequestHead& head) {
    return head.headers.contains("X-Amz-Target") ||
           head.headers.get_or("Content-Type", "").starts_with("application/x-amz-json");
}

/// Among the protocols that the service speaks, the one this request is in.
wire::Protocol protocol_of(const wire::Service& service, const net::RequestHead& head) {
    if (is_json(head) && speaks(service, wire::Protocol::aws_json)) return wire::Protocol::aws_json;
    for (const auto form : {wire::Protocol::query, wire::Protocol::ec2_query}) {
        if (speaks(service, form)) return form;
    }
    return service.protocols.front();
}

wire::Protocol guess_protocol(const net::RequestHead& head) {
    if (is_json(head)) return wire::Protocol::aws_json;
    const bool has_action = find_parameter(query_of(head.target), "Action").has_value();
    return is_form(head) || has_action ? wire::Protocol::query : wire::Protocol::rest_xml;
}

/// "/123456789012/orders": where SQS queues live.
bool is_queue_path(std::string_view path) {
    if (path.size() < 15 || path[0] != '/' || path[13] != '/') return false;
    const auto account = path.substr(1, 12);
    return std::all_of(account.begin(), account.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           path.find('/', 14) == std::string_view::npos;
}

std::string_view without_port(std::string_view host) {
    if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
    return host.substr(0, host.find(':'));
}

bool looks_like_region(std::string_view label) {
    // eu-west-1, us-gov-east-1: letters, a hyphen somewhere, a digit at the end
    return is_region_name(label) && label.find('-') != std::string_view::npos && label.back() >= '0' &&
           label.back() <= '9';
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

/// The last ".s3." (or a leading "s3.") behind which stands a region or a name that cannot be part of a
/// bucket. Buckets may hold ".s3." themselves: predict.s3.example.com is one.
std::size_t find_s3_label(std::string_view host) {
    for (auto at = host.size(); (at = host.rfind("s3", at)) != std::string_view::npos; --at) {
        const bool starts_label = at == 0 || host[at - 1] == '.';
        const std::string_view rest = host.substr(at + 2);
        if (starts_label && (rest.starts_with('.') || rest.empty())) {
            const std::string_view behind = rest.empty() ? rest : rest.substr(1);
            const std::string_view label = behind.substr(0, behind.find('.'));
            if (at == 0 || looks_like_region(label) || label == "localhost" || behind == "amazonaws.com" ||
                label == "dualstack") {
                return at;
            }
        }
        if (at == 0) break;
    }
    return std::string_view::npos;
}

}  // namespace

bool is_region_name(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

HostParts parse_host(std::string_view host_and_port, std::span<const HostedService> services) {
    const std::string host = lower_case(without_port(host_and_port));
    HostParts parts;
    if (const auto at = find_s3_label(host); at != std::string::npos) {
        parts.service = "s3";
        parts.bucket = host.substr(0, at == 0 ? 0 : at - 1);
        std::string_view behind = std::string_view(host).substr(std::min(at + 3, host.size()));
        if (behind.starts_with("dualstack.")) behind.remove_prefix(10);
        const std::string_view label = behind.substr(0, behind.find('.'));
        if (looks_like_region(label)) parts.region = label;
        return parts;
    }
    const auto dot = host.find('.');
    if (dot == std::string::npos) return parts;
    const std::string first = host.substr(0, dot);
    const std::string_view rest = std::string_view(host).substr(dot + 1);
    for (const HostedService& service : services) {
        if (service.binding.service->name != first) continue;
        parts.service = first;
        const std::string_view label = rest.substr(0, rest.find('.'));
        if (looks_like_region(label)) parts.region = label;
        return parts;
    }
    constexpr std::string_view here = ".localhost";
    if (host.ends_with(here)) {
        parts.service = "s3";
        parts.bucket = host.substr(0, host.size() - here.size());
    }
    return parts;
}

const HostedService* Router::find(std::string_view name) const {
    for (const HostedService& service : services_) {
        const wire::Service& about = *service.binding.service;
        if (about.name == name || about.signing_name == name) return &service;
    }
    return nullptr;
}

const HostedService* Router::find_by_target(std::string_view target) const {
    const std::string_view prefix = target.substr(0, target.find('.'));
    for (const HostedService& service : services_) {
        if (!prefix.empty() && service.binding.service->target_prefix == prefix) return &service;
    }
    return nullptr;
}

bool Router::is_quick(const net::RequestHead& head) const {
    const auto target = head.headers.find("X-Amz-Target");
    if (!target) return false;
    const HostedService* service = find_by_target(*target);
    if (service == nullptr || service->quick_operations.empty()) return false;
    const std::string_view operation = std::string_view(*target).substr(target->find('.') + 1);
    if (std::ranges::find(service->quick_operations, operation) == service->quick_operations.end())
        return false;
    // Where a signature is for another service, that one is meant.
    const std::string scope = "/" + std::string(service->binding.service->signing_name) + "/aws4_request";
    return head.headers.get_or("Authorization", scope).find(scope) != std::string::npos;
}

Address Router::address_of(const net::RequestHead& head) const {
    Address address{.region = region_,
                    .path = std::string(path_of(head.target)),
                    .query = std::string(query_of(head.target))};
    const auto scope = wire::claimed_scope(
        {.method = head.method, .path = address.path, .query = address.query, .headers = head.headers});
    const auto host = parse_host(head.headers.get_or("Host", ""), services_);
    const auto target = head.headers.find("X-Amz-Target");

    if (scope) {
        address.service_name = scope->service;
        address.service = find(scope->service);
        address.region = scope->region;
    } else if (target) {
        address.service_name = target->substr(0, target->find('.'));
        address.service = find_by_target(*target);
    } else if (!host.service.empty()) {
        address.service_name = host.service;
        address.service = find(host.service);
    } else if (is_queue_path(address.path) && (is_form(head) || find_parameter(address.query, "Action"))) {
        address.service_name = "sqs";
        address.service = find("sqs");
    } else if (!is_form(head) && !find_parameter(address.query, "Action")) {
        address.service_name = "s3";
        address.service = find("s3");
    }  // else the form itself must say: look_into_form()
    if (address.service != nullptr) address.service_name = address.service->binding.service->name;
    if (!scope && !host.region.empty()) address.region = host.region;

    address.protocol =
        address.service ? protocol_of(*address.service->binding.service, head) : guess_protocol(head);
    if (address.service_name == "s3" && !host.bucket.empty()) address.path = "/" + host.bucket + address.path;
    return address;
}

void Router::look_into_form(std::string_view form, Address& address) const {
    auto version = find_parameter(form, "Version");
    auto action = find_parameter(form, "Action");
    if (!version) version = find_parameter(address.query, "Version");
    if (!action) action = find_parameter(address.query, "Action");
    for (const HostedService& service : services_) {
        const wire::Service& about = *service.binding.service;
        if (!speaks(about, wire::Protocol::query) && !speaks(about, wire::Protocol::ec2_query)) continue;
        const bool fits = version ? about.api_version == *version : action && wire::is_known(about, *action);
        if (!fits) continue;
        address.service = &service;
        address.service_name = about.name;
        address.protocol =
            speaks(about, wire::Protocol::query) ? wire::Protocol::query : wire::Protocol::ec2_query;
        return;
    }
}

}  // namespace stratus
