#include "base/time.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"

namespace base {
namespace {

constexpr Instant moment{Microseconds{1420167845'678901}};  // 2015-01-02T03:04:05.678901Z, a Friday

// Each protocol has its own text for a time; clients parse it with one format string.
TEST(Time, FormatsAreTheProtocols) {
    EXPECT_EQ(format_iso8601(moment), "2015-01-02T03:04:05Z");
    EXPECT_EQ(format_iso8601_millis(moment), "2015-01-02T03:04:05.678Z");
    EXPECT_EQ(format_iso8601_micros(moment), "2015-01-02T03:04:05.678901Z");
    EXPECT_EQ(format_iso8601_basic(moment), "20150102T030405Z");
    EXPECT_EQ(format_http_date(moment), "Fri, 02 Jan 2015 03:04:05 GMT");
    EXPECT_EQ(format_iso8601_micros(Instant{Microseconds{-1}}), "1969-12-31T23:59:59.999999Z");
}

// What clients send: zones, fractions of any length, the basic form, bare dates.
TEST(Time, ReadsIso8601) {
    EXPECT_EQ(parse_iso8601("2015-01-02T03:04:05.678901Z").value(), moment);
    EXPECT_EQ(parse_iso8601("2015-01-02T03:04:05.678901999Z").value(), moment);
    EXPECT_EQ(parse_iso8601("2015-01-02T05:34:05.678901+02:30").value(), moment);
    EXPECT_EQ(parse_iso8601("2015-01-01T22:04:05.678901-0500").value(), moment);
    EXPECT_EQ(format_iso8601(parse_iso8601("20150102T030405Z").value()), "2015-01-02T03:04:05Z");
    EXPECT_EQ(format_iso8601(parse_iso8601("2016-02-29").value()), "2016-02-29T00:00:00Z");
}

// A date that does not exist, or trailing text, must never become some other date.
TEST(Time, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "2015", "2015-02-29", "2015-13-01", "2015-01-02T24:00:00Z", "2015-01-02T03:60:00Z",
          "2015-01-02T03:04:05", "2015-01-02T03:04:05Zx", "2015-01-02T03:04:05.Z",
          "2015-01-02T03:04:05.1234567890Z", "2015-01-02T03:04:05+25:00", "0x15-01-02"}) {
        EXPECT_FALSE(parse_iso8601(text).ok()) << text;
    }
    for (const char* text : {"", "Fri", "Fri, 02 Jan 2015", "Fri, 32 Jan 2015 03:04:05 GMT",
                             "Fri, 02 Foo 2015 03:04:05 GMT", "Fri, 02 Jan 2015 03:04:05 XYZ"}) {
        EXPECT_FALSE(parse_http_date(text).ok()) << text;
    }
}

// RFC 7231 makes servers accept all three forms; mail dates come with numeric zones.
TEST(Time, ReadsEveryHttpDate) {
    const Instant expected = parse_iso8601("1994-11-06T08:49:37Z").value();
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").value(), expected);
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT").value(), expected);
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994").value(), expected);
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 09:49:37 +0100").value(), expected);
}

// Formatting and parsing are inverses over the whole supported range.
TEST(Time, RoundTripsAnyInstant) {
    SeededRandom random(7);
    for (int i = 0; i < 2000; ++i) {
        const auto seconds = static_cast<double>(random.below(315'537'897'600)) - 62'135'596'800.0;
        const Instant at =
            instant_from_epoch_seconds(seconds).value() + Microseconds{random.below(1'000'000)};
        EXPECT_EQ(parse_iso8601(format_iso8601_micros(at)).value(), at);
        EXPECT_EQ(parse_http_date(format_http_date(at)).value(),
                  std::chrono::floor<std::chrono::seconds>(at));
    }
    EXPECT_FALSE(instant_from_epoch_seconds(1e300).ok());
    EXPECT_FALSE(instant_from_epoch_seconds(-1e300).ok());
    EXPECT_FALSE(instant_from_epoch_seconds(std::nan("")).ok());
    EXPECT_EQ(epoch_millis(moment), 1420167845678);
}

// Simulated time drives every timeout in the tests.
TEST(Clock, SimulatedAndOffsetClocksMove) {
    SimClock sim(moment);
    OffsetClock offset(sim);
    sim.advance(std::chrono::seconds{5});
    offset.advance(std::chrono::hours{1});
    EXPECT_EQ(sim.now(), moment + std::chrono::seconds{5});
    EXPECT_EQ(offset.now(), moment + std::chrono::seconds{3605});
}

}  // namespace
}  // namespace base
