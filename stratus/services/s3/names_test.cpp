#include "stratus/services/s3/names.h"

#include <gtest/gtest.h>

namespace stratus::s3 {
namespace {

// Bucket names become host names: one accepted too many cannot be addressed by half of the clients.
TEST(Names, Buckets) {
    for (const char* good : {"abc", "a-b", "predict.s3.withcubed.com", "1st", "192.168.5.4a"}) {
        EXPECT_TRUE(is_bucket_name(good)) << good;
    }
    EXPECT_TRUE(is_bucket_name(std::string(63, 'a')));
    EXPECT_FALSE(is_bucket_name(std::string(64, 'a')));
    for (const char* bad : {"", "ab", "Abc", "a_b", "-ab", "ab-", ".ab", "ab.", "a..b", "192.168.5.4",
                            "xn--abc", "sthree-a", "abc-s3alias", "abc--ol-s3", "../etc", "a/b", "a b",
                            "\xc3\xa4"
                            "bc"}) {
        EXPECT_FALSE(is_bucket_name(bad)) << bad;
    }
}

TEST(Names, Regions) {
    for (const char* good : {"us-east-1", "eu-west-1", "us-gov-west-1", "ap-southeast-13"}) {
        EXPECT_TRUE(is_region_name(good)) << good;
    }
    for (const char* bad : {"", "EU", "mars", "eu-west", "eu-west-1;", "EU-WEST-1"})
        EXPECT_FALSE(is_region_name(bad));
}

TEST(Names, CopySources) {
    auto source = parse_copy_source("/bucket/a%20b/c%3FversionId%3Dx?versionId=null");
    ASSERT_TRUE(source.ok());
    EXPECT_EQ(source->bucket, "bucket");
    EXPECT_EQ(source->key, "a b/c?versionId=x");
    EXPECT_EQ(source->version_id, "null");
    EXPECT_EQ(parse_copy_source("bucket/a+b")->key, "a+b");
    for (const char* bad : {"", "/", "bucket", "bucket/", "/bucket", "//key", "bucket/%zz", "bucket/%ff"}) {
        EXPECT_EQ(parse_copy_source(bad).error().code, "InvalidArgument") << bad;
    }
}

TEST(Names, VersionIdsCarryTheirSequence) {
    const std::string id = make_version_id(0x1234, "00112233445566aa");
    EXPECT_EQ(sequence_of(id), 0x1234u);
    for (const char* bad : {"", "null", "00112233445566aa"}) EXPECT_FALSE(sequence_of(bad));
    EXPECT_FALSE(sequence_of(std::string(32, 'g')));
}

TEST(Names, Tags) {
    EXPECT_EQ(parse_tagging_header("team=a%26b").error().code, "InvalidTag") << "& is no tag character";
    EXPECT_EQ(parse_tagging_header("project=blue&empty=&n").value(),
              (Tags{{"project", "blue"}, {"empty", ""}, {"n", ""}}));
    EXPECT_EQ(parse_tagging_header("a=1&a=2").error().code, "InvalidTag");
    EXPECT_EQ(parse_tagging_header("aws:a=1").error().code, "InvalidTag");
    EXPECT_EQ(parse_tagging_header("=1").error().code, "InvalidTag");
    EXPECT_EQ(parse_tagging_header("a=%zz").error().code, "InvalidArgument");
    EXPECT_EQ(parse_tagging_header("a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1").error().code, "BadRequest");
    EXPECT_EQ(parse_tagging_header(std::string(129, 'k') + "=1").error().code, "InvalidTag");
}

}  // namespace
}  // namespace stratus::s3
