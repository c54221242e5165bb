#include <gtest/gtest.h>

#include "base/encoding.h"
#include "stratus/services/s3/s3_fixture.h"

namespace stratus::s3 {
namespace {

class Objects : public S3Test {
  protected:
    Objects() { make_bucket(); }
};

TEST_F(Objects, WhatIsPutIsGot) {
    for (const std::size_t size : {0u, 1u, 65'536u, 65'537u, 300'000u}) {
        const std::string bytes(size, 'x');
        const auto out = put("key", bytes);
        EXPECT_EQ(out.etag, "\"" + base::hex_encode(base::md5(bytes)) + "\"");
        EXPECT_FALSE(out.version_id);
        EXPECT_EQ(get("key"), bytes) << size;
    }
    EXPECT_EQ(get("other"), "<NoSuchKey>");
    EXPECT_EQ(rows("s3.versions"), 1u);
    EXPECT_EQ(rows("blobs"), 1u) << "what was overwritten is gone";
}

TEST_F(Objects, DescriptionsComeBack) {
    auto in = put_of("key", "bytes");
    in.content_type = "text/plain";
    in.cache_control = "no-store";
    in.content_encoding = "aws-chunked,gzip";
    in.expires = "whenever";
    in.metadata = {{"Colour", "blue"}};
    in.tagging = "a=1&b=2";
    in.storage_class = "STANDARD_IA";
    ASSERT_EQ(code(s3->put_object(ctx, in)), "");
    const auto head = s3->head_object(ctx, {.bucket = "bucket", .key = "key"});
    EXPECT_EQ(head->content_type, "text/plain");
    EXPECT_EQ(head->cache_control, "no-store");
    EXPECT_EQ(head->content_encoding, "gzip");
    EXPECT_EQ(head->expires, "whenever");
    EXPECT_EQ(head->metadata, (std::map<std::string, std::string>{{"colour", "blue"}}));
    EXPECT_EQ(head->tag_count, 2);
    EXPECT_EQ(head->storage_class, "STANDARD_IA");
    EXPECT_EQ(head->content_length, 5);
    const auto overridden =
        s3->get_object(ctx, {.bucket = "bucket", .key = "key", .response_content_type = "application/json"});
    EXPECT_EQ(overridden->content_type, "application/json");
    EXPECT_EQ(
        code(s3->get_object(ctx, {.bucket = "bucket", .key = "key", .response_content_type = "a\r\nb: c"})),
        "InvalidArgument");
}

// A refused body must leave neither an object nor its bytes.
TEST_F(Objects, DigestsThatDoNotAgree) {
    put("key", "before");
    auto in = put_of("key", "bytes");
    in.content_md5 = base::base64_encode(base::md5("other"));
    EXPECT_EQ(code(s3->put_object(ctx, in)), "BadDigest");
    in = put_of("key", "bytes");
    in.content_md5 = "short";
    EXPECT_EQ(code(s3->put_object(ctx, in)), "InvalidDigest");
    in = put_of("key", "bytes");
    in.checksum_crc32 = base::base64_encode(std::string("\1\2\3\4"));
    EXPECT_EQ(code(s3->put_object(ctx, in)), "BadDigest");
    in = put_of("key", "bytes");
    in.checksum_algorithm = "SHA256";
    EXPECT_EQ(code(s3->put_object(ctx, in)), "InvalidRequest") << "announced, but not sent";
    in = put_of("key", "bytes");
    in.checksum_algorithm = "MD4";
    EXPECT_EQ(code(s3->put_object(ctx, in)), "InvalidRequest");
    EXPECT_EQ(get("key"), "before");
    EXPECT_EQ(rows("blobs"), 1u);
}

TEST_F(Objects, ChecksumsAreKeptAndShownWhenAskedFor) {
    auto in = put_of("key", "bytes");
    in.checksum_sha256 = base::base64_encode(base::sha256("bytes"));
    const auto out = s3->put_object(ctx, in);
    EXPECT_EQ(out->checksum_sha256, in.checksum_sha256);
    EXPECT_EQ(out->checksum_type, "FULL_OBJECT");
    EXPECT_FALSE(s3->head_object(ctx, {.bucket = "bucket", .key = "key"})->checksum_sha256);
    EXPECT_EQ(
        s3->head_object(ctx, {.bucket = "bucket", .key = "key", .checksum_mode = "ENABLED"})->checksum_sha256,
        in.checksum_sha256);
    const auto part = s3->get_object(
        ctx, {.bucket = "bucket", .key = "key", .range = "bytes=0-1", .checksum_mode = "ENABLED"});
    EXPECT_FALSE(part->checksum_sha256) << "it is not the checksum of these bytes";
}

TEST_F(Objects, Ranges) {
    put("key", "0123456789");
    const auto get_range = [&](const std::string& range) {
        auto out = s3->get_object(ctx, {.bucket = "bucket", .key = "key", .range = range});
        if (!out.ok()) return "<" + out.error().code + ">";
        return std::to_string(out->status_code.value_or(0)) + " " + out->content_range.value_or("-") + " " +
               bytes_of(out->body);
    };
    EXPECT_EQ(get_range("bytes=2-4"), "206 bytes 2-4/10 234");
    EXPECT_EQ(get_range("bytes=-3"), "206 bytes 7-9/10 789");
    EXPECT_EQ(get_range("bytes=8-99"), "206 bytes 8-9/10 89");
    EXPECT_EQ(get_range("bytes=10-"), "<InvalidRange>");
    EXPECT_EQ(get_range("bytes=0-1,4-5"), "200 - 0123456789");
}

TEST_F(Objects, ConditionalReads) {
    const auto etag = put("key", "bytes").etag;
    const auto read = [&](aws::s3::GetObjectRequest in) {
        in.bucket = "bucket";
        in.key = "key";
        return s3->get_object(ctx, in);
    };
    EXPECT_EQ(code(read({.if_match = etag})), "");
    EXPECT_EQ(code(read({.if_match = "\"x\""})), "PreconditionFailed");
    const auto same = read({.if_none_match = etag});
    EXPECT_EQ(same.error().http_status, 304);
    EXPECT_EQ(same.error().headers.at("ETag"), etag);
    EXPECT_EQ(code(read({.if_unmodified_since = clock.now() - std::chrono::seconds(5)})),
              "PreconditionFailed");
    EXPECT_EQ(code(read({.if_modified_since = clock.now()})), "NotModified");
}

// Two writers that both believe they create: exactly one may.
TEST_F(Objects, ConditionalWrites) {
    auto in = put_of("key", "first");
    in.if_none_match = "*";
    EXPECT_EQ(code(s3->put_object(ctx, in)), "");
    in.body = wire::reader_of("second");
    EXPECT_EQ(code(s3->put_object(ctx, in)), "PreconditionFailed");
    in.if_none_match = "\"abc\"";
    EXPECT_EQ(code(s3->put_object(ctx, in)), "NotImplemented");
    auto match = put_of("key", "third");
    match.if_match = "\"" + base::hex_encode(base::md5("first")) + "\"";
    EXPECT_EQ(code(s3->put_object(ctx, match)), "");
    match.body = wire::reader_of("fourth");
    EXPECT_EQ(code(s3->put_object(ctx, match)), "PreconditionFailed");
    match.key = "nothing";
    EXPECT_EQ(code(s3->put_object(ctx, match)), "NoSuchKey");
    EXPECT_EQ(get("key"), "third");
}

TEST_F(Objects, RefusesWhatItCannotKeep) {
    const auto refused = [&](auto change) {
        auto in = put_of("key", "bytes");
        change(in);
        return code(s3->put_object(ctx, in));
    };
    EXPECT_EQ(refused([](auto& in) { in.server_side_encryption = "AES256"; }), "NotImplemented");
    EXPECT_EQ(refused([](auto& in) { in.server_side_encryption = "ROT13"; }),
              "InvalidEncryptionAlgorithmError");
    EXPECT_EQ(refused([](auto& in) { in.sse_customer_algorithm = "AES256"; }), "NotImplemented");
    EXPECT_EQ(refused([](auto& in) { in.acl = "public-read"; }), "AccessControlListNotSupported");
    EXPECT_EQ(refused([](auto& in) { in.acl = "private"; }), "");
    EXPECT_EQ(refused([](auto& in) { in.storage_class = "GLACIER"; }), "NotImplemented");
    EXPECT_EQ(refused([](auto& in) { in.storage_class = "FAST"; }), "InvalidStorageClass");
    EXPECT_EQ(refused([](auto& in) { in.object_lock_mode = "GOVERNANCE"; }), "InvalidRequest");
    EXPECT_EQ(refused([](auto& in) { in.metadata = {{"a", std::string(3000, 'x')}}; }), "MetadataTooLarge");
    EXPECT_EQ(refused([](auto& in) { in.metadata = {{"a", "b\r\nx-evil: 1"}}; }), "InvalidArgument");
    EXPECT_EQ(refused([](auto& in) { in.key = std::string(1025, 'k'); }), "KeyTooLongError");
    EXPECT_EQ(refused([](auto& in) { in.key = "\xff"; }), "InvalidArgument");
    EXPECT_EQ(refused([](auto& in) { in.bucket = "nowhere"; }), "NoSuchBucket");
    EXPECT_EQ(refused([](auto& in) { in.key = "../../etc/passwd"; }), "");
}

TEST_F(Objects, BatchDeletes) {
    put("a", "1");
    put("b", "2");
    aws::s3::DeleteObjectsRequest in{.bucket = "bucket"};
    in.delete_.objects = {
        {.key = "a"}, {.key = "missing"}, {.key = std::string(1025, 'k')}, {.key = "b", .version_id = "x"}};
    const auto out = s3->delete_objects(ctx, in);
    ASSERT_EQ(out->deleted.size(), 2u);
    ASSERT_EQ(out->errors.size(), 2u);
    EXPECT_EQ(out->errors[0].code, "KeyTooLongError");
    EXPECT_EQ(out->errors[1].code, "InvalidArgument");
    in.delete_.objects = {{.key = "b"}};
    in.delete_.quiet = true;
    EXPECT_EQ(s3->delete_objects(ctx, in)->deleted.size(), 0u);
    EXPECT_EQ(get("b"), "<NoSuchKey>");
    in.delete_.objects.assign(1001, {.key = "a"});
    EXPECT_EQ(code(s3->delete_objects(ctx, in)), "MalformedXML");
    EXPECT_EQ(rows("blobs"), 0u);
}

TEST_F(Objects, Copies) {
    auto in = put_of("from", "bytes");
    in.metadata = {{"colour", "blue"}};
    in.tagging = "a=1";
    ASSERT_EQ(code(s3->put_object(ctx, in)), "");
    const auto copy = [&](aws::s3::CopyObjectRequest request) {
        request.bucket = "bucket";
        if (request.key.empty()) request.key = "to";
        return s3->copy_object(ctx, request);
    };
    EXPECT_EQ(code(copy({.copy_source = "bucket/from"})), "");
    EXPECT_EQ(get("to"), "bytes");
    EXPECT_EQ(rows("blobs"), 1u) << "shared";
    EXPECT_EQ(s3->head_object(ctx, {.bucket = "bucket", .key = "to"})->metadata.at("colour"), "blue");
    remove("from");
    blobs->drain();
    EXPECT_EQ(get("to"), "bytes") << "the copy keeps the bytes";
    EXPECT_EQ(code(copy({.copy_source = "bucket/to"})), "InvalidRequest") << "onto itself, changing nothing";
    EXPECT_EQ(code(copy({.copy_source = "bucket/to",
                         .metadata = {{"colour", "red"}},
                         .metadata_directive = "REPLACE",
                         .tagging_directive = "REPLACE",
                         .tagging = "b=2"})),
              "");
    EXPECT_EQ(get("to"), "bytes");
    EXPECT_EQ(s3->head_object(ctx, {.bucket = "bucket", .key = "to"})->metadata.at("colour"), "red");
    EXPECT_EQ(s3->get_object_tagging(ctx, {.bucket = "bucket", .key = "to"})->tag_set.at(0).key, "b");
    EXPECT_EQ(code(copy({.copy_source = "bucket/missing"})), "NoSuchKey");
    EXPECT_EQ(code(copy({.copy_source = "nowhere/key"})), "NoSuchBucket");
    EXPECT_EQ(code(copy({.copy_source = "bucket/to", .copy_source_if_match = "x", .key = "k"})),
              "PreconditionFailed");
    EXPECT_EQ(code(copy({.copy_source = "bucket/to", .copy_source_if_none_match = "*", .key = "k"})),
              "PreconditionFailed");
    EXPECT_EQ(code(copy({.copy_source = "bucket/to", .key = "k", .metadata_directive = "MERGE"})),
              "InvalidArgument");
    const auto summed = copy({.checksum_algorithm = "SHA1", .copy_source = "bucket/to", .key = "k"});
    EXPECT_EQ(summed->copy_object_result->checksum_sha1, base::base64_encode(base::sha1("bytes")));
}

TEST_F(Objects, Attributes) {
    put("key", "bytes");
    const auto out = s3->get_object_attributes(
        ctx, {.bucket = "bucket", .key = "key", .object_attributes = {"ETag", "ObjectSize", "StorageClass"}});
    EXPECT_EQ(out->etag, base::hex_encode(base::md5("bytes")));
    EXPECT_EQ(out->object_size, 5);
    EXPECT_EQ(out->storage_class, "STANDARD");
    EXPECT_FALSE(out->object_parts);
}

// The disk is full: the client is told so, and what was there is still there.
TEST_F(Objects, AFullStoreLosesNothing) {
    put("key", "before");
    store.fail_writes(base::Failure{base::FailureKind::no_space, "full"});
    EXPECT_EQ(s3->put_object(ctx, put_of("key", "after")).error().http_status, 500);
    store.fail_writes(std::nullopt);
    EXPECT_EQ(get("key"), "before");
    EXPECT_EQ(rows("blobs"), 1u);
}

}  // namespace
}  // namespace stratus::s3
