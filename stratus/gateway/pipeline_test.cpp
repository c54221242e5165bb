// The pipeline is what every request of every service goes through: who may enter, who is answered what, who
// waits. A toy service stands in for all of them; there is no socket.
#include "stratus/gateway/pipeline.h"

#include <cstddef>
#include <future>

#include <gtest/gtest.h>

#include "stratus/store/memory_store.h"
#include "wire/schema_ops.h"
#include "wire/service_ops.h"

namespace stratus {
namespace {

using namespace std::chrono_literals;

// The toy's types, and the tables that modelgen would make of them.

struct SayRequest {
    std::string text;
    friend bool operator==(const SayRequest&, const SayRequest&) = default;
};
struct SayResult {
    std::string text;
    friend bool operator==(const SayResult&, const SayResult&) = default;
};

constexpr wire::Shape text_shape{.name = "Text", .kind = wire::Kind::string};
constexpr wire::Member request_members[] = {{.name = "Text",
                                             .wire_name = "Text",
                                             .shape = &text_shape,
                                             .offset = offsetof(SayRequest, text),
                                             .required = true}};
constexpr wire::Member result_members[] = {
    {.name = "Text", .wire_name = "Text", .shape = &text_shape, .offset = offsetof(SayResult, text)}};
constexpr wire::Shape request_shape{
    .name = "SayRequest", .members = request_members, .structure = &wire::ops::structure<SayRequest>};
constexpr wire::Shape result_shape{
    .name = "SayResult", .members = result_members, .structure = &wire::ops::structure<SayResult>};

class Toy {
  public:
    Toy(EventBus& events, const base::Clock& clock) : events_(events), clock_(clock) {}

    wire::Outcome<SayResult> say(const wire::Context& ctx, const SayRequest& in) {
        return SayResult{in.text + " from " + ctx.caller.account + " in " + ctx.region};
    }
    wire::Outcome<SayResult> fail(const wire::Context&, const SayRequest& in) {
        throw std::runtime_error(in.text);
    }
    /// Waits for "go", at most ten seconds of the clock.
    wire::Outcome<wire::Parkable<SayResult>> wait(const wire::Context& ctx, const SayRequest&) {
        ++runs;
        const Ticket ticket = events_.ticket("go");
        const base::Instant deadline = ctx.received + 10s;
        if (!gone && clock_.now() < deadline) return wire::Parkable<SayResult>(wire::Park{ticket, deadline});
        return wire::Parkable<SayResult>(SayResult{gone ? "gone" : "late"});
    }

    std::atomic<bool> gone = false;
    std::atomic<int> runs = 0;

  private:
    EventBus& events_;
    const base::Clock& clock_;
};

constexpr wire::Operation operations[] = {
    {.name = "Say",
     .input = &request_shape,
     .output = &result_shape,
     .invoke = &wire::ops::Invoke<&Toy::say>::call},
    {.name = "Fail",
     .input = &request_shape,
     .output = &result_shape,
     .invoke = &wire::ops::Invoke<&Toy::fail>::call},
    {.name = "Wait",
     .input = &request_shape,
     .output = &result_shape,
     .parks = true,
     .invoke = &wire::ops::Invoke<&Toy::wait>::call},
};
constexpr wire::Route routes[] = {{.name = "Say", .operation = &operations[0]},
                                  {.name = "Fail", .operation = &operations[1]},
                                  {.name = "Wait", .operation = &operations[2]},
                                  {.name = "Later"}};
constexpr wire::Protocol protocols[] = {wire::Protocol::aws_json};
constexpr wire::Service toy_service{.name = "toy",
                                    .signing_name = "toy",
                                    .target_prefix = "Toy",
                                    .json_version = "1.0",
                                    .protocols = protocols,
                                    .operations = operations,
                                    .routes = routes};

/// Where answers go. `alive` is the client's side of the connection.
class FakeSink final : public net::ResponseSink {
  public:
    void send(net::Response response) override { answer_.set_value(std::move(response)); }
    bool connected() const override { return alive; }
    std::future<net::Response> answer() { return answer_.get_future(); }
    std::atomic<bool> alive = true;

