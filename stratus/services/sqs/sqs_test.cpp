#include "stratus/services/sqs/sqs.h"

#include <gtest/gtest.h>

#include "stratus/services/sqs/memory_log.h"
#include "stratus/store/memory_store.h"

namespace stratus::sqs {
namespace {

using namespace std::chrono_literals;
namespace api = aws::sqs;

/// The service over memory alone, as one account sees it.
struct Service : testing::Test {
    base::SimClock clock;
    base::SeededRandom random{1};
    MemoryStore store;
    EventBus events;
    MemoryLog::Records records;
    std::unique_ptr<Sqs> sqs;
    wire::Context ctx;

    Service() {
        ctx.region = "eu-west-1";
        ctx.caller = {"000000000000", "arn:aws:iam::000000000000:root", "000000000000", "AKIA"};
        ctx.host = "localhost:4566";
        restart();
    }
    void restart() {
        sqs.reset();
        Sqs::Options options;
        options.key = std::string(32, 'k');
        options.open_log = [this](base::DurableLog::Replay replay) {
            return MemoryLog::open(records, records.size(), 1'000'000, replay);
        };
        auto opened = Sqs::open(std::move(options), {store, clock, random, events});
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        sqs = opened.take();
    }
    std::string create(const std::string& name, Attributes attributes = {}) {
        auto made =
            sqs->create_queue(ctx, {.queue_name = name, .attributes = std::move(attributes), .tags = {}});
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
        return made.ok() ? *made.value().queue_url : "";
    }
    void send(const std::string& url, const std::string& body) {
        api::SendMessageRequest request;
        request.queue_url = url;
        request.message_body = body;
        auto sent = sqs->send_message(ctx, request);
        ASSERT_TRUE(sent.ok()) << sent.error().message;
    }
    wire::Parkable<api::ReceiveMessageResult> receive(api::ReceiveMessageRequest request) {
        ctx.received = clock.now();
        auto received = sqs->receive_message(ctx, request);
        EXPECT_TRUE(received.ok()) << received.error().message;
        return received.take();
    }
    std::vector<api::Message> messages(const std::string& url, int visibility = 30) {
        api::ReceiveMessageRequest request;
        request.queue_url = url;
        request.max_number_of_messages = 10;
        request.visibility_timeout = visibility;
        request.attribute_names = {"All"};
        return std::get<0>(receive(request)).messages;
    }
    std::string attribute(const std::string& url, const std::string& name) {
        auto got = sqs->get_queue_attributes(ctx, {url, {name}});
        EXPECT_TRUE(got.ok());
        return got.value().attributes[name];
    }
    template <class Outcome>
    static std::string code(const Outcome& outcome) {
        return outcome.ok() ? "ok" : outcome.error().type();
    }
    static std::string redrive_to(const std::string& name, int count) {
        return "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:000000000000:" + name +
               "\",\"maxReceiveCount\":" + std::to_string(count) + "}";
    }
};

// Infrastructure tools create what may be there already; only a real difference is an error.
TEST_F(Service, CreateQueueIsIdempotentForTheSameAttributes) {
    const auto url = create("q", {{"VisibilityTimeout", "40"}});
    EXPECT_EQ(url, "http://localhost:4566/000000000000/q");
    EXPECT_EQ(create("q", {{"VisibilityTimeout", "40"}}), url);
    EXPECT_EQ(create("q"), url);
    EXPECT_EQ(create("q", {{"DelaySeconds", "0"}}), url);
    EXPECT_EQ(code(sqs->create_queue(ctx, {"q", {{"VisibilityTimeout", "41"}}, {}})), "QueueNameExists");
    EXPECT_EQ(code(sqs->create_queue(ctx, {"q", {{"NoSuch", "41"}}, {}})), "InvalidAttributeName");
    EXPECT_EQ(code(sqs->create_queue(ctx, {"q", {{"DelaySeconds", "901"}}, {}})), "InvalidAttributeValue");
    EXPECT_EQ(code(sqs->create_queue(ctx, {"no spaces", {}, {}})), "InvalidParameterValue");
    EXPECT_EQ(code(sqs->create_queue(ctx, {"q.fifo", {}, {}})), "InvalidParameterValue");
    EXPECT_EQ(code(sqs->create_queue(ctx, {"q", {{"FifoQueue", "true"}}, {}})), "InvalidParameterValue");
}

// The name of a deleted queue rests for a minute, as on AWS.
TEST_F(Service, ADeletedNameRestsForAMinute) {
    const auto url = create("q");
    send(url, "gone with the queue");
    ASSERT_TRUE(sqs->delete_queue(ctx, {url}).ok());
    EXPECT_EQ(code(sqs->delete_queue(ctx, {url})), "QueueDoesNotExist");
    EXPECT_EQ(code(sqs->create_queue(ctx, {"q", {}, {}})), "QueueDeletedRecently");
    restart();
    clock.advance(60s);
    EXPECT_EQ(create("q"), url);
    EXPECT_TRUE(messages(url).empty());
}

// Everything acknowledged survives the process: queues, attributes, tags, purges, messages.
TEST_F(Service, ARestartKeepsWhatWasAcknowledged) {
    const auto url = create("q", {{"DelaySeconds", "0"}, {"VisibilityTimeout", "5"}});
    ASSERT_TRUE(sqs->tag_queue(ctx, {url, {{"team", "a"}}}).ok());
    send(url, "purged");
    ASSERT_TRUE(sqs->purge_queue(ctx, {url}).ok());
    EXPECT_EQ(code(sqs->purge_queue(ctx, {url})), "PurgeQueueInProgress");
    send(url, "kept");
    send(url, "deleted");
    const auto got = messages(url);
    ASSERT_EQ(got.size(), 2u);
    ASSERT_TRUE(sqs->delete_message(ctx, {url, *got[1].receipt_handle}).ok());
    restart();
    EXPECT_EQ(attribute(url, "VisibilityTimeout"), "5");
    EXPECT_EQ(sqs->list_queue_tags(ctx, {url}).value().tags.at("team"), "a");
    const auto again = messages(url);
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(*again[0].body, "kept");
    EXPECT_TRUE(sqs->delete_message(ctx, {url, *got[0].receipt_handle}).ok()) << "a stale handle is no error";
    EXPECT_EQ(attribute(url, "ApproximateNumberOfMessagesNotVisible"), "1");
}

// A long poll must park until the earliest moment at which a message can appear, and wake on an arrival.
TEST_F(Service, ALongPollParksUntilSomethingCanHappen) {
    const auto url = create("q");
    api::ReceiveMessageRequest request;
    request.queue_url = url;
    request.wait_time_seconds = 20;
    auto parked = receive(request);
    ASSERT_EQ(parked.index(), 1u);
    EXPECT_EQ(std::get<1>(parked).deadline, clock.now() + 20s);
    bool woken = false;
    events.wait(std::get<1>(parked).until, [&] { woken = true; });
    send(url, "hello");
    EXPECT_TRUE(woken);
    EXPECT_EQ(messages(url, 7).size(), 1u);
    EXPECT_EQ(std::get<1>(receive(request)).deadline, clock.now() + 7s) << "then its visibility ends";
    request.wait_time_seconds = 0;
    EXPECT_TRUE(std::get<0>(receive(request)).messages.empty());
}

// Another account reaches a queue only where its policy says so.
TEST_F(Service, PermissionsOpenAQueueToAnotherAccount) {
    const auto url = create("q");
    auto other = ctx;
    other.caller = {"111111111111", "arn:aws:iam::111111111111:root", "111111111111", "AKIB"};
    api::SendMessageRequest request;
    request.queue_url = url;
    request.message_body = "hello";
    EXPECT_EQ(sqs->send_message(other, request).error().http_status, 403);
    ASSERT_TRUE(sqs->add_permission(ctx, {url, "share", {"111111111111"}, {"SendMessage"}}).ok());
    EXPECT_TRUE(sqs->send_message(other, request).ok());
    EXPECT_FALSE(sqs->delete_queue(other, {url}).ok());
    EXPECT_EQ(code(sqs->add_permission(ctx, {url, "share", {"111111111111"}, {"SendMessage"}})),
              "InvalidParameterValue");
    EXPECT_EQ(code(sqs->add_permission(
                  ctx, {url, "x", {"111111111111"}, std::vector<std::string>(8, "SendMessage")})),
              "OverLimit");
    ASSERT_TRUE(sqs->remove_permission(ctx, {url, "share"}).ok());
    EXPECT_FALSE(sqs->send_message(other, request).ok());
    EXPECT_EQ(code(sqs->remove_permission(ctx, {url, "share"})), "InvalidParameterValue");
}

// Dead letters go back where they came from, at the rate asked for, also across a restart.
TEST_F(Service, AMoveTaskBringsDeadLettersBackAtItsRate) {
    const auto dead = create("dead");
    const auto url = create("q", {{"RedrivePolicy", redrive_to("dead", 1)}});
    for (int i = 0; i < 5; ++i) send(url, std::to_string(i));
    EXPECT_EQ(messages(url, 0).size(), 5u);
    EXPECT_TRUE(messages(url).empty());
    EXPECT_EQ(attribute(dead, "ApproximateNumberOfMessages"), "5");
    const std::string arn = attribute(dead, "QueueArn");
    api::StartMessageMoveTaskRequest request;
    request.source_arn = arn;
    request.max_number_of_messages_per_second = 2;
    const auto started = sqs->start_message_move_task(ctx, request);
    ASSERT_TRUE(started.ok()) << started.error().message;
    EXPECT_EQ(code(sqs->start_message_move_task(ctx, request)), "UnsupportedOperation");
    sqs->work();
    EXPECT_EQ(attribute(dead, "ApproximateNumberOfMessages"), "4");
    restart();
    for (int i = 0; i < 10; ++i) {
        sqs->work();
        clock.advance(500ms);
    }
    const auto listed = sqs->list_message_move_tasks(ctx, {arn, 10});
    ASSERT_EQ(listed.value().results.size(), 1u);
    EXPECT_EQ(*listed.value().results[0].status, "COMPLETED");
    EXPECT_EQ(attribute(dead, "ApproximateNumberOfMessages"), "0");
    EXPECT_EQ(messages(url).size(), 5u);
    EXPECT_EQ(code(sqs->cancel_message_move_task(ctx, {*started.value().task_handle})),
              "InvalidParameterValue");
}

TEST_F(Service, AMoveTaskOfUnknownOriginFailsAndSaysWhy) {
    const auto dead = create("dead");
    create("q", {{"RedrivePolicy", redrive_to("dead", 1)}});
    send(dead, "sent here directly");
    const std::string arn = attribute(dead, "QueueArn");
    ASSERT_TRUE(sqs->start_message_move_task(ctx, {arn, {}, {}}).ok());
    sqs->work();
    const auto listed = sqs->list_message_move_tasks(ctx, {arn, {}});
    EXPECT_EQ(*listed.value().results.at(0).status, "FAILED");
    EXPECT_EQ(*listed.value().results.at(0).failure_reason, "CouldNotDetermineMessageSource");
    EXPECT_EQ(attribute(dead, "ApproximateNumberOfMessages"), "1");
}

// Test suites call the reset between tests: it must forget everything and leave a working service.
TEST_F(Service, ResetForgetsEverything) {
    send(create("q"), "x");
    ASSERT_TRUE(store.clear().ok());
    ASSERT_TRUE(sqs->reset().ok());
    EXPECT_TRUE(sqs->list_queues(ctx, {}).value().queue_urls.empty());
    EXPECT_TRUE(messages(create("q")).empty());
}

// A key that does not exist cannot protect messages: they are refused, not kept without it.
TEST_F(Service, MessagesUnderAnUnknownKeyAreRefused) {
    const auto url = create("q", {{"KmsMasterKeyId", "alias/mine"}});
    EXPECT_EQ(attribute(url, "SqsManagedSseEnabled"), "false");
    api::SendMessageRequest request;
    request.queue_url = url;
    request.message_body = "x";
    EXPECT_EQ(code(sqs->send_message(ctx, request)), "KmsNotFound");
    ASSERT_TRUE(sqs->set_queue_attributes(ctx, {url, {{"KmsMasterKeyId", "alias/aws/sqs"}}}).ok());
    EXPECT_TRUE(sqs->send_message(ctx, request).ok());
}

}  // namespace
}  // namespace stratus::sqs
