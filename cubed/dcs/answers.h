// The answers of the collector: bodies, cross-origin headers, cookies. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "cubed/dcs/collector.h"
#include "net/message.h"

namespace cubed::dcs {

inline constexpr std::string_view sync_cookie = "cubed_sync";

net::Response plain(int status, std::string body);
/// The tag, the @simulate page; 404 for anything else.
net::Response page(const net::RequestHead& head, std::string_view path);

/// A page of any site may send hits and read the answer, with its cookies.
net::Headers cross_origin_headers(const Visit& visit);
net::Response preflight(const net::RequestHead& head);

/// Where first-party cookies go; `set` is false for third parties, whose tag keeps them itself.
struct CookieSite {
    bool set = false;
    std::string domain;  ///< empty: this host only
    bool secure = false;
};
CookieSite cookie_site_of(const Visit& visit);
void add_visitor_cookies(net::Headers& headers, const CookieSite& site, const HitAnswer& answer);

/// A 1x1 GIF, always; what became of the impression is in CUBED- headers.
net::Response impression_answer(const HitAnswer& answer, std::string_view sync);
net::Response subscription_answer(const HitAnswer& answer, net::Headers headers);

}  // namespace cubed::dcs
