// The parts of a request target, and of a form, still encoded: views into what they are taken from.
#pragma once

#include <optional>
#include <string_view>

namespace stratus {

std::string_view path_of(std::string_view target);
/// Without '?'; empty when there is none.
std::string_view query_of(std::string_view target);
/// The first value of a query or form parameter.
std::optional<std::string_view> find_parameter(std::string_view query, std::string_view name);

}  // namespace stratus
