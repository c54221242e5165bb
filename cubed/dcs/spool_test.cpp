// The promise of the collector is the spool's: what was acknowledged reaches its queue, whatever crashes or
// is away.
#include "cubed/dcs/spool.h"

#include <latch>

#include <gtest/gtest.h>

#include "base/files.h"
#include "cubed/dcs/sender.h"
#include "cubed/schema/envelope.h"

namespace cubed::dcs {
namespace {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using namespace std::chrono_literals;

Spool::Options options_in(const base::TempDirectory& directory) {
    return {.directory = directory.path(), .segment_bytes = 64 * 1024, .linger = 1ms};
}

std::string encoded(int number) {
    Hit hit{.id = "id" + std::to_string(number), .account = "a"};
    hit.url = "https://shop.example/" + std::string(200, 'x');
    return encode_hit(hit);
}

/// Appends and waits until it is durable.
Result<Unit> append(Spool& spool, std::string_view account, const std::string& bytes) {
    std::latch settled(1);
    Result<Unit> outcome{Unit{}};
    const auto taken = spool.append(account, bytes, [&](Result<Unit> durable) {
        outcome = std::move(durable);
        settled.count_down();
    });
    if (!taken.ok()) return taken.error();
    settled.wait();
    return outcome;
}

/// Appends many, which share their trips to the disk, and waits for all.
void append_all(Spool& spool, const std::vector<std::pair<std::string, std::string>>& hits) {
    std::latch settled(static_cast<std::ptrdiff_t>(hits.size()));
    for (const auto& [account, bytes] : hits) {
        const auto taken = spool.append(account, bytes, [&](Result<Unit> durable) {
            EXPECT_TRUE(durable.ok());
            settled.count_down();
        });
        ASSERT_TRUE(taken.ok());
    }
    settled.wait();
}

std::vector<std::pair<std::string, std::string>> numbered_hits(int count) {
    std::vector<std::pair<std::string, std::string>> hits;
    for (int i = 0; i < count; ++i) hits.emplace_back(i % 3 == 0 ? "a" : "b", encoded(i));
    return hits;
}

/// What a queue must have got of numbered_hits(count), sorted.
std::vector<std::string> expected_of(int count) {
    std::vector<std::string> expected;
    for (int i = 0; i < count; ++i)
        expected.push_back(std::string(i % 3 == 0 ? "a" : "b") + ":id" + std::to_string(i));
    std::sort(expected.begin(), expected.end());
    return expected;
}

/// Takes what is sent, unless told to fail.
class FakeQueue : public MessageSink {
  public:
    Result<std::vector<bool>> send(const std::string& account, std::span<const std::string> bodies) override {
        const std::lock_guard lock(mutex_);
        if (failures_left > 0) {
            --failures_left;
            return Failure{FailureKind::unavailable, "away"};
        }
        size_t bytes = 0;
        std::vector<bool> taken(bodies.size(), true);
        for (size_t i = 0; i < bodies.size(); ++i) {
            bytes += bodies[i].size();
            if (refuse_first_entry && i == 0) {
                refuse_first_entry = false;
                taken[0] = false;
                continue;
            }
            const auto opened = open_envelope(bodies[i]);
            for (const Hit& hit : *opened) hits.push_back(account + ":" + hit.id);
        }
        EXPECT_LE(bytes, sqs_bytes_max);
        EXPECT_LE(bodies.size(), 10u);
        return taken;
    }
    std::vector<std::string> sorted_hits() {
        const std::lock_guard lock(mutex_);
        auto all = hits;
        std::sort(all.begin(), all.end());
        return all;
    }

    int failures_left = 0;
    bool refuse_first_entry = false;

