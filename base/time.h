// Instants to text and back, in the formats AWS's protocols, HTTP and people use. Pure, UTC, locale-free.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace base {

std::string format_iso8601(Instant at);         ///< 2015-01-02T03:04:05Z
std::string format_iso8601_millis(Instant at);  ///< 2015-01-02T03:04:05.678Z
std::string format_iso8601_micros(Instant at);  ///< 2015-01-02T03:04:05.678901Z
std::string format_iso8601_basic(Instant at);   ///< 20150102T030405Z, SigV4's x-amz-date
std::string format_http_date(Instant at);       ///< Fri, 02 Jan 2015 03:04:05 GMT

/// Date and time with 'Z' or an offset, up to nine digits of fraction (cut to microseconds); a bare date is
/// midnight UTC. Basic format (20150102T030405Z) is accepted too.
Result<Instant> parse_iso8601(std::string_view text);
/// RFC 7231 dates: IMF-fixdate, and the two obsolete forms servers must accept; RFC 822 with a numeric zone.
Result<Instant> parse_http_date(std::string_view text);

/// Whole microseconds of a number of seconds since 1970, and back. Out of years 0001 to 9999 is invalid.
Result<Instant> instant_from_epoch_seconds(double seconds);
double epoch_seconds(Instant at);
long long epoch_millis(Instant at);

}  // namespace base
