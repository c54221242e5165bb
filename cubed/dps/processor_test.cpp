// The DPS against a real PostgreSQL: whatever the queue and the machine do, the tables hold each hit once.
#include "cubed/dps/processor.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/random.h"
#include "cubed/control/configuration.h"
#include "cubed/control/migrations.h"
#include "cubed/database/test_server.h"
#include "cubed/dps/memory_queue.h"
#include "cubed/schema/envelope.h"

namespace cubed::dps {

using database::Connection;
using database::TestServer;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

static const Instant noon = std::chrono::sys_days(std::chrono::year(2026) / 6 / 1) + hours(12);

class Dps : public testing::Test {
  protected:
    static UserAgentParser& agents() {
        static const auto made = UserAgentParser::create();
        return **made;
    }

    void SetUp() override {
        settings_ = TestServer::instance().fresh_database();
        auto opened = Connection::open(settings_);
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        connection_ = opened.take();
        ASSERT_TRUE(control::migrate(*connection_, "client").ok());
        ASSERT_TRUE(control::add_default_channels(*connection_).ok());
        ASSERT_TRUE(control::add_goal(*connection_, {.name = "Sale", .events = {"purchase"}}).ok());
    }

    std::unique_ptr<Processor> processor(std::size_t batch_hits = 20'000) {
        return std::make_unique<Processor>(
            [this] { return std::optional(account_); }, queue_,
            [this]() -> base::Result<database::Settings> { return settings_; },
            Tools{agents(), geography_, clock_}, metrics_,
            Processor::Options{.batch_hits = batch_hits,
                               .poll = seconds(0),
                               .pauses = {std::chrono::milliseconds(5), std::chrono::milliseconds(20)}});
    }

    Hit page(const std::string& visitor, const std::string& session, Instant time,
             const std::string& referrer = "") {
        Hit hit;
        hit.id = random_.hex(16);
        hit.account = account_.token;
        hit.visitor = std::string(32 - visitor.size(), '0') + visitor;
        hit.session = std::string(32 - session.size(), '0') + session;
        hit.url = "https://shop.example/" + hit.id.substr(0, 4);
        hit.referrer = referrer;
        hit.title = "A page";
        hit.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0";
        hit.ip = "192.0.2.0";
        hit.collector_time = hit.occurred = time;
        return hit;
    }

    Hit sale(Hit hit, const std::string& transaction, std::int64_t revenue) {
        hit.events.push_back({.name = "purchase", .revenue = revenue, .transaction_id = transaction});
        return hit;
    }

    void send(const std::vector<Hit>& hits) { queue_.send(seal_envelope(hits)); }

    std::int64_t drain() {
        auto taken = processor()->drain({});
        EXPECT_TRUE(taken.ok()) << taken.error().what;
        return taken.ok() ? *taken : -1;
    }

    std::string ask(database::Sql sql) {
        const auto rows = connection_->query(sql);
        EXPECT_TRUE(rows.ok()) << rows.error().what;
        return rows.ok() && !rows->empty() ? rows->string(0, 0) : "";
    }

