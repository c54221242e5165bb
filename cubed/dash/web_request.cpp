#include "cubed/dash/web_request.h"

#include <utility>

#include <boost/json.hpp>

#include "base/encoding.h"
#include "base/utf8.h"

namespace cubed::dash {
namespace {

std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
    const auto where = text.find(at);
    if (where == std::string_view::npos) return {text, {}};
    return {text.substr(0, where), text.substr(where + 1)};
}

base::Result<std::string> decoded(std::string_view text, bool form) {
    std::string plain = TRY(form ? base::form_decode(text) : base::percent_decode(text));
    if (!base::is_utf8(plain) || plain.find('\0') != std::string::npos) {
        return base::Failure{base::FailureKind::invalid, "the address is not valid text"};
    }
    return plain;
}

void read_cookies(std::string_view header, WebRequest& out) {
    while (!header.empty()) {
        const auto [item, rest] = cut(header, ';');
        const auto begin = item.find_first_not_of(' ');
        if (begin != std::string_view::npos) {
            const auto [name, value] = cut(item.substr(begin), '=');
            out.cookies.emplace(name, value);
        }
        header = rest;
    }
}

}  // namespace

std::string_view WebRequest::parameter(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view{} : std::string_view(found->second);
}

base::Result<WebRequest> read_request(net::Request request) {
    WebRequest out;
    out.method = std::move(request.head.method);
    out.body = std::move(request.body);
    out.peer = std::move(request.head.peer_address);
    out.secure = request.head.secure;
    out.origin = std::string(request.head.headers.get_or("Origin", ""));
    out.host = std::string(request.head.headers.get_or("Host", ""));
    auto [path, query] = cut(request.head.target, '?');
    out.path = TRY(decoded(path, false));
    while (!query.empty()) {
        const auto [item, rest] = cut(query, '&');
        const auto [name, value] = cut(item, '=');
        std::string key = TRY(decoded(name, true));
        out.query.insert_or_assign(std::move(key), TRY(decoded(value, true)));
        query = rest;
    }
    read_cookies(request.head.headers.get_or("Cookie", ""), out);
    return out;
}

net::Response json_response(int status, const boost::json::value& body) {
    return net::Response{status,
                         {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
                         boost::json::serialize(body)};
}

net::Response problem(int status, std::string_view message) {
    return json_response(status, boost::json::object{{"message", message}});
}

}  // namespace cubed::dash
