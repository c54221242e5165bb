#include "wire/json_error.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/json.h"

namespace wire {
namespace {

/// "com.amazonaws.sqs#QueueDoesNotExist" or "QueueDoesNotExist:http://..." -> "QueueDoesNotExist".
std::string bare_type(std::string_view type) {
    type = type.substr(0, type.find(':'));
    const std::size_t hash = type.rfind('#');
    return std::string(hash == std::string_view::npos ? type : type.substr(hash + 1));
}

}  // namespace

std::string json_error_body(const Error& error, std::string_view type) {
    std::string out = "{";
    if (!type.empty()) {
        out += "\"__type\":";
        base::append_json_string(out, type);
        out += ',';
    }
    // SDKs differ in which of the two they read; AWS's services differ in which they send.
    out += "\"message\":";
    base::append_json_string(out, error.message);
    for (const auto& [name, value] : error.members) {
        out += ',';
        base::append_json_string(out, name);
        out += ':';
        base::append_json_string(out, value);
    }
    out += ",\"Message\":";
    base::append_json_string(out, error.message);
    return out + '}';
}

Error read_json_error(int status, const net::Headers& headers, std::string_view body) {
    Error error(fmt::format("HTTP{}", status),
                fmt::format("The server answered with HTTP status {}.", status), status);
    if (const auto type = headers.find("x-amzn-errortype")) error.code = bare_type(*type);
    const auto parsed = base::parse_json(body);
    if (parsed.ok() && parsed->is_object()) {
        for (const auto& entry : parsed->get_object()) {
            if (!entry.value().is_string()) continue;
            const std::string text(entry.value().get_string());
            if (entry.key() == "__type" || (entry.key() == "code" && !headers.contains("x-amzn-errortype"))) {
                error.code = bare_type(text);
            } else if (entry.key() == "message" || entry.key() == "Message") {
                error.message = text;
            } else {
                error.members.insert_or_assign(std::string(entry.key()), text);
            }
        }
    }
    error.shape = error.code;
    if (const auto compatible = headers.find("x-amzn-query-error")) {
        error.code = std::string(compatible->substr(0, compatible->find(';')));
        error.fault = compatible->ends_with(";Receiver") ? Fault::receiver : Fault::sender;
    }
    return error;
}

}  // namespace wire
