// Problems: what is wrong with a request's input, gathered while it is decoded and then while it is
// validated.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wire/schema.h"

namespace wire {

/// Where in the input we are: a list on the stack, from the innermost outwards.
struct Path {
    const Path* up = nullptr;
    const Member* member = nullptr;  ///< a step into a member
    std::size_t index = 0;           ///< or into a list: from 1
    std::string_view key;            ///< or into a map
};

enum class ProblemKind : std::uint8_t {
    missing,    ///< a required member, or an item that is null
    malformed,  ///< text that is no number, date, base64, UTF-8
    too_short,  ///< characters, bytes or items
    too_long,
    too_small,  ///< numbers
    too_large,
    unknown_value,  ///< of an enum
    no_match,       ///< with the pattern
};

struct Problem {
    ProblemKind kind;
    std::string camel_path;          ///< "tags.1.member.key", as validation messages say it
    std::string wire_path;           ///< "Tags.1.Key", as parameters are named
    const Member* member = nullptr;  ///< the innermost
    const Shape* shape = nullptr;
    std::string value;  ///< what was given; empty when sensitive
};

/// At most a few dozen are kept: an answer with thousands helps nobody.
class Problems {
  public:
    void add(ProblemKind kind, const Path& path, const Shape* shape, std::string value = {});
    bool empty() const { return all_.empty(); }
    const std::vector<Problem>& all() const { return all_; }

  private:
    static constexpr std::size_t kept_max = 32;
    std::vector<Problem> all_;
};

}  // namespace wire
