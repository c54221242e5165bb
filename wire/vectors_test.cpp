// What real clients send (vectors/botocore.json, made by Debian's botocore) must decode to what was meant.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "aws/s3/api.h"
#include "aws/secretsmanager/api.h"
#include "aws/sqs/api.h"
#include "aws/sts/api.h"
#include "base/encoding.h"
#include "base/files.h"
#include "base/json.h"
#include "wire/json_value.h"
#include "wire/select.h"
#include "wire/validate.h"

namespace wire {
namespace {

namespace json = boost::json;

const Service& service_named(std::string_view name) {
    if (name == "sqs") return aws::sqs::service();
    if (name == "s3") return aws::s3::service();
    if (name == "sts") return aws::sts::service();
    return aws::secretsmanager::service();
}

std::string text(const json::object& vector, std::string_view name) {
    return std::string(vector.at(name).as_string());
}

/// All members, wherever they travelled, as one JSON object by their model names.
std::string as_json(const Operation& operation, const void* input) {
    std::string out;
    std::vector<Member> members(operation.input->members.begin(), operation.input->members.end());
    std::erase_if(members, [](const Member& member) { return member.shape->kind == Kind::stream_in; });
    for (Member& member : members) {
        member.location = Location::body;
        if (member.shape->kind == Kind::list || member.shape->kind == Kind::map) member.required = false;
    }
    Shape shape = *operation.input;
    shape.members = members;
    write_json({}, shape, input, out);
    return out;
}

TEST(Vectors, BotocoresRequestsDecodeToWhatWasMeant) {
    const auto file = base::read_file(WIRE_VECTORS "/botocore.json");
    ASSERT_TRUE(file.ok()) << file.error().what;
    const auto parsed = base::parse_json(*file);
    ASSERT_TRUE(parsed.ok());
    for (const json::value& item : parsed->as_array()) {
        const json::object& vector = item.as_object();
        const std::string method = text(vector, "method"), path = text(vector, "path"),
                          query = text(vector, "query");
        const std::string body = *base::base64_decode(text(vector, "body"));
        net::Headers headers;
        for (const auto& header : vector.at("headers").as_object())
            headers.add(header.key(), header.value().as_string());
        const HttpRequest request{
            .method = method, .path = path, .query = query, .headers = headers, .body = body};
        const Service& service = service_named(text(vector, "service"));
        const std::string label =
            text(vector, "service") + " " + text(vector, "protocol") + " " + text(vector, "operation");
        const auto selection = select_operation(service, request);
        ASSERT_TRUE(selection.ok()) << label << ": " << selection.error().message;
        ASSERT_EQ(selection->operation->name, text(vector, "operation")) << label;
        Value input = selection->operation->input->structure->make();
        Problems problems;
        const auto decoded =
            codec_of(selection->protocol)
                .decode_request(service, *selection->operation, request, input.get(), problems);
        ASSERT_TRUE(decoded.ok()) << label << ": " << decoded.error().message;
        const auto valid = validate(service, *selection->operation, input.get(), std::move(problems));
        EXPECT_TRUE(valid.ok()) << label << ": " << valid.error().message;
        json::value wanted = vector.at("parameters");
        if (auto* metadata = wanted.as_object().if_contains("Metadata")) {  // header names have no case
            json::object lower;
            for (const auto& entry : metadata->as_object()) {
                std::string key(entry.key());
                for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                lower[key] = entry.value();
            }
            *metadata = lower;
        }
        EXPECT_EQ(*base::parse_json(as_json(*selection->operation, input.get())), wanted) << label << "\n"
                                                                                          << query << "\n"
                                                                                          << body;
    }
}

HttpRequest plain(std::string_view query, std::string_view path, const net::Headers& headers) {
    return {.method = "GET", .path = path, .query = query, .headers = headers};
}

// Scripts of SQS's early days send everything in the URL of the queue itself.
TEST(Vectors, SqsTakesTheQueueFromThePath) {
    const net::Headers headers{{"Host", "localhost:4566"}};
    const auto request = plain("Action=SendMessage&MessageBody=hi+there", "/000000000000/q", headers);
    const auto selection = select_operation(aws::sqs::service(), request);
    ASSERT_TRUE(selection.ok());
    Value input = selection->operation->input->structure->make();
    Problems problems;
    ASSERT_TRUE(
        codec_of(selection->protocol)
            .decode_request(aws::sqs::service(), *selection->operation, request, input.get(), problems)
            .ok());
    EXPECT_EQ(as_json(*selection->operation, input.get()),
              R"({"QueueUrl":"http://localhost:4566/000000000000/q","MessageBody":"hi there"})");
}

TEST(Vectors, WhatIsNotOursIsRefusedAndNeverTakenForSomethingElse) {
    const net::Headers none;
    for (const char* query : {"policy", "acl&x=y", "cors", "inventory&id=1", "website"}) {
        const HttpRequest request{.method = "PUT", .path = "/bucket", .query = query, .headers = none};
        const auto selection = select_operation(aws::s3::service(), request);
        ASSERT_FALSE(selection.ok()) << query << " became " << selection->operation->name;
        EXPECT_EQ(selection.error().code, "NotImplemented");
    }
    const HttpRequest session{.method = "GET", .path = "/bucket", .query = "session", .headers = none};
    EXPECT_EQ(select_operation(aws::s3::service(), session).error().code, "NotImplemented");
    const auto unknown = select_operation(aws::sqs::service(), plain("Action=Nonsense", "/", none));
    EXPECT_EQ(unknown.error().code, "InvalidAction");
    EXPECT_EQ(select_operation(aws::sqs::service(), plain("", "/", none)).error().code, "MissingAction");
    const net::Headers target{{"X-Amz-Target", "AmazonSQS.Nonsense"}};
    EXPECT_EQ(select_operation(aws::sqs::service(), plain("", "/", target)).error().code,
              "UnknownOperationException");
    EXPECT_EQ(
        select_operation(aws::sts::service(), plain("Action=AssumeRoleWithSAML", "/", none)).error().code,
        "NotImplemented");
}

}  // namespace
}  // namespace wire
