// Every client names its service in another way; what the router gets wrong ends as a confusing error
// elsewhere.
#include "stratus/gateway/router.h"

#include <gtest/gtest.h>

namespace stratus {
namespace {

constexpr wire::Protocol sqs_protocols[] = {wire::Protocol::aws_json, wire::Protocol::query};
constexpr wire::Protocol query_protocols[] = {wire::Protocol::query};
constexpr wire::Protocol xml_protocols[] = {wire::Protocol::rest_xml};
constexpr wire::Route sts_routes[] = {{.name = "GetCallerIdentity"}};
constexpr wire::Service sqs{.name = "sqs",
                            .signing_name = "sqs",
                            .api_version = "2012-11-05",
                            .target_prefix = "AmazonSQS",
                            .protocols = sqs_protocols};
constexpr wire::Service sts{.name = "sts",
                            .signing_name = "sts",
                            .api_version = "2011-06-15",
                            .protocols = query_protocols,
                            .routes = sts_routes};
constexpr wire::Service s3{.name = "s3", .signing_name = "s3", .protocols = xml_protocols};

class RouterTest : public testing::Test {
  protected:
    std::vector<HostedService> services_{{.binding = {&sqs}}, {.binding = {&sts}}, {.binding = {&s3}}};
    Router router_{services_, "eu-west-1"};

    static net::RequestHead head(std::string target, net::Headers headers, std::string method = "POST") {
        return {.method = std::move(method), .target = std::move(target), .headers = std::move(headers)};
    }
    std::string place(const net::RequestHead& head) {
        const Address address = router_.address_of(head);
        return address.service_name + (address.service ? " " : "? ") + address.region + " " + address.path;
    }
};

TEST_F(RouterTest, TheSignatureSaysMost) {
    const std::string_view header =
        "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-2/sqs/aws4_request, SignedHeaders=host, "
        "Signature=ab";
    EXPECT_EQ(place(head("/", {{"Authorization", header}, {"Host", "127.0.0.1:4566"}})), "sqs us-east-2 /");
    EXPECT_EQ(place(head("/b/k?X-Amz-Credential=AKIA%2F20260101%2Feu-west-3%2Fs3%2Faws4_request", {}, "GET")),
              "s3 eu-west-3 /b/k");
    EXPECT_EQ(place(head("/?X-Amz-Credential=A%2F20260101%2Fx%2Fec2%2Faws4_request", {}, "GET")), "ec2? x /");
}

TEST_F(RouterTest, UnsignedRequestsAreToldApartByWhatTheyHave) {
    EXPECT_EQ(place(head("/", {{"X-Amz-Target", "AmazonSQS.ListQueues"}})), "sqs eu-west-1 /");
    EXPECT_EQ(place(head("/", {{"Host", "sts.us-west-1.localhost:4566"}})), "sts us-west-1 /");
    EXPECT_EQ(place(head("/000000000000/q?Action=SendMessage", {}, "GET")), "sqs eu-west-1 /000000000000/q");
    EXPECT_EQ(place(head("/bucket/key", {{"Host", "127.0.0.1"}}, "GET")), "s3 eu-west-1 /bucket/key");

    Address form = router_.address_of(head("/", {{"Content-Type", "application/x-www-form-urlencoded"}}));
    EXPECT_EQ(form.service, nullptr);
    EXPECT_EQ(form.protocol, wire::Protocol::query);
    router_.look_into_form("Action=X&Version=2011-06-15", form);
    EXPECT_EQ(form.service_name, "sts");
    Address by_action =
        router_.address_of(head("/", {{"Content-Type", "application/x-www-form-urlencoded"}}));
    router_.look_into_form("Action=GetCallerIdentity", by_action);
    EXPECT_EQ(by_action.service_name, "sts");
}

TEST_F(RouterTest, SqsSpeaksTwoProtocolsAtOnce) {
    const std::string_view scope = "AWS4-HMAC-SHA256 Credential=A/20260101/r/sqs/aws4_request,";
    EXPECT_EQ(
        router_.address_of(head("/", {{"Authorization", scope}, {"X-Amz-Target", "AmazonSQS.X"}})).protocol,
        wire::Protocol::aws_json);
    EXPECT_EQ(router_.address_of(head("/", {{"Authorization", scope}})).protocol, wire::Protocol::query);
}

// Virtual-host style as SDKs, browsers and the ecosystem's tools send it.
TEST_F(RouterTest, BucketsComeFromHostNames) {
    const auto bucket = [&](std::string_view host) {
        const HostParts parts = parse_host(host, services_);
        return parts.service + " " + parts.bucket + " " + parts.region;
    };
    EXPECT_EQ(bucket("photos.s3.eu-west-2.amazonaws.com"), "s3 photos eu-west-2");
    EXPECT_EQ(bucket("photos.s3.amazonaws.com:443"), "s3 photos ");
    EXPECT_EQ(bucket("photos.S3.eu-west-2.localhost:4566"), "s3 photos eu-west-2");
    EXPECT_EQ(bucket("photos.s3.localhost"), "s3 photos ");
    EXPECT_EQ(bucket("photos.s3.localhost.localstack.cloud:4566"), "s3 photos ");
    EXPECT_EQ(bucket("photos.localhost:4566"), "s3 photos ");
    EXPECT_EQ(bucket("my.dotted.bucket.localhost"), "s3 my.dotted.bucket ");
    EXPECT_EQ(bucket("predict.s3.withcubed.com.s3.eu-west-1.localhost"),
              "s3 predict.s3.withcubed.com eu-west-1");
    EXPECT_EQ(bucket("s3.eu-west-1.amazonaws.com"), "s3  eu-west-1");
    EXPECT_EQ(bucket("s3.localhost"), "s3  ");
    EXPECT_EQ(bucket("localhost:4566"), "  ");
    EXPECT_EQ(bucket("127.0.0.1:4566"), "  ");
    EXPECT_EQ(bucket("[::1]:4566"), "  ");
    EXPECT_EQ(bucket("stratus.example.internal"), "  ");
    EXPECT_EQ(bucket("sqs.eu-west-1.localhost"), "sqs  eu-west-1");
    EXPECT_EQ(bucket(""), "  ");
    EXPECT_EQ(place(head("/key?x", {{"Host", "photos.localhost"}}, "GET")), "s3 eu-west-1 /photos/key");
}

TEST_F(RouterTest, RegionNamesOfAnyPartitionPass) {
    EXPECT_TRUE(is_region_name("us-gov-east-1"));
    EXPECT_TRUE(is_region_name("mars-north-9"));
    EXPECT_FALSE(is_region_name(""));
    EXPECT_FALSE(is_region_name("../etc"));
    EXPECT_FALSE(is_region_name("EU"));
}

}  // namespace
}  // namespace stratus
