#include <gtest/gtest.h>

#include "base/encoding.h"
#include "stratus/services/s3/s3_fixture.h"

namespace stratus::s3 {
namespace {

constexpr std::size_t five_mib = 5 * 1024 * 1024;

class Uploads : public S3Test {
  protected:
    Uploads() { make_bucket(); }

    std::string begin(aws::s3::CreateMultipartUploadRequest in = {}) {
        clock.advance(std::chrono::seconds(1));
        in.bucket = "bucket";
        if (in.key.empty()) in.key = "key";
        auto out = s3->create_multipart_upload(ctx, in);
        EXPECT_EQ(code(out), "");
        return out.ok() ? *out->upload_id : "";
    }
    wire::Outcome<aws::s3::UploadPartOutput> upload(const std::string& id, int number,
                                                    const std::string& bytes,
                                                    const std::optional<std::string>& crc32 = std::nullopt) {
        aws::s3::UploadPartRequest in;
        in.bucket = "bucket";
        in.key = "key";
        in.upload_id = id;
        in.part_number = number;
        in.body = wire::reader_of(bytes);
        in.checksum_crc32 = crc32;
        return s3->upload_part(ctx, in);
    }
    wire::Outcome<aws::s3::CompleteMultipartUploadOutput> complete(
        const std::string& id, const std::vector<aws::s3::CompletedPart>& list) {
        aws::s3::CompleteMultipartUploadRequest in{.bucket = "bucket", .key = "key", .upload_id = id};
        in.multipart_upload.emplace().parts = list;
        return s3->complete_multipart_upload(ctx, in);
    }
    static aws::s3::CompletedPart part(int number, const std::string& etag) {
        aws::s3::CompletedPart listed;
        listed.part_number = number;
        listed.etag = etag;
        return listed;
    }
};

TEST_F(Uploads, PartsBecomeAnObject) {
    const std::string a(five_mib, 'a'), b(five_mib, 'b'), c = "tail";
    const std::string id = begin({.content_type = "text/plain"});
    const auto first = upload(id, 1, a), second = upload(id, 3, b), third = upload(id, 7, c),
               unused = upload(id, 9, c);
    EXPECT_EQ(get("key"), "<NoSuchKey>");
    const auto out = complete(id, {part(1, *first->etag), part(3, *second->etag), part(7, *third->etag)});
    ASSERT_EQ(code(out), "");
    EXPECT_EQ(out->etag,
              "\"" + base::hex_encode(base::md5(base::md5(a) + base::md5(b) + base::md5(c))) + "-3\"");
    EXPECT_EQ(get("key"), a + b + c);
    EXPECT_EQ(rows("s3.parts"), 3u);
    EXPECT_EQ(rows("s3.uploads"), 0u);

    const auto range =
        s3->get_object(ctx, {.bucket = "bucket", .key = "key", .range = "bytes=5242878-5242881"});
    EXPECT_EQ(bytes_of(range->body), "aabb");
    const auto by_number = s3->get_object(ctx, {.bucket = "bucket", .key = "key", .part_number = 7});
    EXPECT_EQ(bytes_of(by_number->body), c);
    EXPECT_EQ(by_number->parts_count, 3);
    EXPECT_EQ(by_number->content_range, "bytes 10485760-10485763/10485764");
    EXPECT_EQ(code(s3->get_object(ctx, {.bucket = "bucket", .key = "key", .part_number = 2})),
              "InvalidPartNumber");

    aws::s3::CopyObjectRequest copy{.bucket = "bucket", .copy_source = "bucket/key", .key = "copy"};
    const auto copied = s3->copy_object(ctx, copy);
    EXPECT_EQ(copied->copy_object_result->etag, "\"" + base::hex_encode(base::md5(a + b + c)) + "\"");
    EXPECT_EQ(get("copy"), a + b + c);
    remove("key");
    remove("copy");
    EXPECT_EQ(rows("blobs"), 0u);
    EXPECT_EQ(rows("s3.parts"), 0u);
    EXPECT_EQ(code(complete(id, {part(1, *first->etag)})), "NoSuchUpload");
}

TEST_F(Uploads, WhatCompleteRefuses) {
    const std::string id = begin();
    const auto small = upload(id, 1, "small"), last = upload(id, 2, "last");
    EXPECT_EQ(code(complete(id, {})), "MalformedXML");
    EXPECT_EQ(code(complete(id, {part(2, *last->etag), part(1, *small->etag)})), "InvalidPartOrder");
    EXPECT_EQ(code(complete(id, {part(1, *small->etag), part(1, *small->etag)})), "InvalidPartOrder");
    EXPECT_EQ(code(complete(id, {part(1, "\"x\"")})), "InvalidPart");
    EXPECT_EQ(code(complete(id, {part(5, *small->etag)})), "InvalidPart");
    EXPECT_EQ(code(complete(id, {part(1, *small->etag), part(2, *last->etag)})), "EntityTooSmall");
    EXPECT_EQ(code(complete("nothing", {part(1, *small->etag)})), "NoSuchUpload");
    EXPECT_EQ(code(upload(id, 0, "x")), "InvalidArgument");
    EXPECT_EQ(code(upload(id, 10'001, "x")), "InvalidArgument");
    EXPECT_EQ(code(upload("nothing", 1, "x")), "NoSuchUpload");
    EXPECT_EQ(code(complete(id, {part(2, *last->etag)})), "") << "the last part may be small";
    EXPECT_EQ(get("key"), "last");
}

TEST_F(Uploads, AbortLeavesNothing) {
    const std::string id = begin();
    ASSERT_EQ(code(upload(id, 1, std::string(100'000, 'a'))), "");
    ASSERT_EQ(code(upload(id, 1, "again")), "");
    EXPECT_EQ(rows("blobs"), 1u) << "a part uploaded again replaces the first";
    EXPECT_EQ(code(s3->abort_multipart_upload(ctx, {.bucket = "bucket", .key = "key", .upload_id = id})), "");
    EXPECT_EQ(rows("blobs") + rows("s3.parts") + rows("s3.uploads"), 0u);
    EXPECT_EQ(code(s3->abort_multipart_upload(ctx, {.bucket = "bucket", .key = "key", .upload_id = id})),
              "NoSuchUpload");
}

TEST_F(Uploads, Checksums) {
    const std::string a(five_mib, 'a'), b = "tail";
    const auto crc = [](const std::string& bytes) {
        base::Digest digest(base::DigestKind::crc32);
        digest.update(bytes);
        return base::base64_encode(digest.finish());
    };
    for (const char* type : {"COMPOSITE", "FULL_OBJECT"}) {
        const std::string id = begin({.checksum_algorithm = "CRC32", .checksum_type = type});
        EXPECT_EQ(code(upload(id, 1, a)), std::string_view(type) == "COMPOSITE" ? "InvalidRequest" : "");
        EXPECT_EQ(code(upload(id, 1, a, crc(b))), "BadDigest");
        auto first = part(1, *upload(id, 1, a, crc(a))->etag),
             second = part(2, *upload(id, 2, b, crc(b))->etag);
        if (std::string_view(type) == "COMPOSITE") {
            EXPECT_EQ(code(complete(id, {first, second})), "InvalidRequest");
        }
        first.checksum_crc32 = crc(a);
        second.checksum_crc32 = crc(a);
        EXPECT_EQ(code(complete(id, {first, second})), "InvalidPart");
        second.checksum_crc32 = crc(b);
        const auto out = complete(id, {first, second});
        ASSERT_EQ(code(out), "");
        if (std::string_view(type) == "FULL_OBJECT") {
            EXPECT_EQ(out->checksum_crc32, crc(a + b));
        } else {
            EXPECT_TRUE(out->checksum_crc32->ends_with("-2"));
        }
        const auto attributes = s3->get_object_attributes(
            ctx, {.bucket = "bucket", .key = "key", .object_attributes = {"ObjectParts", "Checksum"}});
        EXPECT_EQ(attributes->object_parts->total_parts_count, 2);
        EXPECT_EQ(attributes->object_parts->parts.at(1).checksum_crc32, crc(b));
        EXPECT_EQ(attributes->checksum->checksum_type, type);
    }
    EXPECT_EQ(code(s3->create_multipart_upload(ctx, {.bucket = "bucket",
                                                     .key = "key",
                                                     .checksum_algorithm = "SHA256",
                                                     .checksum_type = "FULL_OBJECT"})),
              "InvalidRequest");
}

TEST_F(Uploads, PartsOfOtherObjects) {
    put("from", "0123456789");
    const std::string id = begin();
    aws::s3::UploadPartCopyRequest in{.bucket = "bucket", .copy_source = "bucket/from", .key = "key"};
    in.part_number = 1;
    in.upload_id = id;
    in.copy_source_range = "bytes=2-4";
    const auto copied = s3->upload_part_copy(ctx, in);
    ASSERT_EQ(code(copied), "");
    in.copy_source_range = "bytes=5-10";
    EXPECT_EQ(code(s3->upload_part_copy(ctx, in)), "InvalidRange");
    in.copy_source_range = "bytes=5-";
    EXPECT_EQ(code(s3->upload_part_copy(ctx, in)), "InvalidArgument");
    in.copy_source_range.reset();
    in.copy_source_if_none_match = "*";
    EXPECT_EQ(code(s3->upload_part_copy(ctx, in)), "PreconditionFailed");
    ASSERT_EQ(code(complete(id, {part(1, *copied->copy_part_result->etag)})), "");
    EXPECT_EQ(get("key"), "234");
}

TEST_F(Uploads, Listings) {
    const std::string one = begin({.key = "key"}), two = begin({.key = "key"}),
                      other = begin({.key = "other/x"});
    std::vector<std::string> seen;
    aws::s3::ListMultipartUploadsRequest in{.bucket = "bucket"};
    in.max_uploads = 1;
    for (bool more = true; more;) {
        const auto page = s3->list_multipart_uploads(ctx, in);
        for (const auto& upload : page->uploads) seen.push_back(*upload.upload_id);
        in.key_marker = page->next_key_marker;
        in.upload_id_marker = page->next_upload_id_marker;
        more = *page->is_truncated;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{one, two, other}));
    EXPECT_EQ(
        s3->list_multipart_uploads(ctx, {.bucket = "bucket", .delimiter = "/"})->common_prefixes.at(0).prefix,
        "other/");
    for (int number : {1, 2, 3}) ASSERT_EQ(code(upload(one, number, "x")), "");
    const auto parts =
        s3->list_parts(ctx, {.bucket = "bucket", .key = "key", .max_parts = 2, .upload_id = one});
    EXPECT_EQ(parts->parts.size(), 2u);
    EXPECT_TRUE(*parts->is_truncated);
    EXPECT_EQ(parts->next_part_number_marker, 2);
    EXPECT_EQ(
        s3->list_parts(ctx, {.bucket = "bucket", .key = "key", .part_number_marker = 2, .upload_id = one})
            ->parts.size(),
        1u);
    EXPECT_EQ(code(s3->list_parts(ctx, {.bucket = "bucket", .key = "key", .upload_id = "nothing"})),
              "NoSuchUpload");
}

}  // namespace
}  // namespace stratus::s3
