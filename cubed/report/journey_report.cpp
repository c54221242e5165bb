#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/json.h"
#include "cubed/report/reports.h"

namespace cubed::report {

using base::Result;
using database::Connection;
using database::Rows;

Result<std::vector<Table>> journey_report(Connection& connection, const Selection& selection) {
    const Rows rows = TRY(connection.query(
        "WITH chosen AS (SELECT c.*, g.name AS goal FROM report_conversion c JOIN attrib_product g ON g.id = "
        "c.product_id "
        "WHERE ($1::integer IS NULL OR c.product_id = $1) AND ($2 = '' OR c.visitor_id = (SELECT id FROM "
        "attrib_visitor "
        "WHERE token = $2)) AND c.time >= coalesce(nullif($3, '')::date, '-infinity') AND "
        "c.time < coalesce(nullif($4, '')::date + 1, 'infinity') ORDER BY c.time DESC, c.event_item_id DESC "
        "LIMIT $5) "
        "SELECT v.token, c.goal, c.time, (c.revenue / 100.0)::numeric(16,2), i.transaction_id, t.position + "
        "1, t.time, r.name, t.credits "
        "FROM chosen c JOIN attrib_visitor v ON v.id = c.visitor_id "
        "LEFT JOIN attrib_event_item i ON i.id = c.event_item_id "
        "LEFT JOIN report_touch t ON t.product_id = c.product_id AND t.event_item_id = c.event_item_id "
        "LEFT JOIN attrib_referer r ON r.id = t.referer_id "
        "ORDER BY c.time DESC, c.event_item_id DESC, c.product_id, t.position",
        selection.goal, selection.visitor, selection.from, selection.to, selection.limit));
    Table table{"journeys",
                {"visitor", "goal", "converted", "revenue", "transaction", "step", "touched", "channel"},
                {}};
    std::map<std::string, std::size_t, std::less<>> column_of;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        std::vector<Cell> cells = {Cell::of_text(rows.text(row, 0)), Cell::of_text(rows.text(row, 1)),
                                   Cell::of_text(rows.text(row, 2)), Cell::of_number(rows.text(row, 3))};
        cells.push_back(rows.null(row, 4) ? Cell::none() : Cell::of_text(rows.text(row, 4)));
        cells.push_back(rows.null(row, 5) ? Cell::none() : Cell::of_number(rows.text(row, 5)));
        cells.push_back(rows.null(row, 6) ? Cell::none() : Cell::of_text(rows.text(row, 6)));
        cells.push_back(rows.null(row, 7) ? Cell::of_text("Unattributed") : Cell::of_text(rows.text(row, 7)));
        if (!rows.null(row, 8)) {
            const auto credits = TRY(base::parse_json(rows.text(row, 8)));
            if (const auto* shares = credits.if_object()) {
                for (const auto& [model, share] : *shares) {
                    const std::string_view name(model.data(), model.size());
                    const auto [column, added] = column_of.emplace(std::string(name), table.columns.size());
                    if (added) table.columns.emplace_back(name);
                    cells.resize(std::max(cells.size(), column->second + 1));
                    boost::system::error_code not_a_number;
                    const double number = share.to_number<double>(not_a_number);
                    if (!not_a_number) cells[column->second] = Cell::of_number(number, 6);
                }
            }
        }
        table.rows.push_back(std::move(cells));
    }
    for (auto& row : table.rows) row.resize(table.columns.size());
    return std::vector<Table>{std::move(table)};
}

}  // namespace cubed::report
