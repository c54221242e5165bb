#include "base/time.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace base {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
    int year, month, day, hour, minute, second, micros;
    unsigned weekday;
};

Parts parts_of(Instant at) {
    const auto day = std::chrono::floor<days>(at);
    const std::chrono::year_month_day date{day};
    const auto in_day = at - day;
    const auto whole = std::chrono::duration_cast<seconds>(in_day);
    const int second_of_day = static_cast<int>(whole.count());
    return {.year = static_cast<int>(date.year()),
            .month = static_cast<int>(static_cast<unsigned>(date.month())),
            .day = static_cast<int>(static_cast<unsigned>(date.day())),
            .hour = second_of_day / 3600,
            .minute = second_of_day / 60 % 60,
            .second = second_of_day % 60,
            .micros = static_cast<int>((in_day - whole).count()),
            .weekday = std::chrono::weekday{day}.c_encoding()};
}

/// Reads a text from left to right; every step says whether it fitted.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool done() const { return text_.empty(); }
    char peek() const { return text_.empty() ? '\0' : text_.front(); }

    bool skip(char c) {
        if (peek() != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool skip_spaces() {
        const std::size_t before = text_.size();
        while (peek() == ' ') text_.remove_prefix(1);
        return text_.size() < before;
    }
    bool digits(int count, int& out) {
        if (text_.size() < static_cast<std::size_t>(count)) return false;
        out = 0;
        for (int i = 0; i < count; ++i) {
            if (text_[i] < '0' || text_[i] > '9') return false;
            out = out * 10 + (text_[i] - '0');
        }
        text_.remove_prefix(count);
        return true;
    }
    bool one_or_two_digits(int& out) {
        const bool two = text_.size() > 1 && text_[1] >= '0' && text_[1] <= '9';
        return digits(two ? 2 : 1, out);
    }
    std::string_view word() {
        std::size_t size = 0;
        while (size < text_.size() && std::isalpha(static_cast<unsigned char>(text_[size]))) ++size;
        const std::string_view out = text_.substr(0, size);
        text_.remove_prefix(size);
        return out;
    }

  private:
    std::string_view text_;
};

std::optional<Instant> instant_of(int year, int month, int day, int hour, int minute, int second) {
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return Instant{std::chrono::sys_days{date}} + hours{hour} + minutes{minute} + seconds{second};
}

bool scan_fraction(Scanner& in, int& micros) {
    micros = 0;
    int scale = 100'000;
    int count = 0;
    for (int digit = 0; in.peek() >= '0' && in.peek() <= '9'; scale /= 10, ++count) {
        if (!in.digits(1, digit)) return false;
        micros += digit * scale;
    }
    return count >= 1 && count <= 9;
}

/// "Z", "+01:00" or "+0100" as the minutes to subtract.
bool scan_zone(Scanner& in, minutes& offset) {
    offset = minutes{0};
    if (in.skip('Z') || in.skip('z')) return true;
    const bool west = in.peek() == '-';
    if (!in.skip('+') && !in.skip('-')) return false;
    int hour = 0;
    int minute = 0;
    if (!in.digits(2, hour)) return false;
    in.skip(':');
    if (!in.digits(2, minute) || hour > 23 || minute > 59) return false;
    offset = hours{hour} + minutes{minute};
    if (west) offset = -offset;
    return true;
}

std::optional<Instant> scan_iso8601(std::string_view text) {
    Scanner in(text);
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
    if (!in.digits(4, year)) return std::nullopt;
    const bool extended = in.skip('-');
    if (!in.digits(2, month) || (extended && !in.skip('-')) || !in.digits(2, day)) return std::nullopt;
    if (in.done()) return instant_of(year, month, day, 0, 0, 0);
    if (!in.skip('T') && !in.skip('t') && !in.skip(' ')) return std::nullopt;
    if (!in.digits(2, hour) || (extended && !in.skip(':')) || !in.digits(2, minute)) return std::nullopt;
    if ((!extended || in.skip(':')) && !in.digits(2, second)) return std::nullopt;
    if (in.skip('.') && !scan_fraction(in, micros)) return std::nullopt;
    minutes offset{0};
    if (!scan_zone(in, offset) || !in.done()) return std::nullopt;
    const auto whole = instant_of(year, month, day, hour, minute, second);
    if (!whole) return std::nullopt;
    return *whole - offset + Microseconds{micros};
}

int month_number(std::string_view name) {
    for (std::size_t i = 0; i < months.size(); ++i) {
        if (months[i] == name) return static_cast<int>(i) + 1;
    }
    return 0;
}

bool scan_time_of_day(Scanner& in, int& hour, int& minute, int& second) {
    return in.digits(2, hour) && in.skip(':') && in.digits(2, minute) && in.skip(':') && in.digits(2, second);
}

bool scan_http_zone(Scanner& in, minutes& offset) {
    if (in.peek() == '+' || in.peek() == '-') return scan_zone(in, offset);
    const std::string_view name = in.word();
    return name == "GMT" || name == "UTC" || name == "UT" || name == "Z";
}

/// The asctime() form, after the weekday and its space: "Nov  6 08:49:37 1994".
std::optional<Instant> scan_asctime(Scanner in) {
    const int month = month_number(in.word());
    int year = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool good = month > 0 && in.skip_spaces() && in.one_or_two_digits(day) && in.skip(' ') &&
                      scan_time_of_day(in, hour, minute, second) && in.skip(' ') && in.digits(4, year) &&
                      in.done();
    if (!good) return std::nullopt;
    return instant_of(year, month, day, hour, minute, second);
}

std::optional<Instant> scan_http_date(std::string_view text) {
    Scanner in(text);
    int year = 0, day = 0, hour = 0, minute = 0, second = 0;
    minutes offset{0};
    if (!in.word().empty()) {
        if (!in.skip(',')) return in.skip(' ') ? scan_asctime(in) : std::nullopt;
        in.skip_spaces();
    }
    if (!in.one_or_two_digits(day)) return std::nullopt;
    const bool rfc850 = in.skip('-');
    if (!rfc850 && !in.skip_spaces()) return std::nullopt;
    const int month = month_number(in.word());
    if (month == 0 || !(rfc850 ? in.skip('-') : in.skip_spaces())) return std::nullopt;
    if (rfc850 ? !in.digits(2, year) : !in.digits(4, year)) return std::nullopt;
    if (rfc850) year += year < 70 ? 2000 : 1900;
    const bool good = in.skip_spaces() && scan_time_of_day(in, hour, minute, second) && in.skip_spaces() &&
                      scan_http_zone(in, offset) && in.done();
    const auto whole = good ? instant_of(year, month, day, hour, minute, second) : std::nullopt;
    if (!whole) return std::nullopt;
    return *whole - offset;
}

constexpr double seconds_at_year_1 = -62'135'596'800.0;
constexpr double seconds_after_year_9999 = 253'402'300'800.0;

}  // namespace

