// Hit: one thing that a visitor did, as the DCS accepted it and as the DPS stores it. The contract in words:
// docs/contracts/hit.md. Plain values: copy and share freely between threads as const.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace cubed {

using base::Instant;

/// What a hit reports. Numbers are stored in envelopes: never reuse one.
enum class HitKind : uint8_t {
    page = 1,          ///< a page view, with the events that fired on it
    event = 2,         ///< events fired later on a page that was already counted
    impression = 3,    ///< the impression pixel: no visit, no session
    subscription = 4,  ///< a sale confirmed by the client's servers: no visitor of its own
};

enum class Consent : uint8_t {
    unknown = 0,  ///< the page did not say
    granted = 1,
    denied =
        2,  ///< cookieless: `visitor` is a token salted by the day, and nobody can be followed past midnight
};

enum class LabelType : uint8_t { integer = 1, floating = 2, string = 3, date_time = 4, boolean = 5 };

/// A typed value beside a visit or an event. The variant's alternative and the type always agree.
struct Label {
    std::string name;
    std::variant<int64_t, double, std::string, Instant, bool> value;
    LabelType type() const { return static_cast<LabelType>(value.index() + 1); }
    friend bool operator==(const Label&, const Label&) = default;
};

/// One line of a basket.
struct EventDetail {
    std::string sku;
    std::string name;
    int64_t quantity = 1;
    int64_t unit_price = 0;  ///< pence
    friend bool operator==(const EventDetail&, const EventDetail&) = default;
};

struct Discount {
    std::string code;
    int64_t amount = 0;  ///< pence
    friend bool operator==(const Discount&, const Discount&) = default;
};

struct Shipping {
    std::string method;
    int64_t amount = 0;  ///< pence
    friend bool operator==(const Shipping&, const Shipping&) = default;
};

/// A named thing a page reports. `name` is matched exactly, case-sensitively, against the account's events.
struct Event {
    std::string name;
    std::optional<int64_t> revenue;  ///< pence of `currency` (its minor unit)
    std::string transaction_id;      ///< empty: none. Unique per goal: a repeated one is the same sale
    std::string currency = "GBP";    ///< ISO 4217
    std::vector<EventDetail> details;
    std::optional<Discount> discount;
    std::optional<Shipping> shipping;
    std::vector<Label> labels;
    friend bool operator==(const Event&, const Event&) = default;
};

/// Only with HitKind::impression; all optional, empty when absent.
struct Impression {
    std::string medium, source, campaign, content;
    friend bool operator==(const Impression&, const Impression&) = default;
};

/// Only with HitKind::subscription.
struct Subscription {
    std::string transaction_id;      ///< tid: joins the sale to the visit that began it
    std::string subscription_id;     ///< subid: empty when absent
    std::string customer_id;         ///< cid: empty when absent
    std::optional<int64_t> revenue;  ///< rvn, pence
    friend bool operator==(const Subscription&, const Subscription&) = default;
};

/// Why a field was not taken as it was sent; goes to attrib_validation.
struct Reason {
    std::string field;    ///< as sent, for example "events[0].revenue"
    std::string message;  ///< for example "Not an integer"
    friend bool operator==(const Reason&, const Reason&) = default;
};

struct Hit {
    /// UUID version 7, 32 lower-case hex digits: the key of exactly-once. The same hit delivered again (by a
    /// client's retry, the spool or SQS) has the same id.
    std::string id;
    std::string account;  ///< token, for example "c-a-demo-uk"
    std::string visitor;  ///< 32 lower-case hex digits; empty for impressions and subscriptions
    std::string session;  ///< 32 lower-case hex digits; empty for impressions and subscriptions
    HitKind kind = HitKind::page;
    Consent consent = Consent::unknown;

    std::string url;  ///< page address
    std::string
        referrer;  ///< document.referrer with the landing page's forwarded parameters appended; "" = direct
    std::string title;

    std::vector<Event> events;
    std::vector<Label> labels;          ///< at visit level
    std::vector<std::string> sync_ids;  ///< identifiers that join one person's visitors
    std::optional<Impression> impression;
    std::optional<Subscription> subscription;

    std::optional<Instant> client_time;  ///< when it happened, by the client's clock
    std::optional<Instant> sent_time;    ///< when it was sent, by the same clock
    Instant collector_time;              ///< when the DCS had it
    /// When it happened: corrected for the client's clock, never after collector_time. For a simulated
    /// account, client_time as it is. The one to use for visits, sessions and journeys.
    Instant occurred;
    bool simulated = false;

    std::string ip;  ///< already truncated: a.b.c.0 or the /48 of an IPv6 address; "" when unknown
    std::string user_agent;
    std::string language;     ///< the browser's, for example "en-GB"
    std::string screen;       ///< for example "1440x900"
    std::string tag_version;  ///< "" for hits without the tag

    bool reduced = false;  ///< the full schema failed: what could be kept is here, the rest is in `reasons`
    std::vector<Reason> reasons;  ///< empty when the full schema held

    friend bool operator==(const Hit&, const Hit&) = default;
};

std::string_view name_of(HitKind kind);
std::string_view name_of(Consent consent);
std::string_view name_of(LabelType type);

/// One hit as bytes: fields tagged with numbers, so that readers skip what they do not know yet. This is the
/// record of the DCS's spool and the item of an envelope.
std::string encode_hit(const Hit& hit);

/// Safe on hostile bytes: `corrupt` for anything that encode_hit() could not have written.
base::Result<Hit> decode_hit(std::string_view bytes);

}  // namespace cubed
