#include "cubed/predictor/day_report.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "cubed/attribution/allocate.h"
#include "cubed/attribution/rake.h"
#include "cubed/predictor/score.h"

namespace cubed::predictor {

using attribution::Credits;

namespace {

/// A day-by-channel table of journeys' shares, and the sums of its days.
struct Spread {
    std::size_t channels;
    std::vector<double> table;
    std::vector<double> days;

    Spread(std::size_t days_count, std::size_t channels_count)
        : channels(channels_count), table(days_count * channels_count, 0.0), days(days_count, 0.0) {}

    void add(std::size_t day, std::span<const attribution::Channel> path, std::span<const double> shares,
             double amount) {
        for (std::size_t i = 0; i < path.size(); ++i) table[day * channels + path[i]] += shares[i] * amount;
        days[day] += amount;
    }

    /// Fits the table to `credits`. A model can credit a channel on a day when no converting journey had it
    /// (a removal effect is a statement about all paths), so every cell starts a little above zero.
    void fit_to(std::span<const double> credits) {
        double total = 0;
        for (const double credit : credits) total += credit;
        if (!(total > 0)) return;
        for (std::size_t day = 0; day < days.size(); ++day) {
            for (std::size_t c = 0; c < channels; ++c) {
                table[day * channels + c] += 1e-4 * days[day] * std::max(credits[c], 0.0) / total;
            }
        }
        attribution::rake(table, days, credits);
    }
    std::span<const double> day(std::size_t day) const {
        return std::span(table).subspan(day * channels, channels);
    }
};

struct ConvertingRow {
    std::size_t row;
    std::size_t day;
    std::vector<double> shares;
};

std::vector<ConvertingRow> converting_rows(const JourneyBook& book, std::span<const double> effect) {
    std::vector<ConvertingRow> rows;
    for (std::size_t row = 0; row < book.journeys.size(); ++row) {
        if (!book.journeys[row].conversion) continue;
        const auto day = static_cast<std::size_t>(book.set.day[row] - book.first_day);
        CHECK(day < book.visits.size(), "journeys end within the window");
        rows.push_back({row, day, touch_shares(effect, book.set.paths.path(row))});
    }
    return rows;
}

std::int64_t pence_of(const JourneyBook& book, std::size_t row) {
    return book.journeys[row].conversion->value_pence;
}

}  // namespace

DayReport spread_over_days(const JourneyBook& book, const Credits& credits, std::span<const double> effect) {
    const std::size_t days = book.visits.size();
    const std::size_t channels = book.channels.size();
    DayReport report{book.first_day, std::vector(days, std::vector<DayCredit>(channels + 1))};
    Spread sales(days, channels), value(days, channels);
    std::vector<std::int64_t> day_sales(days, 0), day_pence(days, 0);
    for (const ConvertingRow& row : converting_rows(book, effect)) {
        const auto path = book.set.paths.path(row.row);
        const std::int64_t pence = pence_of(book, row.row);
        DayCredit& last_click = report.days[row.day][path.empty() ? channels : path.back()];
        last_click.lc_units += units_per_sale;
        last_click.lc_pence += pence;
        if (path.empty()) {
            last_click.fm_units += units_per_sale;
            last_click.fm_pence += pence;
            continue;
        }
        sales.add(row.day, path, row.shares, 1);
        value.add(row.day, path, row.shares, static_cast<double>(pence));
        ++day_sales[row.day];
        day_pence[row.day] += pence;
    }
    sales.fit_to(credits.conversions);
    value.fit_to(credits.value);

    attribution::SeriesAllocator units(channels), pence(channels);
    for (std::size_t day = 0; day < days; ++day) {
        const auto day_units = units.next(day_sales[day] * units_per_sale, sales.day(day));
        const auto day_money = pence.next(day_pence[day], value.day(day));
        for (std::size_t c = 0; c < channels; ++c) {
            report.days[day][c].fm_units += day_units.parts[c];
            report.days[day][c].fm_pence += day_money.parts[c];
        }
        report.days[day][channels].fm_units += day_units.rest;
        report.days[day][channels].fm_pence += day_money.rest;
    }
    return report;
}

void add_draws(const JourneyBook& book, const std::vector<std::vector<double>>& credits,
               std::span<const double> effect, std::uint64_t seed, DayReport& report) {
    const std::size_t channels = book.channels.size();
    const auto rows = converting_rows(book, effect);
    const std::size_t replicates = credits.empty() ? 0 : credits.front().size();
    std::vector<double> drawn(channels);
    for (std::size_t r = 0; r < replicates; ++r) {
        Spread sales(report.days.size(), channels);
        for (const ConvertingRow& row : rows) {
            const auto path = book.set.paths.path(row.row);
            const int weight = attribution::poisson_weight(book.set.cluster[row.row], r, seed);
            if (weight > 0 && !path.empty()) sales.add(row.day, path, row.shares, weight);
        }
        for (std::size_t c = 0; c < channels; ++c) drawn[c] = credits[c][r];
        sales.fit_to(drawn);
        for (std::size_t day = 0; day < report.days.size(); ++day) {
            for (std::size_t c = 0; c < channels; ++c) {
                report.days[day][c].fm_draws.push_back(static_cast<float>(sales.day(day)[c]));
            }
        }
    }
}

}  // namespace cubed::predictor
