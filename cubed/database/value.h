// A bound parameter, in PostgreSQL's text form; the server infers its type from where it stands.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cubed::database {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

/// bytea.
struct Bytes {
    std::string_view bytes;
};

/// One parameter, or null. Owns its text. Text that holds a NUL byte is refused when the statement is sent,
/// as PostgreSQL cannot store it.
class Value {
  public:
    Value(std::nullptr_t) {}
    Value(std::string_view text) : text_(text) {}
    Value(const std::string& text) : text_(text) {}
    Value(std::string&& text) : text_(std::move(text)) {}
    Value(const char* text) {
        if (text != nullptr) text_ = text;
    }
    template <std::same_as<bool> B>
    Value(B flag) : text_(flag ? "t" : "f") {}
    template <std::integral I>
    requires(!std::same_as<I, bool> && !std::same_as<I, char>) Value(I number)
        : text_(std::to_string(number)) {}
    Value(double number);
    Value(Instant time);
    Value(Bytes bytes);
    Value(std::span<const std::int64_t> numbers);
    Value(const std::vector<std::int64_t>& numbers) : Value(std::span<const std::int64_t>(numbers)) {}
    Value(const std::vector<std::int32_t>& numbers);
    Value(const std::vector<std::string>& texts);
    Value(const std::vector<std::optional<std::string>>& texts);
    Value(const std::vector<Instant>& times);
    template <class T>
    Value(const std::optional<T>& maybe) {
        if (maybe) *this = Value(*maybe);
    }

    bool null() const { return !text_.has_value(); }
    const std::string& text() const { return *text_; }

  private:
    std::optional<std::string> text_;
};

/// "2026-11-24 13:24:49.123456+00", as sessions of this library see and send instants.
std::string format_instant(Instant time);
base::Result<Instant> parse_instant(std::string_view text);

}  // namespace cubed::database
