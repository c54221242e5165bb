// The typed client against a server that judges it as AWS would: signature, encoding, retries.
#include "wire/client.h"

#include <atomic>
#include <deque>
#include <mutex>

#include <gtest/gtest.h>

#include "aws/s3/client.h"
#include "aws/s3/types.h"
#include "aws/secretsmanager/client.h"
#include "aws/secretsmanager/types.h"
#include "aws/sqs/api.h"
#include "aws/sqs/client.h"
#include "aws/sqs/errors.h"
#include "aws/sqs/types.h"
#include "net/http_server.h"
#include "wire/codec.h"

namespace wire {
namespace {

using namespace std::chrono_literals;

/// Answers what it is told to, in order, after verifying the signature.
class Judge final : public net::Handler {
  public:
    explicit Judge(SigningRules rules) : rules_(rules) {}
    net::Admission admit(const net::RequestHead&) override { return net::Buffer{1 << 20}; }
    void handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) override {
        const std::lock_guard lock(mutex_);
        const std::string_view target = request.head.target;
        const std::size_t mark = std::min(target.find('?'), target.size());
        const SignedHead head{request.head.method, target.substr(0, mark),
                              target.substr(std::min(target.size(), mark + 1)), request.head.headers};
        const auto authorization = read_authorization(head, rules_);
        const bool proven =
            authorization.ok() && verify_signature(*authorization, head, rules_,
                                                   payload_hash_of(*authorization, rules_, request.body),
                                                   "secret", base::RealClock().now())
                                      .ok();
        requests.push_back(std::move(request));
        if (!proven || answers.empty())
            return sink->send({.status = 403, .headers = {}, .body = std::string("unproven")});
        sink->send(std::move(answers.front()));
        answers.pop_front();
    }
    std::deque<net::Response> answers;
    std::deque<net::Request> requests;

  private:
    const SigningRules rules_;
    std::mutex mutex_;
};

struct Rig {
    explicit Rig(SigningRules rules) : judge(rules) { server = net::HttpServer::start({}, judge).take(); }
    std::shared_ptr<ClientCore> core() {
        return *connect_client({.endpoint_url = url(),
                                .region = "eu-west-1",
                                .credentials = {"AKID", "secret", ""},
                                .attempts_max = 3,
                                .back_off = 1ms});
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server->port()); }
    Judge judge;
    std::unique_ptr<net::HttpServer> server;
};

net::Response answer(int status, std::string body, net::Headers headers = {}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

TEST(Client, SendsAndReadsBack) {
    Rig rig(SigningRules::common);
    rig.judge.answers.push_back(answer(200, R"({"QueueUrl":"http://x/0/q"})"));
    const auto made =
        aws::sqs::Client(rig.core()).create_queue({.queue_name = "q", .attributes = {{"FifoQueue", "true"}}});
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->queue_url, "http://x/0/q");
    EXPECT_EQ(rig.judge.requests.front().head.headers.find("x-amz-target"), "AmazonSQS.CreateQueue");
    EXPECT_EQ(rig.judge.requests.front().body, R"({"QueueName":"q","Attributes":{"FifoQueue":"true"}})");
}

// A server that is busy or restarting must not be an error of the caller's.
TEST(Client, TriesAgainWhereThatMayHelp) {
    Rig rig(SigningRules::common);
    rig.judge.answers.push_back(answer(503, ""));
    rig.judge.answers.push_back(answer(400, R"({"__type":"RequestThrottled","message":"slow"})"));
    rig.judge.answers.push_back(answer(200, R"({"QueueUrls":["u"]})"));
    const auto listed = aws::sqs::Client(rig.core()).list_queues({});
    ASSERT_TRUE(listed.ok()) << listed.error().code;
    EXPECT_EQ(rig.judge.requests.size(), 3u);
}

TEST(Client, GivesErrorsAsTheServiceNamesThem) {
    Rig rig(SigningRules::common);
    const auto encoded =
        codec_of(Protocol::aws_json)
            .encode_error(aws::sqs::service(), aws::sqs::errors::queue_does_not_exist("gone"), {});
    rig.judge.answers.push_back(answer(400, std::get<std::string>(encoded.body.from), encoded.headers));
    const auto outcome = aws::sqs::Client(rig.core()).get_queue_url({.queue_name = "q"});
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, "AWS.SimpleQueueService.NonExistentQueue");
    EXPECT_EQ(outcome.error().type(), "QueueDoesNotExist");
    EXPECT_EQ(outcome.error().message, "gone");
    EXPECT_EQ(rig.judge.requests.size(), 1u);
}

TEST(Client, SpeaksToS3) {
    Rig rig(SigningRules::s3);
    rig.judge.answers.push_back(answer(200, "", {{"ETag", "\"e\""}}));
    rig.judge.answers.push_back(answer(200, "bytes", {{"ETag", "\"e\""}, {"x-amz-meta-who", "me"}}));
    const aws::s3::Client s3(rig.core());
    const auto put =
        s3.put_object({.body = reader_of("bytes"), .bucket = "predict.example", .key = "a b/ü+"});
    ASSERT_TRUE(put.ok()) << put.error().code << put.error().cause;
    EXPECT_EQ(put->etag, "\"e\"");
    EXPECT_EQ(rig.judge.requests.front().head.target, "/predict.example/a%20b/%C3%BC%2B");
    const auto got = s3.get_object({.bucket = "predict.example", .key = "a b/ü+"});
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(std::get<std::string>(got->body.from), "bytes");
    EXPECT_EQ(got->metadata.at("who"), "me");
}

TEST(Client, FillsIdempotencyTokens) {
    Rig rig(SigningRules::common);
    rig.judge.answers.push_back(answer(200, "{}"));
    ASSERT_TRUE(aws::secretsmanager::Client(rig.core()).create_secret({.name = "n"}).ok());
    EXPECT_NE(rig.judge.requests.front().body.find("\"ClientRequestToken\":\""), std::string::npos);
}

TEST(Client, SaysWhenNobodyAnswers) {
    std::string url;
    {
        Rig rig(SigningRules::common);
        url = rig.url();
    }
    const auto core = *connect_client(
        {.endpoint_url = url, .credentials = {"A", "s", ""}, .attempts_max = 2, .back_off = 1ms});
    const auto outcome = aws::sqs::Client(core).list_queues({});
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, "ConnectionError");
    EXPECT_FALSE(connect_client({.endpoint_url = "nonsense", .credentials = {"A", "s", ""}}).ok());
    EXPECT_FALSE(connect_client({.endpoint_url = url}).ok());
}

}  // namespace
}  // namespace wire
