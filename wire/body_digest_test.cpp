#include "wire/body_digest.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/encoding.h"

namespace wire {
namespace {

std::string code(const Operation& operation, const net::Headers& headers, std::string_view body) {
    const auto checked = check_body_digests(operation, headers, body);
    return checked.ok() ? "" : checked.error().code;
}

// DeleteObjects without a digest is refused: a body cut on the way would delete the wrong thousand keys.
TEST(BodyDigest, RequiredAndRight) {
    const Operation required{.name = "DeleteObjects", .checksum_required = true};
    const Operation plain{.name = "CreateBucket"};
    const std::string md5 = base::base64_encode(base::md5("body"));
    const std::string sha256 = base::base64_encode(base::sha256("body"));
    EXPECT_EQ(code(required, {}, "body"), "InvalidRequest");
    EXPECT_EQ(code(plain, {}, "body"), "");
    EXPECT_EQ(code(required, {{"content-md5", md5}}, "body"), "");
    EXPECT_EQ(code(required, {{"x-amz-checksum-sha256", sha256}}, "body"), "");
    EXPECT_EQ(code(plain, {{"content-md5", md5}}, "other"), "BadDigest");
    EXPECT_EQ(code(plain, {{"x-amz-checksum-sha256", sha256}}, "other"), "BadDigest");
    EXPECT_EQ(code(plain, {{"content-md5", "short"}}, "body"), "InvalidDigest");
    EXPECT_EQ(code(plain, {{"x-amz-checksum-crc32", "short"}}, "body"), "InvalidRequest");
}

}  // namespace
}  // namespace wire