std::string format_iso8601(Instant at) {
    const Parts p = parts_of(at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", p.year, p.month, p.day, p.hour, p.minute,
                       p.second);
}

std::string format_iso8601_millis(Instant at) {
    const Parts p = parts_of(at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", p.year, p.month, p.day, p.hour, p.minute,
                       p.second, p.micros / 1000);
}

std::string format_iso8601_micros(Instant at) {
    const Parts p = parts_of(at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", p.year, p.month, p.day, p.hour, p.minute,
                       p.second, p.micros);
}

std::string format_iso8601_basic(Instant at) {
    const Parts p = parts_of(at);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute,
                       p.second);
}

std::string format_http_date(Instant at) {
    const Parts p = parts_of(at);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[p.weekday], p.day,
                       months[p.month - 1], p.year, p.hour, p.minute, p.second);
}

Result<Instant> parse_iso8601(std::string_view text) {
    const auto at = scan_iso8601(text);
    if (!at) return Failure{FailureKind::invalid, "not an ISO-8601 date and time"};
    return *at;
}

Result<Instant> parse_http_date(std::string_view text) {
    const auto at = scan_http_date(text);
    if (!at) return Failure{FailureKind::invalid, "not an HTTP date"};
    return *at;
}

Result<Instant> instant_from_epoch_seconds(double value) {
    if (!(value >= seconds_at_year_1 && value < seconds_after_year_9999)) {
        return Failure{FailureKind::invalid, "a time outside the years 0001 to 9999"};
    }
    return Instant{Microseconds{std::llround(value * 1e6)}};
}

double epoch_seconds(Instant at) {
    return static_cast<double>(at.time_since_epoch().count()) / 1e6;
}

long long epoch_millis(Instant at) {
    return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
}

}  // namespace base
