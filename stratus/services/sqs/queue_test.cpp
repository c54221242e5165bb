#include "stratus/services/sqs/queue.h"

#include "stratus/services/sqs/engine_fixture.h"

namespace stratus::sqs {
namespace {

using namespace std::chrono_literals;

struct StandardQueue : testing::Test, EngineFixture {
    StandardQueue() { add(1, {}); }
};

struct FifoQueue : testing::Test, EngineFixture {
    FifoQueue() { add(1, fifo_rules()); }
};

// Consumers that crash rely on redelivery; an off-by-one here loses or duplicates work.
TEST_F(StandardQueue, AMessageReturnsWhenItsVisibilityTimeoutExpires) {
    send("hello");
    ASSERT_EQ(receive().size(), 1u);
    clock.advance(30s - 1us);
    EXPECT_TRUE(receive().empty());
    clock.advance(1us);
    const auto again = receive();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].receive_count, 2u);
    EXPECT_EQ(again[0].first_received, clock.now() - 30s);
}

// A delayed message is counted as such and appears exactly when its delay is over.
TEST_F(StandardQueue, DelayOfTheMessageBeatsThatOfTheQueue) {
    QueueRules rules;
    rules.delay = 10s;
    queue().set_rules(rules);
    send("queue's delay");
    auto own = message("own delay");
    own.delay = 2s;
    ASSERT_TRUE(queue().send({own}, clock.now()).ok());
    EXPECT_EQ(queue().counts(clock.now()).delayed, 2u);
    clock.advance(2s);
    EXPECT_EQ(bodies(), Bodies{"own delay"});
    clock.advance(8s);
    EXPECT_EQ(bodies(), Bodies{"queue's delay"});
}

// The receipt of an earlier delivery must not delete what somebody else is working on.
TEST_F(StandardQueue, AnOldReceiptSucceedsAndDeletesNothing) {
    send("hello");
    const auto first = receive();
    clock.advance(30s);
    const auto second = receive();
    EXPECT_EQ(erase(first.at(0)), EraseVerdict::done);
    EXPECT_EQ(queue().counts(clock.now()).in_flight, 1u);
    EXPECT_EQ(erase(second.at(0)), EraseVerdict::done);
    EXPECT_EQ(erase(second.at(0)), EraseVerdict::done) << "deleting twice is no error";
    EXPECT_EQ(queue().counts(clock.now()).in_flight, 0u);
}

// A worker that finishes late, with nobody having taken over, has done the work: its delete counts.
TEST_F(StandardQueue, TheLatestReceiptDeletesEvenAfterItsTime) {
    send("hello");
    const auto first = receive();
    clock.advance(31s);
    erase(first.at(0));
    EXPECT_TRUE(receive().empty());
}

