// Events and labels, as the tag sends them.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/time.h"
#include "cubed/schema/field_reader.h"

namespace cubed {

namespace json = boost::json;

namespace {

constexpr size_t events_max = 50, labels_max = 50, details_max = 200;
constexpr size_t name_bytes_max = 100, value_bytes_max = 500;
constexpr int64_t pence_max = 1'000'000'000'000;

// ISO 4217, each code followed by a space.
constexpr std::string_view currencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD "
    "HKD "
    "HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD "
    "LSL "
    "LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP "
    "PKR "
    "PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND "
    "TOP "
    "TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL ";

bool is_currency(std::string_view code) {
    return code.size() == 3 && code.find(' ') == std::string_view::npos &&
           currencies.find(std::string(code) + ' ') % 4 == 0;
}

std::string item_prefix(const FieldReader& in, std::string_view name, size_t index) {
    return in.prefix() + std::string(name) + '[' + std::to_string(index) + "].";
}

std::optional<double> double_of(const json::value& value) {
    double number = 0;
    if (value.is_number()) {
        number = value.to_number<double>();
    } else if (const auto* text = value.if_string()) {
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
        if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    } else {
        return std::nullopt;
    }
    if (!std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<bool> boolean_of(const json::value& value) {
    if (const auto* flag = value.if_bool()) return *flag;
    if (const auto number = integer_of(value); number && (*number == 0 || *number == 1)) return *number == 1;
    if (const auto* text = value.if_string()) {
        if (*text == "true") return true;
        if (*text == "false") return false;
    }
    return std::nullopt;
}

std::optional<Instant> date_time_of(const json::value& value) {
    const auto* text = value.if_string();
    if (text == nullptr) return std::nullopt;
    const auto at = base::parse_iso8601(*text);
    if (!at.ok()) return std::nullopt;
    return *at;
}

/// The value as the type the label declares; empty when it is none.
template <class T>
bool set_value(Label& label, std::optional<T> value) {
    if (value) label.value = std::move(*value);
    return value.has_value();
}

bool read_value(FieldReader& in, std::string_view type, Label& label) {
    const json::value* value = in.find("value");
    if (value == nullptr) {
        in.fail("value", "Required");
        return false;
    }
    bool taken = false;
    if (type == "integer" || type == "int") {
        taken = set_value(label, integer_of(*value));
    } else if (type == "float") {
        taken = set_value(label, double_of(*value));
    } else if (type == "string") {
        label.value = in.text("value", value_bytes_max);
        return true;
    } else if (type == "datetime") {
        taken = set_value(label, date_time_of(*value));
    } else if (type == "boolean" || type == "bool") {
        taken = set_value(label, boolean_of(*value));
    } else {
        in.fail("type", "Unknown type");
        return false;
    }
    if (!taken) in.fail("value", "Not of its type");
    return taken;
}

int64_t read_amount(FieldReader& in, std::string_view name) {
    return in.integer(name, -pence_max, pence_max).value_or(0);
}

void read_details(FieldReader& in, Event& event) {
    const auto* rows = in.array("details", details_max);
    if (rows == nullptr) return;
    for (size_t i = 0; i < std::min(rows->size(), details_max); ++i) {
        const auto* object = (*rows)[i].if_object();
        if (object == nullptr) {
            in.fail("details[" + std::to_string(i) + "]", "Not an object");
            continue;
        }
        FieldReader row(*object, item_prefix(in, "details", i), in.reasons());
        EventDetail detail{.sku = row.text("sku", name_bytes_max), .name = row.text("name", value_bytes_max)};
        detail.quantity = row.integer("quantity", -1'000'000, 1'000'000).value_or(1);
        detail.unit_price = read_amount(row, "unit_price");
        if (detail.sku.empty() && detail.name.empty()) {
            row.fail("name", "Required");
            continue;
        }
        event.details.push_back(std::move(detail));
    }
}

/// {"code"|"method": text, "amount": pence}, or the amount alone.
template <class Part>
std::optional<Part> read_part(FieldReader& in, std::string_view name, std::string_view text_name,
                              std::string Part::*text_member) {
    const json::value* value = in.find(name);
    if (value == nullptr) return std::nullopt;
    Part part;
    if (const auto* object = value->if_object()) {
        FieldReader inner(*object, in.prefix() + std::string(name) + '.', in.reasons());
        part.*text_member = inner.text(text_name, name_bytes_max);
        part.amount = read_amount(inner, "amount");
        return part;
    }
    const auto amount = in.integer(name, -pence_max, pence_max);
    if (!amount) return std::nullopt;
    part.amount = *amount;
    return part;
}

std::optional<Event> read_event(FieldReader in) {
    Event event{.name = in.text("name", name_bytes_max)};
    if (event.name.empty()) {
        in.fail("name", "Required");
        return std::nullopt;
    }
    event.revenue = in.integer("revenue", -pence_max, pence_max);
    event.transaction_id = in.text("transaction_id", name_bytes_max);
    if (const std::string currency = in.text("currency", 3); !currency.empty()) {
        if (is_currency(currency)) {
            event.currency = currency;
        } else {
            in.fail("currency", "Unknown currency");
        }
    }
    read_details(in, event);
    event.discount = read_part<Discount>(in, "discount", "code", &Discount::code);
    event.shipping = read_part<Shipping>(in, "shipping", "method", &Shipping::method);
    event.labels = read_labels(in);
    return event;
}

}  // namespace

std::vector<Label> read_labels(FieldReader& in) {
    std::vector<Label> labels;
    const auto* items = in.array("labels", labels_max);
    if (items == nullptr) return labels;
    for (size_t i = 0; i < std::min(items->size(), labels_max); ++i) {
        const auto* object = (*items)[i].if_object();
        if (object == nullptr) {
            in.fail("labels[" + std::to_string(i) + "]", "Not an object");
            continue;
        }
        FieldReader item(*object, item_prefix(in, "labels", i), in.reasons());
        Label label{.name = item.text("name", name_bytes_max), .value = int64_t{0}};
        if (label.name.empty()) {
            item.fail("name", "Required");
        } else if (read_value(item, item.text("type", 20), label)) {
            labels.push_back(std::move(label));
        }
    }
    return labels;
}

std::vector<Event> read_events(FieldReader& in) {
    std::vector<Event> events;
    const auto* items = in.array("events", events_max);
    if (items == nullptr) return events;
    for (size_t i = 0; i < std::min(items->size(), events_max); ++i) {
        const auto* object = (*items)[i].if_object();
        if (object == nullptr) {
            in.fail("events[" + std::to_string(i) + "]", "Not an object");
            continue;
        }
        if (auto event = read_event(FieldReader(*object, item_prefix(in, "events", i), in.reasons()))) {
            events.push_back(std::move(*event));
        }
    }
    return events;
}

}  // namespace cubed
