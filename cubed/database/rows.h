// What a statement answered.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cubed/database/value.h"

struct pg_result;

namespace cubed::database {

/// Rows of one result, in text form. Owns them; views live as long as it does. Movable, not thread-safe.
/// Indices out of range and conversions that cannot be are broken invariants: the statement is ours.
class Rows {
  public:
    Rows() = default;
    explicit Rows(pg_result* result);

    std::size_t size() const;
    bool empty() const { return size() == 0; }
    std::size_t columns() const;
    std::string_view name(std::size_t column) const;
    /// Rows an INSERT, UPDATE, DELETE or COPY touched.
    std::int64_t affected() const;

    bool null(std::size_t row, std::size_t column) const;
    std::string_view text(std::size_t row, std::size_t column) const;
    std::int64_t integer(std::size_t row, std::size_t column) const;
    double real(std::size_t row, std::size_t column) const;
    bool boolean(std::size_t row, std::size_t column) const;
    Instant instant(std::size_t row, std::size_t column) const;
    std::string bytes(std::size_t row, std::size_t column) const;

    std::string string(std::size_t row, std::size_t column) const { return std::string(text(row, column)); }
    std::optional<std::string> maybe_string(std::size_t row, std::size_t column) const;
    std::optional<std::int64_t> maybe_integer(std::size_t row, std::size_t column) const;
    std::optional<Instant> maybe_instant(std::size_t row, std::size_t column) const;

  private:
    struct Clear {
        void operator()(pg_result* result) const;
    };
    std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace cubed::database
