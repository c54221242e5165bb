#include "cubed/dcs/answers.h"

#include "base/encoding.h"
#include "cubed/dcs/simulate_page.h"
#include "cubed/dcs/site.h"
#include "cubed/dcs/tag_script.h"
#include "cubed/schema/validate.h"

namespace cubed::dcs {

namespace {

constexpr std::string_view visitor_age = "34128000";  // 395 days: 13 months
constexpr std::string_view session_age = "1800";

// GIF89a, 1x1, one transparent pixel.
constexpr std::string_view pixel_base64 = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

void add_cookie(net::Headers& headers, std::string_view name, std::string_view value, std::string_view age,
                const CookieSite& site) {
    std::string cookie =
        std::string(name) + '=' + std::string(value) + "; Path=/; Max-Age=" + std::string(age);
    if (!site.domain.empty()) cookie += "; Domain=" + site.domain;
    cookie += site.secure ? "; SameSite=Lax; Secure" : "; SameSite=Lax";
    headers.add("Set-Cookie", cookie);
}

/// "events[0].revenue" -> "events-0-revenue": what a header's name may hold.
std::string header_safe(std::string_view field) {
    std::string out;
    for (const char c : field) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '-';
    return out;
}

}  // namespace

net::Response plain(int status, std::string body) {
    return {.status = status,
            .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
            .body = std::move(body)};
}

net::Response page(const net::RequestHead& head, std::string_view path) {
    net::Response response;
    std::string_view body;
    if (path == "/visscore.tag.min.js" || path == "/visscore.tag.js") {
        body = tag_script();
        response.headers = {{"Content-Type", "application/javascript; charset=utf-8"},
                            {"Cache-Control", "public, max-age=3600"},
                            {"Access-Control-Allow-Origin", "*"},
                            {"Cross-Origin-Resource-Policy", "cross-origin"}};
    } else if (path == "/@simulate" || path == "/%40simulate") {
        body = simulate_page();
        response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                            {"Cache-Control", "no-store"},
                            {"Content-Security-Policy",
                             "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src "
                             "'unsafe-inline'; img-src data:; frame-ancestors 'none'"}};
    } else {
        return plain(404, "Not found\n");
    }
    response.headers.add("X-Content-Type-Options", "nosniff");
    if (head.method == "HEAD") {
        response.headers.add("Content-Length", std::to_string(body.size()));
    } else {
        response.body = std::string(body);
    }
    return response;
}

net::Headers cross_origin_headers(const Visit& visit) {
    net::Headers headers{{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
    if (!visit.origin.empty()) {
        headers.add("Access-Control-Allow-Origin", visit.origin);
        headers.add("Access-Control-Allow-Credentials", "true");
        headers.add("Vary", "Origin");
    }
    return headers;
}

net::Response preflight(const net::RequestHead& head) {
    net::Response response{.status = 204};
    const std::string_view origin = head.headers.get_or("Origin", "*");
    response.headers = {{"Access-Control-Allow-Origin", origin},
                        {"Access-Control-Allow-Methods", "GET, POST"},
                        {"Access-Control-Allow-Headers", "Content-Type"},
                        {"Access-Control-Max-Age", "86400"},
                        {"Vary", "Origin"}};
    if (origin != "*") response.headers.add("Access-Control-Allow-Credentials", "true");
    return response;
}

CookieSite cookie_site_of(const Visit& visit) {
    if (!visit.first_party) return {};
    return {.set = true, .domain = registrable_domain(visit.host), .secure = visit.secure};
}

void add_visitor_cookies(net::Headers& headers, const CookieSite& site, const HitAnswer& answer) {
    if (!site.set || !answer.keep_cookies) return;
    add_cookie(headers, "vscr_vid", answer.visitor, visitor_age, site);
    add_cookie(headers, "vscr_sid", answer.session, session_age, site);
}

net::Response impression_answer(const HitAnswer& answer, std::string_view sync) {
    static const std::string pixel = base::base64_decode(pixel_base64).take();
    net::Response response{.headers = {{"Content-Type", "image/gif"}, {"Cache-Control", "no-store"}},
                           .body = pixel};
    response.headers.add("CUBED-STATUS", answer.message.empty() ? "accepted" : "refused");
    if (!answer.message.empty()) response.headers.add("CUBED-MESSAGE", answer.message);
    for (const Reason& reason : answer.reasons) {
        response.headers.add("CUBED-ERROR-" + header_safe(reason.field), reason.message);
    }
    if (answer.message.empty()) {
        // Third party by nature: the pixel stands on other people's pages.
        response.headers.add("Set-Cookie", std::string(sync_cookie) + '=' + std::string(sync) +
                                               "; Path=/; Max-Age=" + std::string(visitor_age) +
                                               "; SameSite=None; Secure");
    }
    return response;
}

net::Response subscription_answer(const HitAnswer& answer, net::Headers headers) {
    const bool taken = answer.message.empty();
    return {.status = answer.status,
            .headers = std::move(headers),
            .body = taken ? std::string(R"({"status": true})") : to_json(answer)};
}

}  // namespace cubed::dcs
