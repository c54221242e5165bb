// The schema stands between anybody's browser and the database: it must lose as little as possible, and let
// nothing through that a later stage would choke on.
#include "cubed/schema/validate.h"

#include <random>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/utf8.h"

namespace cubed {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const Instant noon{std::chrono::sys_days(std::chrono::year{2026} / 3 / 1) + 12h};

Circumstances around() {
    return {.now = noon,
            .address = "203.0.113.77",
            .user_agent = "Mozilla/5.0",
            .accept_language = "en-GB,en;q=0.8"};
}

base::Result<Hit, Refusal> validate(std::string_view text, Circumstances where = around()) {
    return validate_hit(base::parse_json(text)->as_object(), where);
}

bool has_reason(const Hit& hit, std::string_view field, std::string_view message) {
    return std::find(hit.reasons.begin(), hit.reasons.end(),
                     Reason{std::string(field), std::string(message)}) != hit.reasons.end();
}

TEST(Validate, AWholeHitHoldsTheFullSchema) {
    const auto hit =
        validate(R"({"aid":"c-a-demo-uk","url":"https://shop.example/p?a=1","ref":"https://www.google.com/",
        "vid":"0123456789abcdef0123456789abcdef","title":"Tea","ct":1772366390000,"st":1772366395000,"lang":"en-GB",
        "events":[{"name":"purchase","revenue":1999,"transaction_id":"T1","currency":"EUR",
            "details":[{"sku":"S","name":"Tea","quantity":2,"unit_price":500}],"discount":{"code":"X","amount":100},
            "shipping":299,"labels":[{"name":"gift","type":"boolean","value":true}]}],
        "labels":[{"name":"when","type":"datetime","value":"2026-01-02T03:04:05Z"},{"name":"n","type":"float","value":"1.5"}],
        "sync":["crm-1"],"consent":"granted"})");
    ASSERT_TRUE(hit.ok());
    EXPECT_FALSE(hit->reduced) << hit->reasons.at(0).field << ": " << hit->reasons.at(0).message;
    EXPECT_EQ(hit->ip, "203.0.113.0");
    EXPECT_EQ(hit->occurred, noon - 5s);
    EXPECT_EQ(hit->events.at(0).revenue, 1999);
    EXPECT_EQ(hit->events.at(0).shipping->amount, 299);
    EXPECT_EQ(hit->events.at(0).details.at(0).quantity, 2);
    EXPECT_EQ(std::get<double>(hit->labels.at(1).value), 1.5);
    EXPECT_EQ(hit->consent, Consent::granted);
}

// One bad label must not cost a sale.
TEST(Validate, TheReducedSchemaKeepsWhatIsValidAndSaysWhatIsNot) {
    const auto hit = validate(R"({"aid":"a","url":"https://s.example/","vid":"../../etc","kind":"page",
        "events":[{"name":"purchase","revenue":"19.99","currency":"gbp"},{"revenue":1},7],
        "labels":[{"name":"x","type":"integer","value":"many"},{"name":"ok","type":"string","value":"v"}],"sync":"no"})");
    ASSERT_TRUE(hit.ok());
    EXPECT_TRUE(hit->reduced);
    EXPECT_TRUE(has_reason(*hit, "vid", "Not a token"));
    EXPECT_TRUE(has_reason(*hit, "events[0].revenue", "Not an integer"));
    EXPECT_TRUE(has_reason(*hit, "events[0].currency", "Unknown currency"));
    EXPECT_TRUE(has_reason(*hit, "events[1].name", "Required"));
    EXPECT_TRUE(has_reason(*hit, "events[2]", "Not an object"));
    EXPECT_TRUE(has_reason(*hit, "labels[0].value", "Not of its type"));
    EXPECT_TRUE(has_reason(*hit, "sync", "Not JSON"));
    ASSERT_EQ(hit->events.size(), 1u);
    EXPECT_EQ(hit->events[0].currency, "GBP");
    ASSERT_EQ(hit->labels.size(), 1u);
    EXPECT_EQ(hit->visitor, "");
}

TEST(Validate, OnlyAHitWithoutAccountOrPageIsRefused) {
    const auto nothing = validate("{}");
    ASSERT_FALSE(nothing.ok());
    EXPECT_EQ(nothing.error().errors, (std::vector<Reason>{{"aid", "Required"}, {"url", "Required"}}));
    const auto script = validate(R"x({"aid":"a","url":"javascript:alert(1)"})x");
    ASSERT_FALSE(script.ok());
    EXPECT_EQ(script.error().errors.at(0).field, "url");
}

