#include "stratus/services/sqs/policy.h"

#include <algorithm>
#include <cctype>

#include <boost/json.hpp>
#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "base/json.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace json = boost::json;
namespace errors = aws::sqs::errors;

constexpr std::size_t actions_max = 7;  // AWS: per statement
constexpr std::size_t statements_max = 20;
/// AWS: what a policy may let another account do; the rest is the owner's alone.
constexpr std::string_view grantable[] = {
    "ChangeMessageVisibility",    "DeleteMessage", "GetQueueAttributes", "GetQueueUrl",
    "ListDeadLetterSourceQueues", "PurgeQueue",    "ReceiveMessage",     "SendMessage",
};

bool is_grantable(std::string_view action) {
    return std::find(std::begin(grantable), std::end(grantable), action) != std::end(grantable);
}

json::object policy_object(std::string_view policy) {
    auto parsed = base::parse_json(policy);
    if (parsed.ok() && parsed.value().is_object()) return parsed.take().as_object();
    return {{"Version", "2012-10-17"}, {"Id", "__default_policy_ID"}, {"Statement", json::array()}};
}

/// Calls `visit` for each element of an array, or for the one thing that is no array.
template <class Visit>
bool any_of(const json::value* value, Visit visit) {
    if (value == nullptr) return false;
    if (!value->is_array()) return visit(*value);
    const auto& array = value->as_array();
    return std::any_of(array.begin(), array.end(), visit);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool action_matches(const json::value& pattern, std::string_view action) {
    if (!pattern.is_string()) return false;
    std::string_view text = pattern.as_string();
    if (text == "*") return true;
    if (text.size() < 4 || !equal_ignoring_case(text.substr(0, 4), "sqs:")) return false;
    text.remove_prefix(4);
    if (!text.ends_with('*')) return equal_ignoring_case(text, action);
    text.remove_suffix(1);
    return equal_ignoring_case(text, action.substr(0, text.size()));
}

bool principal_matches(const json::value* principal, const wire::Principal& caller) {
    const auto names_caller = [&](const json::value& one) {
        if (!one.is_string()) return false;
        const std::string_view text = one.as_string();
        return text == "*" || text == caller.account || text == caller.arn ||
               text == fmt::format("arn:aws:iam::{}:root", caller.account);
    };
    if (principal == nullptr) return false;
    if (!principal->is_object()) return names_caller(*principal);
    return any_of(principal->as_object().if_contains("AWS"), names_caller);
}

/// The statements as an array, whatever the policy had.
json::array& statements_of(json::object& policy) {
    json::value& statements = policy["Statement"];
    if (statements.is_object()) statements = json::array{statements};
    if (!statements.is_array()) statements = json::array();
    return statements.as_array();
}

bool has_label(const json::value& statement, std::string_view label) {
    if (!statement.is_object()) return false;
    const auto* sid = statement.as_object().if_contains("Sid");
    return sid != nullptr && sid->is_string() && sid->as_string() == label;
}

wire::Outcome<base::Unit> check(const Permission& permission) {
    const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
    const std::string& label = permission.label;
    if (label.empty() || label.size() > 80 || !std::all_of(label.begin(), label.end(), fits)) {
        return wire::invalid_parameter_value(
            fmt::format("Value {} for parameter Label is invalid. Reason: Can only include alphanumeric "
                        "characters, hyphens, or "
                        "underscores. 1 to 80 in length.",
                        label));
    }
    if (permission.accounts.empty())
        return wire::missing_parameter("The request must contain the parameter Principals.");
    if (permission.actions.empty())
        return wire::missing_parameter("The request must contain the parameter Actions.");
    for (const std::string& account : permission.accounts) {
        const bool digits =
            account.size() == 12 &&
            std::all_of(account.begin(), account.end(), [](unsigned char c) { return std::isdigit(c); });
        if (digits) continue;
        return wire::invalid_parameter_value(
            fmt::format("Value {} for parameter PrincipalId is invalid. Reason: Unable to verify.", account));
    }
    if (permission.actions.size() > actions_max) {
        return errors::over_limit(fmt::format("{} Actions were found, maximum allowed is {}.",
                                              permission.actions.size(), actions_max));
    }
    for (const std::string& action : permission.actions) {
        if (action == "*" || is_grantable(action)) continue;
        return wire::invalid_parameter_value(
            fmt::format("Value SQS:{} for parameter ActionName is invalid. Reason: Only the queue owner is "
                        "allowed to invoke this "
                        "action.",
                        action));
    }
    return base::Unit{};
}

}  // namespace

wire::Outcome<std::string> with_permission(std::string_view policy, std::string_view queue_arn,
                                           const Permission& permission) {
    TRY(check(permission));
    json::object whole = policy_object(policy);
    json::array& statements = statements_of(whole);
    for (const auto& statement : statements) {
        if (!has_label(statement, permission.label)) continue;
        return wire::invalid_parameter_value(fmt::format(
            "Value {} for parameter Label is invalid. Reason: Already exists.", permission.label));
    }
    if (statements.size() >= statements_max) {
        return errors::over_limit("The maximum number of permissions for the queue is reached.");
    }
    json::array principals;
    for (const std::string& account : permission.accounts) {
        principals.emplace_back(fmt::format("arn:aws:iam::{}:root", account));
    }
    json::array actions;
    for (const std::string& action : permission.actions) actions.emplace_back("SQS:" + action);
    statements.push_back({{"Sid", permission.label},
                          {"Effect", "Allow"},
                          {"Principal", {{"AWS", std::move(principals)}}},
                          {"Action", std::move(actions)},
                          {"Resource", queue_arn}});
    return json::serialize(whole);
}

wire::Outcome<std::string> without_permission(std::string_view policy, std::string_view label) {
    json::object whole = policy_object(policy);
    json::array& statements = statements_of(whole);
    auto* const at = std::find_if(statements.begin(), statements.end(),
                                  [&](const json::value& statement) { return has_label(statement, label); });
    if (at == statements.end()) {
        return wire::invalid_parameter_value(fmt::format(
            "Value {} for parameter Label is invalid. Reason: can't find label on existing policy.", label));
    }
    statements.erase(at);
    return statements.empty() ? std::string() : json::serialize(whole);
}

bool allows(std::string_view policy, const wire::Principal& caller, std::string_view action) {
    if (policy.empty() || !is_grantable(action)) return false;
    json::object whole = policy_object(policy);
    bool allowed = false;
    for (const auto& value : statements_of(whole)) {
        if (!value.is_object()) continue;
        const auto& statement = value.as_object();
        const auto* effect = statement.if_contains("Effect");
        if (effect == nullptr || !effect->is_string()) continue;
        const bool names_action = any_of(statement.if_contains("Action"),
                                         [&](const json::value& one) { return action_matches(one, action); });
        const bool names_caller = principal_matches(statement.if_contains("Principal"), caller);
        if (effect->as_string() == "Deny") {
            const bool negated = statement.contains("NotPrincipal") || statement.contains("NotAction");
            if ((names_action && names_caller) || negated) return false;
        } else if (names_action && names_caller && !statement.contains("Condition")) {
            allowed = true;
        }
    }
    return allowed;
}

}  // namespace stratus::sqs
