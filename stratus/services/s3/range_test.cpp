#include "stratus/services/s3/range.h"

#include <gtest/gtest.h>

namespace stratus::s3 {
namespace {

// Video players, resumable downloads and SDK transfer managers live on this: off by one is a corrupt file.
TEST(Range, WhatIsServed) {
    struct Case {
        const char* header;
        std::uint64_t size;
        RangeVerdict expected;
    };
    const Case cases[] = {
        {"bytes=0-0", 10, ByteRange{0, 1}},
        {"bytes=0-9", 10, ByteRange{0, 10}},
        {"bytes=3-", 10, ByteRange{3, 7}},
        {"bytes=3-100", 10, ByteRange{3, 7}},
        {"bytes=-3", 10, ByteRange{7, 3}},
        {"bytes=-100", 10, ByteRange{0, 10}},
        {"bytes = 1 - 2", 10, ByteRange{1, 2}},
        {"bytes=5-99999999999999999999999", 10, ByteRange{5, 5}},
        {"bytes=10-", 10, Unsatisfiable{}},
        {"bytes=99999999999999999999999-", 10, Unsatisfiable{}},
        {"bytes=-0", 10, Unsatisfiable{}},
        {"bytes=0-", 0, Unsatisfiable{}},
        {"bytes=-1", 0, Unsatisfiable{}},
        {"bytes=5-4", 10, WholeObject{}},
        {"bytes=0-1,3-4", 10, WholeObject{}},
        {"bytes=-", 10, WholeObject{}},
        {"bytes=a-b", 10, WholeObject{}},
        {"bytes=--1", 10, WholeObject{}},
        {"lines=0-1", 10, WholeObject{}},
        {"0-1", 10, WholeObject{}},
        {"", 10, WholeObject{}},
    };
    for (const Case& c : cases) EXPECT_EQ(resolve_range(c.header, c.size), c.expected) << c.header;
}

// A copied part has both ends, or S3 refuses it: an open range would hide a truncated source.
TEST(Range, CopyRangesHaveBothEnds) {
    EXPECT_EQ(parse_copy_range("bytes=2-5"), (ByteRange{2, 4}));
    for (const char* text :
         {"bytes=2-", "bytes=-5", "2-5", "bytes=5-2", "bytes=0-18446744073709551615", ""}) {
        EXPECT_FALSE(parse_copy_range(text)) << text;
    }
}

TEST(Range, ContentRange) {
    EXPECT_EQ(content_range({3, 7}, 10), "bytes 3-9/10");
}

}  // namespace
}  // namespace stratus::s3
