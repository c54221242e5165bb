// utf8.h, json.h, log.h and random.h: text that comes from outside, and text made for outside.
#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/utf8.h"

namespace base {
namespace {

// The classic ways to smuggle bytes past a filter: overlong forms, surrogates, values beyond Unicode, cut
// tails.
TEST(Utf8, RefusesEveryMalformedForm) {
    EXPECT_TRUE(is_utf8("plain, ü, €, 😀"));
    for (const char* text : {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                             "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\x80", "\xc3", "\xe2\x82", "\xff"}) {
        EXPECT_FALSE(is_utf8(text));
    }
    EXPECT_EQ(utf8_length("aü€😀"), 4u);
    EXPECT_EQ(utf8_repaired("a\xffz"), "a\xef\xbf\xbdz");
    EXPECT_EQ(utf8_prefix("aü", 2), "a");
    EXPECT_EQ(utf8_prefix("aü", 3), "aü");
}

// Every scalar value survives writing and reading.
TEST(Utf8, RoundTripsEveryCodePoint) {
    for (char32_t code = 0; code <= 0x10ffff; code += 7) {
        if (code >= 0xd800 && code < 0xe000) continue;
        std::string text;
        utf8_append(text, code);
        std::size_t position = 0;
        ASSERT_EQ(utf8_next(text, position), code);
        ASSERT_EQ(position, text.size());
    }
}

// Bodies from the network: bounded depth, one value, nothing after it, valid UTF-8.
TEST(Json, ParsesStrictly) {
    EXPECT_EQ(parse_json(R"({"a":[1,2]})").value().at("a").as_array().size(), 2u);
    for (const char* text :
         {"", "{", "[1,]", "{\"a\":1}x", "nul", "'a'", "\"\xff\"", "[1] [2]", "{\"a\":NaN}"}) {
        const auto parsed = parse_json(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().kind, FailureKind::invalid);
    }
    const std::string deep = std::string(1000, '[') + std::string(1000, ']');
    EXPECT_FALSE(parse_json(deep).ok());
    EXPECT_TRUE(parse_json("[[[1]]]", {.depth = 3}).ok());
    EXPECT_FALSE(parse_json("[[[[1]]]]", {.depth = 3}).ok());
}

// What is quoted must parse back to the same text, whatever is in it.
TEST(Json, QuotingSurvivesParsing) {
    std::string text = "\"quotes\" \\ \n\r\t\x01\x1f\x7f ü";
    text += '\0';
    EXPECT_EQ(parse_json(json_quoted(text)).value().as_string(), text);
}

// A request must not be able to write lines of its own into the log, or drive the terminal that shows it.
TEST(Log, ALineStaysALine) {
    const std::string line = format_log_line(LogLevel::info, "sqs", "made\nlevel=error",
                                             {{"name", "a\r\n\x1b[31m"}, {"count", 5}});
    EXPECT_EQ(line,
              "level=info module=sqs msg=\"made\\nlevel=error\" name=\"a\\u000d\\n\\u001b[31m\" count=5");
    EXPECT_EQ(format_log_line(LogLevel::error, "x", "m", {{"v", "a b=\"c\""}, {"e", ""}}),
              "level=error module=x msg=\"m\" v=\"a b=\\\"c\\\"\" e=\"\"");
}

// A failing test prints its seed; the seed must bring back the same run.
TEST(Random, ASeedFixesEverything) {
    SeededRandom a(42), b(42), c(43);
    EXPECT_EQ(a.uuid4(), b.uuid4());
    EXPECT_EQ(a.hex(8), b.hex(8));
    EXPECT_NE(a.hex(8), c.hex(8));
}

// Identifiers have their standard forms, sort by time where they say so, and do not repeat.
TEST(Random, IdentifiersAreWellFormed) {
    SystemRandom random;
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(random.uuid4());
    EXPECT_EQ(seen.size(), 1000u);
    for (const std::string& id : seen) {
        EXPECT_EQ(id.size(), 36u);
        EXPECT_EQ(id[14], '4');
        EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
    }
    const Instant at{std::chrono::seconds{1'700'000'000}};
    EXPECT_LT(random.uuid7(at), random.uuid7(at + std::chrono::milliseconds{1}));
    EXPECT_LT(random.ulid(at), random.ulid(at + std::chrono::milliseconds{1}));
    EXPECT_EQ(random.ulid(at).size(), 26u);
    EXPECT_EQ(random.bytes(1000).size(), 1000u);
}

// A biased draw would make some passwords and some shards likelier than others.
TEST(Random, DrawsAreUniform) {
    SeededRandom random(5);
    int counts[10] = {};
    for (int i = 0; i < 100'000; ++i) ++counts[random.below(10)];
    for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
    EXPECT_EQ(random.characters("ab", 64).find_first_not_of("ab"), std::string::npos);
    EXPECT_EQ(random.characters("x", 3), "xxx");
}

}  // namespace
}  // namespace base
