// Hex, base64 and percent encodings, both ways. Pure functions; decoders refuse what is not canonical enough
// to be meant (FailureKind::invalid) and never guess.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

/// Lower-case hex digits.
std::string hex_encode(std::string_view bytes);
Result<std::string> hex_decode(std::string_view text);

/// Standard alphabet, padded. The decoder demands correct padding and skips nothing.
std::string base64_encode(std::string_view bytes);
Result<std::string> base64_decode(std::string_view text);

/// URL-safe alphabet, no padding. The decoder accepts padding.
std::string base64url_encode(std::string_view bytes);
Result<std::string> base64url_decode(std::string_view text);

enum class PercentSet {
    component,  ///< everything but A-Z a-z 0-9 - . _ ~ (what SigV4 calls UriEncode)
    path,       ///< the same, and '/' stays
};
std::string percent_encode(std::string_view text, PercentSet set = PercentSet::component);
/// '%' without two hex digits is invalid. '+' stays '+'.
Result<std::string> percent_decode(std::string_view text);
/// application/x-www-form-urlencoded: as percent_decode, and '+' is a space.
Result<std::string> form_decode(std::string_view text);

/// Bytes of a string and back, for interfaces that speak in bytes.
inline std::span<const std::byte> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace base
