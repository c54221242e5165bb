#include "stratus/services/sqs/engine.h"

#include "stratus/services/sqs/engine_fixture.h"

namespace stratus::sqs {
namespace {

using namespace std::chrono_literals;

struct Engines : testing::Test, EngineFixture {};

ReceiveAnswer receive_with_dead_letters(EngineFixture& at) {
    auto answer = at.engine->receive(at.queue(1), {}, &at.queue(2), "arn:source");
    EXPECT_TRUE(answer.ok());
    return answer.take();
}

QueueRules two_receives(QueueRules rules = {}) {
    rules.max_receives = 2;
    return rules;
}

// A poison message must leave the queue after its last allowed receive, keeping its identity.
TEST_F(Engines, DeadLettersMoveAfterTheLastReceive) {
    add(1, two_receives());
    add(2, {});
    const Sent sent = send("poison");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(receive_with_dead_letters(*this).deliveries.size(), 1u);
        clock.advance(30s);
    }
    EXPECT_TRUE(receive_with_dead_letters(*this).deliveries.empty());
    EXPECT_EQ(queue(1).counts(clock.now()).visible, 0u);
    const auto dead = receive(10, 2);
    ASSERT_EQ(dead.size(), 1u);
    EXPECT_EQ(dead[0].payload->message_id, sent.message_id);
    EXPECT_EQ(dead[0].payload->dead_letter_source, "arn:source");
    EXPECT_EQ(dead[0].sent, clock.now() - 60s) << "the original time counts for retention";
}

// Receive counts of queues with a dead-letter queue survive kill -9, or poison would live for ever.
TEST_F(Engines, ReceiveCountsSurviveARestart) {
    add(1, two_receives());
    add(2, {});
    send("poison");
    receive_with_dead_letters(*this);
    restart();
    receive_with_dead_letters(*this);
    restart();
    EXPECT_TRUE(receive_with_dead_letters(*this).deliveries.empty());
    EXPECT_EQ(bodies(10, 2), Bodies{"poison"});
}

// Moving is one record: after every prefix of the log the message is in exactly one queue.
TEST_F(Engines, AMoveIsAtomicAtEveryCrashPoint) {
    add(1, two_receives());
    add(2, {});
    send("poison");
    for (int i = 0; i < 3; ++i) {
        receive_with_dead_letters(*this);
        clock.advance(30s);
    }
    const auto all = records;
    for (std::size_t kept = 1; kept <= all.size(); ++kept) {
        records = all;
        restart_after(kept);
        const auto in_source = queue(1).counts(clock.now()).visible;
        const auto in_target = queue(2).counts(clock.now()).visible;
        EXPECT_EQ(in_source + in_target, 1u) << "after " << kept << " records";
    }
}

// When the move's record does not reach the disk, the message is back where it was.
TEST_F(Engines, AFailedMoveIsUndone) {
    add(1, two_receives());
    add(2, {});
    send("poison");
    for (int i = 0; i < 2; ++i) {
        receive_with_dead_letters(*this);
        clock.advance(30s);
    }
    log->hold();
    receive_with_dead_letters(*this);
    EXPECT_EQ(queue(2).counts(clock.now()).visible, 1u);
    log->settle(base::Failure{base::FailureKind::no_space, "full"});
    EXPECT_EQ(queue(2).counts(clock.now()).visible, 0u);
    EXPECT_EQ(queue(1).counts(clock.now()).visible, 1u);
}

// In a FIFO queue a dead head must not hold up the rest of its group.
TEST_F(Engines, AFifoGroupGoesOnBehindADeadLetter) {
    add(1, two_receives(fifo_rules()));
    add(2, fifo_rules());
    send("poison", "a", "1");
    for (int i = 0; i < 2; ++i) {
        receive_with_dead_letters(*this);
        clock.advance(30s);
    }
    send("good", "a", "2");
    const auto answer = receive_with_dead_letters(*this);
    ASSERT_EQ(answer.deliveries.size(), 1u);
    EXPECT_EQ(answer.deliveries[0].payload->body, "good");
    EXPECT_EQ(bodies(10, 2), Bodies{"poison"});
}

// Redriven messages are new ones: new id, new age, count zero.
TEST_F(Engines, RedriveMakesNewMessages) {
    add(1, {});
    add(2, {});
    const Sent sent = send("again", {}, {}, 2);
    receive(1, 2, 0s);
    clock.advance(100s);
    const auto to_first = [&](const Payload&) { return engine->find(1); };
    const auto redriven = engine->redrive(queue(2), to_first, 10);
    ASSERT_TRUE(redriven.ok());
    EXPECT_EQ(redriven.value().moved, 1u);
    EXPECT_TRUE(redriven.value().emptied);
    const auto got = receive();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_NE(got[0].payload->message_id, sent.message_id);
    EXPECT_EQ(got[0].receive_count, 1u);
    EXPECT_EQ(got[0].sent, clock.now());
}

TEST_F(Engines, RedriveStopsAtAMessageWithoutATarget) {
    add(1, {});
    send("whose?");
    const auto redriven = engine->redrive(
        queue(1), [](const Payload&) { return nullptr; }, 10);
    ASSERT_TRUE(redriven.ok());
    EXPECT_TRUE(redriven.value().stuck);
    EXPECT_EQ(bodies(), Bodies{"whose?"});
}

// kill -9 at every point: what was acknowledged by then is there, what was deleted by then is not.
TEST_F(Engines, ReplayOfEveryPrefixHoldsWhatWasAcknowledged) {
    add(1, {});
    std::vector<std::set<std::string>> expected{{}};
    std::set<std::string> alive;
    for (int i = 0; i < 8; ++i) {
        send(std::to_string(i));
        alive.insert(std::to_string(i));
        expected.push_back(alive);
        if (i % 3 == 2) {
            const auto got = receive(1);
            erase(got.at(0));
            alive.erase(got[0].payload->body);
            expected.push_back(alive);
        }
    }
    const auto all = records;
    ASSERT_EQ(all.size() + 1, expected.size());
    for (std::size_t kept = 0; kept <= all.size(); ++kept) {
        records = all;
        restart_after(kept);
        const auto found = bodies(100);
        EXPECT_EQ(std::set(found.begin(), found.end()), expected[kept]) << "after " << kept << " records";
    }
}

// The disk is bounded: segments of dead messages go, live ones are carried along, and a crash anywhere loses
// none.
TEST_F(Engines, ReclaimKeepsTheLiveAndFreesTheRest) {
    segment_bytes = 2'000;
    add(1, {});
    add(2, fifo_rules());
    send("keep me");
    send("first", "g", "dedup", 2);
    erase(receive(1, 2).at(0), 2);
    for (int i = 0; i < 200; ++i) {
        send(std::to_string(i));
        for (const Delivery& one : receive(10)) {
            if (one.payload->body != "keep me") erase(one);
        }
        clock.advance(100ms);
        while (engine->reclaim().value()) {
        }
    }
    EXPECT_LT(log->bytes(), 10'000u);
    const auto all = records;
    for (std::size_t kept = all.size() - 4; kept <= all.size(); ++kept) {
        records = all;
        restart_after(kept);
        EXPECT_EQ(bodies().at(0), "keep me");
        EXPECT_TRUE(send("first", "g", "dedup", 2).duplicate)
            << "deduplication outlives the message's segment";
    }
}

// A copy that did not reach the disk must not cost the original.
TEST_F(Engines, ReclaimWaitsForItsCopies) {
    segment_bytes = 500;
    limits.payload_bytes_max = 0;
    add(1, {});
    for (int i = 0; i < 5; ++i) send(std::to_string(i));
    for (int i = 0; i < 20; ++i) {
        send("x");
        const auto got = receive(100);
        for (const Delivery& one : got) {
            if (one.payload->body == "x") erase(one);
        }
        clock.advance(31s);
    }
    log->fail_appends = true;
    EXPECT_FALSE(engine->reclaim().ok());
    log->fail_appends = false;
    EXPECT_TRUE(engine->reclaim().value());
    EXPECT_EQ(bodies(100).size(), 5u);
}

TEST_F(Engines, ADeletedQueuesRecordsAreIgnoredAtReplay) {
    add(1, {});
    add(2, {});
    send("gone");
    send("here", {}, {}, 2);
    known.erase(known.begin());
    restart();
    EXPECT_EQ(engine->find(1), nullptr);
    EXPECT_EQ(bodies(10, 2), Bodies{"here"});
}

TEST_F(Engines, ClearForgetsEverything) {
    segment_bytes = 100;
    add(1, {});
    for (int i = 0; i < 10; ++i) send("x");
    ASSERT_TRUE(engine->clear().ok());
    EXPECT_EQ(engine->find(1), nullptr);
    EXPECT_EQ(engine->journal().live_bytes(), 0u);
    EXPECT_LE(records.size(), 1u);
}

// Messages are encrypted at rest: no body may be found in the log's bytes.
TEST_F(Engines, BodiesAreNotInTheLogInClear) {
    add(1, {});
    send("find me if you can");
    for (const auto& record : records) EXPECT_EQ(record.bytes.find("find me"), std::string::npos);
}

}  // namespace
}  // namespace stratus::sqs
