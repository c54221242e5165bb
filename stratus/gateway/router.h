// Router: which service a request is for, from its head alone.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "net/message.h"
#include "stratus/gateway/hosted_service.h"
#include "wire/service.h"

namespace stratus {

/// Where a request goes.
struct Address {
    const HostedService* service =
        nullptr;               ///< null: nobody here; `protocol` is then a guess, for the error's shape
    std::string service_name;  ///< as the request says it
    wire::Protocol protocol = wire::Protocol::rest_xml;
    std::string region;
    std::string path;   ///< as sent, but with a bucket from the host name put in front
    std::string query;  ///< as sent
};

/// What a host name says. `<service>.<region>.anything`, `<bucket>.s3.<region>.anything`,
/// `<bucket>.s3.localhost`,
/// `<bucket>.localhost`; without a port.
struct HostParts {
    std::string service;
    std::string region;
    std::string bucket;
};
HostParts parse_host(std::string_view host, std::span<const HostedService> services);

/// Evidence in order of cost and strength: the credential's scope, X-Amz-Target, the host, a form's content
/// type, the path. Immutable after construction; borrows the services.
class Router {
  public:
    Router(std::span<const HostedService> services, std::string region)
        : services_(services), region_(std::move(region)) {}

    Address address_of(const net::RequestHead& head) const;
    /// Query requests that the head does not tell apart (no signature): by Version and Action of the form.
    void look_into_form(std::string_view form, Address& address) const;

    /// An operation that X-Amz-Target names and its service calls quick.
    bool is_quick(const net::RequestHead& head) const;

    const HostedService* find(std::string_view name_or_signing_name) const;

  private:
    const HostedService* find_by_target(std::string_view target) const;

    std::span<const HostedService> services_;
    std::string region_;
};

/// A region as AWS spells them, present and future: lower-case letters, digits and hyphens.
bool is_region_name(std::string_view text);

}  // namespace stratus
