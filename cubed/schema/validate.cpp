#include "cubed/schema/validate.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>

#include <boost/json.hpp>
#include <xxhash.h>

#include "base/encoding.h"
#include "base/utf8.h"
#include "cubed/schema/field_reader.h"

namespace cubed {

namespace json = boost::json;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr size_t url_bytes_max = 2'000;
constexpr size_t title_bytes_max = 500;
constexpr size_t user_agent_bytes_max = 500;
constexpr size_t sync_ids_max = 20;
constexpr size_t sync_id_bytes_max = 200;
constexpr auto delivery_max = 7 * 24h;  ///< how long a hit may wait in a browser

bool is_page_url(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (url.size() > scheme.size() && url.starts_with(scheme)) {
            return url[scheme.size()] != '/' && url.find(' ') == std::string_view::npos;
        }
    }
    return false;
}

std::string token_or_reason(FieldReader& in, std::string_view name) {
    std::string token = in.text(name, 64);
    if (token.empty() || is_token(token)) return token;
    in.fail(name, "Not a token");
    return {};
}

void read_circumstances(Hit& hit, const Circumstances& around) {
    std::string_view complaint;
    hit.collector_time = around.now;
    hit.simulated = around.simulated;
    hit.ip = truncated_address(around.address);
    hit.user_agent = clean_text(around.user_agent, user_agent_bytes_max, complaint);
    if (hit.language.empty()) {
        const std::string_view first =
            around.accept_language.substr(0, around.accept_language.find_first_of(",;"));
        hit.language = clean_text(first, 35, complaint);
    }
}

void read_kind_and_consent(FieldReader& in, Hit& hit) {
    if (const std::string kind = in.text("kind", 20); kind == "event") {
        hit.kind = HitKind::event;
    } else if (!kind.empty() && kind != "page") {
        in.fail("kind", "Unknown kind");
    }
    if (const std::string consent = in.text("consent", 20); consent == "granted") {
        hit.consent = Consent::granted;
    } else if (consent == "denied") {
        hit.consent = Consent::denied;
    } else if (!consent.empty() && consent != "unknown") {
        in.fail("consent", "Unknown consent");
        hit.consent = Consent::denied;  // what was meant is not known: the careful reading
    }
}

void read_sync_ids(FieldReader& in, Hit& hit) {
    const auto* items = in.array("sync", sync_ids_max);
    if (items == nullptr) return;
    for (size_t i = 0; i < std::min(items->size(), sync_ids_max); ++i) {
        const auto* text = (*items)[i].if_string();
        std::string_view complaint;
        std::string id = text == nullptr ? std::string() : clean_text(*text, sync_id_bytes_max, complaint);
        if (id.empty() || !complaint.empty()) {
            in.fail("sync[" + std::to_string(i) + "]", complaint.empty() ? "Not text" : complaint);
        } else {
            hit.sync_ids.push_back(std::move(id));
        }
    }
}

}  // namespace

bool is_token(std::string_view text) {
    return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_' || c == '.';
    });
}

std::string truncated_address(std::string_view address) {
    const std::string text(address.substr(0, INET6_ADDRSTRLEN));
    std::array<char, INET6_ADDRSTRLEN> out{};
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
        bytes[3] = 0;
        return inet_ntop(AF_INET, bytes.data(), out.data(), out.size());
    }
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return {};
    static constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
        bytes[15] = 0;
        return inet_ntop(AF_INET, bytes.data() + 12, out.data(), out.size());
    }
    std::fill(bytes.begin() + 6, bytes.end(), 0);
    return inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
}

std::string derived_hit_id(std::string_view account, std::string_view sender_id,
                           std::optional<Instant> client_time) {
    const std::string name = std::string(account) + '\0' + std::string(sender_id);
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(name.data(), name.size()));
    std::array<unsigned char, 16> id;
    std::memcpy(id.data(), hash.digest, id.size());
    if (client_time) {
        const auto millis =
            std::chrono::duration_cast<std::chrono::milliseconds>(client_time->time_since_epoch()).count();
        for (int i = 0; i < 6; ++i) id[i] = static_cast<unsigned char>(millis >> (8 * (5 - i)));
    }
    id[6] = static_cast<unsigned char>((id[6] & 0x0f) | 0x70);  // version 7
    id[8] = static_cast<unsigned char>((id[8] & 0x3f) | 0x80);  // variant of RFC 9562
    return base::hex_encode({reinterpret_cast<const char*>(id.data()), id.size()});
}

