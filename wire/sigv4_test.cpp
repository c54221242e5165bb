// Signature Version 4 against the values AWS publishes, and each way a request can fail to prove itself.
#include "wire/sigv4.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "wire/chunked.h"

namespace wire {
namespace {

using namespace std::chrono_literals;

constexpr const char* example_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr const char* s3_secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr const char* empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

base::Instant at(std::string_view text) {
    return *base::parse_iso8601(text);
}

struct Sent {
    std::string method, path, query;
    net::Headers headers;
    SignedHead head() const { return {method, path, query, headers}; }
};

std::string code_of(const Outcome<base::Unit>& outcome) {
    return outcome.ok() ? "ok" : outcome.error().code;
}

std::string verdict(const Sent& sent, SigningRules rules, std::string_view secret, std::string_view now,
                    std::string_view body = "") {
    const auto authorization = read_authorization(sent.head(), rules);
    if (!authorization.ok()) return authorization.error().code;
    return code_of(verify_signature(*authorization, sent.head(), rules,
                                    payload_hash_of(*authorization, rules, body), secret, at(now)));
}

// "get-vanilla" of the published test suite, and the IAM example of the documentation.
TEST(SigV4, VerifiesThePublishedExamples) {
    const Sent vanilla{"GET",
                       "/",
                       "",
                       {{"Host", "example.amazonaws.com"},
                        {"X-Amz-Date", "20150830T123600Z"},
                        {"Authorization",
                         "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                         "SignedHeaders=host;x-amz-date, "
                         "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"}}};
    EXPECT_EQ(verdict(vanilla, SigningRules::common, example_secret, "2015-08-30T12:40:00Z"), "ok");
    const Sent list_users{"GET",
                          "/",
                          "Action=ListUsers&Version=2010-05-08",
                          {{"Host", "iam.amazonaws.com"},
                           {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                           {"X-Amz-Date", "20150830T123600Z"},
                           {"Authorization",
                            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                            "SignedHeaders=content-type;host;x-amz-date, "
                            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"}}};
    EXPECT_EQ(verdict(list_users, SigningRules::common, example_secret, "2015-08-30T12:36:00Z"), "ok");
    EXPECT_EQ(verdict(list_users, SigningRules::common, "other", "2015-08-30T12:36:00Z"),
              "SignatureDoesNotMatch");
}

Sent s3_get_object() {
    return {"GET",
            "/test.txt",
            "",
            {{"Host", "examplebucket.s3.amazonaws.com"},
             {"Range", "bytes=0-9"},
             {"x-amz-content-sha256", empty_hash},
             {"x-amz-date", "20130524T000000Z"},
             {"Authorization",
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
              "aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature="
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"}}};
}

TEST(SigV4, VerifiesS3sPublishedExamples) {
    EXPECT_EQ(verdict(s3_get_object(), SigningRules::s3, s3_secret, "2013-05-24T00:05:00Z"), "ok");
    const Sent lifecycle{"GET",
                         "/",
                         "lifecycle",
                         {{"Host", "examplebucket.s3.amazonaws.com"},
                          {"x-amz-date", "20130524T000000Z"},
                          {"x-amz-content-sha256", empty_hash},
                          {"Authorization",
                           "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                           "aws4_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature="
                           "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"}}};
    EXPECT_EQ(verdict(lifecycle, SigningRules::s3, s3_secret, "2013-05-24T00:05:00Z"), "ok");
}

Sent presigned_get_object() {
    return {"GET",
            "/test.txt",
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%"
            "2Fs3%2F"
            "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-"
            "Signature="
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            {{"Host", "examplebucket.s3.amazonaws.com"}}};
}

TEST(SigV4, APresignedUrlLivesAsLongAsItSays) {
    EXPECT_EQ(verdict(presigned_get_object(), SigningRules::s3, s3_secret, "2013-05-24T23:59:59Z"), "ok");
    EXPECT_EQ(verdict(presigned_get_object(), SigningRules::s3, s3_secret, "2013-05-25T00:00:01Z"),
              "AccessDenied");
    EXPECT_EQ(verdict(presigned_get_object(), SigningRules::s3, s3_secret, "2013-05-23T23:44:59Z"),
              "AccessDenied");
    Sent altered = presigned_get_object();
    altered.query += "&versionId=1";
    EXPECT_EQ(verdict(altered, SigningRules::s3, s3_secret, "2013-05-24T12:00:00Z"), "SignatureDoesNotMatch");
    altered = presigned_get_object();
    altered.headers.add("x-amz-acl", "public-read");
    EXPECT_EQ(verdict(altered, SigningRules::s3, s3_secret, "2013-05-24T12:00:00Z"), "AccessDenied");
}

TEST(SigV4, TheClockMayDifferByFifteenMinutes) {
    EXPECT_EQ(verdict(s3_get_object(), SigningRules::s3, s3_secret, "2013-05-24T00:15:01Z"),
              "RequestTimeTooSkewed");
    EXPECT_EQ(verdict(s3_get_object(), SigningRules::s3, s3_secret, "2013-05-23T23:44:00Z"),
              "RequestTimeTooSkewed");
    OutgoingRequest out{.method = "POST", .headers = {{"Host", "h"}}, .body = "x"};
    sign(out, {"AKID", "secret", ""}, "eu-west-1", "sqs", SigningRules::common, at("2020-01-01T12:00:00Z"));
    const Sent sent{out.method, out.path, out.query, out.headers};
    EXPECT_EQ(verdict(sent, SigningRules::common, "secret", "2020-01-01T12:15:00Z", "x"), "ok");
    EXPECT_EQ(verdict(sent, SigningRules::common, "secret", "2020-01-01T12:15:01Z", "x"), "RequestExpired");
    EXPECT_EQ(verdict(sent, SigningRules::common, "secret", "2020-01-01T11:44:59Z", "x"),
              "SignatureDoesNotMatch");
    EXPECT_EQ(verdict(sent, SigningRules::common, "secret", "2020-01-01T12:00:00Z", "y"),
              "SignatureDoesNotMatch");
}

// Each form of brokenness has its own code, which differs between S3 and the rest.
TEST(SigV4, MalformedAuthorizationsAreNamed) {
    const auto with = [](net::Headers headers) { return Sent{"GET", "/", "", std::move(headers)}; };
    const auto common = [&](net::Headers headers) {
        return verdict(with(std::move(headers)), SigningRules::common, "s", "2020-01-01T12:00:00Z");
    };
    const auto s3 = [&](net::Headers headers) {
        return verdict(with(std::move(headers)), SigningRules::s3, "s", "2020-01-01T12:00:00Z");
    };
    EXPECT_EQ(common({}), "MissingAuthenticationToken");
    EXPECT_EQ(s3({}), "AccessDenied");
    EXPECT_EQ(common({{"Authorization", "AWS4-HMAC-SHA256 Credential=a"}}), "IncompleteSignature");
    EXPECT_EQ(s3({{"Authorization", "AWS4-HMAC-SHA256 Credential=a"}}), "AuthorizationHeaderMalformed");
    EXPECT_EQ(common({{"Authorization", "Basic dXNlcjpwYXNz"}}), "IncompleteSignature");
    EXPECT_EQ(s3({{"Authorization", "AWS AKID:sig="}}), "InvalidRequest");
    const char* fine =
        "AWS4-HMAC-SHA256 Credential=A/20200101/r/s3/aws4_request, SignedHeaders=host, Signature=0";
    EXPECT_EQ(common({{"Authorization", fine}}), "IncompleteSignature") << "no date";
    EXPECT_EQ(s3({{"Authorization", fine}, {"x-amz-date", "20200101T120000Z"}}), "InvalidRequest")
        << "no hash";
    EXPECT_EQ(
        s3({{"Authorization", fine}, {"x-amz-date", "20200101T120000Z"}, {"x-amz-content-sha256", "zz"}}),
        "InvalidArgument");
    EXPECT_EQ(common({{"Authorization", fine}, {"x-amz-date", "20200102T120000Z"}}), "SignatureDoesNotMatch");
    const Sent too_long{
        "GET",
        "/k",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20200101%2Fr%2Fs3%2Faws4_request&X-Amz-"
        "Date=20200101T120000Z&X-Amz-Expires=604801&X-Amz-SignedHeaders=host&X-Amz-Signature=0",
        {{"Host", "h"}}};
    EXPECT_EQ(verdict(too_long, SigningRules::s3, "s", "2020-01-01T12:00:00Z"),
              "AuthorizationQueryParametersError");
}

TEST(SigV4, WhatWeSignWeVerify) {
    for (const SigningRules rules : {SigningRules::common, SigningRules::s3}) {
        OutgoingRequest out{.method = "PUT",
                            .path = "/b/a%20b%2Bc/%E6%BC%A2",
                            .query = "x=1&a=%20b&empty",
                            .headers = {{"Host", "h:1"}, {"x-amz-meta-a", "  two  spaces "}},
                            .body = "body"};
        sign(out, {"AKID", "secret", "token"}, "eu-west-1", "s3", rules, at("2020-01-01T12:00:00Z"));
        const Sent sent{out.method, out.path, out.query, out.headers};
        EXPECT_EQ(verdict(sent, rules, "secret", "2020-01-01T12:00:00Z", "body"), "ok");
        EXPECT_EQ(read_authorization(sent.head(), rules)->session_token, "token");
        OutgoingRequest bare{
            .method = "GET", .path = "/b/k%2B", .query = "versionId=1", .headers = {{"Host", "h"}}};
        const Sent presigned{
            "GET", bare.path,
            presigned_query(bare, {"AKID", "secret", ""}, "r", "s3", rules, at("2020-01-01T12:00:00Z"), 60s),
            bare.headers};
        EXPECT_EQ(verdict(presigned, rules, "secret", "2020-01-01T12:00:30Z"), "ok");
    }
}

// The documentation's chunked upload: 65 KiB of 'a' in a chunk of 64 KiB and one of 1 KiB.
ChunkedOptions published_chunks() {
    return {.signatures = true,
            .signing_key = signing_key(s3_secret, {"20130524", "us-east-1", "s3"}),
            .amz_date = "20130524T000000Z",
            .scope = "20130524/us-east-1/s3/aws4_request",
            .seed_signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            .decoded_length = 66560};
}

TEST(Chunked, ProducesAndReadsThePublishedSignatures) {
    const std::string data(66560, 'a');
    const std::string framed = chunked_body(published_chunks(), data, 65536);
    EXPECT_NE(
        framed.find(
            "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"),
        std::string::npos);
    EXPECT_NE(framed.find(
                  "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"),
              std::string::npos);
    EXPECT_TRUE(
        framed.ends_with("0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"
                         "\r\n\r\n"));
    EXPECT_EQ(framed.size(), 66824u);
    const auto reader = chunked_reader(published_chunks(), reader_of(framed));
    EXPECT_EQ(*read_all(*reader, 1 << 20), data);
}

Outcome<std::string> read_chunks(ChunkedOptions options, std::string framed) {
    return read_all(*chunked_reader(std::move(options), reader_of(std::move(framed))), 1 << 20);
}

// Any altered byte must be refused: of the data, a size, a signature, the end.
TEST(Chunked, RefusesEveryAlteration) {
    ChunkedOptions options = published_chunks();
    options.decoded_length = 10;
    options.trailers = true;
    const std::string framed =
        chunked_body(options, "0123456789", 4, {{"x-amz-checksum-crc32c", "AAAAAA=="}});
    ASSERT_TRUE(read_chunks(options, framed).ok());
    int let_through = 0;
    for (std::size_t index = 0; index < framed.size(); ++index) {
        std::string altered = framed;
        altered[index] = static_cast<char>(altered[index] ^ 1);
        const auto outcome = read_chunks(options, altered);
        // Framing has letters no signature covers (the words of the extension, line ends): the data must be
        // right then.
        if (outcome.ok()) {
            ++let_through;
            EXPECT_EQ(*outcome, "0123456789") << "byte " << index;
        }
        EXPECT_FALSE(read_chunks(options, framed.substr(0, index)).ok() && index + 2 < framed.size())
            << "cut at " << index;
    }
    EXPECT_LT(let_through, 12);
}

TEST(Chunked, UnsignedTrailersAreKept) {
    const ChunkedOptions options{
        .trailers = true, .decoded_length = 5, .expected_trailers = {"x-amz-checksum-crc32"}};
    const auto reader =
        chunked_reader(options, reader_of("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"));
    EXPECT_EQ(*read_all(*reader, 100), "hello");
    EXPECT_EQ(reader->trailer("x-amz-checksum-crc32"), "NhCmhg==");
    EXPECT_EQ(read_chunks(options, "5\r\nhello\r\n0\r\n\r\n").error().code, "MalformedTrailerError");
    EXPECT_EQ(read_chunks(options, "6\r\nhello!\r\n0\r\n\r\n").error().code, "IncompleteBody");
    EXPECT_EQ(read_chunks(options, "4\r\nhell\r\n0\r\n\r\n").error().code, "IncompleteBody");
    EXPECT_EQ(read_chunks(options, "zz\r\n").error().code, "IncompleteBody");
}

TEST(Payload, TheDeclaredHashIsChecked) {
    Sent sent = s3_get_object();
    const auto authorization = read_authorization(sent.head(), SigningRules::s3);
    const auto good = payload_reader(*authorization, sent.head(), s3_secret, reader_of(""));
    EXPECT_TRUE(read_all(**good, 10).ok());
    const auto bad = payload_reader(*authorization, sent.head(), s3_secret, reader_of("x"));
    EXPECT_EQ(read_all(**bad, 10).error().code, "XAmzContentSHA256Mismatch");
}

}  // namespace
}  // namespace wire
