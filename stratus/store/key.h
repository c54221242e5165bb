// Composite keys: several parts packed into one byte string that sorts as the tuple of its parts sorts.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stratus {

/// Appends one part. Text may hold any bytes (0x00 is escaped) and ends with a terminator that sorts before
/// every continuation, so ("a") < ("a", "b") < ("a\0") < ("ab"). Numbers are eight bytes, most significant
/// first.
void append_key_part(std::string& key, std::string_view text);
void append_key_part(std::string& key, std::uint64_t number);
inline void append_key_part(std::string& key, const std::string& text) {
    append_key_part(key, std::string_view(text));
}
inline void append_key_part(std::string& key, const char* text) {
    append_key_part(key, std::string_view(text));
}

/// Appends text without its terminator: a key that begins every key whose next part begins with that text.
void append_open_key_part(std::string& key, std::string_view text);

/// key_of(account, region, name): the key of one record, or the common beginning of all keys with these
/// parts.
template <class... Parts>
std::string key_of(const Parts&... parts) {
    std::string key;
    (append_key_part(key, parts), ...);
    return key;
}

/// Takes a key apart again, in the order in which it was built. Fails with `corrupt` on anything key_of did
/// not make.
class KeyReader {
  public:
    explicit KeyReader(std::string_view key) : rest_(key) {}
    base::Result<std::string> text();
    base::Result<std::uint64_t> number();
    bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

}  // namespace stratus
