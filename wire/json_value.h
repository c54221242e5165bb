// JSON documents to and from values of a schema; shared by aws_json and rest_json.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "base/result.h"
#include "wire/error.h"
#include "wire/problems.h"
#include "wire/schema.h"

namespace wire {

/// What the two JSON protocols do differently.
struct JsonStyle {
    bool wire_names = false;  ///< rest_json follows locationName; aws_json does not
    TimestampFormat timestamp = TimestampFormat::unix_seconds;
};

/// Reads with types checked: a wrong type is SerializationException in AWS's words. Unknown members are
/// skipped, null is absent. Members that travel elsewhere (REST) are left alone and never missed.
Outcome<base::Unit> read_json(const JsonStyle& style, const Shape& shape, const boost::json::value& json,
                              const Path& path, void* into, Problems& problems);

/// Appends the value.
void write_json(const JsonStyle& style, const Shape& shape, const void* value, std::string& out);

}  // namespace wire
