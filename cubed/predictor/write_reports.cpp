// The report tables of migrations/client/0010_reports.sql, filled through COPY.
#include <cmath>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "cubed/attribution/allocate.h"
#include "cubed/predictor/publish.h"

namespace cubed::predictor {

using base::Result;
using base::Unit;
using database::Connection;
using database::CopyRows;

namespace {

/// PostgreSQL's array text of a day's draws.
std::string draws_text(const std::vector<float>& draws) {
    std::string text = "{";
    for (const float draw : draws) {
        if (text.size() > 1) text += ',';
        text += fmt::format("{:.5g}", draw);
    }
    return text + "}";
}

/// Bounds of a day's draws.
attribution::Interval bounds_of(const std::vector<float>& draws, double level) {
    std::vector<double> samples(draws.begin(), draws.end());
    return attribution::middle_of(samples, level);
}

Result<Unit> delete_old(Connection& connection, const Goal& goal) {
    TRY(connection.query("SELECT pg_advisory_xact_lock(7236, $1)", goal.id));
    TRY(connection.query("DELETE FROM report_channel WHERE product_id = $1", goal.id));
    TRY(connection.query("DELETE FROM report_channel_model WHERE product_id = $1", goal.id));
    TRY(connection.query("DELETE FROM report_touch WHERE product_id = $1", goal.id));
    TRY(connection.query("DELETE FROM report_conversion WHERE product_id = $1", goal.id));
    return Unit{};
}

Result<Unit> write_model_row(Connection& connection, const Goal& goal, const Fit& fit,
                             const FitOptions& options, base::Instant trained) {
    std::string metrics;
    for (const auto& [name, metric] : fit.model.metrics) {
        metrics += fmt::format("{}\"{}\": {}", metrics.empty() ? "" : ", ", name, metric);
    }
    const auto& model = fit.model;
    TRY(connection.query(
        "INSERT INTO report_model (product_id, version, model, trained, window_from, window_to, watermark, "
        "lookback_days, "
        "journeys, conversions, revenue, interval_level, metrics, bucket, object_key, sha256) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::bigint / 100.0, $12, $13::jsonb, $14, $15, $16) "
        "ON CONFLICT (product_id, version) DO UPDATE SET trained = excluded.trained",
        goal.id, fit.version, model.model, trained, model.window_from, model.window_to, model.watermark,
        model.lookback_days, std::llround(model.metrics.at("journeys")), std::llround(fit.totals.conversions),
        std::llround(fit.totals.value), options.bootstrap.level, "{" + metrics + "}",
        std::string(model_bucket), object_key(model, fit.version), base::hex_encode(base::sha256(fit.file))));
    return Unit{};
}

Result<Unit> write_channels(Connection& connection, const Goal& goal, const JourneyBook& book, const Fit& fit,
                            double level) {
    TRY(connection.execute(
        "CREATE TEMPORARY TABLE new_channel (day integer, referer_id integer, visits bigint, fm_units "
        "bigint, "
        "fm_pence bigint, lc_units bigint, lc_pence bigint, lower double precision, upper double precision, "
        "draws text) ON COMMIT DROP"));
    CopyRows rows;
    const std::size_t channels = book.channels.size();
    for (std::size_t day = 0; day < fit.report.days.size(); ++day) {
        for (std::size_t c = 0; c <= channels; ++c) {
            const DayCredit& cell = fit.report.days[day][c];
            const std::int64_t visits = book.visits[day][c];
            const auto bounds = bounds_of(cell.fm_draws, level);
            const bool empty = visits == 0 && cell.fm_units == 0 && cell.lc_units == 0 &&
                               cell.fm_pence == 0 && cell.lc_pence == 0 &&
                               bounds.upper < 1.0 / units_per_sale;
            if (empty) continue;
            rows.row(10).int32(fit.report.first_day + static_cast<std::int32_t>(day));
            c < channels ? rows.int32(book.referer_ids[c]) : rows.null();
            rows.int64(visits)
                .int64(cell.fm_units)
                .int64(cell.fm_pence)
                .int64(cell.lc_units)
                .int64(cell.lc_pence);
            if (cell.fm_draws.empty()) {
                rows.null().null();
            } else {
                rows.float64(bounds.lower).float64(bounds.upper);
            }
            rows.text(draws_text(cell.fm_draws));
        }
    }
    TRY(connection.copy_in("COPY new_channel FROM STDIN (FORMAT binary)", rows));
    TRY(connection.query(
        "INSERT INTO report_channel (date, product_id, referer_id, visits, fm_sales, fm_revenue, lc_sales, "
        "lc_revenue, "
        "fm_sales_lower, fm_sales_upper, fm_sales_draws, model, model_version) "
        "SELECT date '1970-01-01' + day, $1, referer_id, visits, fm_units / 10000.0, fm_pence / 100.0, "
        "lc_units / 10000.0, lc_pence / 100.0, lower, upper, draws::real[], $2, $3 FROM new_channel",
        goal.id, fit.model.model, fit.version));
    return Unit{};
}

/// One model's line per channel over the window, whole units that add up. The chosen model's are the sums of
/// its days, so that the two reports agree to the unit.
void add_model(const JourneyBook& book, const Fit& fit, const attribution::ModelCredits& model,
               CopyRows& rows) {
    const std::size_t channels = book.channels.size();
    const auto& credits = model.credits;
    const auto units_all =
        std::llround(fit.totals.conversions - credits.unattributed_conversions) * units_per_sale;
    const auto pence_all = std::llround(fit.totals.value - credits.unattributed_value);
    auto units = attribution::allocate(units_all, credits.conversions);
    auto pence = attribution::allocate(pence_all, credits.value);
    units.rest += std::llround(credits.unattributed_conversions) * units_per_sale;
    pence.rest += std::llround(credits.unattributed_value);
    if (model.model == fit.model.model) {
        units = {std::vector<std::int64_t>(channels, 0), 0};
        pence = units;
        for (const auto& day : fit.report.days) {
            for (std::size_t c = 0; c < channels; ++c) {
                units.parts[c] += day[c].fm_units;
                pence.parts[c] += day[c].fm_pence;
            }
            units.rest += day[channels].fm_units;
            pence.rest += day[channels].fm_pence;
        }
    }
    for (std::size_t c = 0; c <= channels; ++c) {
        const bool named = c < channels;
        rows.row(8);
        named ? rows.int32(book.referer_ids[c]) : rows.null();
        rows.text(model.model);
        rows.int64(named ? units.parts[c] : units.rest).int64(named ? pence.parts[c] : pence.rest);
        if (named && !model.conversions_interval.empty()) {
            rows.float64(model.conversions_interval[c].lower).float64(model.conversions_interval[c].upper);
            rows.float64(model.value_interval[c].lower / 100).float64(model.value_interval[c].upper / 100);
        } else {
            rows.null().null().null().null();
        }
    }
}

Result<Unit> write_models(Connection& connection, const Goal& goal, const JourneyBook& book, const Fit& fit) {
    TRY(connection.execute(
        "CREATE TEMPORARY TABLE new_model (referer_id integer, model text, units bigint, pence bigint, "
        "sales_lower double precision, sales_upper double precision, revenue_lower double precision, "
        "revenue_upper double precision) ON COMMIT DROP"));
    CopyRows rows;
    for (const auto& model : fit.models) add_model(book, fit, model, rows);
    TRY(connection.copy_in("COPY new_model FROM STDIN (FORMAT binary)", rows));
    TRY(
        connection.query("INSERT INTO report_channel_model (product_id, referer_id, model, sales, revenue, "
                         "sales_lower, sales_upper, "
                         "revenue_lower, revenue_upper, model_version) SELECT $1, referer_id, model, units / "
                         "10000.0, pence / 100.0, "
                         "sales_lower, sales_upper, revenue_lower, revenue_upper, $2 FROM new_model",
                         goal.id, fit.version));
    return Unit{};
}

/// {"first": 0.5, ...} of one touch. Shares are in millionths, which add up to one within each model.
std::vector<std::string> touch_credits(const attribution::Journey& journey, const Fit& fit,
                                       const attribution::HeuristicOptions& rules) {
    std::vector<std::string> texts(journey.touches.size(), "{");
    for (const auto& [model, shares] : journey_shares(journey, fit.effects, rules)) {
        const auto millionths = attribution::allocate(1'000'000, shares);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const char* comma = texts[i].size() > 1 ? ", " : "";
            texts[i] +=
                fmt::format("{}\"{}\": {}", comma, model, static_cast<double>(millionths.parts[i]) / 1e6);
        }
    }
    for (std::string& text : texts) text += '}';
    return texts;
}

constexpr std::size_t copy_bytes_max = 16 * 1024 * 1024;

Result<Unit> flush(Connection& connection, CopyRows& conversions, CopyRows& touches) {
    TRY(connection.copy_in(
        "COPY report_conversion (product_id, event_item_id, visitor_id, time, revenue, touches) "
        "FROM STDIN (FORMAT binary)",
        conversions));
    TRY(connection.copy_in(
        "COPY report_touch (product_id, event_item_id, position, visit_id, referer_id, time, credits) "
        "FROM STDIN (FORMAT binary)",
        touches));
    conversions.clear();
    touches.clear();
    return Unit{};
}

Result<Unit> write_journeys(Connection& connection, const Goal& goal, const JourneyBook& book, const Fit& fit,
                            const attribution::HeuristicOptions& rules) {
    CopyRows conversions, touches;
    for (std::size_t row = 0; row < book.journeys.size(); ++row) {
        const auto& journey = book.journeys[row];
        if (!journey.conversion) continue;
        const auto& conversion = *journey.conversion;
        conversions.row(6)
            .int32(goal.id)
            .int64(conversion.event)
            .int64(book.visitors[row])
            .instant(conversion.at);
        conversions.int64(conversion.value_pence).int32(static_cast<std::int32_t>(journey.touches.size()));
        const auto credits = touch_credits(journey, fit, rules);
        for (std::size_t i = 0; i < journey.touches.size(); ++i) {
            const auto& touch = journey.touches[i];
            touches.row(7).int32(goal.id).int64(conversion.event).int32(static_cast<std::int32_t>(i));
            touches.int64(touch.visit)
                .int32(book.referer_ids[touch.channel])
                .instant(touch.at)
                .text(credits[i]);
        }
        if (touches.stream().size() > copy_bytes_max) TRY(flush(connection, conversions, touches));
    }
    return flush(connection, conversions, touches);
}

}  // namespace

Result<Unit> write_reports(Connection& connection, const Goal& goal, const JourneyBook& book, const Fit& fit,
                           const FitOptions& options, base::Instant trained) {
    auto transaction = TRY(database::Transaction::begin(connection));
    TRY(delete_old(connection, goal));
    TRY(write_model_row(connection, goal, fit, options, trained));
    TRY(write_channels(connection, goal, book, fit, options.bootstrap.level));
    TRY(write_models(connection, goal, book, fit));
    TRY(write_journeys(connection, goal, book, fit, heuristic_options(book, options)));
    return transaction.commit();
}

}  // namespace cubed::predictor
