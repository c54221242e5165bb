// Statements whose text comes from the program alone. Input becomes a bound parameter or a quoted identifier.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cubed/database/value.h"

namespace cubed::database {

/// The text of a statement: a literal of the program. The constructor runs at compile time, so text that came
/// from outside cannot become SQL by accident.
class Sql {
  public:
    consteval Sql(const char* text) : text_(text) {}
    const char* text() const { return text_; }

  private:
    const char* text_;
};

/// "name" as an identifier, quotes doubled. Any text is safe; NUL bytes are dropped.
std::string quote_identifier(std::string_view name);

/// 'text' as a literal, for the statements that take no parameters (CREATE ROLE ... PASSWORD).
std::string quote_literal(std::string_view text);

/// A statement put together at run time: literals of the program, quoted identifiers, bound parameters.
///
///     Statement s("SELECT count(*) FROM ");
///     s.identifier(table).text(" WHERE time >= ").parameter(from);
class Statement {
  public:
    Statement() = default;
    Statement(Sql text) : text_(text.text()) {}
    template <class... Values>
    Statement(Sql text, Values&&... values) : text_(text.text()) {
        (values_.emplace_back(std::forward<Values>(values)), ...);
    }

    Statement& text(Sql text) {
        text_ += text.text();
        return *this;
    }
    Statement& identifier(std::string_view name) {
        text_ += quote_identifier(name);
        return *this;
    }
    Statement& literal(std::string_view value) {
        text_ += quote_literal(value);
        return *this;
    }
    /// Writes $n and binds the value to it.
    Statement& parameter(Value value);
    Statement& append(const Statement& other) = delete;

    const std::string& text() const { return text_; }
    const std::vector<Value>& values() const { return values_; }

    /// A file of our own (a migration). Never text of a request.
    static Statement from_trusted_file(std::string text);

  private:
    std::string text_;
    std::vector<Value> values_;
};

}  // namespace cubed::database
