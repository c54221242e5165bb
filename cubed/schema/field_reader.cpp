#include "cubed/schema/field_reader.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/json.h"
#include "base/utf8.h"

namespace cubed {

namespace json = boost::json;

namespace {

/// Enough for any honest mistake to be understood; a hostile hit gets no more of the disk.
constexpr size_t reasons_max = 20;

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<int64_t> integer_of(const json::value& value) {
    if (const auto* number = value.if_int64()) return *number;
    if (const auto* text = value.if_string()) return number_of<int64_t>(*text);
    if (const auto* number = value.if_double()) {
        constexpr double exact_max = 9007199254740992.0;  // JavaScript's integers
        if (*number ==
            static_cast<double>(static_cast<int64_t>(std::clamp(*number, -exact_max, exact_max)))) {
            return static_cast<int64_t>(*number);
        }
    }
    return std::nullopt;
}

std::string clean_text(std::string_view text, size_t bytes_max, std::string_view& complaint) {
    const auto plain = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (text.size() <= bytes_max && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
    std::string out;
    if (base::is_utf8(text)) {
        out = text;
    } else {
        complaint = "Not UTF-8";
        out = base::utf8_repaired(text.substr(0, std::min(text.size(), 4 * bytes_max)));
    }
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(out.begin(), out.end(), control)) {
        complaint = "Control characters";
        std::replace_if(out.begin(), out.end(), control, ' ');
    }
    if (out.size() > bytes_max) {
        complaint = "Too long";
        out = base::utf8_prefix(out, bytes_max);
    }
    return out;
}

void FieldReader::fail(std::string_view name, std::string_view message) {
    if (reasons_.size() >= reasons_max) return;
    std::string_view complaint;
    reasons_.push_back({clean_text(prefix_ + std::string(name), 100, complaint), std::string(message)});
}

const json::value* FieldReader::find(std::string_view name) const {
    const json::value* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::string FieldReader::text(std::string_view name, size_t bytes_max) {
    const json::value* value = find(name);
    if (value == nullptr) return {};
    if (const auto* number = value->if_int64()) return std::to_string(*number);
    const auto* string = value->if_string();
    if (string == nullptr) {
        fail(name, "Not text");
        return {};
    }
    std::string_view complaint;
    std::string clean = clean_text(*string, bytes_max, complaint);
    if (!complaint.empty()) fail(name, complaint);
    return clean;
}

std::optional<int64_t> FieldReader::integer(std::string_view name, int64_t low, int64_t high) {
    const json::value* value = find(name);
    if (value == nullptr || (value->is_string() && value->as_string().empty())) return std::nullopt;
    const auto number = integer_of(*value);
    if (!number) {
        fail(name, "Not an integer");
    } else if (*number < low || *number > high) {
        fail(name, "Out of range");
    } else {
        return number;
    }
    return std::nullopt;
}

std::optional<Instant> FieldReader::millis(std::string_view name) {
    constexpr int64_t year_3000_ms = 32'503'680'000'000;
    const auto number = integer(name, 1, year_3000_ms);
    if (!number) return std::nullopt;
    return Instant(std::chrono::milliseconds(*number));
}

const json::array* FieldReader::array(std::string_view name, size_t items_max) {
    const json::value* value = find(name);
    if (value == nullptr) return nullptr;
    if (const auto* text = value->if_string()) {
        if (text->empty()) return nullptr;
        auto parsed = base::parse_json(*text, {.depth = 8});
        if (!parsed.ok()) {
            fail(name, "Not JSON");
            return nullptr;
        }
        parsed_.push_back(std::make_unique<json::value>(parsed.take()));
        value = parsed_.back().get();
    }
    const auto* items = value->if_array();
    if (items == nullptr) {
        fail(name, "Not a list");
    } else if (items->size() > items_max) {
        fail(name, "Too many");  // the callers stop at the limit
    }
    return items;
}

}  // namespace cubed
