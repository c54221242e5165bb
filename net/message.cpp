#include "net/message.h"

#include <algorithm>
#include <array>

namespace net {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::size_t text_reserved = 512;  // what the fields of a usual request take
constexpr std::size_t fields_reserved = 16;

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

Headers::Headers(std::initializer_list<Field> fields) {
    for (const Field& field : fields) add(field.name, field.value);
}

void Headers::add(std::string_view name, std::string_view value) {
    if (fields_.empty()) {
        text_.reserve(std::max(text_reserved, name.size() + value.size()));
        fields_.reserve(fields_reserved);
    }
    const auto at = static_cast<std::uint32_t>(text_.size());
    const auto name_size = static_cast<std::uint32_t>(name.size());
    text_ += name;
    text_ += value;
    fields_.push_back(Slot{.name_at = at,
                           .value_at = at + name_size,
                           .name_size = name_size,
                           .value_size = static_cast<std::uint32_t>(value.size())});
}

void Headers::remove(std::string_view name) {
    const auto named = [&](const Slot& slot) {
        return equal_ignoring_case(std::string_view(text_).substr(slot.name_at, slot.name_size), name);
    };
    std::erase_if(fields_, named);
}

void Headers::set(std::string_view name, std::string_view value) {
    const std::string name_kept(name), value_kept(value);  // they may be views of this object's own text
    remove(name_kept);
    add(name_kept, value_kept);
}

void Headers::clear() {
    text_.clear();
    fields_.clear();
}

Headers::Field Headers::at(std::size_t index) const {
    const Slot& slot = fields_[index];
    const std::string_view text = text_;
    return Field{.name = text.substr(slot.name_at, slot.name_size),
                 .value = text.substr(slot.value_at, slot.value_size)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (fields_[i].name_size != name.size()) continue;
        const Field field = at(i);
        if (equal_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::string_view Headers::get_or(std::string_view name, std::string_view otherwise) const {
    return find(name).value_or(otherwise);
}

std::string Headers::joined(std::string_view name) const {
    std::string out;
    bool first = true;
    for (const Field field : *this) {
        if (!equal_ignoring_case(field.name, name)) continue;
        if (!first) out += ", ";
        first = false;
        out += field.value;
    }
    return out;
}

bool is_header_name(std::string_view text) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    const auto is_token = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token);
}

bool is_header_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Unknown";
    }
}

}  // namespace net
