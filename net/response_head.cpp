#include "net/response_head.h"

#include <charconv>

#include "base/log.h"

namespace net {

namespace {

void append_number(std::string& out, std::uint64_t number) {
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

bool is_ours(std::string_view name, const ResponseHeadContext& context) {
    switch (name.size()) {
        case 4: return equal_ignoring_case(name, "date");
        case 6: return !context.server_name.empty() && equal_ignoring_case(name, "server");
        case 10: return equal_ignoring_case(name, "connection") || equal_ignoring_case(name, "keep-alive");
        case 14: return context.framing != BodyFraming::none && equal_ignoring_case(name, "content-length");
        case 17: return equal_ignoring_case(name, "transfer-encoding");
        default: return false;
    }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

void append_status_line(std::string& out, int status) {
    if (status == 200) {
        out += "HTTP/1.1 200 OK\r\n";
        return;
    }
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(status));
    out += ' ';
    out += reason_phrase(status);
    out += "\r\n";
}

}  // namespace

bool has_body(std::string_view method, int status) {
    return method != "HEAD" && status >= 200 && status != 204 && status != 304;
}

void append_response_head(std::string& out, int status, const Headers& headers,
                          const ResponseHeadContext& context) {
    append_status_line(out, status);
    append_field(out, "Date", context.date);
    if (!context.server_name.empty()) append_field(out, "Server", context.server_name);
    for (const Headers::Field field : headers) {
        if (is_ours(field.name, context)) continue;
        if (!is_header_name(field.name) || !is_header_value(field.value)) {
            base::log_warning("net", "left a malformed header out of a response", {{"name", field.name}});
            continue;
        }
        append_field(out, field.name, field.value);
    }
    if (context.framing == BodyFraming::length) {
        out += "Content-Length: ";
        append_number(out, context.length);
        out += "\r\n";
    } else if (context.framing == BodyFraming::chunked) {
        append_field(out, "Transfer-Encoding", "chunked");
    }
    if (!context.keep_alive) {
        append_field(out, "Connection", "close");
    } else if (context.version < 11) {
        append_field(out, "Connection", "keep-alive");
    }
    out += "\r\n";
}

}  // namespace net