    control::Account account_{.token = "c-a-demo-uk", .domain = "shop.example", .domains = {"shop.example"}};
    database::Settings settings_;
    std::optional<Connection> connection_;
    MemoryQueue queue_;
    Geography geography_;
    base::SimClock clock_{noon};
    base::MetricsRegistry registry_;
    AccountMetrics metrics_{registry_, "c-a-demo-uk"};
    base::SeededRandom random_{1};
};

TEST_F(Dps, WritesAVisitWithItsPagesChannelAndSale) {
    Hit landing = page("a1", "b1", noon, "https://www.google.com/?gclid=x");
    landing.labels.push_back({"plan", std::string("gold")});
    landing.labels.push_back({"seats", std::int64_t(3)});
    landing.sync_ids = {"crm-7"};
    Hit bought = sale(page("a1", "b1", noon + minutes(20)), "T1", 1999);
    bought.events[0].details = {{.sku = "S", .name = "Tea", .quantity = 2, .unit_price = 895}};
    bought.events[0].labels = {{"gift", true}};
    send({landing, bought});
    EXPECT_EQ(drain(), 2);
    EXPECT_EQ(queue_.depth().value(), 0);
    EXPECT_EQ(ask("SELECT concat_ws('|', r.name, v.views, v.reason, v.source, v.medium, v.click_id, "
                  "d.browser, d.os, "
                  "v.last_visit - v.first_visit, v.bot) FROM attrib_visit v JOIN attrib_referer r ON r.id = "
                  "v.referer_id "
                  "JOIN attrib_visit_details d ON d.visit_id = v.id"),
              "PPC|2|click-id|google|cpc|gclid|Firefox|Linux|00:20:00|f");
    EXPECT_EQ(ask("SELECT concat_ws('|', e.name, i.revenue, i.currency, i.transaction_id, d.sku, d.quantity, "
                  "d.unit_price) "
                  "FROM attrib_event_item i JOIN attrib_event e ON e.id = i.event_id "
                  "JOIN attrib_event_item_details d ON d.event_item_id = i.id JOIN attrib_visit v ON v.id = "
                  "i.visit_id"),
              "purchase|1999|GBP|T1|S|2|895");
    EXPECT_EQ(ask("SELECT string_agg(concat_ws('=', name, type, value, number), ',' ORDER BY name) FROM "
                  "attrib_label"),
              "gift=boolean=true=1,plan=string=gold,seats=integer=3=3");
    EXPECT_EQ(ask("SELECT count(*) FROM attrib_sync_map m JOIN attrib_visitor v ON v.id = m.visitor_id "
                  "JOIN attrib_sync s ON s.id = m.sync_id WHERE s.token = 'crm-7'"),
              "1");
}

// Exactly once: the same messages again, the same hits in other messages, removals that never happened.
TEST_F(Dps, TakesEachHitOnceHoweverOftenItComes) {
    std::vector<Hit> hits;
    for (int i = 0; i < 200; ++i) {
        hits.push_back(
            sale(page("a" + std::to_string(i % 40), "b" + std::to_string(i % 40), noon + seconds(i)),
                 "T" + std::to_string(i), 100));
    }
    queue_.lose_removals = true;
    send(hits);
    send({hits[3], hits[3], hits[4]});
    EXPECT_EQ(drain(), 200);
    for (int again = 0; again < 3; ++again) {
        queue_.release();
        EXPECT_EQ(drain(), 0);
    }
    queue_.lose_removals = false;
    std::vector<Hit> repacked(hits.begin() + 100, hits.end());
    repacked.push_back(page("new", "new", noon));
    send(repacked);
    EXPECT_EQ(drain(), 1);
    EXPECT_EQ(
        ask("SELECT concat_ws('|', (SELECT count(*) FROM attrib_page), (SELECT count(*) FROM attrib_hit), "
            "(SELECT sum(views) FROM attrib_visit), (SELECT sum(revenue) FROM attrib_event_item), "
            "(SELECT count(*) FROM attrib_visit))"),
        "201|201|201|20000|41");
}

// Two workers, on this machine or two, share a queue; visitors span their batches, and so do duplicates.
TEST_F(Dps, TwoWorkersOnOneQueueAgree) {
    std::vector<Hit> all;
    for (int message = 0; message < 60; ++message) {
        std::vector<Hit> hits;
        for (int i = 0; i < 50; ++i) {
            const int visitor = int(random_.below(30));
            hits.push_back(sale(page("a" + std::to_string(visitor), "b" + std::to_string(visitor),
                                     noon + seconds(message * 50 + i)),
                                "T" + std::to_string(random_.below(1000)), 100));
        }
        all.insert(all.end(), hits.begin(), hits.end());
        send(hits);
        if (message % 3 == 0) send(hits);
    }
    std::vector<std::jthread> workers;
    for (int i = 0; i < 3; ++i) {
        workers.emplace_back([this] {
            auto worker = processor(100);
            EXPECT_TRUE(worker->drain({}).ok());
        });
    }
    workers.clear();
    EXPECT_EQ(ask("SELECT concat_ws('|', (SELECT count(*) FROM attrib_page), (SELECT sum(views) FROM "
                  "attrib_visit), "
                  "(SELECT count(*) FROM attrib_visit), (SELECT count(*) FROM attrib_visitor), "
                  "(SELECT count(*) - count(DISTINCT transaction_id) FROM attrib_event_item), "
                  "(SELECT count(*) FROM attrib_page p LEFT JOIN attrib_visit v ON v.id = p.visit_id WHERE "
                  "v.id IS NULL))"),
              "3000|3000|30|30|0|0");
}

// A visit's origin is its earliest hit by event time, and late hits join visits, in whatever order they
// arrive.
TEST_F(Dps, LateHitsGiveTheSameVisitsAsPunctualOnes) {
    const Hit first = page("a", "s", noon, "https://www.google.com/");
    const Hit middle = page("a", "s", noon + minutes(25));
    const Hit last = page("a", "s", noon + minutes(50), "https://shop.example/");
    const Hit next = page("a", "s", noon + minutes(200), "https://www.facebook.com/");
    for (const Hit* hit : {&next, &last, &first, &middle}) {
        send({*hit});
        drain();
    }
    EXPECT_EQ(
        ask("SELECT string_agg(concat_ws('|', r.name, v.views, v.last_visit - v.first_visit, "
            "(SELECT count(*) FROM attrib_page p WHERE p.visit_id = v.id)), ' ; ' ORDER BY first_visit) "
            "FROM attrib_visit v JOIN attrib_referer r ON r.id = v.referer_id"),
        "SEO|3|00:50:00|3 ; Social|1|00:00:00|1");
    EXPECT_EQ(ask("SELECT count(*) FROM attrib_visit_details"), "2");
}

// A session token copied from somebody else's cookie must not put one visitor's pages into another's visit.
TEST_F(Dps, ABorrowedSessionTokenMakesAVisitOfItsOwn) {
    send({page("a", "s", noon)});
    drain();
    send({page("b", "s", noon + minutes(1)), page("c", "s", noon + minutes(2))});
    EXPECT_EQ(drain(), 2);
    EXPECT_EQ(ask("SELECT concat_ws('|', count(*), count(DISTINCT visitor_id), count(DISTINCT token)) FROM "
                  "attrib_visit"),
              "3|3|3");
}

TEST_F(Dps, SqlInEveryFieldIsText) {
    const std::string bomb =
        "'; DROP TABLE attrib_visit; -- \" $1 \\ {a,\"b\"} \x01\xff" + std::string(1, '\0') + "x";
    Hit hit = sale(page("a", "s", noon, bomb), bomb, 1);
    hit.url = hit.title = hit.user_agent = hit.language = hit.screen = hit.tag_version = hit.ip = bomb;
    hit.sync_ids = {bomb};
    hit.labels = {{bomb, bomb}};
    hit.events[0].name = hit.events[0].currency = bomb;
    hit.events[0].details = {{.sku = bomb, .name = bomb}};
    hit.events[0].discount = Discount{bomb, 1};
    hit.events[0].shipping = Shipping{bomb, 1};
    hit.reasons = {{bomb, bomb}};
    hit.visitor = "'; DROP TABLE attrib_visitor";
    hit.session = "'\"\\{},NULL";
    Hit impression = page("i", "s", noon, bomb);
    impression.kind = HitKind::impression;
    impression.impression = Impression{bomb, bomb, bomb, bomb};
    Hit subscription = page("", "", noon);
    subscription.kind = HitKind::subscription;
    subscription.subscription = Subscription{bomb, bomb, bomb, 5};
    send({hit, impression, subscription});
    EXPECT_EQ(drain(), 3);
    EXPECT_EQ(ask("SELECT concat_ws('|', (SELECT count(*) FROM attrib_visit), (SELECT count(*) FROM "
                  "attrib_impression), "
                  "(SELECT count(*) FROM attrib_subscription), (SELECT count(*) FROM attrib_quarantine))"),
              "1|1|1|0");
    EXPECT_EQ(ask("SELECT left(title, 28) FROM attrib_page"), "'; DROP TABLE attrib_visit; ");
}

TEST_F(Dps, LongTextIsCutToItsColumn) {
    Hit hit = page("a", "s", noon, std::string(5000, 'r'));
    hit.url = "https://shop.example/" + std::string(5000, 'u');
    hit.title.clear();
    for (int i = 0; i < 1000; ++i) hit.title += "\xE2\x82\xAC";
    send({hit});
    EXPECT_EQ(drain(), 1);
    EXPECT_EQ(ask("SELECT concat_ws('|', length(url), length(title)) FROM attrib_page"), "2000|500");
}

// Poison must neither be lost nor stop the queue, and goes through once its reason is gone.
TEST_F(Dps, PoisonIsSetAsideWithTheReasonAndReplayed) {
    queue_.send("this is no envelope");
    Hit stranger = page("a", "s", noon);
    stranger.account = "c-a-other-uk";
    send({stranger, page("b", "t", noon)});
    EXPECT_EQ(drain(), 1);
    EXPECT_EQ(queue_.depth().value(), 0);
    EXPECT_EQ(ask("SELECT count(*) FROM attrib_quarantine WHERE reason <> ''"), "2");

    account_.token = "c-a-other-uk";  // the reason is gone
    auto worker = processor();
    const auto replayed = replay_quarantine(*connection_, *worker, {});
    ASSERT_TRUE(replayed.ok()) << replayed.error().what;
    EXPECT_EQ(replayed->done, 1);
    EXPECT_EQ(replayed->failed, 1);
    EXPECT_EQ(ask("SELECT count(*) FROM attrib_page"), "2");
}

// A hit that only the database can refuse is found by halving; its neighbours pass.
TEST_F(Dps, OneHitTheDatabaseRefusesDoesNotHoldUpTheRest) {
    ASSERT_TRUE(connection_->execute("ALTER TABLE attrib_page ADD CHECK (title <> 'refused')").ok());
    std::vector<Hit> hits;
    for (int i = 0; i < 50; ++i) hits.push_back(page("a" + std::to_string(i), "s" + std::to_string(i), noon));
    hits[17].title = "refused";
    send(hits);
    EXPECT_EQ(drain(), 49);
    EXPECT_EQ(ask("SELECT count(*) FROM attrib_quarantine WHERE reason LIKE '%check constraint%'"), "1");
    ASSERT_TRUE(connection_->execute("ALTER TABLE attrib_page DROP CONSTRAINT attrib_page_title_check").ok());
    auto worker = processor();
    EXPECT_EQ(replay_quarantine(*connection_, *worker, {})->done, 1);
    EXPECT_EQ(ask("SELECT count(*) FROM attrib_page"), "50");
}

TEST_F(Dps, ASaleCountsOnceAndTheRepeatIsComplainedAbout) {
    send({sale(page("a", "s", noon), "T1", 100), sale(page("a", "s", noon + seconds(5)), "T1", 100)});
    drain();
    send({sale(page("b", "t", noon), "T1", 100), sale(page("b", "t", noon), "T2", 7)});
    EXPECT_EQ(drain(), 2);
    EXPECT_EQ(ask("SELECT concat_ws('|', count(*), sum(revenue)) FROM attrib_event_item"), "2|107");
    EXPECT_EQ(ask("SELECT count(*) FROM attrib_validation WHERE field = 'events.transaction_id'"), "2");
}

TEST_F(Dps, UnknownEventsAreKeptSwitchedOff) {
    Hit hit = page("a", "s", noon);
    hit.events.push_back({.name = "typo"});
    send({hit});
    drain();
    EXPECT_EQ(
        ask("SELECT concat_ws('|', e.configured, count(*)) FROM attrib_event_item i JOIN attrib_event e ON "
            "e.id = i.event_id GROUP BY e.configured"),
        "f|1");
    EXPECT_EQ(ask("SELECT reason FROM attrib_validation"), "This event is not set up");
}

TEST_F(Dps, HitsOlderThanTheAccountAcceptsAreReportedNotStored) {
    Hit late = page("a", "s", noon);
    late.occurred = noon - hours(24 * 8);
    Hit simulated = late;
    simulated.id = random_.hex(16);
    simulated.simulated = true;
    send({late, simulated});
    EXPECT_EQ(drain(), 1);
    EXPECT_EQ(ask("SELECT count(*) FROM attrib_validation WHERE field = 'occurred'"), "1");
}

TEST_F(Dps, BotsAreMarkedNotDropped) {
    Hit hit = page("a", "s", noon);
    hit.user_agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    send({hit});
    EXPECT_EQ(drain(), 1);
    EXPECT_EQ(ask("SELECT bot FROM attrib_visit"), "t");
}

// PostgreSQL dies at random moments under load; when it is back the counts are exact.
TEST_F(Dps, NothingIsLostOrDoubledWhenPostgresDies) {
    int sent = 0;
    for (int message = 0; message < 120; ++message) {
        std::vector<Hit> hits;
        for (int i = 0; i < 100; ++i, ++sent) {
            const std::string who = std::to_string(random_.below(500));
            hits.push_back(page("a" + who, "s" + who, noon + seconds(sent / 10)));
        }
        send(hits);
    }
    std::vector<std::jthread> workers;
    for (int i = 0; i < 2; ++i) {
        workers.emplace_back([this](std::stop_token stop) { processor(300)->run(stop); });
    }
    for (int kill = 0; kill < 3; ++kill) {
        while (metrics_.hits.value() < std::uint64_t(2000 * (kill + 1))) std::this_thread::yield();
        TestServer::instance().stop("immediate");
        TestServer::instance().start();
    }
    while (queue_.depth().value() > 0) std::this_thread::yield();
    workers.clear();
    connection_ = Connection::open(settings_).take();
    EXPECT_EQ(ask("SELECT concat_ws('|', (SELECT count(*) FROM attrib_page), (SELECT sum(views) FROM "
                  "attrib_visit), "
                  "(SELECT count(*) FROM attrib_hit))"),
              "12000|12000|12000");
    EXPECT_GT(metrics_.retries.value(), 0u);
}

}  // namespace cubed::dps
