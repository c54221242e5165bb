// From rows of a real PostgreSQL to report tables and back: what SQL does with nulls, numerics and arrays
// cannot be tested without it.
#include <gtest/gtest.h>

#include "cubed/control/migrations.h"
#include "cubed/database/test_server.h"
#include "cubed/predictor/publish.h"

namespace cubed::predictor {
namespace {

using database::Connection;
using database::Statement;

class Reports : public testing::Test {
  protected:
    void SetUp() override {
        const auto settings = database::TestServer::instance().fresh_database();
        auto opened = Connection::open(settings);
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        connection_ = std::make_unique<Connection>(std::move(*opened));
        const auto migrated = control::migrate(*connection_, "client");
        ASSERT_TRUE(migrated.ok()) << migrated.error().what;
        run("INSERT INTO attrib_referer (name) VALUES ('Paid \"search\"'), ('Organic'), ('Direct');"
            "INSERT INTO attrib_event (name, display_name) VALUES ('purchase', 'Purchase'), ('order', "
            "'Order');"
            "INSERT INTO attrib_product (name, lookback_days) VALUES ('Sale', 10);"
            "INSERT INTO attrib_product_event VALUES (1, 1), (1, 2);"
            // 300 visitors with three visits each, a day apart from day 1 on; every third buys in the last.
            "INSERT INTO attrib_visitor (token, first_seen, last_seen) SELECT 'v' || n, now(), now() "
            "FROM generate_series(1, 300) n;"
            "INSERT INTO attrib_visit (visitor_id, token, session_token, first_visit, last_visit, "
            "landing_hit, "
            "referer_id) SELECT v.id, v.id || '-' || n, 's', t, t + interval '5 min', gen_random_uuid(), "
            "CASE WHEN (v.id + n) % 5 < 3 THEN (v.id + n) % 5 + 1 END "
            "FROM attrib_visitor v, generate_series(0, 2) n, "
            "LATERAL (SELECT timestamptz '2026-03-01 12:00+00' + (v.id % 20 + n) * interval '1 day' AS t) AS "
            "x;"
            "INSERT INTO attrib_event_item (hit_id, event_id, visit_id, visitor_id, time, revenue, "
            "transaction_id) "
            "SELECT gen_random_uuid(), 1, id, visitor_id, first_visit + interval '1 min', 1000 + visitor_id, "
            "'t' || visitor_id FROM attrib_visit WHERE visitor_id % 3 = 0 AND token LIKE '%-2';");
    }

    void run(std::string sql) {
        const auto done = connection_->execute(Statement::from_trusted_file(std::move(sql)));
        ASSERT_TRUE(done.ok()) << done.error().what;
    }
    std::string text(std::string sql) {
        const auto rows = connection_->query(Statement::from_trusted_file(std::move(sql)));
        EXPECT_TRUE(rows.ok()) << rows.error().what;
        return rows.ok() && rows->size() == 1 ? rows->string(0, 0) : "?";
    }
    JourneyBook load() {
        const auto window = whole_window(*connection_, 400).value();
        auto book = load_journeys(*connection_, goal_, "GBP", window);
        EXPECT_TRUE(book.ok()) << book.error().what;
        return std::move(*book);
    }
    Fit train() {
        const JourneyBook book = load();
        FitOptions options;
        options.account = "c-a-test-uk";
        options.bootstrap.replicates = 20;
        Fit out = fit(book, goal_, whole_window(*connection_, 400).value(), options).value();
        const auto written = write_reports(*connection_, goal_, book, out, options, base::RealClock{}.now());
        EXPECT_TRUE(written.ok()) << written.error().what;
        return out;
    }

