#include "cubed/control/configuration.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace cubed::control {

using base::Failure;
using base::FailureKind;
using base::Result;
using database::Connection;
using database::Transaction;

static Result<base::Unit> check_name(std::string_view what, std::string_view name) {
    if (name.empty() || name.size() > 200) {
        return Failure{FailureKind::invalid, fmt::format("the name of {} has 1 to 200 bytes", what)};
    }
    return base::Unit{};
}

Result<int> add_channel(Connection& client, std::string_view name, bool paid) {
    TRY(check_name("a channel", name));
    const auto rows =
        TRY(client.query("INSERT INTO attrib_referer (name, paid) VALUES ($1, $2) ON CONFLICT (name) "
                         "DO UPDATE SET paid = excluded.paid, active = true RETURNING id",
                         name, paid));
    return int(rows.integer(0, 0));
}

std::optional<std::string> pattern_problem(std::string_view expression) {
    if (expression.empty()) return "it is empty";
    if (expression.size() > 200) return "it is longer than 200 bytes";
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(1 << 20);  // a compiled program over this is a bomb, not a pattern
    const RE2 compiled(re2::StringPiece(expression.data(), expression.size()), options);
    if (!compiled.ok()) return compiled.error();
    return std::nullopt;
}

Result<int> add_pattern(Connection& client, const PatternRule& rule) {
    bool any = false;
    for (const auto* condition : {&rule.pattern, &rule.source, &rule.medium, &rule.campaign}) {
        if (!*condition) continue;
        any = true;
        if (const auto problem = pattern_problem(**condition)) {
            return Failure{FailureKind::invalid, fmt::format("pattern '{}': {}", **condition, *problem)};
        }
    }
    if (!any && !rule.category) return Failure{FailureKind::invalid, "a pattern needs a condition"};
    auto transaction = TRY(Transaction::begin(client));
    // A channel that is there keeps whether it is paid.
    TRY(check_name("a channel", rule.channel));
    TRY(client.query("INSERT INTO attrib_referer (name) VALUES ($1) ON CONFLICT (name) DO NOTHING",
                     rule.channel));
    const auto same = TRY(client.query(
        "UPDATE attrib_pattern p SET active = true, rejected = NULL, position = $7 FROM attrib_referer r "
        "WHERE r.id = p.referer_id AND r.name = $1 AND NOT p.is_default AND p.pattern IS NOT DISTINCT FROM "
        "$2 "
        "AND p.source IS NOT DISTINCT FROM $3 AND p.medium IS NOT DISTINCT FROM $4 "
        "AND p.campaign IS NOT DISTINCT FROM $5 AND p.category IS NOT DISTINCT FROM $6 RETURNING p.id",
        rule.channel, rule.pattern, rule.source, rule.medium, rule.campaign, rule.category, rule.position));
    if (!same.empty()) {
        TRY(transaction.commit());
        return int(same.integer(0, 0));
    }
    const auto rows = TRY(client.query(
        "INSERT INTO attrib_pattern (referer_id, pattern, source, medium, campaign, category, position) "
        "SELECT id, $2, $3, $4, $5, $6, $7 FROM attrib_referer WHERE name = $1 RETURNING id",
        rule.channel, rule.pattern, rule.source, rule.medium, rule.campaign, rule.category, rule.position));
    TRY(transaction.commit());
    return int(rows.integer(0, 0));
}

Result<int> add_event(Connection& client, std::string_view name, std::string_view display_name) {
    TRY(check_name("an event", name));
    const auto rows = TRY(client.query(
        "INSERT INTO attrib_event (name, display_name) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE "
        "SET display_name = excluded.display_name, configured = true, active = true RETURNING id",
        name, display_name.empty() ? name : display_name));
    return int(rows.integer(0, 0));
}

Result<int> add_goal(Connection& client, const Goal& goal) {
    TRY(check_name("a goal", goal.name));
    if (goal.events.empty()) return Failure{FailureKind::invalid, "a goal needs at least one event"};
    if (goal.type != "ecommerce" && goal.type != "lead" && goal.type != "propensity") {
        return Failure{FailureKind::invalid, "a goal's type is ecommerce, lead or propensity"};
    }
    if (goal.lookback_days < 1 || goal.lookback_days > 400) {
        return Failure{FailureKind::invalid, "a goal looks back 1 to 400 days"};
    }
    auto transaction = TRY(Transaction::begin(client));
    const auto rows = TRY(client.query(
        "INSERT INTO attrib_product (name, type, lookback_days) VALUES ($1, $2, $3) ON CONFLICT (name) DO "
        "UPDATE "
        "SET type = excluded.type, lookback_days = excluded.lookback_days, active = true RETURNING id",
        goal.name, goal.type, goal.lookback_days));
    const auto id = rows.integer(0, 0);
    TRY(client.query("DELETE FROM attrib_product_event WHERE product_id = $1", id));
    for (const std::string& event : goal.events) {
        TRY(check_name("an event", event));
        TRY(client.query(
            "INSERT INTO attrib_event (name, display_name) VALUES ($1, $1) ON CONFLICT (name) DO UPDATE "
            "SET configured = true, active = true",
            event));
        TRY(
            client.query("INSERT INTO attrib_product_event (product_id, event_id) "
                         "SELECT $1, id FROM attrib_event WHERE name = $2 ON CONFLICT DO NOTHING",
                         id, event));
    }
    TRY(transaction.commit());
    return int(id);
}

}  // namespace cubed::control
