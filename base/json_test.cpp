#include "base/json.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace base {
namespace {

// Strings are looked at eight bytes at a time; what must be escaped has to be found at every place of a word.
TEST(Json, EscapesWhereverTheCharacterIs) {
    for (std::size_t length = 0; length < 30; ++length) {
        for (std::size_t at = 0; at <= length; ++at) {
            for (const char* piece : {"\"", "\\", "\n", "\x01", "\x1f", "\x7f", "\u00e9", " ", "!"}) {
                std::string text(length, 'x');
                text.insert(at, piece);
                const auto parsed = parse_json(json_quoted(text));
                ASSERT_TRUE(parsed.ok()) << json_quoted(text);
                EXPECT_EQ(parsed.value().as_string(), text);
            }
        }
    }
    EXPECT_EQ(json_quoted("12345678\"1234567\\"), R"("12345678\"1234567\\")");
    EXPECT_EQ(json_quoted(std::string("\0", 1)), R"("\u0000")");
}

}  // namespace
}  // namespace base
