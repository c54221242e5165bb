#include "cubed/database/sql.h"

namespace cubed::database {

static std::string quoted(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        if (c == '\0') continue;
        if (c == quote) out += quote;
        out += c;
    }
    return out += quote;
}

std::string quote_identifier(std::string_view name) {
    return quoted(name, '"');
}

std::string quote_literal(std::string_view text) {
    // The escape form makes backslashes mean one thing whatever standard_conforming_strings says.
    std::string doubled;
    for (const char c : text) {
        if (c == '\\') doubled += c;
        doubled += c;
    }
    return " E" + quoted(doubled, '\'');
}

Statement& Statement::parameter(Value value) {
    values_.push_back(std::move(value));
    text_ += '$';
    text_ += std::to_string(values_.size());
    return *this;
}

Statement Statement::from_trusted_file(std::string text) {
    Statement statement;
    statement.text_ = std::move(text);
    return statement;
}

}  // namespace cubed::database
