// Training as a pure function: journeys in; credits, the day report and the model file out.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cubed/attribution/models.h"
#include "cubed/attribution/order.h"
#include "cubed/predictor/journey_source.h"
#include "cubed/predictor/model_file.h"

namespace cubed::predictor {

struct FitOptions {
    std::string account;
    std::vector<std::string> skip = {"Direct"};  ///< channels that last_non_direct passes over
    double half_life_days = 7;
    attribution::BootstrapOptions bootstrap;
};

/// One conversion is this many units: credits are whole units, so that they add up exactly.
inline constexpr std::int64_t units_per_sale = 10'000;

/// A day's line of one channel, in whole units and pence.
struct DayCredit {
    std::int64_t fm_units = 0;
    std::int64_t fm_pence = 0;
    std::int64_t lc_units = 0;
    std::int64_t lc_pence = 0;
    std::vector<float> fm_draws;  ///< modelled conversions of each bootstrap replicate
};

/// days[d][c] for channel index c; the last column is unattributed. Each day's column sums of fm and of lc
/// are equal and equal the day's conversions and revenue. Over the days a channel's fm is its model credit to
/// within a unit or two.
struct DayReport {
    std::int32_t first_day = 0;
    std::vector<std::vector<DayCredit>> days;
};

/// The channel strengths by which a model without a rule for touches shares a journey (see score.h).
struct ChannelEffects {
    std::string model;
    std::vector<double> effect;
};

struct Fit {
    CustomerModel model;
    std::string file;     ///< encode_model(model)
    std::string version;  ///< version_of(model, file)
    attribution::OrderChoice order;
    std::vector<attribution::ModelCredits> models;
    std::vector<ChannelEffects> effects;  ///< of markov_1 .. markov_4 and shapley
    DayReport report;
    attribution::Totals totals;
};

/// Fits all models, chooses the Markov order by held-out prediction, and spreads the chosen model's credits
/// over days: each day's journeys shared by the channels' removal effects, then raked to the days'
/// conversions and the model's credits. Deterministic: equal books and options give equal bytes. Fails only
/// if a chain cannot be solved.
base::Result<Fit> fit(const JourneyBook& book, const Goal& goal, Window window, const FitOptions& options);

/// Shares of one journey's touches under every model, in the order first, last, ..., then `effects`.
std::vector<std::pair<std::string, std::vector<double>>> journey_shares(
    const attribution::Journey& journey, const std::vector<ChannelEffects>& effects,
    const attribution::HeuristicOptions& options);

attribution::HeuristicOptions heuristic_options(const JourneyBook& book, const FitOptions& options);

}  // namespace cubed::predictor
