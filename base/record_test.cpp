#include "base/record.h"

#include <gtest/gtest.h>

namespace base {

enum class Colour { red, green };
struct Inner {
    std::string name;
    std::optional<int> size;
    friend bool operator==(const Inner&, const Inner&) = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (name, size))
struct Outer {
    bool on = true;
    std::int64_t count = 7;
    std::uint64_t big = 0;
    std::uint8_t tiny = 0;
    double ratio = 0;
    Colour colour = Colour::red;
    Instant at;
    std::chrono::seconds wait{0};
    std::vector<Inner> inners;
    std::vector<bool> bits;
    std::set<std::string> names;
    std::map<std::string, Inner> by_name;
    std::map<int, std::string> by_number;
    std::optional<Inner> maybe;
    friend bool operator==(const Outer&, const Outer&) = default;
};
BOOST_DESCRIBE_STRUCT(Outer, (),
                      (on, count, big, tiny, ratio, colour, at, wait, inners, bits, names, by_name, by_number,
                       maybe))

namespace {

// What the store keeps must come back exactly, binary strings and extreme numbers included.
TEST(Record, RoundTrips) {
    Outer outer{.on = false,
                .count = INT64_MIN,
                .big = UINT64_MAX,
                .tiny = 255,
                .ratio = 0.1,
                .colour = Colour::green,
                .at = Instant{Microseconds{-5}},
                .wait = std::chrono::seconds{90}};
    outer.inners = {{.name = "a\"\\\n", .size = 3}, {.name = std::string("\0\xff\x80", 3)}};
    outer.bits = {true, false};
    outer.names = {"x", "y"};
    outer.by_name["k\xff"] = {.name = "v"};
    outer.by_number[-4] = "four";
    outer.maybe = Inner{.name = "m"};
    EXPECT_EQ(decode_record<Outer>(encode_record(outer)).value(), outer);
    EXPECT_EQ(decode_record<Outer>(encode_record(Outer{})).value(), Outer{});
}

// Records written by older and newer versions must both be readable.
TEST(Record, MissingMembersKeepDefaultsAndUnknownOnesAreIgnored) {
    const Outer outer = decode_record<Outer>(R"({"on":false,"from_the_future":[1]})").value();
    EXPECT_FALSE(outer.on);
    EXPECT_EQ(outer.count, 7);
}

// A damaged record is an error with a reason, never a half-filled struct.
TEST(Record, RefusesOtherTypes) {
    for (const char* text : {"", "[]", "{", R"({"on":1})", R"({"count":"x"})", R"({"tiny":256})",
                             R"({"inners":[1]})", R"({"by_number":{"x":"y"}})", R"({"big":-1})"}) {
        const auto decoded = decode_record<Outer>(text);
        ASSERT_FALSE(decoded.ok()) << text;
        EXPECT_EQ(decoded.error().kind, FailureKind::corrupt);
    }
}

}  // namespace
}  // namespace base
