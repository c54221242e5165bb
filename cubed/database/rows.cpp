#include "cubed/database/rows.h"

#include <charconv>

#include <libpq-fe.h>

namespace cubed::database {

void Rows::Clear::operator()(pg_result* result) const {
    PQclear(result);
}

Rows::Rows(pg_result* result) : result_(result) {}

std::size_t Rows::size() const {
    return result_ ? std::size_t(PQntuples(result_.get())) : 0;
}
std::size_t Rows::columns() const {
    return result_ ? std::size_t(PQnfields(result_.get())) : 0;
}

std::string_view Rows::name(std::size_t column) const {
    CHECK(column < columns(), "a column that the statement does not return");
    return PQfname(result_.get(), int(column));
}

std::int64_t Rows::affected() const {
    const std::string_view text = result_ ? PQcmdTuples(result_.get()) : "";
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool Rows::null(std::size_t row, std::size_t column) const {
    CHECK(row < size() && column < columns(), "a row or column that the statement does not return");
    return PQgetisnull(result_.get(), int(row), int(column)) != 0;
}

std::string_view Rows::text(std::size_t row, std::size_t column) const {
    CHECK(row < size() && column < columns(), "a row or column that the statement does not return");
    return {PQgetvalue(result_.get(), int(row), int(column)),
            std::size_t(PQgetlength(result_.get(), int(row), int(column)))};
}

template <class Number>
static Number number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    CHECK(error == std::errc() && end == text.data() + text.size(), "a column that is not such a number");
    return number;
}

std::int64_t Rows::integer(std::size_t row, std::size_t column) const {
    return number_of<std::int64_t>(text(row, column));
}

double Rows::real(std::size_t row, std::size_t column) const {
    return number_of<double>(text(row, column));
}

bool Rows::boolean(std::size_t row, std::size_t column) const {
    return text(row, column) == "t";
}

Instant Rows::instant(std::size_t row, std::size_t column) const {
    auto time = parse_instant(text(row, column));
    CHECK(time.ok(), "a column that is not an instant");
    return *time;
}

std::string Rows::bytes(std::size_t row, std::size_t column) const {
    const std::string_view hex = text(row, column);
    CHECK(hex.starts_with("\\x") && hex.size() % 2 == 0, "a column that is not bytea");
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 2; i < hex.size(); i += 2) {
        out += char(digit(hex[i]) * 16 + digit(hex[i + 1]));
    }
    return out;
}

std::optional<std::string> Rows::maybe_string(std::size_t row, std::size_t column) const {
    if (null(row, column)) return std::nullopt;
    return string(row, column);
}

std::optional<std::int64_t> Rows::maybe_integer(std::size_t row, std::size_t column) const {
    if (null(row, column)) return std::nullopt;
    return integer(row, column);
}

std::optional<Instant> Rows::maybe_instant(std::size_t row, std::size_t column) const {
    if (null(row, column)) return std::nullopt;
    return instant(row, column);
}

}  // namespace cubed::database
