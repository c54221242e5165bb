#include "cubed/database/value.h"

#include <charconv>

#include <fmt/format.h>

namespace cubed::database {

Value::Value(double number) : text_(fmt::format("{}", number)) {}
Value::Value(Instant time) : text_(format_instant(time)) {}

Value::Value(Bytes bytes) : text_("\\x") {
    static constexpr char digits[] = "0123456789abcdef";
    text_->reserve(2 + 2 * bytes.bytes.size());
    for (const unsigned char byte : bytes.bytes) {
        *text_ += digits[byte >> 4];
        *text_ += digits[byte & 15];
    }
}

/// {a,b,c}, each element by `element`.
template <class Range, class Element>
static std::string array_of(const Range& range, Element element) {
    std::string out = "{";
    for (const auto& item : range) {
        if (out.size() > 1) out += ',';
        element(out, item);
    }
    return out += '}';
}

static void quote_element(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

static void number_element(std::string& out, std::int64_t number) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

Value::Value(std::span<const std::int64_t> numbers) : text_(array_of(numbers, number_element)) {}
Value::Value(const std::vector<std::int32_t>& numbers) : text_(array_of(numbers, number_element)) {}
Value::Value(const std::vector<std::string>& texts) : text_(array_of(texts, quote_element)) {}
Value::Value(const std::vector<std::optional<std::string>>& texts)
    : text_(array_of(texts, [](std::string& out, const std::optional<std::string>& text) {
          if (text) {
              quote_element(out, *text);
          } else {
              out += "NULL";
          }
      })) {}
Value::Value(const std::vector<Instant>& times)
    : text_(array_of(times,
                     [](std::string& out, Instant time) { quote_element(out, format_instant(time)); })) {}

std::string format_instant(Instant time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    const int year = int(date.year());
    // PostgreSQL has no year 0 and writes the years before 1 with BC.
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00{}", year > 0 ? year : 1 - year,
                       unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count(),
                       year > 0 ? "" : " BC");
}

/// Reads exactly `digits` digits at `at`, or -1.
static int digits_at(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return -1;
    int number = 0;
    for (const char c : text.substr(at, digits)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    return number;
}

base::Result<Instant> parse_instant(std::string_view text) {
    const base::Failure failure{base::FailureKind::invalid, fmt::format("not an instant: '{}'", text)};
    const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2), day = digits_at(text, 8, 2);
    if (year < 0 || month < 0 || day < 0) return failure;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                           std::chrono::day(unsigned(day))};
    if (!date.ok()) return failure;
    Instant time = std::chrono::sys_days(date);
    if (text.size() == 10) return time;
    const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2), second = digits_at(text, 17, 2);
    if (hour < 0 || minute < 0 || second < 0) return failure;
    time += std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
    std::size_t at = 19;
    if (at < text.size() && text[at] == '.') {
        int unit = 100'000;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
            time += std::chrono::microseconds((text[at] - '0') * unit);
        }
    }
    const std::string_view zone = text.substr(at);
    if (zone != "" && zone != "+00" && zone != "Z") return failure;  // sessions run in UTC
    return time;
}

}  // namespace cubed::database
