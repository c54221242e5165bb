#include "cubed/dcs/collector.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/json.h"
#include "cubed/dcs/answers.h"
#include "cubed/dcs/site.h"

namespace cubed::dcs {

namespace json = boost::json;
using base::Result;
using base::Unit;

namespace {

constexpr size_t body_bytes_max = 1024 * 1024;
constexpr size_t hits_in_array_max = 200;
constexpr std::string_view impression_file = "/cubedimpression.gif";

struct Target {
    std::string_view path, query;
};

Target split_target(std::string_view target) {
    const size_t mark = std::min(target.find('?'), target.size());
    return {target.substr(0, mark), mark < target.size() ? target.substr(mark + 1) : std::string_view()};
}

bool takes_hits(std::string_view path) {
    return path == "/hit" || path == "/subscription.js" || path.ends_with(impression_file);
}

std::string_view text_of(const json::object& fields, std::string_view name) {
    const auto* value = fields.if_contains(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

HitAnswer not_valid(std::vector<Reason> errors) {
    return {.reasons = std::move(errors), .message = "Validation errors", .status = 400};
}

/// The hits of a body: one object, an array of them, or a form.
Result<json::value> parse_body(std::string_view body) {
    const size_t first = body.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && body[first] != '{' && body[first] != '[') {
        return json::value(fields_from_query(body));
    }
    return base::parse_json(body, {.depth = 16});
}

}  // namespace

Collector::Collector(const Accounts& accounts, Spool& spool, const base::Clock& clock, base::Random& random,
                     base::MetricsRegistry& metrics, CollectorOptions options)
    : accounts_(accounts),
      spool_(spool),
      clock_(clock),
      tokens_(random),
      metrics_(metrics),
      options_(std::move(options)),
      accepted_(metrics.counter("dcs_hits_total", "Hits by outcome", {{"outcome", "accepted"}})),
      reduced_(metrics.counter("dcs_hits_total", "Hits by outcome", {{"outcome", "reduced"}})),
      refused_(metrics.counter("dcs_hits_total", "Hits by outcome", {{"outcome", "refused"}})),
      blocked_(metrics.counter("dcs_hits_total", "Hits by outcome", {{"outcome", "blocked"}})),
      shed_(metrics.counter("dcs_hits_total", "Hits by outcome", {{"outcome", "shed"}})) {}

net::Admission Collector::admit(const net::RequestHead& head) {
    const std::string_view path = split_target(head.target).path;
    const bool is_post = head.method == "POST";
    if (is_post && path != "/hit" && path != "/subscription.js")
        return net::Refuse{plain(404, "Not found\n")};
    if (!is_post && head.method != "GET" && head.method != "HEAD" && head.method != "OPTIONS") {
        net::Response refused = plain(405, "Method not allowed\n");
        refused.headers.add("Allow", "GET, HEAD, OPTIONS, POST");
        return net::Refuse{std::move(refused)};
    }
    if (head.method != "OPTIONS" && takes_hits(path) && spool_.bytes() >= spool_.bytes_max()) {
        shed_.add();
        return net::Refuse{try_again_later()};
    }
    return net::Buffer{is_post ? body_bytes_max : 0};
}

void Collector::handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) {
    const net::RequestHead& head = request.head;
    const auto [path, query] = split_target(head.target);
    if (head.method == "OPTIONS") return sink->send(preflight(head));
    if (head.method != "HEAD") {
        if (path == "/hit") return take_hits(request, query, std::move(sink));
        if (path == "/subscription.js") return take_subscription(request, query, std::move(sink));
        if (path.ends_with(impression_file)) {
            const std::string_view account = path.substr(0, path.size() - impression_file.size());
            return take_impression(head, account.substr(std::min<size_t>(account.size(), 1)), query,
                                   std::move(sink));
        }
    }
    sink->send(static_page(head, path));
}

net::Response Collector::static_page(const net::RequestHead& head, std::string_view path) const {
    if (path == "/health") {
        const bool full = spool_.bytes() >= spool_.bytes_max();
        const bool healthy = accounts_.loaded() && !full;
        return plain(healthy ? 200 : 503, healthy ? "ok\n"
                                          : full  ? "spool is full\n"
                                                  : "accounts are not known yet\n");
    }
    if (path == "/metrics") {
        const auto allowed = [&](const Network& network) { return network.contains(head.peer_address); };
        const bool forwarded = head.headers.contains("X-Forwarded-For");
        if (forwarded || std::none_of(options_.metrics_from.begin(), options_.metrics_from.end(), allowed)) {
            return plain(403, "Forbidden\n");
        }
        return plain(200, metrics_.render());
    }
    return page(head, path);
}

Visit Collector::visit_of(const net::RequestHead& head) const {
    Visit visit{.now = clock_.now(), .address = head.peer_address};
    const auto trusted = [&](const Network& proxy) { return proxy.contains(head.peer_address); };
    if (std::any_of(options_.trusted_proxies.begin(), options_.trusted_proxies.end(), trusted)) {
        // The last address is the one our own proxy saw; what is before it came from the client.
        const std::string forwarded = head.headers.joined("X-Forwarded-For");
        const size_t comma = forwarded.rfind(',');
        std::string_view last =
            comma == std::string::npos ? forwarded : std::string_view(forwarded).substr(comma + 1);
        while (last.starts_with(' ')) last.remove_prefix(1);
        if (!last.empty()) visit.address = last;
        visit.secure = head.headers.get_or("X-Forwarded-Proto", "") == "https";
    }
    visit.secure |= head.secure;
    visit.user_agent = head.headers.get_or("User-Agent", "");
    visit.accept_language = head.headers.get_or("Accept-Language", "");
    visit.cookies = head.headers.get_or("Cookie", "");
    visit.origin = head.headers.get_or("Origin", "");
    const std::string_view page = visit.origin.empty() ? head.headers.get_or("Referer", "") : visit.origin;
    if (!page.empty()) {
        visit.host = host_of(head.headers.get_or("Host", ""));
        visit.first_party = same_site(visit.host, host_of(page));
    }
    return visit;
}

void Collector::take_hits(const net::Request& request, std::string_view query,
                          std::shared_ptr<net::ResponseSink> sink) {
    const Visit visit = visit_of(request.head);
    struct State {
        std::vector<HitAnswer> answers;
        net::Headers headers;
        bool is_array = false;
    };
    auto state = std::make_shared<State>();
    state->headers = cross_origin_headers(visit);
    const auto exchange = std::make_shared<Exchange>(std::move(sink), [state, site = cookie_site_of(visit)] {
        const HitAnswer& first = state->answers.front();
        if (!state->is_array && first.status == 200) add_visitor_cookies(state->headers, site, first);
        return net::Response{.status = state->is_array ? 200 : first.status,
                             .headers = state->headers,
                             .body = state->is_array ? to_json(state->answers) : to_json(first)};
    });

    if (request.head.method == "GET") {
        take_hit(fields_from_query(query), visit, exchange, state->answers.emplace_back());
        return exchange->release();
    }
    const auto body = parse_body(request.body);
    const auto* array = body.ok() ? body->if_array() : nullptr;
    const auto* object = body.ok() ? body->if_object() : nullptr;
    if (object != nullptr) {
        take_hit(*object, visit, exchange, state->answers.emplace_back());
    } else if (array == nullptr || array->empty() || array->size() > hits_in_array_max) {
        refused_.add();
        const bool wrong_size = array != nullptr;
        state->answers.push_back(not_valid({{"body", wrong_size ? "Not 1 to 200 hits" : "Not JSON"}}));
    } else {
        state->is_array = true;
        state->answers.resize(array->size());
        for (size_t i = 0; i < array->size(); ++i) {
            const auto* item = (*array)[i].if_object();
            if (item != nullptr) {
                take_hit(*item, visit, exchange, state->answers[i]);
            } else {
                refused_.add();
                state->answers[i] = not_valid({{"body", "Not an object"}});
            }
        }
    }
    exchange->release();
}

std::shared_ptr<const Account> Collector::open_account(std::string_view token, Exchange& exchange,
                                                       HitAnswer& answer) {
    auto account = accounts_.find(token);
    if (!account && !accounts_.loaded()) {
        exchange.fail();  // who is unknown cannot be told yet
        return nullptr;
    }
    if (!account || !account->active) {
        refused_.add();
        answer = not_valid({{"aid", account ? "Inactive account" : "Unknown account"}});
        return nullptr;
    }
    if (account->maintenance) {
        exchange.fail();
        return nullptr;
    }
    return account;
}

bool Collector::is_blocked(const Account& account, const Hit& hit, const Visit& visit, HitAnswer& answer) {
    const bool address = !account.blocked_networks.empty() && account.blocks_address(visit.address);
    if (!address && !account.blocked_visitors.contains(hit.visitor)) return false;
    blocked_.add();
    answer = {.message = address ? "Blocked address" : "Blocked visitor", .status = 403};
    return true;
}

void Collector::take_hit(const json::object& fields, const Visit& visit,
                         const std::shared_ptr<Exchange>& exchange, HitAnswer& answer) {
    const std::string_view token = text_of(fields, "aid");
    std::shared_ptr<const Account> account;
    if (!token.empty()) {
        account = open_account(token, *exchange, answer);
        if (!account) return;
    }
    auto hit = validate_hit(fields, {.now = visit.now,
                                     .address = visit.address,
                                     .user_agent = visit.user_agent,
                                     .accept_language = visit.accept_language,
                                     .simulated = account && account->simulated});
    if (!hit.ok()) {
        refused_.add();
        answer = not_valid(hit.take_error().errors);
        return;
    }
    if (!account) {
        refused_.add();
        answer = not_valid({{"aid", "Unknown account"}});
        return;
    }
    complete(*hit, fields, visit);
    if (is_blocked(*account, *hit, visit, answer)) return;
    store(*hit, exchange, answer);
}

/// Tokens and the id, where the hit brought none.
void Collector::complete(Hit& hit, const json::object& fields, const Visit& visit) {
    if (hit.id.empty()) hit.id = tokens_.hit_id(visit.now);
    if (hit.consent == Consent::denied) {
        hit.sync_ids.clear();
        hit.visitor =
            tokens_.cookieless_token("visitor", hit.account, visit.address, visit.user_agent, visit.now);
        hit.session =
            tokens_.cookieless_token("session", hit.account, visit.address, visit.user_agent, visit.now);
        return;
    }
    const auto token = [&](std::string_view cookie, std::string_view first_hit_field) {
        if (visit.first_party) {
            if (const auto kept = cookie_value(visit.cookies, cookie); is_token(kept))
                return std::string(kept);
        }
        for (const std::string_view first_hit : {text_of(fields, first_hit_field), text_of(fields, "hid")}) {
            if (first_hit.size() >= 8 && is_name(first_hit)) {
                return TokenIssuer::derived_token(cookie, hit.account, first_hit);
            }
        }
        return tokens_.random_token();
    };
    if (hit.visitor.empty()) hit.visitor = token("vscr_vid", "vh");
    if (hit.session.empty()) hit.session = token("vscr_sid", "sh");
    if (const auto sync = cookie_value(visit.cookies, sync_cookie); is_token(sync))
        hit.sync_ids.emplace_back(sync);
}

void Collector::store(Hit& hit, const std::shared_ptr<Exchange>& exchange, HitAnswer& answer) {
    std::string encoded = encode_hit(hit);
    if (encoded.size() > hit_bytes_max) {  // save the sale, if not its lines
        for (Event& event : hit.events) {
            event.details.clear();
            event.labels.clear();
        }
        hit.labels.clear();
        hit.reduced = true;
        hit.reasons.push_back({"details", "Too large"});
        encoded = encode_hit(hit);
    }
    if (encoded.size() > hit_bytes_max) {
        refused_.add();
        answer = not_valid({{"events", "Too large"}});
        return;
    }
    answer = {.visitor = hit.visitor, .session = hit.session, .reasons = hit.reasons};
    answer.keep_cookies = hit.consent != Consent::denied;
    exchange->hold();
    const auto taken = spool_.append(hit.account, encoded,
                                     [exchange](const Result<Unit>& stored) { exchange->settle(stored); });
    if (taken.ok()) {
        (hit.reduced ? reduced_ : accepted_).add();
    } else {
        shed_.add();
        exchange->settle(taken);
    }
}

void Collector::take_impression(const net::RequestHead& head, std::string_view account,
                                std::string_view query, std::shared_ptr<net::ResponseSink> sink) {
    const Visit visit = visit_of(head);
    struct State {
        HitAnswer answer;
        std::string sync;
    };
    auto state = std::make_shared<State>();
    const auto exchange = std::make_shared<Exchange>(
        std::move(sink), [state] { return impression_answer(state->answer, state->sync); });
    if (const auto known = open_account(account, *exchange, state->answer)) {
        Hit hit = validate_impression(fields_from_query(query), {.now = visit.now,
                                                                 .address = visit.address,
                                                                 .user_agent = visit.user_agent,
                                                                 .accept_language = visit.accept_language,
                                                                 .simulated = known->simulated});
        hit.account = account;
        hit.id = tokens_.hit_id(visit.now);
        hit.referrer = redacted_url(head.headers.get_or("Referer", "").substr(0, 2000));
        const auto kept = cookie_value(visit.cookies, sync_cookie);
        state->sync = is_token(kept) ? std::string(kept) : tokens_.random_token();
        hit.sync_ids.push_back(state->sync);
        if (!is_blocked(*known, hit, visit, state->answer)) store(hit, exchange, state->answer);
    }
    exchange->release();
}

void Collector::take_subscription(const net::Request& request, std::string_view query,
                                  std::shared_ptr<net::ResponseSink> sink) {
    const Visit visit = visit_of(request.head);
    auto answer = std::make_shared<HitAnswer>();
    const auto exchange = std::make_shared<Exchange>(
        std::move(sink),
        [answer, headers = cross_origin_headers(visit)] { return subscription_answer(*answer, headers); });
    json::object fields = fields_from_query(query);
    if (request.head.method == "POST") {
        auto body = parse_body(request.body);
        if (body.ok() && body->is_object()) fields = body->as_object();
    }
    Circumstances around{.now = visit.now, .address = visit.address, .user_agent = visit.user_agent};
    auto hit = validate_subscription(fields, around);
    if (!hit.ok()) {
        refused_.add();
        *answer = not_valid(hit.take_error().errors);
    } else if (const auto account = open_account(hit->account, *exchange, *answer)) {
        if (account->simulated) {
            around.simulated = true;
            hit = validate_subscription(fields, around);
        }
        if (!is_blocked(*account, *hit, visit, *answer)) store(*hit, exchange, *answer);
    }
    exchange->release();
}

}  // namespace cubed::dcs
