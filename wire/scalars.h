// Scalars to text and back, for every place that is not JSON: query parameters, XML text, headers, labels.
#pragma once

#include <string>
#include <string_view>

#include "wire/schema.h"

namespace wire {

/// False when the text is no value of that kind: a number out of range, bad base64, a bad date, text that is
/// not UTF-8.
bool parse_scalar(const Shape& shape, TimestampFormat format, std::string_view text, void* into);
std::string format_scalar(const Shape& shape, TimestampFormat format, const void* value);

/// The member's own format, else the shape's, else the protocol's.
TimestampFormat format_of(const Member& member, TimestampFormat by_protocol);
TimestampFormat format_of(const Shape& shape, TimestampFormat by_protocol);

/// Shortest decimal text that reads back as the same number; NaN, Infinity and -Infinity as AWS spells them.
std::string format_double(double value);
std::string format_float(float value);
bool parse_double(std::string_view text, double& into);

}  // namespace wire
