// The codecs, as properties: whatever a client can encode the server decodes to the same value, and the other
// way round, for every kind of shape (the toy model has them all) in each of the five protocols.
#include "wire/codec.h"

#include <gtest/gtest.h>

#include "aws/toy/api.h"
#include "aws/toy/errors.h"
#include "aws/toy/schema.h"
#include "aws/toy/types.h"
#include "base/random.h"
#include "wire/describe.h"
#include "wire/random_value.h"
#include "wire/select.h"
#include "wire/validate.h"

namespace wire {
namespace {

using aws::toy::shape_of;
constexpr int rounds = 300;

HttpRequest as_request(const OutgoingRequest& out) {
    return {.method = out.method,
            .path = out.path,
            .query = out.query,
            .headers = out.headers,
            .body = out.body,
            .stream = out.stream};
}

const Operation& operation_named(std::string_view name) {
    return *find_operation(aws::toy::service(), name);
}

std::string body_of(const HttpResponse& response) {
    return std::get<std::string>(response.body.from);
}

template <class T>
T random_instance(std::uint64_t seed) {
    base::SeededRandom random(seed);
    T value{};
    fill_randomly(shape_of(value), &value, random);
    return value;
}

class EachProtocol : public testing::TestWithParam<Protocol> {
  protected:
    const Codec& codec = codec_of(GetParam());
    const Service& service = aws::toy::service();

    template <class T>
    void request_round_trip(std::string_view operation_name) {
        const Operation& operation = operation_named(operation_name);
        for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
            const T sent = random_instance<T>(seed);
            const auto encoded = codec.encode_request(service, operation, &sent);
            ASSERT_TRUE(encoded.ok()) << encoded.error().message;
            T received{};
            Problems problems;
            const auto decoded =
                codec.decode_request(service, operation, as_request(*encoded), &received, problems);
            ASSERT_TRUE(decoded.ok()) << "seed " << seed << ": " << decoded.error().message;
            EXPECT_TRUE(problems.empty()) << "seed " << seed << ": " << problems.all().front().wire_path;
            ASSERT_EQ(sent, received) << "seed " << seed << "\n"
                                      << describe_for_log(shape_of(sent), &sent, 9999) << "\n"
                                      << describe_for_log(shape_of(sent), &received, 9999) << "\n"
                                      << encoded->query << "\n"
                                      << encoded->body;
        }
    }

    template <class T>
    void response_round_trip(std::string_view operation_name) {
        const Operation& operation = operation_named(operation_name);
        for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
            const T sent = random_instance<T>(seed);
            const auto encoded = codec.encode_response(service, operation, &sent, "request-1");
            T received{};
            const auto decoded = codec.decode_response(service, operation, encoded.status, encoded.headers,
                                                       body_of(encoded), &received);
            ASSERT_TRUE(decoded.ok()) << decoded.error().message << "\n" << body_of(encoded);
            ASSERT_EQ(sent, received) << "seed " << seed << "\n" << body_of(encoded);
        }
    }
};

TEST_P(EachProtocol, RequestsSurviveTheWire) {
    request_round_trip<aws::toy::EverythingRequest>("Everything");
}

TEST_P(EachProtocol, AnswersSurviveTheWire) {
    response_round_trip<aws::toy::EverythingResult>("Everything");
}

// The client half reads what the server half writes, so an error that means one thing here means it there.
TEST_P(EachProtocol, ErrorsSurviveTheWire) {
    Error sent = aws::toy::errors::toy_broken("It's <broken> & \"done\"");
    sent.members["Which"] = "third";
    const auto encoded =
        codec.encode_error(service, sent, {.request_id = "r", .host_id = "h", .resource = "/x"});
    EXPECT_EQ(encoded.status, 409);
    aws::toy::EverythingResult ignored;
    const auto decoded = codec.decode_response(service, operation_named("Everything"), encoded.status,
                                               encoded.headers, body_of(encoded), &ignored);
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().message, sent.message);
    EXPECT_EQ(decoded.error().members.at("Which"), "third");
    const bool json = GetParam() == Protocol::aws_json || GetParam() == Protocol::rest_json;
    EXPECT_EQ(decoded.error().code, json ? "ToyBroken" : "Toy.Broken");
}

