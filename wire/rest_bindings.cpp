#include "wire/rest_bindings.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/utf8.h"
#include "wire/common_errors.h"
#include "wire/form.h"
#include "wire/scalars.h"
#include "wire/uri_pattern.h"

namespace wire {
namespace {

constexpr TimestampFormat in_headers = TimestampFormat::rfc822;
constexpr TimestampFormat in_query = TimestampFormat::iso8601;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// "ETag,Checksum" as items. Dates contain commas; lists of them take two pieces each.
void read_header_list(const Member& member, std::string_view text, const Path& path, void* into,
                      Problems& problems) {
    const Shape& item = *member.shape->element;
    const int pieces = item.kind == Kind::timestamp && format_of(item, in_headers) == in_headers ? 2 : 1;
    while (!text.empty()) {
        std::size_t end = text.find(',');
        if (pieces == 2 && end != std::string_view::npos) end = text.find(',', end + 1);
        const std::string_view piece = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!parse_scalar(item, format_of(item, in_headers), piece, member.shape->list->append(into))) {
            problems.add(ProblemKind::malformed, path, &item, std::string(piece));
        }
    }
}

void read_header(const Member& member, const net::Headers& headers, const Path& path, void* into,
                 Problems& problems) {
    if (!headers.contains(member.wire_name)) {
        if (member.required) problems.add(ProblemKind::missing, path, member.shape);
        return;
    }
    void* value = member.make_in(into);
    const std::string text = headers.joined(member.wire_name);
    if (member.shape->kind == Kind::list) return read_header_list(member, text, path, value, problems);
    // A string in a header is passed as it is: HTTP has no encoding, and S3 keeps what it gets.
    if (member.shape->kind == Kind::string)
        *static_cast<std::string*>(value) = text;
    else if (!parse_scalar(*member.shape, format_of(member, in_headers), trimmed(text), value)) {
        problems.add(ProblemKind::malformed, path, member.shape, text);
    }
}

void read_header_prefix(const Member& member, const net::Headers& headers, void* into) {
    void* map = member.make_in(into);
    for (const auto [name, value] : headers) {
        if (name.size() <= member.wire_name.size()) continue;
        if (!net::equal_ignoring_case(name.substr(0, member.wire_name.size()), member.wire_name)) continue;
        std::string key(name.substr(member.wire_name.size()));
        std::ranges::transform(key, key.begin(), [](unsigned char c) { return std::tolower(c); });
        auto& text = *static_cast<std::string*>(member.shape->map->at(map, key));
        if (!text.empty()) text += ',';
        text += value;
    }
}

void read_query_member(const Member& member, const Form& form, const Path& path, void* into,
                       Problems& problems) {
    const auto values = form.all(member.wire_name);
    if (values.empty()) {
        if (member.required) problems.add(ProblemKind::missing, path, member.shape);
        return;
    }
    const bool list = member.shape->kind == Kind::list;
    const Shape& item = list ? *member.shape->element : *member.shape;
    // "?max-keys=" is as good as absent for what is no string.
    if (!list && values.front().empty() && item.kind != Kind::string) return;
    void* value = member.make_in(into);
    for (const std::string_view text : values) {
        void* at = list ? member.shape->list->append(value) : value;
        if (!parse_scalar(item, format_of(item, in_query), text, at)) {
            problems.add(ProblemKind::malformed, path, &item, std::string(text));
        }
        if (!list) return;
    }
}

void read_query_map(const Operation& operation, const Member& member, const Form& form, void* into) {
    void* map = member.make_in(into);
    for (const auto& [name, value] : form.fields()) {
        const bool taken =
            std::ranges::any_of(operation.input->members, [&, &name = name](const Member& other) {
                return other.location == Location::query && other.wire_name == name;
            });
        if (taken) continue;
        void* at = member.shape->map->at(map, name);
        if (member.shape->element->kind == Kind::list) at = member.shape->element->list->append(at);
        *static_cast<std::string*>(at) = value;
    }
}

void read_label(const Member& member, const Labels& labels, const Path& path, void* into,
                Problems& problems) {
    for (const auto& [name, encoded] : labels) {
        if (name != member.wire_name) continue;
        const auto text = base::percent_decode(encoded);
        if (!text.ok() ||
            !parse_scalar(*member.shape, format_of(member, in_query), *text, member.make_in(into))) {
            problems.add(ProblemKind::malformed, path, member.shape, std::string(encoded));
        }
        return;
    }
    problems.add(ProblemKind::missing, path, member.shape);
}

std::string header_text(const Shape& shape, TimestampFormat format, const void* value) {
    if (shape.kind != Kind::list) return format_scalar(shape, format, value);
    std::string out;
    for (std::size_t index = 0; index < shape.list->size(value); ++index) {
        if (index > 0) out += ',';
        out += format_scalar(*shape.element, format_of(*shape.element, in_headers),
                             shape.list->at(value, index));
    }
    return out;
}

void write_header_member(const Member& member, const void* held, net::Headers& headers) {
    if (member.location == Location::header) {
        const bool empty = member.shape->kind == Kind::list && member.shape->list->size(held) == 0;
        if (!empty)
            headers.set(member.wire_name, header_text(*member.shape, format_of(member, in_headers), held));
    } else if (member.location == Location::header_prefix) {
        struct State {
            net::Headers& headers;
            std::string_view prefix;
        } state{headers, member.wire_name};
        member.shape->map->each(held, &state, [](void* raw, const std::string& key, const void* item) {
            auto& [into, prefix] = *static_cast<State*>(raw);
            into.set(fmt::format("{}{}", prefix, key), *static_cast<const std::string*>(item));
        });
    }
}

void append_query(std::string& query, std::string_view name, std::string_view value) {
    if (!query.empty()) query += '&';
    query += base::percent_encode(name);
    query += '=';
    query += base::percent_encode(value);
}

void write_query_map(const Member& member, const void* held, std::string& query) {
    struct State {
        const Shape& element;
        std::string& query;
    } state{*member.shape->element, query};
    member.shape->map->each(held, &state, [](void* raw, const std::string& key, const void* item) {
        auto& [element, out] = *static_cast<State*>(raw);
        if (element.kind != Kind::list) return append_query(out, key, *static_cast<const std::string*>(item));
        for (std::size_t index = 0; index < element.list->size(item); ++index) {
            append_query(out, key, *static_cast<const std::string*>(element.list->at(item, index)));
        }
    });
}

void write_query_member(const Member& member, const void* held, std::string& query) {
    const Shape& shape = *member.shape;
    if (member.location == Location::query_map) return write_query_map(member, held, query);
    if (shape.kind != Kind::list) {
        return append_query(query, member.wire_name, format_scalar(shape, format_of(member, in_query), held));
    }
    for (std::size_t index = 0; index < shape.list->size(held); ++index) {
        append_query(
            query, member.wire_name,
            format_scalar(*shape.element, format_of(*shape.element, in_query), shape.list->at(held, index)));
    }
}

const Member* label_member(const Shape& shape, std::string_view name) {
    for (const Member& member : shape.members) {
        if (member.location == Location::uri && member.wire_name == name) return &member;
    }
    return nullptr;
}

Outcome<std::string> expanded_path(const Operation& operation, const void* input) {
    std::string_view pattern = operation.uri.substr(0, operation.uri.find('?'));
    std::string out;
    while (!pattern.empty()) {
        const std::size_t open = pattern.find('{');
        out += pattern.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = pattern.find('}', open);
        std::string_view name = pattern.substr(open + 1, close - open - 1);
        pattern.remove_prefix(close + 1);
        const bool greedy = name.ends_with('+');
        if (greedy) name.remove_suffix(1);
        const Member* member = label_member(*operation.input, name);
        const void* held = member ? member->in(input) : nullptr;
        const std::string text =
            held ? format_scalar(*member->shape, format_of(*member, in_query), held) : "";
        if (text.empty()) return missing_parameter(fmt::format("{} must not be empty.", name));
        out += base::percent_encode(text, greedy ? base::PercentSet::path : base::PercentSet::component);
    }
    return out;
}

}  // namespace

