// The collector meets every browser, bot and attacker there is. These tests call it as the server does.
#include "cubed/dcs/collector.h"

#include <latch>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "cubed/dcs/site.h"

namespace cubed::dcs {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const std::string vid = "0123456789abcdef0123456789abcdef";

class Sink : public net::ResponseSink {
  public:
    void send(net::Response response) override {
        response_ = std::move(response);
        done_.count_down();
    }
    bool connected() const override { return true; }
    net::Response wait() {
        done_.wait();
        return std::move(response_);
    }

  private:
    std::latch done_{1};
    net::Response response_;
};

class CollectorTest : public testing::Test {
  protected:
    CollectorTest() {
        auto account = std::make_shared<Account>(Account{.token = "c-a-demo-uk"});
        account->blocked_networks.push_back(*Network::parse("198.51.100.0/24"));
        account->blocked_visitors.insert(std::string(32, 'b'));
        auto closed = std::make_shared<Account>(Account{.token = "closed", .active = false});
        auto paused = std::make_shared<Account>(Account{.token = "paused", .maintenance = true});
        auto replay = std::make_shared<Account>(Account{.token = "replay", .simulated = true});
        accounts.replace(
            {{"c-a-demo-uk", account}, {"closed", closed}, {"paused", paused}, {"replay", replay}});
    }

    struct Got {
        int status;
        net::Headers headers;
        std::string body;
        json::object object() const { return base::parse_json(body)->as_object(); }
    };
    Got send(std::string method, std::string target, std::string body = {}, net::Headers headers = {},
             std::string from = "203.0.113.9") {
        net::Request request{{.method = std::move(method),
                              .target = std::move(target),
                              .headers = std::move(headers),
                              .peer_address = std::move(from)},
                             std::move(body)};
        const auto admission = collector.admit(request.head);
        if (const auto* refused = std::get_if<net::Refuse>(&admission)) {
            return {refused->response.status, refused->response.headers,
                    std::get<std::string>(refused->response.body)};
        }
        auto sink = std::make_shared<Sink>();
        collector.handle(std::move(request), sink);
        net::Response response = sink->wait();
        return {response.status, response.headers, std::get<std::string>(response.body)};
    }
    /// The hits that wait in the spool, and takes them out.
    std::vector<Hit> stored() {
        std::vector<Hit> hits;
        while (spool->waiting() > 0) {
            const auto work = spool->take();
            for (const auto& item : work->items) hits.push_back(*decode_hit(item.bytes));
            spool->done(*work);
        }
        return hits;
    }

    base::TempDirectory directory;
    base::SimClock clock;
    base::SeededRandom random{1};
    base::MetricsRegistry metrics;
    Accounts accounts;
    std::unique_ptr<Spool> spool = Spool::open({.directory = directory.path(), .linger = 1ms}).take();
    Collector collector{
        accounts,
        *spool,
        clock,
        random,
        metrics,
        {.trusted_proxies = {*Network::parse("10.0.0.0/8")}, .metrics_from = {*Network::parse("127.0.0.1")}}};
};

TEST_F(CollectorTest, AHitIsStoredBeforeItIsAcknowledged) {
    const auto got = send(
        "GET", "/hit?aid=c-a-demo-uk&url=https%3A%2F%2Fshop.example%2F&ref=https%3A%2F%2Fwww.google.com%2F");
    EXPECT_EQ(got.status, 200);
    const auto answer = got.object();
    EXPECT_TRUE(answer.at("status").as_bool());
    const auto hits = stored();
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].visitor, answer.at("vid").as_string());
    EXPECT_EQ(hits[0].session, answer.at("sid").as_string());
    EXPECT_TRUE(is_token(hits[0].visitor));
    EXPECT_TRUE(is_token(hits[0].id));
    EXPECT_EQ(hits[0].ip, "203.0.113.0");
    EXPECT_EQ(hits[0].referrer, "https://www.google.com/");
}

