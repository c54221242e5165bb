// Many threads over the real log, with segments so small that reclaiming never rests: what no single-threaded
// test can see.
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "base/files.h"
#include "stratus/services/sqs/digest.h"
#include "stratus/services/sqs/engine.h"

namespace stratus::sqs {
namespace {

using namespace std::chrono_literals;

constexpr int senders = 3;
constexpr int consumers = 3;
constexpr int messages_each = 400;

struct Busy : testing::Test {
    base::TempDirectory folder{"sqs-busy"};
    base::RealClock clock;
    base::SystemRandom random;
    std::unique_ptr<Engine> engine;
    std::mutex mutex;
    std::map<std::string, int> received;  // protected by mutex
    std::atomic<int> erased{0};

    void open(QueueRules rules) {
        engine.reset();
        const auto open_log = [&](base::DurableLog::Replay replay) {
            return base::DurableLog::open({.directory = folder.path(), .segment_bytes = 20'000},
                                          std::move(replay));
        };
        QueueLimits limits;
        limits.payload_bytes_max = 10'000;
        auto opened = Engine::open({std::string(32, 'k'), limits, 0}, open_log,
                                   {{1, rules, 0}, {2, rules, 0}}, clock, random);
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        engine = opened.take();
    }
    Queue& queue() { return *engine->find(1); }

    void send_all(int sender) {
        for (int i = 0; i < messages_each; ++i) {
            auto payload = std::make_shared<Payload>();
            payload->message_id = random.uuid4();
            payload->body = std::to_string(sender) + "/" + std::to_string(i);
            payload->group = std::to_string(sender);
            payload->deduplication_id = payload->body;
            const auto sent = queue().send({{payload, {}}}, clock.now());
            ASSERT_TRUE(sent.ok()) << sent.error().what;
            ASSERT_TRUE(engine->log().wait_durable(sent.value().log_sequence).ok());
        }
    }
    void consume(int until) {
        while (erased.load() < until) {
            ReceiveRequest request;
            request.count_max = 10;
            auto got = engine->receive(queue(), request, engine->find(2).get(), "arn");
            ASSERT_TRUE(got.ok()) << got.error().what;
            std::vector<Receipt> receipts;
            for (const Delivery& one : got.value().deliveries) {
                receipts.push_back({1, one.number, one.receipt});
                const std::lock_guard lock(mutex);
                const int before = received[one.payload->group]++;
                if (queue().rules().fifo) {
                    ASSERT_EQ(one.payload->body, one.payload->group + "/" + std::to_string(before));
                } else {
                    ++received[one.payload->body];
                }
            }
            if (receipts.empty()) {
                std::this_thread::yield();
                continue;
            }
            const auto gone = queue().erase(receipts, clock.now());
            ASSERT_TRUE(gone.ok());
            ASSERT_TRUE(engine->log().wait_durable(gone.value().log_sequence).ok());
            erased += static_cast<int>(receipts.size());
        }
    }
    /// Everything in, all but the last twenty or so out, while the log is being reclaimed.
    void run() {
        const int total = senders * messages_each;
        std::atomic<bool> stop{false};
        std::thread reclaimer([&] {
            while (!stop) {
                const auto reclaimed = engine->reclaim();
                EXPECT_TRUE(reclaimed.ok() || reclaimed.error().kind == base::FailureKind::conflict);
                std::this_thread::yield();
            }
        });
        std::vector<std::thread> threads;
        for (int i = 0; i < senders; ++i) threads.emplace_back([this, i] { send_all(i); });
        for (int i = 0; i < consumers; ++i) threads.emplace_back([this, total] { consume(total - 20); });
        for (auto& thread : threads) thread.join();
        stop = true;
        reclaimer.join();
    }
    void expect_the_rest_after_a_restart(QueueRules rules) {
        const int gone = erased.load();
        open(rules);
        EXPECT_EQ(queue().counts(clock.now()).visible,
                  static_cast<std::size_t>(senders * messages_each - gone));
    }
};

TEST_F(Busy, NothingIsLostOrDeliveredTwice) {
    open({});
    run();
    for (const auto& [body, times] : received) {
        const bool is_body = body.find('/') != std::string::npos;
        EXPECT_TRUE(!is_body || times == 1) << body;
    }
    expect_the_rest_after_a_restart({});
}

TEST_F(Busy, FifoGroupsStayInOrder) {
    QueueRules rules;
    rules.fifo = true;
    open(rules);
    run();
    expect_the_rest_after_a_restart(rules);
}

}  // namespace
}  // namespace stratus::sqs
