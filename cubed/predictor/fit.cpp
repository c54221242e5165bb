#include "cubed/predictor/fit.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "cubed/attribution/markov.h"
#include "cubed/attribution/shapley.h"
#include "cubed/predictor/day_report.h"
#include "cubed/predictor/score.h"

namespace cubed::predictor {

using attribution::Chain;
using attribution::Channel;
using attribution::Journey;
using attribution::Paths;
using attribution::Removal;
using base::Result;

namespace {

constexpr std::size_t shapley_channels = 16;  // 2^16 sets: a few ms, as often as there are replicates

StateTable state_table(const Chain& chain, const Removal& removal) {
    std::vector<std::size_t> order(chain.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, [&](std::size_t s) { return chain.states[s]; });
    StateTable table;
    for (const std::size_t s : order) {
        table.states.push_back(chain.states[s]);
        table.reach.push_back(std::clamp(removal.reach_conversion[s], 0.0, 1.0));
    }
    return table;
}

std::size_t index_of(const std::vector<attribution::ModelCredits>& models, const std::string& name) {
    const auto found = std::ranges::find(models, name, &attribution::ModelCredits::model);
    CHECK(found != models.end(), "the chosen model was evaluated");
    return static_cast<std::size_t>(found - models.begin());
}

CustomerModel describe(const JourneyBook& book, const Goal& goal, Window window, const FitOptions& options,
                       const Fit& fit) {
    CustomerModel model;
    model.account = options.account;
    model.goal = goal.id;
    model.order = fit.order.order;
    model.model = "markov_" + std::to_string(model.order);
    model.window_from = window.from;
    model.window_to = window.to;
    model.watermark = book.watermark;
    model.lookback_days = goal.lookback_days;
    model.channels = book.channels.names();
    model.referer_ids = book.referer_ids;
    model.metrics = {{"journeys", static_cast<double>(book.journeys.size())},
                     {"touches", static_cast<double>(book.set.paths.touches.size())},
                     {"conversions", fit.totals.conversions},
                     {"held_out_steps", fit.order.steps}};
    for (std::size_t k = 0; k < fit.order.log_loss.size(); ++k) {
        model.metrics["log_loss_" + std::to_string(k + 1)] = fit.order.log_loss[k];
    }
    return model;
}

}  // namespace

attribution::HeuristicOptions heuristic_options(const JourneyBook& book, const FitOptions& options) {
    attribution::HeuristicOptions out;
    out.half_life_hours = options.half_life_days * 24;
    for (const std::string& name : options.skip) {
        if (const auto channel = book.channels.find(name)) out.skip.push_back(*channel);
    }
    return out;
}

std::vector<std::pair<std::string, std::vector<double>>> journey_shares(
    const Journey& journey, const std::vector<ChannelEffects>& effects,
    const attribution::HeuristicOptions& options) {
    using attribution::Rule;
    std::vector<Channel> path;
    std::vector<double> ages;
    for (const auto& touch : journey.touches) {
        path.push_back(touch.channel);
        const auto end = journey.conversion ? journey.conversion->at : journey.touches.back().at;
        const std::chrono::duration<double, std::ratio<3600>> age = end - touch.at;
        ages.push_back(std::max(age.count(), 0.0));
    }
    std::vector<std::pair<std::string, std::vector<double>>> out;
    for (const Rule rule : {Rule::first, Rule::last, Rule::last_non_direct, Rule::linear, Rule::unique_linear,
                            Rule::time_decay, Rule::position}) {
        out.emplace_back(attribution::name_of(rule), attribution::touch_shares(rule, path, ages, options));
    }
    for (const ChannelEffects& model : effects)
        out.emplace_back(model.model, touch_shares(model.effect, path));
    return out;
}

Result<Fit> fit(const JourneyBook& book, const Goal& goal, Window window, const FitOptions& options) {
    Fit out;
    const Paths distinct = attribution::aggregate(book.set.paths);
    out.totals = attribution::totals_of(book.set.paths);
    out.order = attribution::choose_order(book.set.paths, book.set.cluster);
    attribution::ModelOptions model_options;
    model_options.heuristics = heuristic_options(book, options);
    model_options.shapley_channels = shapley_channels;
    out.models = TRY(attribution::evaluate_models(book.set, model_options));
    attribution::Replicates replicates;
    if (options.bootstrap.replicates > 0) {
        replicates = TRY(attribution::resample(book.set, model_options, options.bootstrap));
        attribution::add_intervals(replicates, options.bootstrap.level, out.models);
    }

    out.model = describe(book, goal, window, options, out);
    for (int order = 1; order <= attribution::markov_order_max; ++order) {
        const Chain chain = attribution::count_chain(distinct, order);
        const Removal removal = TRY(attribution::removal_effects(chain));
        out.effects.push_back({"markov_" + std::to_string(order), removal.effect});
        if (order == 1) out.model.first_order = state_table(chain, removal);
        if (order != out.model.order) continue;
        out.model.states = state_table(chain, removal);
        out.model.effect = removal.effect;
        out.model.value_effect = removal.value_effect;
        out.model.conversion_rate = std::clamp(removal.conversion_rate, 0.0, 1.0);
        out.model.value_per_journey = removal.value_per_journey;
    }
    if (attribution::channels_in_use(distinct) <= shapley_channels) {
        out.effects.push_back({"shapley", TRY(attribution::rate_game_shapley(distinct))});
    }
    out.file = encode_model(out.model);
    out.version = version_of(out.model, out.file);

    const std::size_t chosen = index_of(out.models, out.model.model);
    out.report = spread_over_days(book, out.models[chosen].credits, out.model.effect);
    if (options.bootstrap.replicates > 0) {
        add_draws(book, replicates.conversions[chosen], out.model.effect, options.bootstrap.seed, out.report);
    }
    return out;
}

}  // namespace cubed::predictor