  private:
    std::mutex mutex_;
    std::vector<std::string> hits;
};

/// Runs a sender until the spool is empty.
void drain(Spool& spool, FakeQueue& queue) {
    base::MetricsRegistry metrics;
    Sender sender(spool, queue, metrics);
    while (spool.waiting() > 0) std::this_thread::yield();
}

TEST(Spool, EveryAppendedHitReachesItsAccountsQueue) {
    base::TempDirectory directory;
    auto spool = Spool::open(options_in(directory)).take();
    append_all(*spool, numbered_hits(2'000));
    FakeQueue queue;
    drain(*spool, queue);
    EXPECT_EQ(queue.sorted_hits(), expected_of(2'000));
}

// SQS away, or refusing single entries: nothing is lost and nothing is sent twice that was taken.
TEST(Spool, WhatAQueueDoesNotTakeIsSentAgain) {
    base::TempDirectory directory;
    auto spool = Spool::open(options_in(directory)).take();
    append_all(*spool, numbered_hits(1'000));
    FakeQueue queue;
    queue.failures_left = 2;
    queue.refuse_first_entry = true;
    drain(*spool, queue);
    EXPECT_EQ(queue.sorted_hits(), expected_of(1'000));
}

// A restart stands for a crash: the spool has no shutdown step.
TEST(Spool, WhatWasNotDeliveredIsWorkAgainAfterARestart) {
    base::TempDirectory directory;
    {
        auto spool = Spool::open(options_in(directory)).take();
        for (int i = 0; i < 10; ++i) ASSERT_TRUE(append(*spool, "a", encoded(i)).ok());
        const auto work = spool->take();  // taken, never done
        ASSERT_TRUE(work);
    }
    auto spool = Spool::open(options_in(directory)).take();
    EXPECT_EQ(spool->waiting(), 10u);
    FakeQueue queue;
    drain(*spool, queue);
    EXPECT_EQ(queue.sorted_hits().size(), 10u);
}

// Otherwise each restart would send the last segment's hits again.
TEST(Spool, WhatWasDeliveredIsNotSentAgainAfterAQuietMoment) {
    base::TempDirectory directory;
    {
        auto spool = Spool::open(options_in(directory)).take();
        for (int i = 0; i < 10; ++i) ASSERT_TRUE(append(*spool, "a", encoded(i)).ok());
        FakeQueue queue;
        drain(*spool, queue);
    }
    auto spool = Spool::open(options_in(directory)).take();
    EXPECT_EQ(spool->waiting(), 0u);
    ASSERT_TRUE(append(*spool, "a", encoded(11)).ok());
    EXPECT_EQ(spool->waiting(), 1u);
}

TEST(Spool, DeliveredSegmentsLeaveTheDisk) {
    base::TempDirectory directory;
    auto spool = Spool::open(options_in(directory)).take();
    append_all(*spool, numbered_hits(3'000));
    EXPECT_GT(spool->bytes(), 500'000u);
    FakeQueue queue;
    drain(*spool, queue);
    spool->stop();
    EXPECT_LE(spool->bytes(), 2 * 64 * 1024u);
}

// Beyond the limit a hit is refused, so that its sender keeps it; it is never taken and dropped.
TEST(Spool, AFullSpoolRefusesAndThenGoesOn) {
    base::TempDirectory directory;
    auto options = options_in(directory);
    options.bytes_max = 32 * 1024;
    options.segment_bytes = 16 * 1024;
    auto spool = Spool::open(options).take();
    int accepted = 0;
    Result<Unit> last{Unit{}};
    while ((last = append(*spool, "a", encoded(accepted))).ok()) ++accepted;
    EXPECT_EQ(last.error().kind, FailureKind::no_space);
    FakeQueue queue;
    drain(*spool, queue);
    EXPECT_EQ(queue.sorted_hits().size(), static_cast<size_t>(accepted));
}

// With SQS away for hours memory must not grow with the spool: the bytes are read back from disk.
TEST(Spool, HitsBeyondTheCacheAreReadBack) {
    base::TempDirectory directory;
    auto options = options_in(directory);
    options.cache_bytes_max = 10'000;
    auto spool = Spool::open(options).take();
    append_all(*spool, numbered_hits(500));
    FakeQueue queue;
    drain(*spool, queue);
    EXPECT_EQ(queue.sorted_hits().size(), 500u);
}

}  // namespace
}  // namespace cubed::dcs
