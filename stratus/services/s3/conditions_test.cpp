#include "stratus/services/s3/conditions.h"

#include <gtest/gtest.h>

namespace stratus::s3 {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant modified{1'700'000'000s};
constexpr Validators object{"abc", modified};

std::optional<std::string> tag(int choice) {
    if (choice == 0) return std::nullopt;
    return choice == 1 ? "\"abc\"" : "\"other\"";
}
std::optional<base::Instant> date(int choice) {
    if (choice == 0) return std::nullopt;
    return choice == 1 ? modified - 1s : modified;
}

// Clients combine these headers (caches, sync tools, SDK transfer managers), and S3 documents which wins. All
// 81 combinations against the rule written out as RFC 7232, section 6, has it.
TEST(Conditions, TruthTableOfReads) {
    for (int match = 0; match < 3; ++match) {
        for (int none = 0; none < 3; ++none) {
            for (int since = 0; since < 3; ++since) {
                for (int until = 0; until < 3; ++until) {
                    Verdict expected = Verdict::proceed;
                    const bool match_fails = match == 2;
                    const bool until_fails = match == 0 && until == 1;
                    const bool none_stops = none == 1;
                    const bool since_stops = none == 0 && since == 2;
                    if (none_stops || since_stops) expected = Verdict::not_modified;
                    if (match_fails || until_fails) expected = Verdict::failed;
                    const Conditions conditions{tag(match), tag(none), date(since), date(until)};
                    EXPECT_EQ(evaluate_read(conditions, object), expected) << match << none << since << until;
                    EXPECT_EQ(evaluate_copy_source(conditions, object) == Verdict::proceed,
                              expected == Verdict::proceed);
                }
            }
        }
    }
}

// Last-Modified has whole seconds on the wire: what a client sends back must not look older than the object.
TEST(Conditions, DatesCompareInWholeSeconds) {
    const Validators fresh{"abc", modified + 700ms};
    EXPECT_EQ(evaluate_read({{}, {}, modified, {}}, fresh), Verdict::not_modified);
    EXPECT_EQ(evaluate_read({{}, {}, {}, modified}, fresh), Verdict::proceed);
}

// ETags come quoted, bare (older SDKs), weak (proxies) and in lists.
TEST(Conditions, EntityTagForms) {
    for (const char* header : {"abc", "\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*", " * ", "x,abc"}) {
        EXPECT_TRUE(etag_matches(header, "abc")) << header;
    }
    for (const char* header : {"", "\"ab\"", "\"abc", "x,", "**", "ABC"}) {
        EXPECT_FALSE(etag_matches(header, "abc")) << header;
    }
}

}  // namespace
}  // namespace stratus::s3