TEST_F(CollectorTest, ABeaconOfSeveralHitsIsAnsweredOnePerHit) {
    const auto got = send("POST", "/hit",
                          R"([{"aid":"c-a-demo-uk","url":"https://s.example/1"},{"aid":"c-a-demo-uk"},7])");
    EXPECT_EQ(got.status, 200);
    const auto hits = got.object().at("hits").as_array();
    ASSERT_EQ(hits.size(), 3u);
    EXPECT_TRUE(hits[0].at("status").as_bool());
    EXPECT_EQ(hits[1].at("errors").at("url").as_string(), "Required");
    EXPECT_FALSE(hits[2].at("status").as_bool());
    EXPECT_EQ(stored().size(), 1u);
}

TEST_F(CollectorTest, AHitOfTheReducedSchemaIsKeptWithItsReasons) {
    const auto got = send(
        "POST", "/hit",
        R"({"aid":"c-a-demo-uk","url":"https://s.example/","labels":[{"name":"n","type":"integer","value":"x"}]})");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.object().at("reduced").at("labels[0].value").as_string(), "Not of its type");
    const auto hits = stored();
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_TRUE(hits[0].reduced);
    EXPECT_EQ(hits[0].reasons.size(), 1u);
}

TEST_F(CollectorTest, GarbageIsRefusedInTheDocumentedShape) {
    for (const std::string body : {"", "{", "nonsense", "\xff\xfe", "null", "[]", "[[[[[[[[[[[[[[[[[[[["}) {
        const auto got = send("POST", "/hit", body);
        EXPECT_EQ(got.status, 400) << body;
        EXPECT_EQ(got.object().at("message").as_string(), "Validation errors");
        EXPECT_FALSE(got.object().at("status").as_bool());
    }
    EXPECT_EQ(send("GET", "/hit").status, 400);
    EXPECT_EQ(send("GET", "/hit?aid=%00&url=%ff").status, 400);
    EXPECT_EQ(send("DELETE", "/hit").status, 405);
    EXPECT_EQ(send("GET", "/../../etc/passwd").status, 404);
    EXPECT_EQ(stored().size(), 0u);
}

TEST_F(CollectorTest, UnknownInactiveAndPausedAccounts) {
    EXPECT_EQ(
        send("GET", "/hit?aid=nobody&url=https://s.example/").object().at("errors").at("aid").as_string(),
        "Unknown account");
    EXPECT_EQ(send("GET", "/hit?aid=closed&url=https://s.example/").status, 400);
    const auto paused = send("GET", "/hit?aid=paused&url=https://s.example/");
    EXPECT_EQ(paused.status, 503);
    EXPECT_TRUE(paused.headers.contains("Retry-After"));
}

TEST_F(CollectorTest, BlockedAddressesAndVisitorsAreNotStored) {
    EXPECT_EQ(send("GET", "/hit?aid=c-a-demo-uk&url=https://s.example/", "", {}, "198.51.100.7").status, 403);
    EXPECT_EQ(send("GET", "/hit?aid=c-a-demo-uk&url=https://s.example/&vid=" + std::string(32, 'b')).status,
              403);
    EXPECT_EQ(stored().size(), 0u);
}

// A client may claim any address; only our own proxies are believed, and of their list only the last.
TEST_F(CollectorTest, ForwardedAddressesAreBelievedFromTrustedProxiesOnly) {
    const std::string target = "/hit?aid=c-a-demo-uk&url=https://s.example/";
    EXPECT_EQ(send("GET", target, "", {{"X-Forwarded-For", "198.51.100.7"}}).status, 200);
    EXPECT_EQ(send("GET", target, "", {{"X-Forwarded-For", "203.0.113.1, 198.51.100.7"}}, "10.1.1.1").status,
              403);
    EXPECT_EQ(send("GET", target, "", {{"X-Forwarded-For", "198.51.100.7, 192.0.2.1"}}, "10.1.1.1").status,
              200);
}

// Two hits before the first answer are one visitor.
TEST_F(CollectorTest, TokensAreDerivedFromTheHitThatAskedFirst) {
    const std::string base = "/hit?aid=c-a-demo-uk&url=https://s.example/";
    const auto first = send("GET", base + "&hid=first-hit-1&vh=first-hit-1&sh=first-hit-1").object();
    const auto second = send("GET", base + "&hid=second-hit&vh=first-hit-1&sh=first-hit-1").object();
    EXPECT_EQ(first.at("vid"), second.at("vid"));
    EXPECT_EQ(first.at("sid"), second.at("sid"));
    EXPECT_NE(first.at("vid"), first.at("sid"));
    const auto hits = stored();
    EXPECT_NE(hits.at(0).id, hits.at(1).id);
}

TEST_F(CollectorTest, AVisitorWhoRefusedIsNotFollowedPastMidnight) {
    const std::string target = "/hit?aid=c-a-demo-uk&url=https://s.example/&consent=denied&vid=" + vid;
    const net::Headers own_site{
        {"Host", "cubed.s.example"}, {"Origin", "https://www.s.example"}, {"Cookie", "vscr_vid=" + vid}};
    const auto today = send("GET", target, "", own_site);
    EXPECT_FALSE(today.headers.contains("Set-Cookie"));
    EXPECT_NE(today.object().at("vid").as_string(), vid);
    EXPECT_EQ(send("GET", target, "", own_site).object().at("vid"), today.object().at("vid"));
    clock.advance(24h);
    EXPECT_NE(send("GET", target, "", own_site).object().at("vid"), today.object().at("vid"));
}

TEST_F(CollectorTest, FirstPartyCookiesAreSetAndReadOnTheSameSiteOnly) {
    const std::string target = "/hit?aid=c-a-demo-uk&url=https://www.shop.co.uk/";
    const auto own = send("GET", target, "",
                          {{"Host", "cubed.shop.co.uk"},
                           {"Origin", "https://www.shop.co.uk"},
                           {"Cookie", "a=b; vscr_vid=" + vid}});
    EXPECT_EQ(own.object().at("vid").as_string(), vid);
    const std::string cookie(own.headers.get_or("Set-Cookie", ""));
    EXPECT_NE(cookie.find("vscr_vid=" + vid), std::string::npos) << cookie;
    EXPECT_NE(cookie.find("Domain=shop.co.uk"), std::string::npos) << cookie;
    EXPECT_EQ(own.headers.get_or("Access-Control-Allow-Origin", ""), "https://www.shop.co.uk");
    EXPECT_EQ(own.headers.get_or("Access-Control-Allow-Credentials", ""), "true");
    const auto foreign = send("GET", target, "",
                              {{"Host", "data.withcubed.com"},
                               {"Origin", "https://www.shop.co.uk"},
                               {"Cookie", "vscr_vid=" + vid}});
    EXPECT_NE(foreign.object().at("vid").as_string(), vid);
    EXPECT_FALSE(foreign.headers.contains("Set-Cookie"));
}

TEST_F(CollectorTest, AnImpressionIsAGifWithASyncCookieThatJoinsTheVisitorLater) {
    const auto got = send("GET", "/c-a-demo-uk/cubedimpression.gif?medium=email&source=news&campaign=x");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.headers.get_or("Content-Type", ""), "image/gif");
    EXPECT_EQ(got.body.substr(0, 6), "GIF89a");
    EXPECT_EQ(got.headers.get_or("CUBED-STATUS", ""), "accepted");
    const std::string cookie(got.headers.get_or("Set-Cookie", ""));
    EXPECT_NE(cookie.find("SameSite=None; Secure"), std::string::npos);
    const std::string sync(cookie_value(cookie, "cubed_sync"));
    send("GET", "/hit?aid=c-a-demo-uk&url=https://s.example/", "", {{"Cookie", "cubed_sync=" + sync}});
    const auto hits = stored();
    ASSERT_EQ(hits.size(), 2u);
    EXPECT_EQ(hits[0].kind, HitKind::impression);
    EXPECT_EQ(hits[0].impression->medium, "email");
    EXPECT_EQ(hits[0].sync_ids, hits[1].sync_ids);
    const auto refused = send("GET", "/nobody/cubedimpression.gif");
    EXPECT_EQ(refused.status, 200);
    EXPECT_EQ(refused.headers.get_or("CUBED-ERROR-aid", ""), "Unknown account");
}

TEST_F(CollectorTest, ASubscriptionFailsInTheDocumentedShape) {
    const auto got = send("GET", "/subscription.js?aid=c-a-demo-uk");
    EXPECT_EQ(
        got.object(),
        base::parse_json(R"({"status":false,"message":"Validation errors","errors":{"tid":"Required"}})")
            ->as_object());
    EXPECT_EQ(send("GET", "/subscription.js?aid=c-a-demo-uk&tid=T1&rvn=500").object().at("status"), true);
    EXPECT_EQ(stored().at(0).subscription->revenue, 500);
}

// History is replayed into accounts that say so, and nowhere else.
TEST_F(CollectorTest, OnlySimulatedAccountsTakeTimesOfThePast) {
    send("GET", "/hit?aid=replay&url=https://s.example/&ct=1000&st=1000");
    send("GET", "/hit?aid=c-a-demo-uk&url=https://s.example/&ct=1000&st=1000");
    std::map<std::string, Hit> hits;
    for (const Hit& hit : stored()) hits[hit.account] = hit;
    EXPECT_EQ(hits["replay"].occurred, base::Instant(1s));
    EXPECT_TRUE(hits["replay"].simulated);
    EXPECT_EQ(hits["c-a-demo-uk"].occurred, clock.now());
}

TEST_F(CollectorTest, TheTagTheSimulatePageAndTheMetrics) {
    const auto tag = send("GET", "/visscore.tag.min.js");
    EXPECT_EQ(tag.status, 200);
    EXPECT_NE(tag.body.find("vscr"), std::string::npos);
    EXPECT_NE(send("GET", "/@simulate").body.find("<form"), std::string::npos);
    EXPECT_EQ(send("GET", "/health").status, 200);
    EXPECT_EQ(send("GET", "/metrics").status, 403);
    EXPECT_EQ(send("GET", "/metrics", "", {{"X-Forwarded-For", "127.0.0.1"}}, "127.0.0.1").status, 403);
    EXPECT_NE(send("GET", "/metrics", "", {}, "127.0.0.1").body.find("dcs_hits_total"), std::string::npos);
}

// Nothing of a request comes back as a header of its own.
TEST_F(CollectorTest, HeadersCannotBeInjected) {
    const auto got =
        send("GET", "/c-a-demo-uk%0d%0aX-Evil:1/cubedimpression.gif?medium=a%0d%0aSet-Cookie:x=1");
    for (const auto field : got.headers) {
        EXPECT_TRUE(net::is_header_name(field.name)) << field.name;
        EXPECT_TRUE(net::is_header_value(field.value)) << field.value;
    }
}

TEST_F(CollectorTest, BeforeTheAccountsAreKnownNobodyIsRefused) {
    Accounts none;
    Collector early(none, *spool, clock, random, metrics, {});
    auto sink = std::make_shared<Sink>();
    early.handle({{.method = "GET", .target = "/hit?aid=c-a-demo-uk&url=https://s.example/"}, ""}, sink);
    EXPECT_EQ(sink->wait().status, 503);
}

TEST(Site, HostsAndDomains) {
    EXPECT_EQ(host_of("https://user@WWW.Shop.example:8443/a?b"), "www.shop.example");
    EXPECT_EQ(host_of("[::1]:80"), "::1");
    EXPECT_EQ(registrable_domain("a.b.shop.co.uk"), "shop.co.uk");
    EXPECT_EQ(registrable_domain("127.0.0.1"), "");
    EXPECT_EQ(registrable_domain("localhost"), "");
    EXPECT_TRUE(same_site("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(same_site("a.co.uk", "b.co.uk"));
}

TEST(Networks, ContainTheirAddresses) {
    EXPECT_TRUE(Network::parse("203.0.113.0/25")->contains("203.0.113.127"));
    EXPECT_FALSE(Network::parse("203.0.113.0/25")->contains("203.0.113.128"));
    EXPECT_TRUE(Network::parse("203.0.113.7")->contains("::ffff:203.0.113.7"));
    EXPECT_TRUE(Network::parse("2001:db8::/33")->contains("2001:db8:7fff::1"));
    EXPECT_FALSE(Network::parse("2001:db8::/33")->contains("2001:db8:8000::1"));
    EXPECT_FALSE(Network::parse("10.0.0.0/33"));
    EXPECT_FALSE(Network::parse("10.0.0"));
    EXPECT_FALSE(Network::parse("0.0.0.0/0")->contains("garbage"));
}

TEST(AccountCache, SurvivesItsFile) {
    auto account = std::make_shared<Account>(Account{.token = "a",
                                                     .queue_name = "q",
                                                     .simulated = true,
                                                     .blocked_ranges = {"10.0.0.0/8"},
                                                     .blocked_visitors = {vid}});
    const auto again = accounts_from_json(accounts_to_json({{"a", account}}));
    ASSERT_TRUE(again.ok());
    const Account& read = *again->at("a");
    EXPECT_TRUE(read.simulated && read.active && !read.maintenance);
    EXPECT_TRUE(read.blocks_address("10.2.3.4"));
    EXPECT_TRUE(read.blocked_visitors.contains(vid));
    EXPECT_FALSE(accounts_from_json("{}").ok());
    EXPECT_FALSE(accounts_from_json("[1]").ok());
}

}  // namespace
}  // namespace cubed::dcs
