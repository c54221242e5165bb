// Hits outlive releases in spools and queues: what one version wrote, the next must read.
#include "cubed/schema/hit.h"

#include <random>

#include <gtest/gtest.h>

#include "cubed/schema/envelope.h"
#include "cubed/schema/tlv.h"

namespace cubed {
namespace {

using std::chrono::microseconds;

/// A hit with every member drawn at random: some empty, some with bytes that are no text.
class Draw {
  public:
    explicit Draw(uint64_t seed) : engine_(seed) {}
    uint64_t below(uint64_t n) { return engine_() % n; }
    bool coin() { return below(2) == 0; }
    std::string text() {
        std::string out(below(20), '\0');
        for (char& c : out) c = static_cast<char>(engine_());
        return out;
    }
    Instant instant() { return Instant(microseconds(static_cast<int64_t>(engine_()))); }
    Label label() {
        switch (below(5)) {
            case 0: return {text(), static_cast<int64_t>(engine_())};
            case 1: return {text(), static_cast<double>(engine_()) / 7};
            case 2: return {text(), text()};
            case 3: return {text(), instant()};
            default: return {text(), coin()};
        }
    }
    Event event() {
        Event event{.name = text(), .transaction_id = text(), .currency = text()};
        if (coin()) event.revenue = static_cast<int64_t>(engine_());
        for (uint64_t i = below(3); i > 0; --i) {
            event.details.push_back(
                {text(), text(), static_cast<int64_t>(engine_()), static_cast<int64_t>(below(99))});
        }
        if (coin()) event.discount = Discount{text(), static_cast<int64_t>(below(1000))};
        if (coin()) event.shipping = Shipping{text(), -static_cast<int64_t>(below(1000))};
        for (uint64_t i = below(3); i > 0; --i) event.labels.push_back(label());
        return event;
    }
    Hit hit() {
        Hit hit{.id = "i" + text(), .account = "a" + text(), .visitor = text(), .session = text()};
        hit.kind = static_cast<HitKind>(1 + below(4));
        hit.consent = static_cast<Consent>(below(3));
        for (std::string* s : {&hit.url, &hit.referrer, &hit.title, &hit.ip, &hit.user_agent, &hit.language,
                               &hit.screen, &hit.tag_version}) {
            *s = text();
        }
        for (uint64_t i = below(3); i > 0; --i) hit.events.push_back(event());
        for (uint64_t i = below(3); i > 0; --i) hit.labels.push_back(label());
        for (uint64_t i = below(3); i > 0; --i) hit.sync_ids.push_back(text());
        if (coin()) hit.impression = Impression{text(), text(), text(), text()};
        if (coin()) hit.subscription = Subscription{text(), text(), text(), 5};
        if (coin()) hit.client_time = instant();
        if (coin()) hit.sent_time = instant();
        hit.collector_time = instant();
        hit.occurred = instant();
        hit.simulated = coin();
        hit.reduced = coin();
        for (uint64_t i = below(3); i > 0; --i) hit.reasons.push_back({text(), text()});
        return hit;
    }

  private:
    std::mt19937_64 engine_;
};

// The property that everything downstream rests on.
TEST(Hit, AnyHitSurvivesEncodingAndDecoding) {
    for (uint64_t seed = 0; seed < 2'000; ++seed) {
        const Hit hit = Draw(seed).hit();
        const auto decoded = decode_hit(encode_hit(hit));
        ASSERT_TRUE(decoded.ok()) << "seed " << seed;
        ASSERT_TRUE(*decoded == hit) << "seed " << seed;
    }
}

// A newer DCS may write fields that this reader does not know.
TEST(Hit, UnknownFieldsAreSkipped) {
    const Hit hit = Draw(1).hit();
    TlvWriter more;
    more.uint(900, 1);
    more.bytes(901, "later");
    EXPECT_EQ(*decode_hit(encode_hit(hit) + more.out()), hit);
}

// A torn record must not pass as a shorter hit that lacks, say, its revenue.
TEST(Hit, ACutOrGarbledHitNeverCrashesTheReader) {
    const std::string bytes = encode_hit(Draw(7).hit());
    for (size_t size = 0; size < bytes.size(); ++size) std::ignore = decode_hit(bytes.substr(0, size));
    for (size_t at = 0; at < bytes.size(); ++at) {
        std::string garbled = bytes;
        garbled[at] ^= 0x55;
        std::ignore = decode_hit(garbled);
    }
}

TEST(Envelope, ManyHitsTravelInOneBody) {
    std::vector<Hit> hits;
    for (uint64_t seed = 0; seed < 300; ++seed) hits.push_back(Draw(seed).hit());
    const std::string body = seal_envelope(hits);
    const auto opened = open_envelope(body);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(*opened, hits);
    EXPECT_EQ(open_envelope_items(body)->size(), 300u);
}

// The limit is SQS's: an envelope of bytes that zstd cannot shrink must still be accepted by the queue.
TEST(Envelope, AFullEnvelopeOfIncompressibleHitsFitsAMessage) {
    std::mt19937_64 engine(1);
    EnvelopePacker packer;
    for (;;) {
        std::string noise(1'000, '\0');
        for (char& c : noise) c = static_cast<char>(engine());
        if (!packer.add(noise)) break;
    }
    EXPECT_GT(packer.hits(), 700u);
    EXPECT_LE(packer.seal().size(), sqs_bytes_max);
    EXPECT_EQ(packer.hits(), 0u);
}

// Whatever somebody puts in the queue by hand is refused, never trusted.
TEST(Envelope, WhatIsNoEnvelopeIsRefused) {
    const std::string body = seal_envelope(std::vector{Draw(3).hit()});
    for (const std::string& bad : {std::string(), std::string("AAAA"), std::string("{}"), std::string("VkUB"),
                                   body.substr(4), body.substr(0, body.size() - 4), body + "AAAA"}) {
        const auto opened = open_envelope(bad);
        ASSERT_FALSE(opened.ok()) << bad;
        EXPECT_EQ(opened.error().kind, base::FailureKind::corrupt);
    }
}

// A declared size is an allocation somebody else chooses.
TEST(Envelope, ADeclaredSizeBeyondTheLimitIsRefusedBeforeMemoryIsTaken) {
    EXPECT_FALSE(open_envelope("VkUB/////wAAAAAA").ok());
}

}  // namespace
}  // namespace cubed
