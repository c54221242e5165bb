#include "base/encoding.h"

#include <array>

namespace base {

namespace {

constexpr std::string_view hex_lower = "0123456789abcdef";
constexpr std::string_view hex_upper = "0123456789ABCDEF";
constexpr std::string_view alphabet_standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view alphabet_url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> reverse_of(std::string_view alphabet) {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}

constexpr auto reverse_standard = reverse_of(alphabet_standard);
constexpr auto reverse_url = reverse_of(alphabet_url);

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string encode64(std::string_view bytes, std::string_view alphabet, bool pad) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        out += alphabet[group >> 6 & 63];
        out += alphabet[group & 63];
    }
    const std::size_t left = bytes.size() - i;
    if (left > 0) {
        const std::uint32_t group = at(i) << 16 | (left == 2 ? at(i + 1) << 8 : 0);
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        if (left == 2) out += alphabet[group >> 6 & 63];
        if (pad) out.append(3 - left, '=');
    }
    return out;
}

Result<std::string> decode64(std::string_view text, const std::array<std::int8_t, 256>& reverse) {
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = reverse[static_cast<unsigned char>(c)];
        if (value < 0) return Failure{FailureKind::invalid, "not base64"};
        group = group << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(group >> bits & 0xff);
        }
    }
    const bool leftover = bits == 6 || (group & ((1u << bits) - 1)) != 0;
    if (leftover) return Failure{FailureKind::invalid, "base64 ends in the middle of a byte"};
    return out;
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string hex_encode(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        out += hex_lower[static_cast<unsigned char>(c) >> 4];
        out += hex_lower[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

Result<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return Failure{FailureKind::invalid, "an odd number of hex digits"};
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return Failure{FailureKind::invalid, "not a hex digit"};
        out += static_cast<char>(high << 4 | low);
    }
    return out;
}

std::string base64_encode(std::string_view bytes) {
    return encode64(bytes, alphabet_standard, true);
}

Result<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return Failure{FailureKind::invalid, "base64 of a wrong length"};
    if (text.ends_with('=')) text.remove_suffix(1);
    if (text.size() % 4 == 3 && text.ends_with('=')) text.remove_suffix(1);
    return decode64(text, reverse_standard);
}

std::string base64url_encode(std::string_view bytes) {
    return encode64(bytes, alphabet_url, false);
}

Result<std::string> base64url_decode(std::string_view text) {
    if (text.size() % 4 == 0 && text.ends_with('=')) {
        text.remove_suffix(1);
        if (text.ends_with('=')) text.remove_suffix(1);
    }
    return decode64(text, reverse_url);
}

std::string percent_encode(std::string_view text, PercentSet set) {
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    for (const char c : text) {
        if (is_unreserved(c) || (c == '/' && set == PercentSet::path)) {
            out += c;
        } else {
            out += '%';
            out += hex_upper[static_cast<unsigned char>(c) >> 4];
            out += hex_upper[static_cast<unsigned char>(c) & 15];
        }
    }
    return out;
}

Result<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = text.size() - i > 2 ? hex_digit(text[i + 1]) : -1;
        const int low = text.size() - i > 2 ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) return Failure{FailureKind::invalid, "'%' without two hex digits"};
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return out;
}

Result<std::string> form_decode(std::string_view text) {
    std::string spaced(text);
    for (char& c : spaced) {
        if (c == '+') c = ' ';
    }
    return percent_decode(spaced);
}

}  // namespace base
