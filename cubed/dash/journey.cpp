// The journey inspector: one visitor's touches, conversions, and what each model gave each touch.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <boost/json.hpp>

#include "base/time.h"
#include "cubed/attribution/heuristics.h"
#include "cubed/attribution/journeys.h"
#include "cubed/dash/reports.h"

namespace cubed::dash {
namespace {

using attribution::Conversion;
using attribution::Journey;
using attribution::Rule;

struct Visit {
    int64_t id = 0;
    database::Instant at;
    std::string channel, referrer, landing_url;
    int64_t channel_id = 0;  ///< 0: unassigned
    int64_t pages = 0;
};

struct Goal {
    int64_t id = 0;
    std::string name;
    int64_t lookback_days = 30;
};

struct Sale {
    Goal goal;
    Conversion conversion;
    std::string transaction_id;
};

/// Everything about one visitor that the inspector shows.
struct History {
    std::map<int64_t, Visit> visits;  ///< by id
    std::vector<Sale> sales;          ///< oldest first
};

constexpr std::pair<std::string_view, std::string_view> model_labels[] = {
    {"first", "First"},
    {"last", "Last"},
    {"last_non_direct", "Last non-direct"},
    {"linear", "Linear"},
    {"unique_linear", "Unique linear"},
    {"time_decay", "Time decay"},
    {"position", "Position"},
    {"markov_1", "Markov 1"},
    {"markov_2", "Markov 2"},
    {"markov_3", "Markov 3"},
    {"markov_4", "Markov 4"},
    {"shapley", "Shapley"},
};

base::Result<std::optional<int64_t>> visitor_id(database::Connection& connection, std::string_view token) {
    const database::Rows rows =
        TRY(connection.query("SELECT id FROM attrib_visitor WHERE token = $1", token));
    if (rows.empty()) return std::nullopt;
    return std::optional(rows.integer(0, 0));
}

base::Result<History> load_history(database::Connection& connection, int64_t visitor) {
    History history;
    const database::Rows visits = TRY(connection.query(
        "SELECT visit.id, visit.first_visit, coalesce(channel.name, 'Unassigned'), visit.referrer,"
        " coalesce(visit.landing_url, ''), coalesce(channel.id, 0), visit.views FROM attrib_visit AS visit"
        " LEFT JOIN attrib_referer AS channel ON channel.id = visit.referer_id"
        " WHERE visit.visitor_id = $1 AND NOT visit.bot",
        visitor));
    for (size_t row = 0; row < visits.size(); ++row) {
        history.visits[visits.integer(row, 0)] = Visit{
            visits.integer(row, 0), visits.instant(row, 1), visits.string(row, 2), visits.string(row, 3),
            visits.string(row, 4),  visits.integer(row, 5), visits.integer(row, 6)};
    }
    const database::Rows sales = TRY(connection.query(
        "SELECT goal.id, goal.name, goal.lookback_days, item.id, item.time, item.visit_id,"
        " coalesce(item.revenue, 0), coalesce(item.transaction_id, '') FROM attrib_event_item AS item"
        " JOIN attrib_product_event AS link ON link.event_id = item.event_id"
        " JOIN attrib_product AS goal ON goal.id = link.product_id AND goal.active"
        " WHERE item.visitor_id = $1 ORDER BY item.time, item.id, goal.id",
        visitor));
    for (size_t row = 0; row < sales.size(); ++row) {
        history.sales.push_back(
            Sale{{sales.integer(row, 0), sales.string(row, 1), sales.integer(row, 2)},
                 {sales.instant(row, 4), sales.integer(row, 5), sales.integer(row, 3), sales.integer(row, 6)},
                 sales.string(row, 7)});
    }
    return history;
}

boost::json::object touch_json(const Visit& visit, boost::json::object credits) {
    return {
        {"at", base::format_iso8601(visit.at)}, {"channel", visit.channel}, {"referrer", visit.referrer},
        {"landing_page", visit.landing_url},    {"pages", visit.pages},     {"credits", std::move(credits)},
    };
}

/// Touches with the credits that training gave them, by (goal, event item). The conversions that training
/// saw.
using Trained = std::map<std::pair<int64_t, int64_t>, boost::json::array>;

base::Result<Trained> trained_touches(database::Connection& connection, int64_t visitor,
                                      const History& history, std::set<int64_t>& used) {
    const database::Rows rows = TRY(connection.query(
        "SELECT sale.product_id, sale.event_item_id, touch.visit_id, touch.credits FROM report_conversion AS "
        "sale"
        " LEFT JOIN report_touch AS touch ON touch.product_id = sale.product_id"
        "  AND touch.event_item_id = sale.event_item_id"
        " WHERE sale.visitor_id = $1 ORDER BY sale.product_id, sale.event_item_id, touch.position",
        visitor));
    Trained out;
    for (size_t row = 0; row < rows.size(); ++row) {
        boost::json::array& touches = out[{rows.integer(row, 0), rows.integer(row, 1)}];
        if (rows.null(row, 2)) continue;
        const auto visit = history.visits.find(rows.integer(row, 2));
        if (visit == history.visits.end()) continue;
        used.insert(visit->first);
        touches.push_back(touch_json(visit->second, boost::json::parse(rows.text(row, 3)).as_object()));
    }
    return out;
}

/// A conversion that no training has seen yet: the rules need no training, so they are there at once.
boost::json::array rule_touches(const Journey& journey, const History& history, std::set<int64_t>& used) {
    std::vector<attribution::Channel> path;
    std::vector<double> age_hours;
    attribution::HeuristicOptions options;
    for (const auto& touch : journey.touches) {
        path.push_back(touch.channel);
        age_hours.push_back(
            std::chrono::duration<double, std::ratio<3600>>(journey.conversion->at - touch.at).count());
        if (history.visits.at(touch.visit).channel == "Direct") options.skip.push_back(touch.channel);
    }
    std::vector<boost::json::object> credits(path.size());
    for (const Rule rule : {Rule::first, Rule::last, Rule::last_non_direct, Rule::linear, Rule::unique_linear,
                            Rule::time_decay, Rule::position}) {
        const auto shares = attribution::touch_shares(rule, path, age_hours, options);
        for (size_t i = 0; i < shares.size(); ++i) credits[i][attribution::name_of(rule)] = shares[i];
    }
    boost::json::array out;
    for (size_t i = 0; i < path.size(); ++i) {
        used.insert(journey.touches[i].visit);
        out.push_back(touch_json(history.visits.at(journey.touches[i].visit), std::move(credits[i])));
    }
    return out;
}

/// The journeys of one goal by the same rules that training uses, by event item.
std::map<int64_t, Journey> journeys_of(const History& history, const Goal& goal) {
    std::vector<attribution::Touch> touches;
    for (const auto& [id, visit] : history.visits) {
        if (visit.channel_id != 0) {
            touches.push_back({visit.at, static_cast<attribution::Channel>(visit.channel_id), id});
        }
    }
    std::vector<Conversion> conversions;
    for (const Sale& sale : history.sales) {
        if (sale.goal.id == goal.id) conversions.push_back(sale.conversion);
    }
    std::map<int64_t, Journey> out;
    for (Journey& journey :
         attribution::split_journeys(touches, conversions, std::chrono::hours(24 * goal.lookback_days))) {
        if (journey.conversion) out.emplace(journey.conversion->event, std::move(journey));
    }
    return out;
}

boost::json::object conversion_json(const Sale& sale, boost::json::array touches, bool trained) {
    boost::json::object unattributed;
    if (touches.empty()) {
        for (const auto& [key, label] : model_labels) unattributed[key] = 1.0;
    }
    return {
        {"at", base::format_iso8601(sale.conversion.at)},
        {"goal", sale.goal.name},
        {"transaction_id",
         sale.transaction_id.empty() ? boost::json::value() : boost::json::value(sale.transaction_id)},
        {"revenue_pence", sale.conversion.value_pence},
        {"trained", trained},
        {"touches", std::move(touches)},
        {"unattributed", std::move(unattributed)},
    };
}

boost::json::array models_json() {
    boost::json::array out;
    for (const auto& [key, label] : model_labels) {
        out.push_back(boost::json::object{{"key", key}, {"label", label}});
    }
    return out;
}

}  // namespace

base::Result<boost::json::value> journey_of(Account& account, std::string_view visitor) {
    auto connection = TRY(account.pool->acquire());
    const auto id = TRY(visitor_id(*connection, visitor));
    if (!id) return base::Failure{base::FailureKind::not_found, "There is no such visitor."};
    const History history = TRY(load_history(*connection, *id));
    std::set<int64_t> used;
    Trained trained = TRY(trained_touches(*connection, *id, history, used));

    boost::json::array conversions;
    std::map<int64_t, std::map<int64_t, Journey>> journeys;  // by goal, made when first needed
    for (const Sale& sale : history.sales) {
        const auto known = trained.find({sale.goal.id, sale.conversion.event});
        if (known != trained.end()) {
            conversions.push_back(conversion_json(sale, std::move(known->second), true));
            continue;
        }
        auto [of_goal, fresh] = journeys.try_emplace(sale.goal.id);
        if (fresh) of_goal->second = journeys_of(history, sale.goal);
        const auto journey = of_goal->second.find(sale.conversion.event);
        conversions.push_back(conversion_json(sale,
                                              journey == of_goal->second.end()
                                                  ? boost::json::array()
                                                  : rule_touches(journey->second, history, used),
                                              false));
    }
    std::vector<const Visit*> later;
    for (const auto& [visit_id, visit] : history.visits) {
        if (!used.contains(visit_id)) later.push_back(&visit);
    }
    std::sort(later.begin(), later.end(), [](const Visit* a, const Visit* b) { return a->at < b->at; });
    boost::json::array later_touches;
    for (const Visit* visit : later) later_touches.push_back(touch_json(*visit, {}));
    return boost::json::value(boost::json::object{
        {"visitor", visitor},
        {"models", models_json()},
        {"conversions", std::move(conversions)},
        {"later_touches", std::move(later_touches)},
    });
}

}  // namespace cubed::dash
