#include "cubed/schema/hit.h"

#include "cubed/schema/tlv.h"

namespace cubed {

using base::Failure;
using base::FailureKind;
using base::Result;

std::string_view name_of(HitKind kind) {
    switch (kind) {
        case HitKind::page: return "page";
        case HitKind::event: return "event";
        case HitKind::impression: return "impression";
        case HitKind::subscription: return "subscription";
    }
    __builtin_unreachable();
}

std::string_view name_of(Consent consent) {
    switch (consent) {
        case Consent::unknown: return "unknown";
        case Consent::granted: return "granted";
        case Consent::denied: return "denied";
    }
    __builtin_unreachable();
}

std::string_view name_of(LabelType type) {
    switch (type) {
        case LabelType::integer: return "integer";
        case LabelType::floating: return "float";
        case LabelType::string: return "string";
        case LabelType::date_time: return "datetime";
        case LabelType::boolean: return "boolean";
    }
    __builtin_unreachable();
}

namespace {

/// Field numbers. They are on disk and in queues: never change or reuse one.
namespace field {
enum Hit : uint32_t {
    id = 1,
    account,
    visitor,
    session,
    kind,
    consent,
    url,
    referrer,
    title,
    event,
    label,
    sync_id,
    impression,
    subscription,
    client_time,
    sent_time,
    collector_time,
    occurred,
    simulated,
    ip,
    user_agent,
    language,
    screen,
    tag_version,
    reduced,
    reason
};
enum Event : uint32_t {
    event_name = 1,
    revenue,
    transaction_id,
    currency,
    detail,
    discount,
    shipping,
    event_label
};
enum Pair : uint32_t { first = 1, second, third, fourth };
}  // namespace field

int64_t micros(Instant at) {
    return at.time_since_epoch().count();
}
Instant instant(const TlvField& field) {
    return Instant(std::chrono::microseconds(field.integer()));
}

std::string encode_label(const Label& label) {
    TlvWriter out;
    out.text(field::first, label.name);
    const auto type = static_cast<uint32_t>(label.type());
    const uint32_t number = field::second + type;  // the type is the field's number
    switch (label.type()) {
        case LabelType::integer: out.integer(number, std::get<int64_t>(label.value)); break;
        case LabelType::floating: out.number(number, std::get<double>(label.value)); break;
        case LabelType::string: out.bytes(number, std::get<std::string>(label.value)); break;
        case LabelType::date_time: out.integer(number, micros(std::get<Instant>(label.value))); break;
        case LabelType::boolean: out.uint(number, std::get<bool>(label.value) ? 1 : 0); break;
    }
    return out.take();
}

/// Two texts, or a text and an amount: reasons, discounts, shipping.
std::string encode_pair(std::string_view first, std::string_view second) {
    TlvWriter out;
    out.text(field::first, first);
    out.text(field::second, second);
    return out.take();
}
std::string encode_pair(std::string_view first, int64_t amount) {
    TlvWriter out;
    out.text(field::first, first);
    out.integer(field::second, amount);
    return out.take();
}

std::string encode_event(const Event& event) {
    TlvWriter out;
    out.text(field::event_name, event.name);
    if (event.revenue) out.integer(field::revenue, *event.revenue);
    out.text(field::transaction_id, event.transaction_id);
    out.text(field::currency, event.currency);
    for (const EventDetail& line : event.details) {
        TlvWriter detail;
        detail.text(field::first, line.sku);
        detail.text(field::second, line.name);
        detail.integer(field::third, line.quantity);
        detail.integer(field::fourth, line.unit_price);
        out.bytes(field::detail, detail.out());
    }
    if (event.discount) out.bytes(field::discount, encode_pair(event.discount->code, event.discount->amount));
    if (event.shipping)
        out.bytes(field::shipping, encode_pair(event.shipping->method, event.shipping->amount));
    for (const Label& label : event.labels) out.bytes(field::event_label, encode_label(label));
    return out.take();
}

std::string encode_impression(const Impression& impression) {
    TlvWriter out;
    out.text(field::first, impression.medium);
    out.text(field::second, impression.source);
    out.text(field::third, impression.campaign);
    out.text(field::fourth, impression.content);
    return out.take();
}

std::string encode_subscription(const Subscription& subscription) {
    TlvWriter out;
    out.text(field::first, subscription.transaction_id);
    out.text(field::second, subscription.subscription_id);
    out.text(field::third, subscription.customer_id);
    if (subscription.revenue) out.integer(field::fourth, *subscription.revenue);
    return out.take();
}

/// Gives each field to `take`, which says false for one of the wrong form; unknown numbers must be accepted.
template <class Take>
bool for_each_field(std::string_view bytes, Take take) {
    TlvReader reader(bytes);
    while (const auto field = reader.next()) {
        if (!take(*field)) return false;
    }
    return reader.ok();
}

bool take_text(const TlvField& field, std::string& into) {
    if (field.is_bytes) into = field.bytes;
    return field.is_bytes;
}
bool take_integer(const TlvField& field, int64_t& into) {
    if (!field.is_bytes) into = field.integer();
    return !field.is_bytes;
}
bool take_instant(const TlvField& field, Instant& into) {
    if (!field.is_bytes) into = instant(field);
    return !field.is_bytes;
}

std::optional<Label> decode_label(std::string_view bytes) {
    Label label;
    const bool ok = for_each_field(bytes, [&](const TlvField& field) {
        if (field.number == field::first) return take_text(field, label.name);
        if (field.number <= field::second || field.number > field::second + 5) return true;
        const auto type = static_cast<LabelType>(field.number - field::second);
        if (field.is_bytes != (type == LabelType::string)) return false;
        switch (type) {
            case LabelType::integer: label.value = field.integer(); break;
            case LabelType::floating: label.value = field.floating(); break;
            case LabelType::string: label.value = std::string(field.bytes); break;
            case LabelType::date_time: label.value = instant(field); break;
            case LabelType::boolean: label.value = field.uint != 0; break;
        }
        return true;
    });
    if (!ok) return std::nullopt;
    return label;
}

bool decode_pair(std::string_view bytes, std::string& first, std::string& second) {
    return for_each_field(bytes, [&](const TlvField& field) {
        if (field.number == field::first) return take_text(field, first);
        return field.number != field::second || take_text(field, second);
    });
}
bool decode_pair(std::string_view bytes, std::string& first, int64_t& amount) {
    return for_each_field(bytes, [&](const TlvField& field) {
        if (field.number == field::first) return take_text(field, first);
        return field.number != field::second || take_integer(field, amount);
    });
}

bool decode_detail(std::string_view bytes, EventDetail& line) {
    return for_each_field(bytes, [&](const TlvField& field) {
        switch (field.number) {
            case field::first: return take_text(field, line.sku);
            case field::second: return take_text(field, line.name);
            case field::third: return take_integer(field, line.quantity);
            case field::fourth: return take_integer(field, line.unit_price);
            default: return true;
        }
    });
}

bool take_label(const TlvField& field, std::vector<Label>& into) {
    if (!field.is_bytes) return false;
    auto label = decode_label(field.bytes);
    if (label) into.push_back(std::move(*label));
    return label.has_value();
}

bool take_event_field(const TlvField& field, Event& event) {
    switch (field.number) {
        case field::event_name: return take_text(field, event.name);
        case field::revenue: return take_integer(field, event.revenue.emplace());
        case field::transaction_id: return take_text(field, event.transaction_id);
        case field::currency: return take_text(field, event.currency);
        case field::detail: return field.is_bytes && decode_detail(field.bytes, event.details.emplace_back());
        case field::discount: {
            Discount& discount = event.discount.emplace();
            return field.is_bytes && decode_pair(field.bytes, discount.code, discount.amount);
        }
        case field::shipping: {
            Shipping& shipping = event.shipping.emplace();
            return field.is_bytes && decode_pair(field.bytes, shipping.method, shipping.amount);
        }
        case field::event_label: return take_label(field, event.labels);
        default: return true;
    }
}

bool decode_event(std::string_view bytes, Event& event) {
    event.currency.clear();
    return for_each_field(bytes, [&](const TlvField& field) { return take_event_field(field, event); });
}

bool decode_impression(std::string_view bytes, Impression& impression) {
    return for_each_field(bytes, [&](const TlvField& field) {
        switch (field.number) {
            case field::first: return take_text(field, impression.medium);
            case field::second: return take_text(field, impression.source);
            case field::third: return take_text(field, impression.campaign);
            case field::fourth: return take_text(field, impression.content);
            default: return true;
        }
    });
}

bool decode_subscription(std::string_view bytes, Subscription& subscription) {
    return for_each_field(bytes, [&](const TlvField& field) {
        switch (field.number) {
            case field::first: return take_text(field, subscription.transaction_id);
            case field::second: return take_text(field, subscription.subscription_id);
            case field::third: return take_text(field, subscription.customer_id);
            case field::fourth: return take_integer(field, subscription.revenue.emplace());
            default: return true;
        }
    });
}

bool take_kind(const TlvField& field, Hit& hit) {
    if (field.is_bytes || field.uint < 1 || field.uint > 4) return false;
    hit.kind = static_cast<HitKind>(field.uint);
    return true;
}
bool take_consent(const TlvField& field, Hit& hit) {
    if (field.is_bytes || field.uint > 2) return false;
    hit.consent = static_cast<Consent>(field.uint);
    return true;
}
bool take_flag(const TlvField& field, bool& into) {
    into = field.uint != 0;
    return !field.is_bytes;
}

bool take_hit_field(const TlvField& field, Hit& hit) {
    switch (field.number) {
        case field::id: return take_text(field, hit.id);
        case field::account: return take_text(field, hit.account);
        case field::visitor: return take_text(field, hit.visitor);
        case field::session: return take_text(field, hit.session);
        case field::kind: return take_kind(field, hit);
        case field::consent: return take_consent(field, hit);
        case field::url: return take_text(field, hit.url);
        case field::referrer: return take_text(field, hit.referrer);
        case field::title: return take_text(field, hit.title);
        case field::event: return field.is_bytes && decode_event(field.bytes, hit.events.emplace_back());
        case field::label: return take_label(field, hit.labels);
        case field::sync_id: return take_text(field, hit.sync_ids.emplace_back());
        case field::impression:
            return field.is_bytes && decode_impression(field.bytes, hit.impression.emplace());
        case field::subscription:
            return field.is_bytes && decode_subscription(field.bytes, hit.subscription.emplace());
        case field::client_time: return take_instant(field, hit.client_time.emplace());
        case field::sent_time: return take_instant(field, hit.sent_time.emplace());
        case field::collector_time: return take_instant(field, hit.collector_time);
        case field::occurred: return take_instant(field, hit.occurred);
        case field::simulated: return take_flag(field, hit.simulated);
        case field::ip: return take_text(field, hit.ip);
        case field::user_agent: return take_text(field, hit.user_agent);
        case field::language: return take_text(field, hit.language);
        case field::screen: return take_text(field, hit.screen);
        case field::tag_version: return take_text(field, hit.tag_version);
        case field::reduced: return take_flag(field, hit.reduced);
        case field::reason: {
            Reason& reason = hit.reasons.emplace_back();
            return field.is_bytes && decode_pair(field.bytes, reason.field, reason.message);
        }
        default: return true;
    }
}

}  // namespace

std::string encode_hit(const Hit& hit) {
    TlvWriter out;
    out.text(field::id, hit.id);
    out.text(field::account, hit.account);
    out.text(field::visitor, hit.visitor);
    out.text(field::session, hit.session);
    out.uint(field::kind, static_cast<uint64_t>(hit.kind));
    out.uint(field::consent, static_cast<uint64_t>(hit.consent));
    out.text(field::url, hit.url);
    out.text(field::referrer, hit.referrer);
    out.text(field::title, hit.title);
    for (const Event& event : hit.events) out.bytes(field::event, encode_event(event));
    for (const Label& label : hit.labels) out.bytes(field::label, encode_label(label));
    for (const std::string& id : hit.sync_ids) out.bytes(field::sync_id, id);
    if (hit.impression) out.bytes(field::impression, encode_impression(*hit.impression));
    if (hit.subscription) out.bytes(field::subscription, encode_subscription(*hit.subscription));
    if (hit.client_time) out.integer(field::client_time, micros(*hit.client_time));
    if (hit.sent_time) out.integer(field::sent_time, micros(*hit.sent_time));
    out.integer(field::collector_time, micros(hit.collector_time));
    out.integer(field::occurred, micros(hit.occurred));
    if (hit.simulated) out.uint(field::simulated, 1);
    out.text(field::ip, hit.ip);
    out.text(field::user_agent, hit.user_agent);
    out.text(field::language, hit.language);
    out.text(field::screen, hit.screen);
    out.text(field::tag_version, hit.tag_version);
    if (hit.reduced) out.uint(field::reduced, 1);
    for (const Reason& reason : hit.reasons) {
        out.bytes(field::reason, encode_pair(reason.field, std::string_view(reason.message)));
    }
    return out.take();
}

Result<Hit> decode_hit(std::string_view bytes) {
    Hit hit;
    const bool ok = for_each_field(bytes, [&](const TlvField& field) { return take_hit_field(field, hit); });
    if (!ok || hit.id.empty() || hit.account.empty()) {
        return Failure{FailureKind::corrupt, "not an encoded hit"};
    }
    return hit;
}

}  // namespace cubed
