#include "wire/scalars.h"

#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/time.h"
#include "base/utf8.h"

namespace wire {
namespace {

template <class Number>
bool parse_integer(std::string_view text, void* into) {
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), *static_cast<Number*>(into));
    return error == std::errc{} && end == text.data() + text.size();
}

bool parse_boolean(std::string_view text, void* into) {
    const bool truth = text == "true" || text == "True" || text == "TRUE" || text == "1";
    const bool lie = text == "false" || text == "False" || text == "FALSE" || text == "0";
    *static_cast<bool*>(into) = truth;
    return truth || lie;
}

bool parse_timestamp(TimestampFormat format, std::string_view text, base::Instant& into) {
    double seconds = 0;
    base::Result<base::Instant> parsed = base::Failure{base::FailureKind::invalid, {}};
    if (format == TimestampFormat::rfc822) parsed = base::parse_http_date(text);
    if (!parsed.ok()) parsed = base::parse_iso8601(text);  // clients are given the benefit of the doubt
    if (!parsed.ok() && parse_double(text, seconds)) parsed = base::instant_from_epoch_seconds(seconds);
    if (!parsed.ok() && format != TimestampFormat::rfc822) parsed = base::parse_http_date(text);
    if (!parsed.ok()) return false;
    into = *parsed;
    return true;
}

std::string format_timestamp(TimestampFormat format, base::Instant at) {
    switch (format) {
        case TimestampFormat::rfc822: return base::format_http_date(at);
        case TimestampFormat::unix_seconds: return format_double(base::epoch_seconds(at));
        case TimestampFormat::by_protocol:
        case TimestampFormat::iso8601: return base::format_iso8601_millis(at);
    }
    __builtin_unreachable();
}

template <class Float>
std::string shortest(Float value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    char buffer[512];
    const auto result = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
    if (result.ec == std::errc{} && result.ptr - buffer <= 24) return {buffer, result.ptr};
    const auto scientific = std::to_chars(buffer, buffer + sizeof buffer, value);
    return {buffer, scientific.ptr};
}

}  // namespace

std::string format_double(double value) {
    return shortest(value);
}
std::string format_float(float value) {
    return shortest(value);
}

bool parse_double(std::string_view text, double& into) {
    if (text == "NaN")
        into = std::numeric_limits<double>::quiet_NaN();
    else if (text == "Infinity")
        into = std::numeric_limits<double>::infinity();
    else if (text == "-Infinity")
        into = -std::numeric_limits<double>::infinity();
    else {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
        return error == std::errc{} && end == text.data() + text.size() && std::isfinite(into);
    }
    return true;
}

bool parse_scalar(const Shape& shape, TimestampFormat format, std::string_view text, void* into) {
    switch (shape.kind) {
        case Kind::string:
            if (!base::is_utf8(text)) return false;
            static_cast<std::string*>(into)->assign(text);
            return true;
        case Kind::blob: {
            auto bytes = base::base64_decode(text);
            if (!bytes.ok()) return false;
            *static_cast<std::string*>(into) = bytes.take();
            return true;
        }
        case Kind::boolean: return parse_boolean(text, into);
        case Kind::integer: return parse_integer<std::int32_t>(text, into);
        case Kind::long_integer: return parse_integer<std::int64_t>(text, into);
        case Kind::floating: {
            double wide = 0;
            if (!parse_double(text, wide)) return false;
            *static_cast<float*>(into) = static_cast<float>(wide);
            return true;
        }
        case Kind::double_floating: return parse_double(text, *static_cast<double*>(into));
        case Kind::timestamp: return parse_timestamp(format, text, *static_cast<base::Instant*>(into));
        default: return false;
    }
}

std::string format_scalar(const Shape& shape, TimestampFormat format, const void* value) {
    switch (shape.kind) {
        case Kind::string: return *static_cast<const std::string*>(value);
        case Kind::blob: return base::base64_encode(*static_cast<const std::string*>(value));
        case Kind::boolean: return *static_cast<const bool*>(value) ? "true" : "false";
        case Kind::integer: return fmt::to_string(*static_cast<const std::int32_t*>(value));
        case Kind::long_integer: return fmt::to_string(*static_cast<const std::int64_t*>(value));
        case Kind::floating: return format_float(*static_cast<const float*>(value));
        case Kind::double_floating: return format_double(*static_cast<const double*>(value));
        case Kind::timestamp: return format_timestamp(format, *static_cast<const base::Instant*>(value));
        default: return {};
    }
}

TimestampFormat format_of(const Shape& shape, TimestampFormat by_protocol) {
    return shape.timestamp != TimestampFormat::by_protocol ? shape.timestamp : by_protocol;
}

TimestampFormat format_of(const Member& member, TimestampFormat by_protocol) {
    return member.timestamp != TimestampFormat::by_protocol ? member.timestamp
                                                            : format_of(*member.shape, by_protocol);
}

}  // namespace wire