// PostgreSQL's text holds no NUL byte and no broken UTF-8: one such field would poison a whole batch.
TEST(Validate, NoControlCharacterAndNoBrokenTextComesThrough) {
    json::object fields{
        {"aid", "a"}, {"url", "https://s.example/"}, {"title", "a\xff\xfe"}, {"ref", "x\0y\r\nz"}};
    fields["title"] = std::string("a\xff") + '\0' + "b";
    const auto hit = validate_hit(fields, around());
    ASSERT_TRUE(hit.ok());
    EXPECT_TRUE(base::is_utf8(hit->title));
    EXPECT_EQ(hit->title.find('\0'), std::string::npos);
    EXPECT_TRUE(hit->reduced);
}

TEST(Validate, TheClientsClockIsCorrectedAndNotBelieved) {
    const std::string head = R"({"aid":"a","url":"https://s.example/",)";
    EXPECT_EQ(validate(head + R"("ct":1000,"st":61000})")->occurred, noon - 60s);
    EXPECT_EQ(validate(head + R"("ct":61000,"st":1000})")->occurred, noon);
    EXPECT_EQ(validate(head + R"("ct":1000,"st":9999999999})")->occurred, noon);
    EXPECT_EQ(validate(head + R"("ct":-5,"st":"now"})")->occurred, noon);
    Circumstances replay = around();
    replay.simulated = true;
    EXPECT_EQ(validate(head + R"("ct":1000,"st":61000})", replay)->occurred, Instant(1s));
}

// A browser that got no answer sends the hit again; the database must see one.
TEST(Validate, ARepeatedHitHasTheSameId) {
    const std::string text =
        R"({"aid":"a","url":"https://s.example/","hid":"page-view-0001","ct":1772366390000})";
    const std::string id = validate(text)->id;
    EXPECT_TRUE(is_token(id));
    EXPECT_EQ(id[12], '7');
    EXPECT_EQ(id, validate(text)->id);
    EXPECT_NE(id, derived_hit_id("b", "page-view-0001", Instant(1772366390000ms)));
}

TEST(Validate, AddressesAreCutBeforeTheyAreStored) {
    EXPECT_EQ(truncated_address("203.0.113.77"), "203.0.113.0");
    EXPECT_EQ(truncated_address("2001:db8:1:2:3::4"), "2001:db8:1::");
    EXPECT_EQ(truncated_address("::ffff:203.0.113.77"), "203.0.113.0");
    EXPECT_EQ(truncated_address("unknown"), "");
    EXPECT_EQ(truncated_address(std::string(10'000, '1')), "");
}

TEST(Validate, AddressesOfPeopleAndSecretsAreTakenOutOfUrls) {
    EXPECT_EQ(redacted_url("https://u:p@s.example/a?x=1&email=jo%40b.example&y=2#t"),
              "https://s.example/a?x=1&email=[redacted]&y=2#t");
    EXPECT_EQ(redacted_url("https://s.example/u/jo@b.example/x?q=jo@b.example"),
              "https://s.example/u/[redacted]/x?q=[redacted]");
    EXPECT_EQ(redacted_url("https://s.example/?token=abc#access_token=1"),
              "https://s.example/?token=[redacted]#access_token=[redacted]");
    EXPECT_EQ(redacted_url("https://s.example/@handle?gclid=Cj0K&utm_source=a@b"),
              "https://s.example/@handle?gclid=Cj0K&utm_source=a@b");
    EXPECT_EQ(redacted_url(""), "");
}

TEST(Validate, ASubscriptionNeedsItsAccountAndTransaction) {
    const auto bad = validate_subscription(fields_from_query("rvn=x"), around());
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().errors.size(), 3u);
    const auto good = validate_subscription(fields_from_query("aid=a&tid=T%201&rvn=500&subid=s"), around());
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(good->subscription->transaction_id, "T 1");
    EXPECT_EQ(good->subscription->revenue, 500);
}

// Whatever a query string holds, a hit that is accepted survives its journey.
TEST(Validate, AnyQueryStringIsRefusedOrBecomesAHitThatEncodes) {
    std::mt19937_64 engine(5);
    for (int round = 0; round < 3'000; ++round) {
        std::string query =
            "aid=a&url=https://s.example/&events=[{\"name\":\"x\",\"revenue\":1}]&labels=&ct=5&sync=[\"a\"]";
        for (int change = 0; change < 4; ++change)
            query[engine() % query.size()] = static_cast<char>(engine());
        const auto hit = validate_hit(fields_from_query(query), around());
        if (!hit.ok()) continue;
        Hit stored = *hit;
        stored.id = "1";
        ASSERT_EQ(*decode_hit(encode_hit(stored)), stored) << query;
        ASSERT_TRUE(base::is_utf8(stored.url + stored.title + stored.referrer)) << query;
    }
}

}  // namespace
}  // namespace cubed
