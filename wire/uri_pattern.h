// URI patterns of the REST protocols: "/{Bucket}/{Key+}?uploads". Matching for servers, expansion for
// clients.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wire {

/// Label name -> its value, still percent-encoded.
using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

/// Matches a path (as sent) with the pattern's path. A slash at the end is ignored for patterns that do not
/// end in a greedy label; labels are never empty.
std::optional<Labels> match_path(std::string_view pattern, std::string_view path);

/// How many of the pattern's segments are literal: the more, the better the match.
int literal_segments(std::string_view pattern);

/// The pattern's own query, e.g. {"list-type", "2"} or {"uploads", ""}; "x-id" (a hint for people) is left
/// out.
std::vector<std::pair<std::string_view, std::string_view>> literal_query(std::string_view pattern);

}  // namespace wire