TEST_F(StandardQueue, VisibilityCanBeExtendedShortenedAndEnded) {
    send("hello");
    auto got = receive().at(0);
    const auto change = [&](std::chrono::seconds to) {
        return queue().change_visibility(receipt_of(got), to, clock.now());
    };
    EXPECT_EQ(change(100s), VisibilityVerdict::done);
    clock.advance(99s);
    EXPECT_TRUE(receive().empty());
    EXPECT_EQ(change(43'200s), VisibilityVerdict::beyond_limit) << "twelve hours in all";
    EXPECT_EQ(change(0s), VisibilityVerdict::done);
    EXPECT_EQ(change(10s), VisibilityVerdict::not_in_flight);
    const auto again = receive().at(0);
    EXPECT_EQ(change(10s), VisibilityVerdict::gone) << "an older receipt while another holds the message";
    got = again;
    erase(got);
    EXPECT_EQ(change(10s), VisibilityVerdict::gone);
}

// Retention counts from the send, whatever happened to the message since.
TEST_F(StandardQueue, MessagesExpireAfterTheRetentionPeriod) {
    QueueRules rules;
    rules.retention = 60s;
    queue().set_rules(rules);
    send("old");
    ASSERT_EQ(receive().size(), 1u);
    clock.advance(59s);
    send("young");
    clock.advance(1s);
    EXPECT_EQ(bodies(), Bodies{"young"});
}

// Without a bound on what is in flight, one broken consumer could claim a queue.
TEST_F(StandardQueue, TooManyInFlightIsReported) {
    limits.in_flight_max = 2;
    restart();
    for (const char* body : {"a", "b", "c"}) send(body);
    EXPECT_EQ(bodies(), (Bodies{"a", "b"}));
    const auto answer = queue().receive({}, clock.now());
    EXPECT_TRUE(answer.value().over_limit);
    EXPECT_TRUE(answer.value().deliveries.empty());
}

// Bodies beyond the budget stay in the log alone and come back whole.
TEST_F(StandardQueue, BodiesSpillBeyondTheBudget) {
    limits.payload_bytes_max = 5'000;
    restart();
    Bodies sent;
    for (int i = 0; i < 20; ++i) {
        sent.push_back(std::to_string(i) + std::string(1'000, 'x'));
        send(sent.back());
    }
    EXPECT_LE(queue().counts(clock.now()).payload_bytes, 5'000u);
    EXPECT_EQ(bodies(20), sent);
}

// What the sender was told has failed must not be delivered.
TEST_F(StandardQueue, AFailedWriteLeavesNoMessage) {
    log->hold();
    send("lost");
    log->settle(base::Failure{base::FailureKind::no_space, "full"});
    EXPECT_TRUE(receive().empty());
    log->fail_appends = true;
    EXPECT_FALSE(queue().send({message("refused")}, clock.now()).ok());
    EXPECT_TRUE(receive().empty());
}

// A delete that could not be recorded is an error, so the message must still be there.
TEST_F(StandardQueue, ARefusedDeleteKeepsTheMessage) {
    send("hello");
    const auto got = receive().at(0);
    log->fail_appends = true;
    const Receipt receipt = receipt_of(got);
    EXPECT_FALSE(queue().erase(std::span(&receipt, 1), clock.now()).ok());
    clock.advance(30s);
    EXPECT_EQ(bodies(), Bodies{"hello"});
}

TEST_F(StandardQueue, PurgeTakesWhatWasThereAndNothingLater) {
    send("before");
    queue().purge_before(queue().next_number(clock.now()));
    send("after");
    EXPECT_EQ(bodies(), Bodies{"after"});
}

// A group is locked while any of its messages is out: the next worker must not overtake.
TEST_F(FifoQueue, AGroupWaitsForItsMessageInFlight) {
    send("a1", "a", "1");
    send("a2", "a", "2");
    send("b1", "b", "3");
    const auto first = receive(1);
    ASSERT_EQ(first.at(0).payload->body, "a1");
    EXPECT_EQ(bodies(), Bodies{"b1"});
    EXPECT_EQ(erase(first.at(0)), EraseVerdict::done);
    EXPECT_EQ(bodies(), Bodies{"a2"});
}

// One receive may take several of one group, in order, before it turns to the next group.
TEST_F(FifoQueue, ABatchTakesAGroupInOrder) {
    send("a1", "a", "1");
    send("b1", "b", "2");
    send("a2", "a", "3");
    EXPECT_EQ(bodies(3), (Bodies{"a1", "a2", "b1"}));
    EXPECT_TRUE(receive().empty());
    clock.advance(30s);
    EXPECT_EQ(bodies(2), (Bodies{"a1", "a2"}));
}

TEST_F(FifoQueue, ALateDeleteIsRefused) {
    send("a1", "a", "1");
    const auto got = receive().at(0);
    clock.advance(30s);
    EXPECT_EQ(erase(got), EraseVerdict::expired);
    EXPECT_EQ(bodies(), Bodies{"a1"});
}

// Producers that retry within five minutes must not make a second message, also after the first was deleted.
TEST_F(FifoQueue, TheSameDeduplicationIdIsAcceptedOnceInFiveMinutes) {
    const Sent first = send("a1", "a", "1");
    erase(receive().at(0));
    clock.advance(5min - 1us);
    const Sent again = send("a1", "b", "1");
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.message_id, first.message_id);
    EXPECT_EQ(again.number, first.number);
    EXPECT_TRUE(receive().empty());
    clock.advance(1us);
    EXPECT_FALSE(send("a1", "a", "1").duplicate);
}

TEST_F(FifoQueue, DeduplicationMayBePerGroup) {
    auto rules = fifo_rules();
    rules.deduplication_per_group = true;
    queue().set_rules(rules);
    EXPECT_FALSE(send("x", "a", "1").duplicate);
    EXPECT_FALSE(send("x", "b", "1").duplicate);
    EXPECT_TRUE(send("x", "b", "1").duplicate);
}

// Twins in one batch: the second is a duplicate of the first.
TEST_F(FifoQueue, ABatchIsDeduplicatedWithinItself) {
    const auto answer = queue().send({message("x", "a", "1"), message("x", "a", "1")}, clock.now());
    ASSERT_TRUE(answer.ok());
    EXPECT_TRUE(answer.value().sent.at(1).duplicate);
    EXPECT_EQ(bodies(), Bodies{"x"});
}

// A receive whose answer got lost can be asked for again, without waiting for the timeout.
TEST_F(FifoQueue, AReceiveAttemptCanBeRepeated) {
    send("a1", "a", "1");
    ReceiveRequest request;
    request.attempt_id = "try-1";
    const auto first = queue().receive(request, clock.now()).value().deliveries;
    clock.advance(20s);
    const auto again = queue().receive(request, clock.now()).value().deliveries;
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].receipt, first.at(0).receipt);
    EXPECT_EQ(again[0].receive_count, 1u);
    clock.advance(29s);
    EXPECT_EQ(erase(first.at(0)), EraseVerdict::done) << "the retry began the visibility timeout anew";
    EXPECT_TRUE(queue().receive(request, clock.now()).value().deliveries.empty());
}

// AWS: a FIFO queue's new delay counts for messages already sent.
TEST_F(FifoQueue, ANewDelayCountsForWhatIsThere) {
    send("a1", "a", "1");
    auto rules = fifo_rules();
    rules.delay = 10s;
    queue().set_rules(rules);
    EXPECT_TRUE(receive().empty());
    clock.advance(10s);
    EXPECT_EQ(bodies(), Bodies{"a1"});
}

// Sequence numbers are what consumers order by; they must grow over a restart that finds an empty log.
TEST_F(FifoQueue, NumbersGrowAcrossRestarts) {
    const Sent first = send("a1", "a", "1");
    records.clear();
    clock.advance(1s);
    restart();
    EXPECT_GT(send("a2", "a", "2").number, first.number);
    EXPECT_EQ(sequence_text(first.number).size(), 20u);
}

}  // namespace
}  // namespace stratus::sqs
