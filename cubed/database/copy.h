// Rows in PostgreSQL's binary COPY format, built apart from any connection.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cubed/database/value.h"

namespace cubed::database {

using Uuid = std::array<std::uint8_t, 16>;

/// Builds the stream of one binary COPY: for each row, row(fields), then that many fields in the table's
/// order and exact types (a bigint column needs int64, an integer column int32). Text must be valid UTF-8
/// without NUL.
class CopyRows {
  public:
    CopyRows() { clear(); }

    CopyRows& row(std::int16_t fields);
    CopyRows& null();
    CopyRows& int16(std::int16_t number);
    CopyRows& int32(std::int32_t number);
    CopyRows& int64(std::int64_t number);
    CopyRows& float64(double number);
    CopyRows& boolean(bool flag);
    CopyRows& text(std::string_view text);    ///< also varchar
    CopyRows& bytes(std::string_view bytes);  ///< bytea
    CopyRows& instant(Instant time);          ///< timestamptz
    CopyRows& uuid(const Uuid& uuid);

    CopyRows& maybe_text(std::string_view text) { return text.empty() ? null() : this->text(text); }
    CopyRows& maybe_int64(std::optional<std::int64_t> number) { return number ? int64(*number) : null(); }
    CopyRows& maybe_int32(std::optional<std::int32_t> number) { return number ? int32(*number) : null(); }

    std::size_t rows() const { return rows_; }
    bool empty() const { return rows_ == 0; }
    /// The stream so far, without its end mark.
    std::string_view stream() const { return stream_; }
    void clear();

  private:
    template <class Unsigned>
    void put(Unsigned number);

    std::string stream_;
    std::size_t rows_ = 0;
};

}  // namespace cubed::database
