// Form: application/x-www-form-urlencoded names and values, as the query protocols send them and URLs carry
// them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace wire {

/// Sorted by name; a name may come several times, in the order sent.
class Form {
  public:
    struct Field {
        std::string name;
        std::string value;
    };

    enum class Plus { is_space, is_plus };  ///< bodies and most URLs say "a+b" for "a b"; S3's URLs do so too

    /// `invalid` for a broken % escape; no_space beyond `fields_max`.
    static base::Result<Form> parse(std::string_view text, Plus plus = Plus::is_space);
    base::Result<base::Unit> add(std::string_view text, Plus plus = Plus::is_space);

    const std::string* find(std::string_view name) const;
    std::vector<std::string_view> all(std::string_view name) const;
    const std::vector<Field>& fields() const { return fields_; }
    /// True when a name is `prefix` itself or begins with `prefix` and a dot.
    bool has_under(std::string_view prefix) const;
    /// The numbers N of the names "<prefix>.N" and "<prefix>.N.*", in order, each once.
    std::vector<std::size_t> indexes_under(std::string_view prefix) const;

    static constexpr std::size_t fields_max = 20'000;

  private:
    std::vector<Field>::const_iterator first_at(std::string_view name) const;
    std::vector<Field> fields_;
};

}  // namespace wire
