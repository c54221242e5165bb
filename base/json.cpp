#include "base/json.h"

#include <cstdint>
#include <cstring>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace base {

Result<boost::json::value> parse_json(std::string_view text, JsonLimits limits) {
    boost::json::parse_options options;
    options.max_depth = limits.depth;
    boost::json::stream_parser parser({}, options);
    boost::system::error_code error;
    const std::size_t consumed = parser.write_some(text.data(), text.size(), error);
    if (!error && consumed < text.size()) error = boost::json::error::extra_data;
    if (!error) parser.finish(error);
    if (error) {
        return Failure{FailureKind::invalid,
                       fmt::format("not valid JSON near byte {}: {}", consumed, error.message())};
    }
    return parser.release();
}

namespace {

/// Whether one of eight bytes must be escaped: below 0x20, a quote, a backslash or DEL. May say so of eight
/// that are clean, never the other way round.
bool may_need_escape(const char* bytes) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t highs = 0x8080808080808080;
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof(word));
    const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x; };
    const std::uint64_t found = ((word - 0x20 * ones) & ~word) | has_zero(word ^ ('"' * ones)) |
                                has_zero(word ^ ('\\' * ones)) | has_zero(word ^ (0x7f * ones));
    return (found & highs) != 0;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    std::size_t clean_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        while (i + 8 <= text.size() && !may_need_escape(text.data() + i)) i += 8;
        if (i == text.size()) break;
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
        out.append(text, clean_from, i - clean_from);
        clean_from = i + 1;
        out += '\\';
        switch (c) {
            case '"': out += '"'; break;
            case '\\': out += '\\'; break;
            case '\n': out += 'n'; break;
            case '\r': out += 'r'; break;
            case '\t': out += 't'; break;
            default:
                out += "u00";
                out += digits[c >> 4];
                out += digits[c & 15];
        }
    }
    out.append(text, clean_from, text.size() - clean_from);
    out += '"';
}

std::string json_quoted(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    append_json_string(out, text);
    return out;
}

}  // namespace base
