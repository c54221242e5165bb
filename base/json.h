// JSON in, with limits. The values are Boost.JSON's; include <boost/json.hpp> in the .cpp that reads them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/result.h"

namespace base {

struct JsonLimits {
    std::size_t depth = 64;
};

/// Strict RFC 8259: one value, valid UTF-8, nothing after it. FailureKind::invalid says where it went wrong.
Result<boost::json::value> parse_json(std::string_view text, JsonLimits limits = {});

/// Appends `text` as a JSON string with its quotes; bytes that are not ASCII pass as they are.
void append_json_string(std::string& out, std::string_view text);
std::string json_quoted(std::string_view text);

}  // namespace base
