#include "stratus/services/s3/range.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace stratus::s3 {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// All digits; a number too big to hold is as good as the biggest.
std::optional<std::uint64_t> number(std::string_view digits) {
    if (digits.empty()) return std::nullopt;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() ? value : UINT64_MAX;
}

struct Ends {
    std::optional<std::uint64_t> first, last;
};

std::optional<Ends> parse(std::string_view header) {
    const std::size_t equals = header.find('=');
    if (equals == std::string_view::npos || trimmed(header.substr(0, equals)) != "bytes") return std::nullopt;
    const std::string_view spec = trimmed(header.substr(equals + 1));
    const std::size_t dash = spec.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::string_view first = trimmed(spec.substr(0, dash));
    const std::string_view last = trimmed(spec.substr(dash + 1));
    Ends ends{number(first), number(last)};
    if (!first.empty() && !ends.first) return std::nullopt;
    if (!last.empty() && !ends.last) return std::nullopt;
    if (!ends.first && !ends.last) return std::nullopt;
    if (ends.first && ends.last && *ends.first > *ends.last) return std::nullopt;
    return ends;
}

}  // namespace

RangeVerdict resolve_range(std::string_view header, std::uint64_t size) {
    const auto ends = parse(header);
    if (!ends) return WholeObject{};
    if (!ends->first) {
        const std::uint64_t length = std::min(*ends->last, size);
        if (length == 0) return Unsatisfiable{};
        return ByteRange{size - length, length};
    }
    if (*ends->first >= size) return Unsatisfiable{};
    const std::uint64_t last = ends->last ? std::min(*ends->last, size - 1) : size - 1;
    return ByteRange{*ends->first, last - *ends->first + 1};
}

std::optional<ByteRange> parse_copy_range(std::string_view text) {
    const auto ends = parse(text);
    if (!ends || !ends->first || !ends->last || *ends->last == UINT64_MAX) return std::nullopt;
    return ByteRange{*ends->first, *ends->last - *ends->first + 1};
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
    return fmt::format("bytes {}-{}/{}", range.offset, range.offset + range.length - 1, size);
}

}  // namespace stratus::s3