Outcome<base::Unit> read_request_bindings(const Operation& operation, const HttpRequest& request, void* input,
                                          Problems& problems) {
    const auto labels = match_path(operation.uri, request.path);
    const auto form = Form::parse(request.query);
    if (!labels || !form.ok()) return Error("InvalidURI", "Couldn't parse the specified URI.", 400);
    for (const Member& member : operation.input->members) {
        const Path path{.member = &member};
        switch (member.location) {
            case Location::header: read_header(member, request.headers, path, input, problems); break;
            case Location::header_prefix: read_header_prefix(member, request.headers, input); break;
            case Location::query: read_query_member(member, *form, path, input, problems); break;
            case Location::query_map: read_query_map(operation, member, *form, input); break;
            case Location::uri: read_label(member, *labels, path, input, problems); break;
            case Location::body:
            case Location::status_code: break;
        }
    }
    return base::Unit{};
}

void write_response_bindings(const Shape& shape, const void* output, HttpResponse& response) {
    for (const Member& member : shape.members) {
        const void* held = member.in(output);
        if (!held) continue;
        write_header_member(member, held, response.headers);
        if (member.location == Location::status_code)
            response.status = *static_cast<const std::int32_t*>(held);
    }
}

Outcome<base::Unit> write_request_bindings(const Operation& operation, const void* input,
                                           OutgoingRequest& request) {
    request.method = operation.http_method;
    request.path = TRY(expanded_path(operation, input));
    for (const auto& [name, value] : literal_query(operation.uri)) append_query(request.query, name, value);
    for (const Member& member : operation.input->members) {
        const void* held = member.in(input);
        if (!held) continue;
        write_header_member(member, held, request.headers);
        if (member.location == Location::query || member.location == Location::query_map) {
            write_query_member(member, held, request.query);
        }
    }
    return base::Unit{};
}

void read_response_bindings(const Shape& shape, int status, const net::Headers& headers, void* output) {
    Problems ignored;
    for (const Member& member : shape.members) {
        if (member.location == Location::header) read_header(member, headers, Path{}, output, ignored);
        if (member.location == Location::header_prefix) read_header_prefix(member, headers, output);
        if (member.location == Location::status_code)
            *static_cast<std::int32_t*>(member.make_in(output)) = status;
    }
}

const Member* payload_of(const Shape& shape) {
    for (const Member& member : shape.members) {
        if (member.payload) return &member;
    }
    return nullptr;
}

bool has_document(const Shape& shape) {
    return std::ranges::any_of(shape.members,
                               [](const Member& member) { return member.location == Location::body; });
}

}  // namespace wire
