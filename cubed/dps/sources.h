// Which sites are search engines, social networks and so on; which are payment providers and sign-in
// services.
#pragma once

#include <string>
#include <string_view>

namespace cubed::dps {

/// A site that sends visitors, by its short name as campaigns use it ("google") and its class.
struct Source {
    std::string_view name;
    std::string_view category;  ///< search, social, video, shopping, email, assistant, affiliate; "" unknown
};

/// By host ("www.google.co.uk", "l.facebook.com") or by an android app's package name. Empty when unknown.
Source source_of_host(std::string_view host);
/// By a utm_source's value, in any case.
Source source_of_name(std::string_view name);

/// A payment page, 3-D Secure host or sign-in service: a step of the same visit, never where it came from.
bool is_passage(std::string_view host);

/// "shop.example.co.uk" -> "example.co.uk", by the public suffix list; the host itself when it has none
/// (localhost, an address).
std::string registrable_domain(std::string_view host);

}  // namespace cubed::dps
