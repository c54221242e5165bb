// The channel report: modelled credit beside last click, from the tables that training writes.
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "cubed/dash/reports.h"

namespace cubed::dash {
namespace {

struct Goal {
    int64_t id = 0;
    std::string name;
};

struct Range {
    std::string from, to;  ///< days, YYYY-MM-DD, both inclusive
};

base::Failure bad(std::string what) {
    return {base::FailureKind::invalid, std::move(what)};
}

base::Result<Goal> chosen_goal(database::Connection& connection, std::string_view parameter) {
    const database::Rows rows = TRY(connection.query(
        "SELECT id, name FROM attrib_product WHERE active AND ($1 = '' OR id::text = $1) ORDER BY id LIMIT 1",
        parameter));
    if (rows.empty()) {
        if (!parameter.empty()) return bad("There is no such goal.");
        return base::Failure{base::FailureKind::not_found, "This account has no goal yet."};
    }
    return Goal{rows.integer(0, 0), rows.string(0, 1)};
}

base::Result<std::string> day_of(std::string_view text) {
    const auto at = base::parse_iso8601(text);
    if (!at.ok() || text.size() != 10) return bad("A date is written YYYY-MM-DD.");
    return std::string(text);
}

/// What was asked for; else the days that the model saw; else those that have conversions; else today.
base::Result<Range> chosen_range(database::Connection& connection, const Goal& goal,
                                 const WebRequest& request) {
    const database::Rows rows = TRY(connection.query(
        "SELECT coalesce(model.first, seen.first, now()::date)::text,"
        " coalesce(model.last, seen.last, now()::date)::text"
        " FROM (SELECT min(date) AS first, max(date) AS last FROM report_channel WHERE product_id = $1) AS "
        "model,"
        " (SELECT min(time)::date AS first, max(time)::date AS last FROM attrib_event_item WHERE event_id IN"
        "  (SELECT event_id FROM attrib_product_event WHERE product_id = $1)) AS seen",
        goal.id));
    Range range{rows.string(0, 0), rows.string(0, 1)};
    if (!request.parameter("from").empty()) range.from = TRY(day_of(request.parameter("from")));
    if (!request.parameter("to").empty()) range.to = TRY(day_of(request.parameter("to")));
    if (range.to < range.from) return bad("The first day is after the last.");
    return range;
}

/// The model behind the numbers, and how many conversions are newer than it; null when there is none.
base::Result<boost::json::value> model_of(database::Connection& connection, const Goal& goal) {
    const database::Rows rows = TRY(connection.query(
        "SELECT model, version, trained, lookback_days, interval_level, (SELECT count(*)"
        "  FROM attrib_event_item AS item WHERE item.time >= report_model.window_to AND item.event_id IN"
        "  (SELECT event_id FROM attrib_product_event WHERE product_id = $1))"
        " FROM report_model WHERE product_id = $1 ORDER BY trained DESC, id DESC LIMIT 1",
        goal.id));
    if (rows.empty()) return boost::json::value();
    return boost::json::object{
        {"name", rows.text(0, 0)},
        {"version", rows.text(0, 1)},
        {"trained_at", base::format_iso8601(rows.instant(0, 2))},
        {"lookback_days", rows.integer(0, 3)},
        {"interval_level", rows.real(0, 4)},
        {"newer_conversions", rows.integer(0, 5)},
    };
}

/// Conversions and revenue counted from the conversions themselves, not from their credits: what both models'
/// sums are checked against. Before the first training, from the collected events.
base::Result<boost::json::object> recorded(database::Connection& connection, const Goal& goal,
                                           const Range& range, bool trained) {
    const database::Rows rows = TRY(
        trained ? connection.query("SELECT count(*), coalesce(sum(revenue), 0)::bigint FROM report_conversion"
                                   " WHERE product_id = $1 AND (time AT TIME ZONE 'UTC')::date"
                                   " BETWEEN $2::date AND $3::date",
                                   goal.id, range.from, range.to)
                : connection.query("SELECT count(*), coalesce(sum(revenue), 0)::bigint FROM attrib_event_item"
                                   " WHERE event_id IN (SELECT event_id FROM attrib_product_event"
                                   " WHERE product_id = $1) AND (time AT TIME ZONE 'UTC')::date"
                                   " BETWEEN $2::date AND $3::date",
                                   goal.id, range.from, range.to));
    return boost::json::object{{"conversions", rows.integer(0, 0)}, {"revenue_pence", rows.integer(0, 1)}};
}

boost::json::value number_or_null(const database::Rows& rows, size_t row, size_t column) {
    return rows.null(row, column) ? boost::json::value() : boost::json::value(rows.real(row, column));
}

base::Result<base::Unit> add_rows(database::Connection& connection, const Goal& goal, const Range& range,
                                  boost::json::object& report) {
    const database::Rows rows = TRY(connection.query(
        "SELECT channel, visits, fm_sales, (fm_revenue * 100)::bigint, lc_sales, (lc_revenue * 100)::bigint,"
        " fm_sales_lower, fm_sales_upper FROM report_channel_range($1::integer, $2::date, $3::date)",
        goal.id, range.from, range.to));
    boost::json::array channels;
    boost::json::object unattributed{
        {"fm_sales", 0.0}, {"fm_revenue_pence", 0}, {"lc_sales", 0.0}, {"lc_revenue_pence", 0}};
    for (size_t row = 0; row < rows.size(); ++row) {
        boost::json::object credit{
            {"fm_sales", rows.real(row, 2)},
            {"fm_revenue_pence", rows.integer(row, 3)},
            {"lc_sales", rows.real(row, 4)},
            {"lc_revenue_pence", rows.integer(row, 5)},
        };
        if (rows.null(row, 0)) {
            unattributed = std::move(credit);
            continue;
        }
        credit["channel"] = rows.text(row, 0);
        credit["visits"] = rows.integer(row, 1);
        credit["fm_sales_low"] = number_or_null(rows, row, 6);
        credit["fm_sales_high"] = number_or_null(rows, row, 7);
        channels.push_back(std::move(credit));
    }
    report["rows"] = std::move(channels);
    report["unattributed"] = std::move(unattributed);
    return base::Unit{};
}

/// RFC 4180, and no cell that a spreadsheet would run as a formula.
std::string csv_cell(std::string_view text) {
    std::string out = "\"";
    if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) out += '\'';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

double number(const boost::json::object& row, std::string_view name) {
    return row.at(name).to_number<double>();
}

std::string csv_row(std::string_view channel, const boost::json::object& row) {
    const auto optional = [&](std::string_view name) {
        const auto* value = row.if_contains(name);
        return value && !value->is_null() ? fmt::format("{:.4f}", value->to_number<double>()) : std::string();
    };
    const auto* visits = row.if_contains("visits");
    return fmt::format("{},{},{:.4f},{},{},{:.4f},{:.2f},{:.2f}\r\n", csv_cell(channel),
                       visits ? std::to_string(visits->to_number<int64_t>()) : "", number(row, "fm_sales"),
                       optional("fm_sales_low"), optional("fm_sales_high"), number(row, "lc_sales"),
                       number(row, "fm_revenue_pence") / 100, number(row, "lc_revenue_pence") / 100);
}

}  // namespace

base::Result<boost::json::value> channel_report(Account& account, const WebRequest& request) {
    auto connection = TRY(account.pool->acquire());
    // One snapshot: a training that commits between two statements must not mix two models on a page.
    auto transaction = TRY(database::Transaction::begin(*connection));
    TRY(connection->execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    const Goal goal = TRY(chosen_goal(*connection, request.parameter("goal")));
    const Range range = TRY(chosen_range(*connection, goal, request));
    boost::json::value model = TRY(model_of(*connection, goal));
    boost::json::object report = TRY(recorded(*connection, goal, range, !model.is_null()));
    report["goal"] = boost::json::object{{"id", goal.id}, {"name", goal.name}};
    report["from"] = range.from;
    report["to"] = range.to;
    report["model"] = std::move(model);
    TRY(add_rows(*connection, goal, range, report));
    TRY(transaction.commit());
    return boost::json::value(std::move(report));
}

base::Result<std::string> channel_report_csv(Account& account, const WebRequest& request) {
    const boost::json::value report = TRY(channel_report(account, request));
    std::string out = "channel,visits,fm_sales,fm_sales_low,fm_sales_high,lc_sales,fm_revenue,lc_revenue\r\n";
    for (const auto& row : report.at("rows").as_array()) {
        out += csv_row(row.at("channel").as_string(), row.as_object());
    }
    return out + csv_row("Unattributed", report.at("unattributed").as_object());
}

}  // namespace cubed::dash
