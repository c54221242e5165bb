#include "cubed/dash/server.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/json.h"
#include "base/log.h"
#include "cubed/dash/reports.h"

namespace cubed::dash {
namespace {

constexpr uint64_t body_bytes_max = 16 * 1024;
constexpr std::string_view journeys_prefix = "/api/journeys/";

/// No script but our own, nothing from elsewhere, no framing.
void add_page_headers(net::Response& response) {
    response.headers.set("Content-Security-Policy",
                         "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
                         " frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
    response.headers.set("Referrer-Policy", "no-referrer");
}

/// A request that changes something must come from our own pages.
bool from_elsewhere(const WebRequest& request) {
    if (request.origin.empty()) return false;
    const auto scheme_end = request.origin.find("://");
    return scheme_end == std::string::npos || request.origin.substr(scheme_end + 3) != request.host;
}

net::Response failed(const base::Failure& failure) {
    switch (failure.kind) {
        case base::FailureKind::invalid: return problem(400, failure.what);
        case base::FailureKind::not_found: return problem(404, failure.what);
        case base::FailureKind::unavailable:
            base::log_warning("dash", "database away", {{"failure", failure.what}});
            return problem(503,
                           "The database cannot be reached right now; nothing is lost. Try again shortly.");
        default:
            base::log_error("dash", "report failed", {{"failure", failure.what}});
            return problem(500, "The report failed; the log of the dashboard says why.");
    }
}

net::Response answered(const base::Result<boost::json::value>& result) {
    return result.ok() ? json_response(200, *result) : failed(result.error());
}

}  // namespace

Server::Server(StaticFiles files, Accounts& accounts, Sessions& sessions)
    : files_(std::move(files)),
      accounts_(accounts),
      sessions_(sessions),
      pool_({.name = "dash", .threads = 4, .queue_max = 256}) {}

Server::~Server() {
    pool_.stop();
}

net::Admission Server::admit(const net::RequestHead& head) {
    if (head.method != "GET" && head.method != "HEAD" && head.method != "POST") {
        net::Response refusal = problem(405, "Only GET and POST are answered here.");
        refusal.headers.set("Allow", "GET, HEAD, POST");
        return net::Refuse{std::move(refusal)};
    }
    return net::Buffer{body_bytes_max};
}

void Server::handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) {
    auto shared = std::make_shared<net::Request>(std::move(request));
    const bool taken = pool_.try_submit([this, shared, sink] { sink->send(answer(std::move(*shared))); });
    if (!taken) {
        net::Response busy = problem(503, "Too many requests at once; try again.");
        busy.headers.set("Retry-After", "1");
        sink->send(std::move(busy));
    }
}

net::Response Server::answer(net::Request raw) {
    const auto request = read_request(std::move(raw));
    if (!request.ok()) return problem(400, request.error().what);
    net::Response response = [&] {
        if (request->path.starts_with("/api/")) return answer_api(*request);
        // Pages are drawn in the browser from the path: every page address answers the one page.
        const bool is_page = request->path == "/" || request->path == "/channels" ||
                             request->path == "/journeys" || request->path == "/live";
        return files_.answer(is_page ? "/index.html" : request->path);
    }();
    add_page_headers(response);
    return response;
}

net::Response Server::answer_api(const WebRequest& request) {
    if (request.path == "/api/health") return json_response(200, boost::json::object{{"status", "ok"}});
    if (request.method == "POST" && from_elsewhere(request)) return problem(403, "Not from another site.");
    if (request.path == "/api/sign-in") return sign_in(request);
    if (request.path == "/api/sign-out") {
        net::Response response = json_response(200, boost::json::object{});
        response.headers.set("Set-Cookie", Sessions::sign_out());
        return response;
    }
    const auto token = sessions_.account_of(request);
    if (!token) return problem(401, "Sign in to continue.");
    const auto account = accounts_.find(*token);
    if (!account.ok()) return failed(account.error());
    return answer_report(**account, request);
}

net::Response Server::answer_report(Account& account, const WebRequest& request) {
    if (request.path == "/api/session") {
        return json_response(
            200, boost::json::object{
                     {"account", account.token}, {"name", account.name}, {"currency", account.currency}});
    }
    if (request.path == "/api/goals") return answered(goals(account));
    if (request.path == "/api/live") return answered(live_visitors(account));
    if (request.path == "/api/journeys") return answered(find_journeys(account, request));
    if (request.path.starts_with(journeys_prefix)) {
        return answered(journey_of(account, request.path.substr(journeys_prefix.size())));
    }
    if (request.path == "/api/report/channels") {
        if (request.parameter("format") != "csv") return answered(channel_report(account, request));
        const auto csv = channel_report_csv(account, request);
        if (!csv.ok()) return failed(csv.error());
        return net::Response{200,
                             {{"Content-Type", "text/csv; charset=utf-8"},
                              {"Content-Disposition", "attachment; filename=\"channels.csv\""}},
                             *csv};
    }
    return problem(404, "There is no such resource.");
}

net::Response Server::sign_in(const WebRequest& request) {
    const auto body = base::parse_json(request.body);
    const auto* fields = body.ok() && body->is_object() ? &body->get_object() : nullptr;
    const auto* account = fields ? fields->if_contains("account") : nullptr;
    const auto* password = fields ? fields->if_contains("password") : nullptr;
    if (!account || !account->is_string() || !password || !password->is_string()) {
        return problem(400, "Send account and password.");
    }
    const std::string token(account->get_string());
    const auto cookie = sessions_.sign_in(request, token, std::string_view(password->get_string()));
    if (!cookie.ok()) {
        base::log_warning("dash", "sign-in refused", {{"account", token}, {"peer", request.peer}});
        const bool denied = cookie.error().kind == base::FailureKind::denied;
        return problem(denied ? 401 : 503, cookie.error().what);
    }
    const auto found = accounts_.find(token);
    if (!found.ok()) return failed(found.error());
    base::log_info("dash", "signed in", {{"account", token}, {"peer", request.peer}});
    net::Response response = json_response(
        200, boost::json::object{
                 {"account", (*found)->token}, {"name", (*found)->name}, {"currency", (*found)->currency}});
    response.headers.set("Set-Cookie", *cookie);
    return response;
}

}  // namespace cubed::dash
