// Conditional requests: whether an operation may go on, given the preconditions it carries. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace stratus::s3 {

/// What If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since of one request say.
struct Conditions {
    std::optional<std::string> if_match;
    std::optional<std::string> if_none_match;
    std::optional<base::Instant> if_modified_since;
    std::optional<base::Instant> if_unmodified_since;
};

/// What they are compared with.
struct Validators {
    std::string_view etag;  ///< without quotes
    base::Instant modified;
};

enum class Verdict { proceed, not_modified, failed };

/// For GET and HEAD (RFC 7232's order, as S3 documents it): an ETag condition overrides the date condition
/// of its kind. Dates are compared in whole seconds, as the wire has them.
Verdict evaluate_read(const Conditions& conditions, const Validators& object);

/// For the source of a copy: as a read, but S3 answers 412 where a read would answer 304.
Verdict evaluate_copy_source(const Conditions& conditions, const Validators& source);

/// One or more comma-separated entity tags (quoted or bare, weak ones by their value) or "*".
bool etag_matches(std::string_view header, std::string_view etag);

std::string_view without_quotes(std::string_view etag);

}  // namespace stratus::s3
