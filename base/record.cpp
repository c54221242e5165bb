#include "base/record.h"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace base::record_detail {

namespace json = boost::json;

struct Document::State {
    json::monotonic_resource memory;
    std::optional<json::value> root;  // lives in `memory`
};

Document::Document(std::unique_ptr<State> state) : state_(std::move(state)) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;

const json::value& Document::root() const {
    return *state_->root;
}

Result<Document> Document::parse(std::string_view text) {
    auto state = std::make_unique<State>();
    json::parse_options options;
    options.max_depth = 64;
    options.allow_invalid_utf8 = true;  // members may hold any bytes
    boost::system::error_code error;
    json::value parsed =
        json::parse(json::string_view(text.data(), text.size()), error, &state->memory, options);
    if (error) return bad_record(error.message());
    state->root.emplace(std::move(parsed));  // a move construction keeps the memory resource
    return Document(std::move(state));
}

Failure bad_record(std::string_view why) {
    return Failure{FailureKind::corrupt, fmt::format("stored record: {}", why)};
}

void append_integer(std::string& out, std::int64_t value) {
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void append_unsigned(std::string& out, std::uint64_t value) {
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void append_double(std::string& out, double value) {
    char text[40];
    if (value - value != 0) {  // JSON has no infinities and no NaN
        out += "null";
        return;
    }
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    const std::string_view shown(text, static_cast<std::size_t>(end - text));
    out += shown;
    if (shown.find_first_of(".e") == std::string_view::npos) out += ".0";
}

bool is_null(const json::value& value) {
    return value.is_null();
}
bool is_object(const json::value& value) {
    return value.is_object();
}

const json::value* find_member(const json::value& object, std::string_view name) {
    return object.get_object().if_contains(json::string_view(name.data(), name.size()));
}

bool read_bool(const json::value& value, bool& out) {
    if (!value.is_bool()) return false;
    out = value.get_bool();
    return true;
}

bool read_signed(const json::value& value, std::int64_t& out) {
    if (!value.is_int64()) return false;
    out = value.get_int64();
    return true;
}

bool read_unsigned(const json::value& value, std::uint64_t& out) {
    if (value.is_uint64()) {
        out = value.get_uint64();
        return true;
    }
    if (!value.is_int64() || value.get_int64() < 0) return false;
    out = static_cast<std::uint64_t>(value.get_int64());
    return true;
}

bool read_double(const json::value& value, double& out) {
    if (value.is_null()) {
        out = 0;
        return true;
    }
    if (!value.is_number()) return false;
    out = value.to_number<double>();
    return true;
}

bool read_string(const json::value& value, std::string& out) {
    if (!value.is_string()) return false;
    const json::string& text = value.get_string();
    out.assign(text.data(), text.size());
    return true;
}

bool read_key(std::string_view key, std::int64_t& out) {
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), out);
    return error == std::errc{} && end == key.data() + key.size();
}

bool for_each_element(const json::value& value, void* context, bool (*each)(void*, const json::value&)) {
    if (!value.is_array()) return false;
    for (const json::value& element : value.get_array()) {
        if (!each(context, element)) return false;
    }
    return true;
}

bool for_each_member(const json::value& value, void* context,
                     bool (*each)(void*, std::string_view, const json::value&)) {
    if (!value.is_object()) return false;
    for (const auto& member : value.get_object()) {
        const std::string_view key(member.key().data(), member.key().size());
        if (!each(context, key, member.value())) return false;
    }
    return true;
}

}  // namespace base::record_detail
