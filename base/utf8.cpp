#include "base/utf8.h"

namespace base {

std::optional<char32_t> utf8_next(std::string_view text, std::size_t& position) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    if (position >= text.size()) return std::nullopt;
    const unsigned lead = byte(position);
    if (lead < 0x80) {
        ++position;
        return lead;
    }
    std::size_t length = 0;
    char32_t code = 0;
    char32_t smallest = 0;
    if (lead >= 0xc2 && lead < 0xe0) {
        length = 2, code = lead & 0x1f, smallest = 0x80;
    } else if (lead >= 0xe0 && lead < 0xf0) {
        length = 3, code = lead & 0x0f, smallest = 0x800;
    } else if (lead >= 0xf0 && lead < 0xf5) {
        length = 4, code = lead & 0x07, smallest = 0x10000;
    } else {
        return std::nullopt;
    }
    if (text.size() - position < length) return std::nullopt;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(position + i) & 0xc0) != 0x80) return std::nullopt;
        code = code << 6 | (byte(position + i) & 0x3f);
    }
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    if (code < smallest || code > 0x10ffff || surrogate) return std::nullopt;
    position += length;
    return code;
}

bool is_utf8(std::string_view text) {
    std::size_t position = 0;
    while (position < text.size()) {
        if (!utf8_next(text, position)) return false;
    }
    return true;
}

std::optional<std::size_t> utf8_length(std::string_view text) {
    std::size_t position = 0;
    std::size_t count = 0;
    while (position < text.size()) {
        if (!utf8_next(text, position)) return std::nullopt;
        ++count;
    }
    return count;
}

void utf8_append(std::string& out, char32_t code) {
    const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

std::string utf8_repaired(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t position = 0;
    while (position < text.size()) {
        const std::size_t before = position;
        if (utf8_next(text, position)) {
            out += text.substr(before, position - before);
        } else {
            utf8_append(out, 0xfffd);
            ++position;
        }
    }
    return out;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace base