Instant occurred_at(const Hit& hit, bool simulated, std::vector<Reason>& reasons) {
    if (simulated && hit.client_time) return *hit.client_time;
    if (!hit.client_time || !hit.sent_time) return hit.collector_time;
    const auto waited = *hit.sent_time - *hit.client_time;
    if (waited < 0s || waited > delivery_max) {
        reasons.push_back({"ct", waited < 0s ? "After st" : "Too long before st"});
        return hit.collector_time;
    }
    return hit.collector_time - waited;
}

json::object fields_from_query(std::string_view query) {
    json::object fields;
    const auto decoded = [](std::string_view text) {
        if (text.find_first_of("%+") == std::string_view::npos) return std::string(text);
        auto plain = base::form_decode(text);
        return plain.ok() ? plain.take() : std::string(text);
    };
    constexpr size_t fields_max = 64;
    while (!query.empty() && fields.size() < fields_max) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const size_t equals = pair.find('=');
        if (pair.empty() || equals == std::string_view::npos) continue;
        fields[decoded(pair.substr(0, equals))] = decoded(pair.substr(equals + 1));
    }
    return fields;
}

Result<Hit, Refusal> validate_hit(const json::object& fields, const Circumstances& around) {
    Hit hit;
    FieldReader in(fields, "", hit.reasons);
    hit.account = in.text("aid", 64);
    hit.url = redacted_url(in.text("url", url_bytes_max));
    if (hit.account.empty()) in.fail("aid", "Required");
    if (hit.url.empty()) {
        in.fail("url", "Required");
    } else if (!is_page_url(hit.url)) {
        in.fail("url", "Not an http or https address");
    }
    if (hit.account.empty() || !is_page_url(hit.url)) return Refusal{std::move(hit.reasons)};

    read_kind_and_consent(in, hit);
    hit.visitor = token_or_reason(in, "vid");
    hit.session = token_or_reason(in, "sid");
    hit.referrer = redacted_url(in.text("ref", url_bytes_max));
    hit.title = in.text("title", title_bytes_max);
    hit.client_time = in.millis("ct");
    hit.sent_time = in.millis("st");
    hit.language = in.text("lang", 35);
    hit.screen = in.text("scr", 20);
    hit.tag_version = in.text("tv", 20);
    hit.events = read_events(in);
    hit.labels = read_labels(in);
    read_sync_ids(in, hit);
    read_circumstances(hit, around);
    hit.occurred = occurred_at(hit, around.simulated, hit.reasons);
    if (const std::string sender_id = in.text("hid", 64); sender_id.size() >= 8 && is_name(sender_id)) {
        hit.id = derived_hit_id(hit.account, sender_id, hit.client_time);
    } else if (!sender_id.empty()) {
        in.fail("hid", "Not a name of 8 to 64 characters");
    }
    hit.reduced = !hit.reasons.empty();
    return hit;
}

Hit validate_impression(const json::object& fields, const Circumstances& around) {
    Hit hit{.kind = HitKind::impression};
    FieldReader in(fields, "", hit.reasons);
    Impression impression;
    impression.medium = in.text("medium", 200);
    impression.source = in.text("source", 200);
    impression.campaign = in.text("campaign", 200);
    impression.content = in.text("content", 200);
    hit.impression = std::move(impression);
    if (around.simulated) hit.client_time = in.millis("ct");
    read_circumstances(hit, around);
    hit.occurred = occurred_at(hit, around.simulated, hit.reasons);
    hit.reduced = !hit.reasons.empty();
    return hit;
}

Result<Hit, Refusal> validate_subscription(const json::object& fields, const Circumstances& around) {
    Hit hit{.kind = HitKind::subscription};
    FieldReader in(fields, "", hit.reasons);
    hit.account = in.text("aid", 64);
    Subscription subscription;
    subscription.transaction_id = in.text("tid", 100);
    subscription.subscription_id = in.text("subid", 100);
    subscription.customer_id = in.text("cid", 100);
    subscription.revenue = in.integer("rvn", -1'000'000'000'000, 1'000'000'000'000);
    if (hit.account.empty()) in.fail("aid", "Required");
    if (subscription.transaction_id.empty()) in.fail("tid", "Required");
    if (!hit.reasons.empty()) return Refusal{std::move(hit.reasons)};
    // A repeated call is the same sale, or the same renewal of it.
    const std::string sale = subscription.transaction_id + '\n' + subscription.subscription_id + '\n' +
                             std::to_string(subscription.revenue.value_or(0));
    hit.id = derived_hit_id(hit.account, sale, std::nullopt);
    hit.subscription = std::move(subscription);
    if (around.simulated) hit.client_time = in.millis("ct");
    read_circumstances(hit, around);
    hit.occurred = occurred_at(hit, around.simulated, hit.reasons);
    return hit;
}

}  // namespace cubed
