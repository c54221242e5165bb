// What the engine's tests share: one engine over a log in memory, with a clock that the test moves.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "stratus/services/sqs/digest.h"
#include "stratus/services/sqs/engine.h"
#include "stratus/services/sqs/memory_log.h"

namespace stratus::sqs {

/// Single-threaded. restart() is a kill -9 after the first `records_kept` records.
struct EngineFixture {
    explicit EngineFixture(std::uint64_t seed = 1) : random(seed) {}

    base::SimClock clock;
    base::SeededRandom random;
    MemoryLog::Records records;
    std::uint64_t segment_bytes = 1'000'000;
    std::vector<Engine::Known> known;
    QueueLimits limits;
    std::uint64_t slack_bytes = 0;
    std::unique_ptr<Engine> engine;
    MemoryLog* log = nullptr;

    Queue& add(QueueId id, QueueRules rules) {
        known.push_back({id, rules, 0});
        if (!engine) restart();
        return *engine->add(id, rules);
    }
    Queue& queue(QueueId id = 1) { return *engine->find(id); }

    void restart() { restart_after(records.size()); }
    void restart_after(std::size_t records_kept) {
        engine.reset();
        const auto open_log = [&](base::DurableLog::Replay replay) {
            return MemoryLog::open(records, records_kept, segment_bytes, replay);
        };
        auto opened =
            Engine::open({std::string(32, 'k'), limits, slack_bytes}, open_log, known, clock, random);
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        engine = opened.take();
        log = static_cast<MemoryLog*>(&engine->log());
    }

    Outgoing message(std::string body, std::string group = {}, std::string deduplication_id = {}) {
        auto payload = std::make_shared<Payload>();
        payload->message_id = random.uuid4();
        payload->md5_of_body = md5_hex(body);
        payload->body = std::move(body);
        payload->group = std::move(group);
        payload->deduplication_id = std::move(deduplication_id);
        return {std::move(payload), {}};
    }
    Sent send(std::string body, std::string group = {}, std::string deduplication_id = {}, QueueId id = 1) {
        auto answer = queue(id).send(
            {message(std::move(body), std::move(group), std::move(deduplication_id))}, clock.now());
        EXPECT_TRUE(answer.ok());
        return answer.ok() ? answer.value().sent.at(0) : Sent{};
    }
    std::vector<Delivery> receive(std::size_t count = 10, QueueId id = 1,
                                  std::optional<std::chrono::seconds> visibility = {}) {
        ReceiveRequest request;
        request.count_max = count;
        request.visibility_timeout = visibility;
        auto answer = queue(id).receive(request, clock.now());
        EXPECT_TRUE(answer.ok());
        return answer.ok() ? answer.take().deliveries : std::vector<Delivery>{};
    }
    std::vector<std::string> bodies(std::size_t count = 10, QueueId id = 1) {
        std::vector<std::string> found;
        for (const Delivery& one : receive(count, id)) found.push_back(one.payload->body);
        return found;
    }
    static Receipt receipt_of(const Delivery& delivery, QueueId id = 1) {
        return {id, delivery.number, delivery.receipt};
    }
    EraseVerdict erase(const Delivery& delivery, QueueId id = 1) {
        const Receipt receipt = receipt_of(delivery, id);
        const auto answer = queue(id).erase(std::span(&receipt, 1), clock.now());
        EXPECT_TRUE(answer.ok());
        return answer.value().verdicts.at(0);
    }
};

using Bodies = std::vector<std::string>;

inline QueueRules fifo_rules() {
    QueueRules rules;
    rules.fifo = true;
    return rules;
}

}  // namespace stratus::sqs
