#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/json.h"
#include "cubed/control/migrations.h"
#include "cubed/database/test_server.h"
#include "cubed/predictor/publish.h"
#include "cubed/report/reports.h"

namespace cubed::report {
namespace {

using database::Connection;
using database::Statement;

Table awkward_table() {
    return {"a \"name\"",
            {"text", "number"},
            {{Cell::of_text("=1+2,\"x\"\ny"), Cell::of_number("12.3400")},
             {Cell::of_text("Zürich"), Cell::of_number(-0.00001, 4)},
             {Cell::none(), Cell::none()}}};
}

// A report that a spreadsheet runs, or that a parser chokes on, is worse than none.
TEST(Render, EveryFormatSurvivesAwkwardText) {
    EXPECT_EQ(render({awkward_table()}, Format::csv),
              "text,number\r\n\"'=1+2,\"\"x\"\"\ny\",12.3400\r\nZürich,0.0000\r\n,\r\n");
    EXPECT_EQ(render({awkward_table()}, Format::table),
              "a \"name\"\n"
              "text         number\n"
              "----------  -------\n"
              "=1+2,\"x\" y  12.3400\n"
              "Zürich       0.0000\n"
              "-                 -\n");
    const std::string json = render({awkward_table(), {"empty", {"x"}, {}}}, Format::json);
    EXPECT_TRUE(base::parse_json(json).ok()) << json;
    EXPECT_NE(json.find("\"number\": 12.3400"), std::string::npos);
    EXPECT_FALSE(format_of("xml").ok());
}

TEST(Render, TotalVariation) {
    EXPECT_DOUBLE_EQ(total_variation({0.5, 0.5, 0}, {0.5, 0.25, 0.25}), 0.25);
    EXPECT_DOUBLE_EQ(total_variation({1, 0}, {0, 1}), 1);
}

/// A trained account: 60 visitors, one order each for every second one, truth beside it.
class TrainedAccount : public testing::Test {
  protected:
    void SetUp() override {
        auto opened = Connection::open(database::TestServer::instance().fresh_database());
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        connection_ = std::make_unique<Connection>(std::move(*opened));
        ASSERT_TRUE(control::migrate(*connection_, "client").ok());
        run("INSERT INTO attrib_referer (name) VALUES ('Paid'), ('Organic');"
            "INSERT INTO attrib_event (name, display_name) VALUES ('purchase', 'Purchase');"
            "INSERT INTO attrib_product (name) VALUES ('Sale'); INSERT INTO attrib_product_event VALUES (1, "
            "1);"
            "INSERT INTO attrib_visitor (token, first_seen, last_seen) SELECT 'v' || n, now(), now() "
            "FROM generate_series(1, 60) n;"
            "INSERT INTO attrib_visit (visitor_id, token, session_token, first_visit, last_visit, "
            "landing_hit, referer_id) "
            "SELECT id, token, 's', t, t, gen_random_uuid(), CASE WHEN id > 4 THEN 1 + id % 3 % 2 END "
            "FROM attrib_visitor, LATERAL (SELECT timestamptz '2026-03-01 09:00+00' + id * interval '1 hour' "
            "AS t) x;"
            "INSERT INTO attrib_event_item (hit_id, event_id, visit_id, visitor_id, time, revenue, "
            "transaction_id) "
            "SELECT gen_random_uuid(), 1, id, visitor_id, first_visit, 999, 't' || id FROM attrib_visit "
            "WHERE id % 2 = 0;"
            "INSERT INTO simulate_truth (scenario, seed, visitor_token, transaction_id, converted, cause) "
            "SELECT 'A', 1, 'v' || visitor_id, transaction_id, time, CASE visitor_id % 4 WHEN 0 THEN 'Paid' "
            "ELSE 'baseline' END FROM attrib_event_item;"
            "INSERT INTO simulate_incremental VALUES ('A', 1, 'Paid', 40, 14.5, 1400);"
            "INSERT INTO attrib_validation (time, stage, field, reason) VALUES ('2026-03-01', 'dcs', 'url', "
            "'too long'), "
            "('2026-03-02', 'dcs', 'url', 'too long');"
            "INSERT INTO attrib_quarantine (message_id, body, reason) VALUES ('m', 'x', 'no envelope');");
    }
    void train() {
        const predictor::Goal goal{1, "Sale", 30};
        const auto window = predictor::whole_window(*connection_, 400).value();
        const auto book = predictor::load_journeys(*connection_, goal, "GBP", window).value();
        predictor::FitOptions options;
        options.bootstrap.replicates = 10;
        const auto fit = predictor::fit(book, goal, window, options).value();
        ASSERT_TRUE(
            predictor::write_reports(*connection_, goal, book, fit, options, base::RealClock{}.now()).ok());
    }
    void run(std::string sql) {
        const auto done = connection_->execute(Statement::from_trusted_file(std::move(sql)));
        ASSERT_TRUE(done.ok()) << done.error().what;
    }
    std::unique_ptr<Connection> connection_;
};

std::string cell(const Table& table, const std::string& row, const std::string& column) {
    const auto c = std::ranges::find(table.columns, column) - table.columns.begin();
    for (const auto& cells : table.rows) {
        if (cells[0].text == row) return cells.at(static_cast<std::size_t>(c)).text;
    }
    return "?";
}

TEST_F(TrainedAccount, ChannelsReconcile) {
    EXPECT_FALSE(channel_report(*connection_, {}).ok()) << "before training there is nothing to report";
    train();
    const auto tables = channel_report(*connection_, {});
    ASSERT_TRUE(tables.ok()) << tables.error().what;
    ASSERT_EQ(tables->size(), 3u);
    const Table& sale = (*tables)[1];
    EXPECT_EQ(cell(sale, "Total", "fm_sales"), "30.0000");
    EXPECT_EQ(cell(sale, "Total", "lc_sales"), "30.0000");
    EXPECT_EQ(cell(sale, "Total", "fm_revenue"), "299.70");
    EXPECT_EQ(cell(sale, "Total", "lc_revenue"), "299.70");
    EXPECT_EQ(cell(sale, "Unattributed", "lc_sales"), "2.0000");
    EXPECT_EQ(cell(sale, "Total", "visits"), "60");
    EXPECT_EQ((*tables)[2].columns.size(), 13u);
    const auto detailed = channel_report(*connection_, {.intervals = true});
    ASSERT_EQ(detailed->size(), 4u);
    EXPECT_NE(cell(detailed->back(), "Paid", "sales_upper"), "");
    const auto one_day = channel_report(*connection_, {.goal = 1, .from = "2026-03-02", .to = "2026-03-02"});
    ASSERT_TRUE(one_day.ok());
    EXPECT_EQ(cell((*one_day)[1], "Total", "fm_sales"), "12.0000");
}

TEST_F(TrainedAccount, JourneysShowEveryTouch) {
    train();
    const auto all = journey_report(*connection_, {});
    ASSERT_TRUE(all.ok()) << all.error().what;
    EXPECT_EQ(all->front().rows.size(), 20u) << "the limit";
    const auto one = journey_report(*connection_, {.visitor = "v6"}).value();
    ASSERT_EQ(one.front().rows.size(), 1u);
    EXPECT_EQ(cell(one.front(), "v6", "linear"), "1.000000");
    EXPECT_EQ(cell(one.front(), "v6", "revenue"), "9.99");
    EXPECT_EQ(cell(journey_report(*connection_, {.visitor = "v2"})->front(), "v2", "channel"),
              "Unattributed");
    EXPECT_TRUE(journey_report(*connection_, {.visitor = "nobody"})->front().rows.empty());
    EXPECT_TRUE(journey_report(*connection_, {.visitor = "' OR 1=1 --"})->front().rows.empty());
}

TEST_F(TrainedAccount, ValidationShowsTheLedgerAndTheTruth) {
    train();
    const auto tables = validation_report(*connection_, {});
    ASSERT_TRUE(tables.ok()) << tables.error().what;
    ASSERT_EQ(tables->size(), 3u);
    EXPECT_EQ(cell((*tables)[0], "validation", "count"), "2");
    EXPECT_EQ(cell((*tables)[0], "quarantined", "reason"), "no envelope");
    const Table& truth = (*tables)[1];
    EXPECT_EQ(cell(truth, "Paid", "truth"), "15.0000");
    EXPECT_EQ(cell(truth, "baseline", "truth"), "15.0000");
    EXPECT_EQ(cell(truth, "baseline", "last"), "2.0000");
    EXPECT_EQ(cell(truth, "total variation error", "truth"), "0.0000");
    EXPECT_EQ(cell(truth, "the same, channels alone", "truth"), "0.0000");
    EXPECT_EQ(cell(truth, "total variation error", "last"), "0.4333");  // 2 of 30 where 15 belong
    EXPECT_EQ(cell((*tables)[2], "A", "conversions"), "14.5000");
}

}  // namespace
}  // namespace cubed::report
