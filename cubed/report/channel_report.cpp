#include <map>

#include <fmt/format.h>

#include "cubed/predictor/journey_source.h"
#include "cubed/report/reports.h"

namespace cubed::report {

using base::Failure;
using base::FailureKind;
using base::Result;
using database::Connection;
using database::Rows;

namespace {

Cell number_or_none(const Rows& rows, std::size_t row, std::size_t column) {
    return rows.null(row, column) ? Cell::none() : Cell::of_number(rows.text(row, column));
}

/// A bound column of double precision, shown like the figure it bounds.
Cell bound(const Rows& rows, std::size_t row, std::size_t column) {
    return rows.null(row, column) ? Cell::none() : Cell::of_number(rows.real(row, column), 4);
}

Result<Table> goal_table(Connection& connection, const predictor::Goal& goal, const Selection& selection) {
    const Rows rows = TRY(connection.query(
        "SELECT coalesce(channel, 'Unattributed'), visits, fm_sales, fm_sales_lower, fm_sales_upper, "
        "fm_revenue, lc_sales, "
        "lc_revenue, fm_sales - lc_sales, CASE WHEN lc_sales = 0 THEN 0 ELSE "
        "round((fm_sales - lc_sales) / lc_sales * 100, 1) END FROM report_channel_range($1, "
        "coalesce(nullif($2, '')::date, '-infinity'), coalesce(nullif($3, '')::date, 'infinity'))",
        goal.id, selection.from, selection.to));
    Table table{goal.name,
                {"channel", "visits", "fm_sales", "fm_sales_lower", "fm_sales_upper", "fm_revenue",
                 "lc_sales", "lc_revenue", "sales_variance", "sales_variance_percent"},
                {}};
    for (std::size_t row = 0; row < rows.size(); ++row) {
        std::vector<Cell> cells = {Cell::of_text(rows.text(row, 0)), number_or_none(rows, row, 1),
                                   number_or_none(rows, row, 2), bound(rows, row, 3), bound(rows, row, 4)};
        for (std::size_t c = 5; c < 10; ++c) cells.push_back(number_or_none(rows, row, c));
        table.rows.push_back(std::move(cells));
    }
    // Summed by the database in exact decimals, like the lines above it.
    const Rows total =
        TRY(connection.query("SELECT sum(visits), sum(fm_sales), sum(fm_revenue), sum(lc_sales), "
                             "sum(lc_revenue), sum(fm_sales) - sum(lc_sales) "
                             "FROM report_channel WHERE product_id = $1 AND date BETWEEN coalesce(nullif($2, "
                             "'')::date, '-infinity') "
                             "AND coalesce(nullif($3, '')::date, 'infinity')",
                             goal.id, selection.from, selection.to));
    table.rows.push_back({Cell::of_text("Total"), number_or_none(total, 0, 0), number_or_none(total, 0, 1),
                          Cell::none(), Cell::none(), number_or_none(total, 0, 2),
                          number_or_none(total, 0, 3), number_or_none(total, 0, 4),
                          number_or_none(total, 0, 5), Cell::none()});
    return table;
}

/// Channels down, models across; channels that no model credits are left out.
Result<Table> model_table(Connection& connection, const predictor::Goal& goal) {
    const Rows rows = TRY(connection.query(
        "SELECT coalesce(c.name, 'Unattributed'), m.model, m.sales FROM report_channel_model m "
        "LEFT JOIN attrib_referer c ON c.id = m.referer_id WHERE m.product_id = $1 AND (m.referer_id IS NULL "
        "OR "
        "EXISTS (SELECT FROM report_channel_model o WHERE o.product_id = $1 AND o.referer_id = m.referer_id "
        "AND "
        "o.sales <> 0)) ORDER BY m.referer_id IS NULL, c.name, m.model",
        goal.id));
    Table table{goal.name + ", all models", {"channel"}, {}};
    std::map<std::string, std::size_t> column_of;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (column_of.emplace(rows.string(row, 1), table.columns.size()).second) {
            table.columns.push_back(rows.string(row, 1));
        }
    }
    std::string channel;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (row == 0 || rows.text(row, 0) != channel) {
            channel = rows.string(row, 0);
            table.rows.emplace_back(table.columns.size(), Cell::none());
            table.rows.back()[0] = Cell::of_text(channel);
        }
        table.rows.back()[column_of[rows.string(row, 1)]] = Cell::of_number(rows.text(row, 2));
    }
    return table;
}

/// A line per channel and model, each figure with its interval.
Result<Table> interval_table(Connection& connection, const predictor::Goal& goal) {
    const Rows rows = TRY(connection.query(
        "SELECT coalesce(c.name, 'Unattributed'), m.model, m.sales, m.sales_lower, m.sales_upper, m.revenue, "
        "m.revenue_lower, m.revenue_upper FROM report_channel_model m "
        "LEFT JOIN attrib_referer c ON c.id = m.referer_id WHERE m.product_id = $1 AND "
        "(m.sales <> 0 OR m.revenue <> 0) ORDER BY m.referer_id IS NULL, c.name, m.model",
        goal.id));
    Table table{goal.name + ", intervals",
                {"channel", "model", "sales", "sales_lower", "sales_upper", "revenue", "revenue_lower",
                 "revenue_upper"},
                {}};
    for (std::size_t row = 0; row < rows.size(); ++row) {
        table.rows.push_back({Cell::of_text(rows.text(row, 0)), Cell::of_text(rows.text(row, 1)),
                              number_or_none(rows, row, 2), bound(rows, row, 3), bound(rows, row, 4),
                              number_or_none(rows, row, 5), bound(rows, row, 6), bound(rows, row, 7)});
    }
    return table;
}

Result<Table> model_facts(Connection& connection) {
    const Rows rows =
        TRY(connection.query("SELECT DISTINCT ON (g.id) g.name, m.model, m.version, m.trained, "
                             "m.window_from, m.window_to, m.lookback_days, "
                             "m.journeys, m.conversions, m.revenue FROM report_model m JOIN attrib_product g "
                             "ON g.id = m.product_id "
                             "WHERE g.active ORDER BY g.id, m.trained DESC, m.id DESC"));
    Table table{"models",
                {"goal", "model", "version", "trained", "from", "to", "lookback_days", "journeys",
                 "conversions", "revenue"},
                {}};
    for (std::size_t row = 0; row < rows.size(); ++row) {
        std::vector<Cell> cells;
        for (std::size_t c = 0; c < 6; ++c) cells.push_back(Cell::of_text(rows.text(row, c)));
        for (std::size_t c = 6; c < 10; ++c) cells.push_back(Cell::of_number(rows.text(row, c)));
        table.rows.push_back(std::move(cells));
    }
    return table;
}

}  // namespace

Result<std::vector<Table>> channel_report(Connection& connection, const Selection& selection) {
    const auto goals = TRY(predictor::load_goals(connection, selection.goal));
    std::vector<Table> tables;
    tables.push_back(TRY(model_facts(connection)));
    if (tables.back().rows.empty()) {
        return Failure{FailureKind::not_found, "no model yet: run `cubed train customer` for this account"};
    }
    for (const auto& goal : goals) {
        tables.push_back(TRY(goal_table(connection, goal, selection)));
        tables.push_back(TRY(model_table(connection, goal)));
        if (selection.intervals) tables.push_back(TRY(interval_table(connection, goal)));
    }
    return tables;
}

}  // namespace cubed::report