  private:
    std::promise<net::Response> answer_;
};

class PipelineTest : public testing::Test {
  protected:
    static net::Request request(std::string operation, std::string body) {
        return {
            .head =
                {.method = "POST",
                 .target = "/",
                 .headers = {{"X-Amz-Target", "Toy." + operation},
                             {"Host", "localhost"},
                             {"Content-Type", "application/x-amz-json-1.0"},
                             {"Authorization",
                              "AWS4-HMAC-SHA256 Credential=222222222222/20260101/eu-west-9/toy/aws4_request, "
                              "SignedHeaders=host, Signature=00"}}},
            .body = std::move(body)};
    }
    std::future<net::Response> start(net::Request request,
                                     std::shared_ptr<FakeSink> sink = std::make_shared<FakeSink>()) {
        auto answer = sink->answer();
        pipeline_.handle(std::move(request), sink);
        return answer;
    }
    net::Response ask(net::Request request) { return start(std::move(request)).get(); }
    static std::string text(const net::Response& response) { return std::get<std::string>(response.body); }

    base::SimClock real_clock_;
    base::OffsetClock clock_{real_clock_};
    base::SeededRandom random_{7};
    base::MetricsRegistry metrics_;
    EventBus events_;
    MemoryStore store_;
    Toy toy_{events_, clock_};
    Sessions sessions_{MasterKey(std::string(32, 'k')), random_};
    CredentialTable credentials_{"/nonexistent"};
    std::vector<HostedService> services_{
        {.binding = {&toy_service, &toy_}, .body_bytes_max = 1000, .quick_operations = {"Say"}}};
    Router router_{services_, "eu-west-1"};
    Admission admission_{{.requests_max = 2, .buffered_bytes_max = 100'000}};
    Authenticator authenticator_{{.account = "000000000000", .accept_any_credentials = true},
                                 credentials_,
                                 sessions_,
                                 real_clock_,
                                 clock_};
    Dispatcher dispatcher_{{.workers = 2, .parked_max = 1}, events_, clock_, metrics_};
    ControlEndpoints control_{{.region = "eu-west-1", .account = "000000000000", .test_endpoints = true},
                              services_,
                              store_,
                              clock_,
                              dispatcher_,
                              metrics_};
    Pipeline pipeline_{router_, admission_, authenticator_, dispatcher_, control_, random_, clock_};
};

TEST_F(PipelineTest, AnOperationIsAnsweredForItsAccountAndRegion) {
    const net::Response answer = ask(request("Say", R"({"Text":"hello"})"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(text(answer), R"({"Text":"hello from 222222222222 in eu-west-9"})");
    EXPECT_TRUE(answer.headers.contains("x-amzn-RequestId"));
    EXPECT_NE(metrics_.render().find(R"(stratus_requests_total{service="toy",operation="Say"} 1)"),
              std::string::npos);
}

// What never waits is answered by the thread that read it; everything else must not hold that thread up.
TEST_F(PipelineTest, QuickOperationsRunWhereTheyWereRead) {
    EXPECT_EQ(start(request("Say", R"({"Text":"hello"})")).wait_for(0s), std::future_status::ready);
    EXPECT_TRUE(router_.is_quick(request("Say", "").head));
    EXPECT_FALSE(router_.is_quick(request("Wait", "").head));
    net::Request other = request("Say", "");
    other.head.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/r/s3/aws4_request");
    EXPECT_FALSE(router_.is_quick(other.head));
}

// A defect in one handler must cost that request alone.
TEST_F(PipelineTest, AThrowingHandlerIsA500AndNothingLeaksOut) {
    const net::Response answer = ask(request("Fail", R"({"Text":"secret detail"})"));
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(text(answer).find("secret detail"), std::string::npos);
    EXPECT_EQ(ask(request("Say", R"({"Text":"on"})")).status, 200);
}

TEST_F(PipelineTest, UnknownAndUnimplementedOperationsDiffer) {
    EXPECT_EQ(ask(request("Dance", "{}")).status, 400);
    EXPECT_EQ(ask(request("Later", "{}")).status, 501);
}

TEST_F(PipelineTest, BadInputIsRefusedBeforeTheHandler) {
    EXPECT_EQ(ask(request("Say", "{}")).status, 400);
    EXPECT_EQ(ask(request("Say", "{\"Text\":")).status, 400);
    EXPECT_EQ(ask(request("Say", "{\"Text\":5}")).status, 400);
    EXPECT_EQ(ask(request("Say", "{\"Text\":\"\xff\"}")).status, 400);
}

// A long poll wakes on its event, without a thread of its own.
TEST_F(PipelineTest, AParkedRequestIsRunAgainOnItsEvent) {
    auto answer = start(request("Wait", R"({"Text":"x"})"));
    while (dispatcher_.parked() == 0) std::this_thread::yield();
    toy_.gone = true;
    events_.notify("go");
    EXPECT_EQ(text(answer.get()), R"({"Text":"gone"})");
    EXPECT_EQ(toy_.runs, 2);
}

// ... or at its deadline, also when that comes because a test moves the clock.
TEST_F(PipelineTest, AParkedRequestIsRunAgainAtItsDeadline) {
    auto answer = start(request("Wait", R"({"Text":"x"})"));
    while (dispatcher_.parked() == 0) std::this_thread::yield();
    dispatcher_.change_the_world([&] { clock_.advance(11s); });
    EXPECT_EQ(text(answer.get()), R"({"Text":"late"})");
}

// A client that went away must not have work done for it.
TEST_F(PipelineTest, AParkedRequestOfAGoneClientIsDropped) {
    auto sink = std::make_shared<FakeSink>();
    auto answer = start(request("Wait", R"({"Text":"x"})"), sink);
    while (events_.waiting() == 0) std::this_thread::yield();
    sink->alive = false;
    toy_.gone = true;
    events_.notify("go");
    EXPECT_EQ(dispatcher_.parked(), 0u);
    EXPECT_EQ(toy_.runs, 1);
}

TEST_F(PipelineTest, TooManyParkedRequestsAreRefusedNotForgotten) {
    auto first = start(request("Wait", R"({"Text":"x"})"));
    while (dispatcher_.parked() == 0) std::this_thread::yield();
    EXPECT_EQ(ask(request("Wait", R"({"Text":"x"})")).status, 503);
}

// Overload and oversized bodies are refused on the head alone, before a byte of the body is read.
TEST_F(PipelineTest, AdmissionDecidesOnTheHead) {
    net::Request large = request("Say", "");
    large.head.headers.set("Content-Length", "1073741824");
    auto refused = pipeline_.admit(large.head);
    ASSERT_TRUE(std::holds_alternative<net::Refuse>(refused));
    EXPECT_EQ(std::get<net::Refuse>(refused).response.status, 413);

    const net::Request small = request("Say", "");
    const auto first = pipeline_.admit(small.head);
    const auto second = pipeline_.admit(small.head);
    EXPECT_TRUE(std::holds_alternative<net::Buffer>(second));
    auto third = pipeline_.admit(small.head);
    ASSERT_TRUE(std::holds_alternative<net::Refuse>(third));
    EXPECT_EQ(std::get<net::Refuse>(third).response.status, 503);
    EXPECT_TRUE(std::get<net::Refuse>(third).response.headers.contains("Retry-After"));
}

// Leases come back however requests end; a leak here would end as a cloud that refuses everybody.
TEST_F(PipelineTest, LeasesComeBack) {
    for (int i = 0; i < 100; ++i) {
        const auto admitted = pipeline_.admit(request("Say", "").head);
        ASSERT_TRUE(std::holds_alternative<net::Buffer>(admitted)) << i;
    }
    EXPECT_EQ(admission_.requests(), 0u);
    EXPECT_EQ(admission_.buffered_bytes(), 0u);
}

TEST_F(PipelineTest, ControlEndpointsAnswer) {
    const auto get = [&](std::string target, std::string method = "GET", std::string body = "") {
        return ask(
            {.head = {.method = std::move(method), .target = std::move(target)}, .body = std::move(body)});
    };
    EXPECT_NE(text(get("/_stratus/health")).find("\"toy\""), std::string::npos);
    EXPECT_NE(text(get("/_stratus/metrics")).find("stratus_parked_requests 0"), std::string::npos);
    EXPECT_EQ(get("/_stratus/nothing").status, 404);
    EXPECT_EQ(get("/_stratus/reset").status, 405);

    ASSERT_TRUE(store_.write([](Transaction& tx) { return tx.put("t", "k", "v"); }).ok());
    EXPECT_EQ(get("/_stratus/reset", "POST").status, 200);
    EXPECT_EQ(store_.read([](const Snapshot& at) { return at.get("t", "k"); }).value(), std::nullopt);

    const base::Instant before = clock_.now();
    EXPECT_EQ(get("/_stratus/clock", "POST", R"({"advance_seconds": 90})").status, 200);
    EXPECT_EQ(clock_.now(), before + 90s);
    for (const char* bad : {"", "{}", "[]", R"({"advance_seconds":"x"})", R"({"advance_seconds":-1})",
                            R"({"advance_seconds":1e300})"}) {
        EXPECT_EQ(get("/_stratus/clock", "POST", bad).status, 400) << bad;
    }
}

}  // namespace
}  // namespace stratus
