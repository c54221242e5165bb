// UTF-8 checks. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace base {

bool is_utf8(std::string_view text);
/// Code points of valid UTF-8; nothing for invalid text.
std::optional<std::size_t> utf8_length(std::string_view text);
/// Reads one code point at `position` and moves past it; nothing (and no move) when the bytes are invalid.
std::optional<char32_t> utf8_next(std::string_view text, std::size_t& position);
void utf8_append(std::string& out, char32_t code_point);
/// The text with every invalid byte replaced by U+FFFD; for logs and messages.
std::string utf8_repaired(std::string_view text);
/// At most `bytes_max` bytes, cut between code points.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

}  // namespace base