    std::unique_ptr<Connection> connection_;
    Goal goal_{1, "Sale", 10};
};

TEST_F(Reports, TheBookHoldsWhatTheDatabaseHolds) {
    const auto goals = load_goals(*connection_, std::nullopt).value();
    ASSERT_EQ(goals.size(), 1u);
    EXPECT_EQ(goals[0].lookback_days, 10);
    EXPECT_FALSE(load_goals(*connection_, 99).ok());
    const JourneyBook book = load();
    std::int64_t visits = 0;
    for (const auto& day : book.visits) {
        for (const std::int64_t count : day) visits += count;
    }
    EXPECT_EQ(visits, 900);
    const auto totals = attribution::totals_of(book.set.paths);
    EXPECT_EQ(totals.conversions, 100);
    EXPECT_EQ(totals.value, 100 * 1000 + 3 * 5050);
    EXPECT_EQ(book.channels.name(0), "Paid \"search\"");
}

// The same order reported by two of a goal's events is one conversion; bots and other currencies are set
// apart.
TEST_F(Reports, ConversionsCountOnce) {
    run("INSERT INTO attrib_event_item (hit_id, event_id, visit_id, visitor_id, time, revenue, "
        "transaction_id) "
        "SELECT gen_random_uuid(), 2, visit_id, visitor_id, time + interval '1 s', revenue, transaction_id "
        "FROM attrib_event_item;"
        "UPDATE attrib_event_item SET currency = 'EUR' WHERE visitor_id = 3;"
        "UPDATE attrib_visit SET bot = true WHERE visitor_id = 6;");
    const JourneyBook book = load();
    EXPECT_EQ(attribution::totals_of(book.set.paths).conversions, 99);
    EXPECT_EQ(book.other_currency, 1);
    EXPECT_EQ(attribution::totals_of(book.set.paths).value, 100 * 1000 + 3 * 5050 - 1003 - 1006);
}

// One person on two devices, told by a sync id, walks one path.
TEST_F(Reports, SyncIdsJoinVisitors) {
    const std::size_t before = load().journeys.size();
    run("INSERT INTO attrib_sync (token, created) VALUES ('customer-1', now());"
        "INSERT INTO attrib_sync_map SELECT 1, id, now() FROM attrib_visitor WHERE id IN (1, 41, 61);");
    const JourneyBook book = load();
    EXPECT_EQ(book.journeys.size(), before - 2) << "three journeys of no conversion became one";
    run("INSERT INTO attrib_sync_map SELECT 1, id, now() FROM attrib_visitor WHERE id > 200;");
    EXPECT_EQ(load().journeys.size(), before) << "an id that hundreds share is no person";
}

TEST_F(Reports, TablesReconcileAndAreReplacedWhole) {
    const Fit out = train();
    for (const char* column : {"fm_sales", "lc_sales"}) {
        EXPECT_EQ(text(std::string("SELECT sum(") + column + ")::text FROM report_channel"), "100.0000");
    }
    for (const char* column : {"fm_revenue", "lc_revenue"}) {
        EXPECT_EQ(text(std::string("SELECT sum(") + column + ")::text FROM report_channel"), "1151.50");
    }
    EXPECT_EQ(text("SELECT count(*) FROM (SELECT model FROM report_channel_model GROUP BY model "
                   "HAVING sum(sales) = 100 AND sum(revenue) = 1151.50) AS good"),
              std::to_string(out.models.size()));
    EXPECT_EQ(text("SELECT sum(visits) FROM report_channel"), "900");
    EXPECT_EQ(text("SELECT count(*) FROM report_conversion"), "100");
    EXPECT_EQ(text("SELECT count(*) FROM report_touch GROUP BY product_id"),
              text("SELECT sum(touches) FROM report_conversion"));
    EXPECT_EQ(text("SELECT count(*) FROM (SELECT sum((credits->>'markov_1')::numeric) AS s FROM report_touch "
                   "GROUP BY event_item_id) AS t WHERE s <> 1"),
              "0");
    EXPECT_EQ(text("SELECT version FROM report_model"), out.version);
    EXPECT_EQ(text("SELECT sum(fm_sales)::text FROM report_channel_range(1, '2026-03-01', '2026-03-31')"),
              "100.0000");
    EXPECT_EQ(text("SELECT count(*) FROM report_channel_range(1, '2026-03-01', '2026-03-31') "
                   "WHERE fm_sales_lower <= fm_sales AND fm_sales <= fm_sales_upper"),
              "3");

    const Fit again = train();
    EXPECT_EQ(again.version, out.version) << "the same data gives the same version";
    EXPECT_EQ(text("SELECT count(*) FROM report_model"), "1");
    EXPECT_EQ(text("SELECT count(*) FROM report_conversion"), "100");
}

// A failure in the middle must leave the old reports readable.
TEST_F(Reports, AFailureKeepsTheOldReports) {
    train();
    const JourneyBook book = load();
    FitOptions options;
    options.bootstrap.replicates = 0;
    const Fit other = fit(book, goal_, whole_window(*connection_, 400).value(), options).value();
    run("ALTER TABLE report_touch ADD CHECK (position < 0) NOT VALID;");
    EXPECT_FALSE(write_reports(*connection_, goal_, book, other, options, base::RealClock{}.now()).ok());
    EXPECT_EQ(text("SELECT sum(fm_sales)::text FROM report_channel"), "100.0000");
    EXPECT_EQ(text("SELECT count(*) FROM report_model"), "1");
}

TEST_F(Reports, AnAccountWithoutVisitsSaysSo) {
    run("TRUNCATE attrib_visit, attrib_event_item, attrib_event_item_details;");
    ASSERT_FALSE(whole_window(*connection_, 400).ok());
    EXPECT_EQ(whole_window(*connection_, 400).error().kind, base::FailureKind::not_found);
}

}  // namespace
}  // namespace cubed::predictor
