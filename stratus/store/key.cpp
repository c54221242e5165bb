#include "stratus/store/key.h"

namespace stratus {
namespace {

constexpr char zero = '\0';
constexpr char escaped_zero = '\xff';  // after a zero: the text goes on
constexpr char end_of_text = '\x01';   // after a zero: the text ends here

}  // namespace

void append_open_key_part(std::string& key, std::string_view text) {
    if (text.find(zero) == std::string_view::npos) {
        key.append(text);
        return;
    }
    for (const char c : text) {
        key.push_back(c);
        if (c == zero) key.push_back(escaped_zero);
    }
}

void append_key_part(std::string& key, std::string_view text) {
    append_open_key_part(key, text);
    key.push_back(zero);
    key.push_back(end_of_text);
}

void append_key_part(std::string& key, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(number >> shift));
}

base::Result<std::string> KeyReader::text() {
    std::string text;
    for (std::size_t i = 0; i + 1 < rest_.size(); ++i) {
        if (rest_[i] != zero) {
            text.push_back(rest_[i]);
            continue;
        }
        const char mark = rest_[++i];
        if (mark == end_of_text) {
            rest_.remove_prefix(i + 1);
            return text;
        }
        if (mark != escaped_zero) break;
        text.push_back(zero);
    }
    return base::Failure{base::FailureKind::corrupt, "a key part without an end"};
}

base::Result<std::uint64_t> KeyReader::number() {
    if (rest_.size() < 8) return base::Failure{base::FailureKind::corrupt, "a key that ends inside a number"};
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(8);
    return number;
}

}  // namespace stratus
