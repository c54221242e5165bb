// First party or third party: whether a page and the collector belong to one site. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace cubed::dcs {

/// The host of "https://host:port/..." or "host:port", lower case; "" when there is none.
std::string host_of(std::string_view url_or_authority);

/// "shop.example.co.uk" -> "example.co.uk", by the public suffix list; "" for addresses, bare names and
/// suffixes.
std::string registrable_domain(std::string_view host);

/// The same registrable domain, or the very same host.
bool same_site(std::string_view host, std::string_view other_host);

/// The value of one cookie in a Cookie header; "" when absent.
std::string_view cookie_value(std::string_view header, std::string_view name);

}  // namespace cubed::dcs
