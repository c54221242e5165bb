// What the listings share: encoding-type and the page size.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/utf8.h"
#include "stratus/services/s3/errors.h"
#include "wire/error.h"

namespace stratus::s3 {

/// Texts of an answer that come from keys: as they are, or percent-encoded when the client asked for it (XML
/// cannot hold every character a key may).
class Texts {
  public:
    static wire::Outcome<Texts> of(const std::optional<std::string>& encoding_type) {
        if (encoding_type && *encoding_type != "url") {
            return errors::invalid_argument("encoding-type", base::utf8_repaired(*encoding_type),
                                            "Invalid Encoding Method specified in Request");
        }
        return Texts(encoding_type.has_value());
    }
    std::string encode(const std::string& text) const {
        return url_ ? base::percent_encode(text, base::PercentSet::path) : text;
    }
    std::optional<std::string> encode(const std::optional<std::string>& text) const {
        if (!text) return std::nullopt;
        return encode(*text);
    }

  private:
    explicit Texts(bool url) : url_(url) {}
    bool url_;
};

inline constexpr int items_max_default = 1000;

inline wire::Outcome<std::size_t> items_max(std::string_view argument,
                                            const std::optional<std::int32_t>& wanted) {
    const int limit = wanted.value_or(items_max_default);
    if (limit < 0) {
        return errors::invalid_argument(argument, std::to_string(limit),
                                        "Argument must be an integer between 0 and 2147483647");
    }
    return static_cast<std::size_t>(std::min(limit, items_max_default));
}

/// One row more than the page says whether it is the last; small pages read ahead a little for rows that turn
/// out not to be shown.
inline std::size_t page_rows_for(std::size_t items) {
    return std::max<std::size_t>(items + 1, 32);
}

}  // namespace stratus::s3
