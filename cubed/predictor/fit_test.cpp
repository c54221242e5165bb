#include "cubed/predictor/fit.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "cubed/predictor/score.h"

namespace cubed::predictor {
namespace {

using namespace std::chrono_literals;
using base::Instant;

/// A month of visitors on four channels; the fourth is never used.
JourneyBook random_book(std::uint32_t seed, int visitors) {
    std::mt19937 random(seed);
    JourneyBook book;
    for (const char* name : {"SEO", "PPC", "Direct", "Display"}) (void)book.channels.intern(name).value();
    book.referer_ids = {5, 6, 7, 8};
    book.first_day = 20'000;
    book.visits.assign(30, std::vector<std::int64_t>(5, 0));
    const Instant start{std::chrono::days(20'000)};
    book.watermark = start + std::chrono::days(30);
    for (int visitor = 0; visitor < visitors; ++visitor) {
        std::vector<attribution::Touch> touches;
        std::vector<attribution::Conversion> conversions;
        auto at = start + std::chrono::seconds(random() % (86'400 * 25));
        for (std::uint32_t visit = 0; visit < 1 + random() % 4; ++visit) {
            const std::int64_t id = visitor * 10 + visit;
            if (random() % 50 != 0)
                touches.push_back({at, static_cast<attribution::Channel>(random() % 3), id});
            if (random() % 6 == 0)
                conversions.push_back(
                    {at + 5min, id, id, static_cast<std::int64_t>(100 + random() % 99'999)});
            at += std::chrono::seconds(random() % 86'400);
        }
        for (auto& journey : attribution::split_journeys(touches, conversions, 30 * 24h)) {
            book.set.add(journey, visitor);
            book.visitors.push_back(visitor);
            book.journeys.push_back(std::move(journey));
        }
    }
    book.set.paths.channel_count = 4;
    return book;
}

Window window_of(const JourneyBook& book) {
    return {book.watermark - std::chrono::days(30), book.watermark};
}

FitOptions quick_options() {
    FitOptions options;
    options.account = "c-a-test-uk";
    options.bootstrap.replicates = 40;
    return options;
}

// The promise on the dashboard: for every day, modelled + unattributed = last click + unattributed = what
// happened.
TEST(Fit, EveryDayReconcilesToThePenny) {
    for (std::uint32_t seed = 1; seed <= 5; ++seed) {
        const JourneyBook book = random_book(seed, 700);
        const Fit out = fit(book, {1, "sale", 30}, window_of(book), quick_options()).value();
        std::vector<std::int64_t> sales(30, 0), pence(30, 0), empty(30, 0);
        for (std::size_t row = 0; row < book.journeys.size(); ++row) {
            const auto& journey = book.journeys[row];
            if (!journey.conversion) continue;
            const auto day = static_cast<std::size_t>(book.set.day[row] - book.first_day);
            sales[day] += units_per_sale;
            pence[day] += journey.conversion->value_pence;
            if (journey.touches.empty()) empty[day] += units_per_sale;
        }
        for (std::size_t day = 0; day < 30; ++day) {
            DayCredit sum;
            for (const DayCredit& cell : out.report.days[day]) {
                sum.fm_units += cell.fm_units;
                sum.lc_units += cell.lc_units;
                sum.fm_pence += cell.fm_pence;
                sum.lc_pence += cell.lc_pence;
                ASSERT_GE(cell.fm_units, 0);
                ASSERT_GE(cell.fm_pence, 0);
            }
            ASSERT_EQ(sum.fm_units, sales[day]);
            ASSERT_EQ(sum.lc_units, sales[day]);
            ASSERT_EQ(sum.fm_pence, pence[day]);
            ASSERT_EQ(sum.lc_pence, pence[day]);
            EXPECT_EQ(out.report.days[day].back().fm_units, empty[day]);
            EXPECT_EQ(out.report.days[day].back().lc_units, empty[day]);
        }
    }
}

// A channel's days must add up to what the model says of it, or the report would show another model than it
// names.
TEST(Fit, DaysAddUpToTheModel) {
    const JourneyBook book = random_book(9, 3000);
    const Fit out = fit(book, {1, "sale", 30}, window_of(book), quick_options()).value();
    const auto chosen = std::ranges::find(out.models, out.model.model, &attribution::ModelCredits::model);
    ASSERT_NE(chosen, out.models.end());
    for (std::size_t c = 0; c < 4; ++c) {
        double units = 0, pence = 0, draw = 0;
        for (const auto& day : out.report.days) {
            units += static_cast<double>(day[c].fm_units);
            pence += static_cast<double>(day[c].fm_pence);
            for (const float sample : day[c].fm_draws) draw += sample / 40;
        }
        EXPECT_NEAR(units / units_per_sale, chosen->credits.conversions[c], 0.01);
        EXPECT_NEAR(pence, chosen->credits.value[c], 5);
        EXPECT_NEAR(draw, chosen->credits.conversions[c], 0.1 * chosen->credits.conversions[c] + 1e-9);
    }
    EXPECT_EQ(out.report.days[3][3].fm_units, 0) << "an unused channel gets nothing";
}

// Equal data must give equal bytes: a version names a model, not a run.
TEST(Fit, IsDeterministic) {
    const JourneyBook book = random_book(4, 500);
    const Fit one = fit(book, {1, "sale", 30}, window_of(book), quick_options()).value();
    const Fit two = fit(book, {1, "sale", 30}, window_of(book), quick_options()).value();
    EXPECT_EQ(one.version, two.version);
    EXPECT_EQ(one.file, two.file);
    EXPECT_EQ(decode_model(one.file).value(), one.model);
}

// The scorer's probability must be the data's: over all journeys it averages to the conversion rate at their
// start.
TEST(Fit, TheFileScoresWhatWasCounted) {
    const JourneyBook book = random_book(5, 2000);
    const Fit out = fit(book, {1, "sale", 30}, window_of(book), quick_options()).value();
    EXPECT_EQ(out.model.first_order.states.front(), 0u);
    EXPECT_NEAR(out.model.first_order.reach.front(), out.model.conversion_rate, 1e-9);
    for (std::size_t row = 0; row < 100; ++row) {
        const auto path = book.set.paths.path(row);
        const double probability = conversion_probability(out.model, path);
        EXPECT_GE(probability, 0);
        EXPECT_LE(probability, 1);
    }
}

// An account without a single conversion, or without any visit, is a normal account on its first day.
TEST(Fit, EmptyBooksFit) {
    JourneyBook book = random_book(6, 0);
    EXPECT_TRUE(fit(book, {1, "sale", 30}, window_of(book), quick_options()).ok());
    attribution::Journey journey;
    journey.touches.push_back({book.watermark - 10h, 0, 1});
    book.set.add(journey, 1);
    book.journeys.push_back(journey);
    book.visitors.push_back(1);
    book.set.paths.channel_count = 4;
    const auto out = fit(book, {1, "sale", 30}, window_of(book), quick_options());
    ASSERT_TRUE(out.ok());
    EXPECT_EQ(out->model.conversion_rate, 0);
}

// Shares of a journey are what the inspector shows; each model's must sum to the one conversion.
TEST(Fit, JourneySharesSumToOne) {
    const JourneyBook book = random_book(7, 800);
    const FitOptions options = quick_options();
    const Fit out = fit(book, {1, "sale", 30}, window_of(book), options).value();
    for (const auto& journey : book.journeys) {
        if (journey.touches.empty()) continue;
        const auto shares = journey_shares(journey, out.effects, heuristic_options(book, options));
        EXPECT_EQ(shares.size(), 12u);
        for (const auto& [model, touches] : shares) {
            double sum = 0;
            for (const double share : touches) sum += share;
            ASSERT_NEAR(sum, 1, 1e-9) << model;
        }
    }
}

}  // namespace
}  // namespace cubed::predictor