std::string name_of(const testing::TestParamInfo<Protocol>& info) {
    constexpr const char* names[] = {"AwsJson", "Query", "Ec2Query", "RestJson", "RestXml"};
    return names[static_cast<int>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Protocols, EachProtocol,
                         testing::Values(Protocol::aws_json, Protocol::query, Protocol::ec2_query,
                                         Protocol::rest_json, Protocol::rest_xml),
                         name_of);

class EachRestProtocol : public EachProtocol {};

TEST_P(EachRestProtocol, BoundMembersSurviveTheWire) {
    request_round_trip<aws::toy::BoundRequest>("Bound");
    response_round_trip<aws::toy::BoundResult>("Bound");
}

TEST_P(EachRestProtocol, PayloadsSurviveTheWire) {
    request_round_trip<aws::toy::PayloadRequest>("Payload");
    response_round_trip<aws::toy::PayloadResult>("Payload");
}

TEST_P(EachRestProtocol, StreamsArePassedThrough) {
    aws::toy::StreamRequest sent{.box = "b", .path = "a/b c", .body = reader_of("bytes")};
    const auto encoded = codec.encode_request(service, operation_named("Stream"), &sent);
    ASSERT_TRUE(encoded.ok());
    EXPECT_EQ(encoded->path, "/b/a/b%20c");
    aws::toy::StreamRequest received;
    Problems problems;
    ASSERT_TRUE(
        codec.decode_request(service, operation_named("Stream"), as_request(*encoded), &received, problems)
            .ok());
    EXPECT_EQ(received.path, "a/b c");
    EXPECT_EQ(*read_all(*received.body, 100), "bytes");
}

INSTANTIATE_TEST_SUITE_P(Protocols, EachRestProtocol,
                         testing::Values(Protocol::rest_json, Protocol::rest_xml), name_of);

Outcome<base::Unit> decode_and_validate(Protocol protocol, std::string body) {
    const net::Headers headers;
    const Operation& operation = operation_named("Everything");
    aws::toy::EverythingRequest in;
    Problems problems;
    TRY(codec_of(protocol).decode_request(
        aws::toy::service(), operation,
        {.method = "POST", .path = "/", .query = "", .headers = headers, .body = body}, &in, problems));
    return validate(aws::toy::service(), operation, &in, std::move(problems));
}

// AWS's own words: clients and people search for them.
TEST(AwsJson, WrongTypesAreSerializationExceptions) {
    const auto wrong = decode_and_validate(Protocol::aws_json, R"({"Name": 7})");
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().code, "SerializationException");
    EXPECT_EQ(wrong.error().message, "NUMBER_VALUE can not be converted to a String");
    EXPECT_EQ(decode_and_validate(Protocol::aws_json, R"({"Count": 99999999999})").error().code,
              "SerializationException");
    EXPECT_EQ(decode_and_validate(Protocol::aws_json, R"({"Items": {}})").error().code,
              "SerializationException");
    EXPECT_EQ(decode_and_validate(Protocol::aws_json, "{").error().code, "SerializationException");
    EXPECT_EQ(decode_and_validate(Protocol::aws_json, "[]").error().code, "SerializationException");
    EXPECT_EQ(decode_and_validate(Protocol::aws_json, std::string(100'000, '[')).error().code,
              "SerializationException");
}

TEST(AwsJson, UnknownMembersAndNullsAreIgnored) {
    EXPECT_TRUE(
        decode_and_validate(Protocol::aws_json,
                            R"({"Name":"ab","Count":1,"Items":[{"Id":"1"}],"New":{"x":[1]},"Flag":null})")
            .ok());
}

TEST(Validation, NamesWhatIsMissingAndOutOfRange) {
    const auto missing = decode_and_validate(Protocol::aws_json, R"({"Name":"ab","Items":[{"Id":"1"}]})");
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().type(), "ValidationException");
    EXPECT_EQ(missing.error().message,
              "1 validation error detected: Value null at 'count' failed to satisfy "
              "constraint: Member must not be null");
    const auto several = decode_and_validate(
        Protocol::aws_json, R"({"Name":"a","Count":11,"Color":"no","Items":[{"Id":"1"},{}]})");
    ASSERT_FALSE(several.ok());
    EXPECT_EQ(several.error().message,
              "4 validation errors detected: Value null at 'items.2.member.id' failed to satisfy constraint: "
              "Member must "
              "not be null; Value 'a' at 'name' failed to satisfy constraint: Member must have length "
              "greater than or "
              "equal to 2; Value '11' at 'count' failed to satisfy constraint: Member must have value less "
              "than or equal "
              "to 10; Value 'no' at 'color' failed to satisfy constraint: Member must satisfy enum value "
              "set: [RED, "
              "deep-blue, aws:green, plum]");
}

TEST(Validation, CountsCharactersNotBytes) {
    EXPECT_TRUE(
        decode_and_validate(Protocol::aws_json, R"({"Name":"ééééèèèè","Count":1,"Items":[{"Id":"1"}]})")
            .ok());
}

TEST(Validation, ItemsOverTheLimitAreRefused) {
    EXPECT_FALSE(decode_and_validate(Protocol::aws_json, R"({"Name":"ab","Count":1,"Items":[]})").ok());
}

// Old clients number their parameters with gaps and in any order.
TEST(Query, NumbersNeedNotBeDense) {
    EXPECT_TRUE(
        decode_and_validate(Protocol::query, "Name=ab&Count=1&Items.member.10.Id=b&Items.member.2.Id=a")
            .ok());
    EXPECT_FALSE(decode_and_validate(Protocol::query, "Name=ab&Count=x&Items.member.1.Id=b").ok());
    EXPECT_FALSE(decode_and_validate(Protocol::query, "Name=%zz").ok());
}

TEST(RestXml, RefusesWhatIsNotPlainXml) {
    for (const char* body : {"", "<a", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a>\xff</a>", "text"}) {
        const auto outcome = decode_and_validate(Protocol::rest_xml, body);
        ASSERT_FALSE(outcome.ok()) << body;
        EXPECT_EQ(outcome.error().code, "MalformedXML") << body;
    }
}

TEST(RestXml, ReadsPrefixedElements) {
    EXPECT_TRUE(decode_and_validate(
                    Protocol::rest_xml,
                    "<t:E xmlns:t='urn:x'><t:Name>ab</t:Name><t:Count> 1 </t:Count><t:Items><t:member>"
                    "<t:Id>1</t:Id></t:member></t:Items></t:E>")
                    .ok());
}

// Trees nest without end; no request may make us do so.
TEST(Limits, DeepNestingIsRefused) {
    std::string open, close;
    for (int depth = 0; depth < 5000; ++depth) {
        open += "<Left>";
        close += "</Left>";
    }
    EXPECT_FALSE(decode_and_validate(Protocol::rest_xml, "<E><Tree>" + open + close + "</Tree></E>").ok());
    std::string name = "Tree";
    for (int depth = 0; depth < 5000; ++depth) name += ".Left";
    EXPECT_FALSE(decode_and_validate(Protocol::query, name + ".Value=x").ok());
}

TEST(Describe, HidesWhatIsSensitive) {
    aws::toy::EverythingRequest in{
        .name = "ab", .items = {{.id = "1", .hidden = "s3cr3t"}}, .secret = "s3cr3t"};
    const std::string shown = describe_for_log(shape_of(in), &in);
    EXPECT_EQ(shown.find("s3cr3t"), std::string::npos);
    EXPECT_NE(shown.find("***"), std::string::npos);
}

std::string selected(std::string_view method, std::string_view path, std::string_view query) {
    const net::Headers headers;
    const auto found = select_operation(aws::toy::service(),
                                        {.method = method, .path = path, .query = query, .headers = headers});
    return found.ok() ? std::string(found->operation->name) : found.error().code;
}

TEST(Select, FindsTheMostSpecificRoute) {
    EXPECT_EQ(selected("PUT", "/box/a/b", ""), "Stream");
    EXPECT_EQ(selected("PUT", "/box/a/b", "bound"), "Bound");
    EXPECT_EQ(selected("PUT", "/box/a%2Fb", "bound=&x=y"), "Bound");
    EXPECT_EQ(selected("POST", "/box", "payload"), "Payload");
    EXPECT_EQ(selected("POST", "/box/", "payload"), "Payload");
    EXPECT_EQ(selected("GET", "/box", "policy"), "NotImplemented");
    EXPECT_EQ(selected("PATCH", "/box", ""), "MethodNotAllowed");
    EXPECT_EQ(selected("PUT", "/box", ""), "MethodNotAllowed");
}

}  // namespace
}  // namespace wire
