#include <gtest/gtest.h>

#include "stratus/services/s3/s3_fixture.h"

namespace stratus::s3 {
namespace {

using Buckets = S3Test;

// Names are shared by all accounts; whose bucket it is decides what the second one is told.
TEST_F(Buckets, NamesAreGlobal) {
    make_bucket();
    aws::s3::CreateBucketRequest again{.bucket = "bucket"};
    again.create_bucket_configuration.emplace().location_constraint = "eu-west-1";
    EXPECT_EQ(code(s3->create_bucket(ctx, again)), "BucketAlreadyOwnedByYou");
    ctx.caller.account = "222222222222";
    EXPECT_EQ(code(s3->create_bucket(ctx, again)), "BucketAlreadyExists");
    EXPECT_EQ(code(s3->head_bucket(ctx, {.bucket = "bucket"})), "AccessDenied");
    EXPECT_EQ(s3->list_buckets(ctx, {})->buckets.size(), 0u);
}

// The constraint has to agree with the endpoint: SDKs of other regions rely on the refusal.
TEST_F(Buckets, LocationConstraints) {
    const auto create = [&](const std::string& region, std::optional<std::string> constraint) {
        ctx.region = region;
        aws::s3::CreateBucketRequest in{.bucket = "bucket-" + std::to_string(random.next())};
        if (constraint) in.create_bucket_configuration.emplace().location_constraint = constraint;
        const auto made = s3->create_bucket(ctx, in);
        if (!made.ok()) return made.error().code;
        const auto location = s3->get_bucket_location(ctx, {.bucket = in.bucket});
        return location->location_constraint.value_or("none");
    };
    EXPECT_EQ(create("us-east-1", std::nullopt), "none");
    EXPECT_EQ(create("us-east-1", "eu-west-1"), "eu-west-1");
    EXPECT_EQ(create("us-east-1", "us-east-1"), "InvalidLocationConstraint");
    EXPECT_EQ(create("us-east-1", "mars"), "InvalidLocationConstraint");
    EXPECT_EQ(create("eu-west-1", "EU"), "eu-west-1");
    EXPECT_EQ(create("eu-west-1", std::nullopt), "IllegalLocationConstraintException");
    EXPECT_EQ(create("eu-west-1", "eu-west-2"), "IllegalLocationConstraintException");
}

// us-east-1 says yes to its owner asking again, and keeps what is there.
TEST_F(Buckets, UsEast1RepeatsItself) {
    ctx.region = "us-east-1";
    EXPECT_EQ(code(s3->create_bucket(ctx, {.bucket = "bucket"})), "");
    put("key", "bytes");
    EXPECT_EQ(code(s3->create_bucket(ctx, {.bucket = "bucket"})), "");
    EXPECT_EQ(get("key"), "bytes");
}

// Clients follow this header to the right region.
TEST_F(Buckets, AnotherRegionIsTold) {
    make_bucket();
    ctx.region = "us-west-2";
    const auto head = s3->head_bucket(ctx, {.bucket = "bucket"});
    ASSERT_EQ(code(head), "PermanentRedirect");
    EXPECT_EQ(head.error().http_status, 301);
    EXPECT_EQ(head.error().headers.at("x-amz-bucket-region"), "eu-west-1");
    EXPECT_EQ(s3->get_bucket_location(ctx, {.bucket = "bucket"})->location_constraint, "eu-west-1");
    EXPECT_EQ(s3->list_buckets(ctx, {})->buckets.at(0).bucket_region, "eu-west-1");
}

TEST_F(Buckets, OnlyEmptyOnesGo) {
    make_bucket();
    put("key", "bytes");
    EXPECT_EQ(code(s3->delete_bucket(ctx, {.bucket = "bucket"})), "BucketNotEmpty");
    remove("key");
    ASSERT_EQ(code(s3->create_multipart_upload(ctx, {.bucket = "bucket", .key = "key"})), "");
    EXPECT_EQ(code(s3->delete_bucket(ctx, {.bucket = "bucket"})), "");
    EXPECT_EQ(rows("s3.uploads"), 0u);
    EXPECT_EQ(code(s3->delete_bucket(ctx, {.bucket = "bucket"})), "NoSuchBucket");
    EXPECT_EQ(code(s3->head_bucket(ctx, {.bucket = "Not A Name"})), "InvalidBucketName");
    EXPECT_EQ(code(s3->create_bucket(ctx, {.bucket = "../etc"})), "InvalidBucketName");
}

// What is not there is refused, not ignored: a caller who asked for an ACL believes it holds.
TEST_F(Buckets, RefusesWhatItCannotKeep) {
    EXPECT_EQ(code(s3->create_bucket(ctx, {.acl = "public-read", .bucket = "bucket"})),
              "InvalidBucketAclWithObjectOwnership");
    aws::s3::CreateBucketRequest locked{.bucket = "bucket"};
    locked.object_lock_enabled_for_bucket = true;
    EXPECT_EQ(code(s3->create_bucket(ctx, locked)), "NotImplemented");
    make_bucket();
    EXPECT_EQ(code(s3->head_bucket(ctx, {.bucket = "bucket", .expected_bucket_owner = "999999999999"})),
              "AccessDenied");
    aws::s3::PutBucketVersioningRequest bad{.bucket = "bucket"};
    EXPECT_EQ(code(s3->put_bucket_versioning(ctx, bad)), "IllegalVersioningConfigurationException");
    const auto acl = s3->get_bucket_acl(ctx, {.bucket = "bucket"});
    ASSERT_EQ(acl->grants.size(), 1u);
    EXPECT_EQ(acl->grants[0].permission, "FULL_CONTROL");
    EXPECT_EQ(acl->owner->id->size(), 64u);
}

TEST_F(Buckets, ListingPages) {
    for (const char* name : {"bucket-a", "bucket-b", "bucket-c", "other"}) make_bucket(name);
    const auto first = s3->list_buckets(ctx, {.max_buckets = 2, .prefix = "bucket-"});
    ASSERT_EQ(first->buckets.size(), 2u);
    const auto second = s3->list_buckets(
        ctx, {.max_buckets = 2, .continuation_token = first->continuation_token, .prefix = "bucket-"});
    ASSERT_EQ(second->buckets.size(), 1u);
    EXPECT_EQ(second->buckets[0].name, "bucket-c");
    EXPECT_FALSE(second->continuation_token);
    EXPECT_EQ(code(s3->list_buckets(ctx, {.continuation_token = "!"})), "InvalidArgument");
}

TEST_F(Buckets, Tags) {
    make_bucket();
    EXPECT_EQ(code(s3->get_bucket_tagging(ctx, {.bucket = "bucket"})), "NoSuchTagSet");
    aws::s3::PutBucketTaggingRequest in{.bucket = "bucket"};
    in.tagging.tag_set = {{.key = "team", .value = "blue"}};
    EXPECT_EQ(code(s3->put_bucket_tagging(ctx, in)), "");
    EXPECT_EQ(s3->get_bucket_tagging(ctx, {.bucket = "bucket"})->tag_set.at(0).value, "blue");
    in.tagging.tag_set.push_back({.key = "team", .value = "red"});
    EXPECT_EQ(code(s3->put_bucket_tagging(ctx, in)), "InvalidTag");
    EXPECT_EQ(code(s3->delete_bucket_tagging(ctx, {.bucket = "bucket"})), "");
    EXPECT_EQ(code(s3->get_bucket_tagging(ctx, {.bucket = "bucket"})), "NoSuchTagSet");
}

}  // namespace
}  // namespace stratus::s3
