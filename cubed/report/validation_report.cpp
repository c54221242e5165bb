#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "base/check.h"
#include "cubed/predictor/journey_source.h"
#include "cubed/report/reports.h"

namespace cubed::report {

using base::Result;
using database::Connection;
using database::Rows;

double total_variation(const std::vector<double>& a, const std::vector<double>& b) {
    CHECK(a.size() == b.size(), "shares of the same things");
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
    return sum / 2;
}

namespace {

Result<Table> ledger(Connection& connection, const Selection& selection) {
    const Rows rows = TRY(connection.query(
        "SELECT kind, stage, field, reason, count(*), min(time), max(time) FROM ("
        "SELECT 'validation' AS kind, stage, field, reason, time FROM attrib_validation UNION ALL "
        "SELECT CASE WHEN replayed IS NULL THEN 'quarantined' ELSE 'replayed' END, 'dps', '', reason, "
        "created "
        "FROM attrib_quarantine) AS complaint WHERE time >= coalesce(nullif($1, '')::date, '-infinity') "
        "AND time < coalesce(nullif($2, '')::date + 1, 'infinity') "
        "GROUP BY kind, stage, field, reason ORDER BY count(*) DESC, kind, stage, field, reason",
        selection.from, selection.to));
    Table table{"ledger", {"kind", "stage", "field", "reason", "count", "first", "last"}, {}};
    for (std::size_t row = 0; row < rows.size(); ++row) {
        std::vector<Cell> cells;
        for (const std::size_t c : {0, 1, 2, 3}) cells.push_back(Cell::of_text(rows.text(row, c)));
        cells.push_back(Cell::of_number(rows.text(row, 4)));
        for (const std::size_t c : {5, 6}) cells.push_back(Cell::of_text(rows.text(row, c)));
        table.rows.push_back(std::move(cells));
    }
    return table;
}

constexpr const char* baseline = "baseline";

/// Conversions by cause, one column for the truth and one for each model.
struct Comparison {
    std::vector<std::string> causes;
    std::vector<std::string> columns;
    std::map<std::pair<std::string, std::string>, double> sales;  ///< (column, cause)

    void add(const std::string& column, const std::string& cause, double count) {
        if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
        if (std::ranges::find(causes, cause) == causes.end()) causes.push_back(cause);
        sales[{column, cause}] += count;
    }
    double at(const std::string& column, const std::string& cause) const {
        const auto found = sales.find({column, cause});
        return found == sales.end() ? 0 : found->second;
    }
    /// Shares of a column over all causes, or over channels alone: models that only divide conversions among
    /// touches cannot know the baseline, and the second view shows how well they divide.
    std::vector<double> shares(const std::string& column, const std::vector<std::string>& over) const {
        double sum = 0;
        for (const auto& cause : over) sum += at(column, cause);
        std::vector<double> out;
        out.reserve(over.size());
        for (const auto& cause : over) out.push_back(sum > 0 ? at(column, cause) / sum : 0);
        return out;
    }
};

Table comparison_table(const std::string& name, const Comparison& comparison) {
    Table table{name, {"cause"}, {}};
    table.columns.insert(table.columns.end(), comparison.columns.begin(), comparison.columns.end());
    for (const auto& cause : comparison.causes) {
        std::vector<Cell> cells = {Cell::of_text(cause)};
        for (const auto& column : comparison.columns)
            cells.push_back(Cell::of_number(comparison.at(column, cause), 4));
        table.rows.push_back(std::move(cells));
    }
    std::vector<std::string> channels;
    std::ranges::remove_copy(comparison.causes, std::back_inserter(channels), baseline);
    const auto add_errors = [&](const char* title, const std::vector<std::string>& over) {
        std::vector<Cell> errors = {Cell::of_text(title)};
        const auto truth = comparison.shares("truth", over);
        // Where no channel caused anything there is no right way to divide among them.
        const bool known = std::ranges::any_of(truth, [](double share) { return share > 0; });
        for (const auto& column : comparison.columns) {
            const double error = total_variation(truth, comparison.shares(column, over));
            errors.push_back(known ? Cell::of_number(error, 4) : Cell::none());
        }
        table.rows.push_back(std::move(errors));
    };
    add_errors("total variation error", comparison.causes);
    add_errors("the same, channels alone", channels);
    return table;
}

/// Truth of the conversions that the goal's reports count; a conversion that no channel caused is baseline,
/// which is what a model leaves unattributed.
Result<std::optional<Table>> truth_of(Connection& connection, const predictor::Goal& goal) {
    const Rows truth = TRY(connection.query(
        "SELECT t.cause, count(*) FROM report_conversion c JOIN attrib_event_item i ON i.id = "
        "c.event_item_id "
        "JOIN simulate_truth t ON t.transaction_id = i.transaction_id WHERE c.product_id = $1 "
        "GROUP BY t.cause ORDER BY count(*) DESC, t.cause",
        goal.id));
    if (truth.empty()) return std::optional<Table>{};
    Comparison comparison;
    for (std::size_t row = 0; row < truth.size(); ++row) {
        comparison.add("truth", truth.string(row, 0), truth.real(row, 1));
    }
    const Rows models = TRY(connection.query(
        "SELECT m.model, coalesce(c.name, 'baseline'), m.sales::double precision FROM report_channel_model m "
        "LEFT JOIN attrib_referer c ON c.id = m.referer_id WHERE m.product_id = $1 AND (m.sales <> 0 OR "
        "m.referer_id IS NULL) ORDER BY m.model, c.name",
        goal.id));
    for (std::size_t row = 0; row < models.size(); ++row) {
        comparison.add(models.string(row, 0), models.string(row, 1), models.real(row, 2));
    }
    return std::optional<Table>(comparison_table(goal.name + ", truth and models", comparison));
}

Result<Table> incremental(Connection& connection) {
    const Rows rows = TRY(connection.query(
        "SELECT scenario, seed, channel, touches, conversions, revenue / 100 FROM simulate_incremental "
        "ORDER BY scenario, seed, conversions DESC, channel"));
    Table table{"true incremental conversions",
                {"scenario", "seed", "channel", "touches", "conversions", "revenue"},
                {}};
    for (std::size_t row = 0; row < rows.size(); ++row) {
        table.rows.push_back({Cell::of_text(rows.text(row, 0)), Cell::of_number(rows.text(row, 1)),
                              Cell::of_text(rows.text(row, 2)), Cell::of_number(rows.text(row, 3)),
                              Cell::of_number(rows.real(row, 4), 4), Cell::of_number(rows.real(row, 5), 2)});
    }
    return table;
}

}  // namespace

Result<std::vector<Table>> validation_report(Connection& connection, const Selection& selection) {
    std::vector<Table> tables;
    tables.push_back(TRY(ledger(connection, selection)));
    for (const auto& goal : TRY(predictor::load_goals(connection, selection.goal))) {
        if (auto table = TRY(truth_of(connection, goal))) tables.push_back(std::move(*table));
    }
    auto incremental_table = TRY(incremental(connection));
    if (!incremental_table.rows.empty()) tables.push_back(std::move(incremental_table));
    return tables;
}

}  // namespace cubed::report
