#include "stratus/services/sqs/settings.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "aws/sqs/types.h"
#include "base/json.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace names = aws::sqs::queue_attribute_name;
namespace errors = aws::sqs::errors;
using base::Unit;
using wire::Outcome;

enum class Kind { number, boolean, choice, json, redrive, redrive_allow, text };

/// One settable attribute. An empty default means that it may be absent.
struct Rule {
    std::string_view name;
    Kind kind;
    std::string_view fallback;
    long least = 0;
    long most = 0;
    bool fifo_only = false;
    std::array<std::string_view, 2> choices{};
};

constexpr Rule rules[] = {
    {names::delay_seconds, Kind::number, "0", 0, 900},
    {names::maximum_message_size, Kind::number, "1048576", 1'024, 1'048'576},
    {names::message_retention_period, Kind::number, "345600", 60, 1'209'600},
    {names::receive_message_wait_time_seconds, Kind::number, "0", 0, 20},
    {names::visibility_timeout, Kind::number, "30", 0, 43'200},
    {names::policy, Kind::json, ""},
    {names::redrive_policy, Kind::redrive, ""},
    {names::redrive_allow_policy, Kind::redrive_allow, ""},
    {names::fifo_queue, Kind::boolean, "true", 0, 0, true},
    {names::content_based_deduplication, Kind::boolean, "false", 0, 0, true},
    {names::deduplication_scope, Kind::choice, "queue", 0, 0, true, {"queue", "messageGroup"}},
    {names::fifo_throughput_limit, Kind::choice, "perQueue", 0, 0, true, {"perQueue", "perMessageGroupId"}},
    {names::kms_master_key_id, Kind::text, ""},
    {names::kms_data_key_reuse_period_seconds, Kind::number, "300", 60, 86'400},
    {names::sqs_managed_sse_enabled, Kind::boolean, "true"},
};

constexpr std::string_view computed_names[] = {
    names::all,
    names::approximate_number_of_messages,
    names::approximate_number_of_messages_not_visible,
    names::approximate_number_of_messages_delayed,
    names::created_timestamp,
    names::last_modified_timestamp,
    names::queue_arn,
};

const Rule* rule_for(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(rules), std::end(rules), [&](const Rule& r) { return r.name == name; });
    return found == std::end(rules) ? nullptr : found;
}

std::optional<long> number_in(std::string_view text) {
    long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return number;
}

/// AWS takes maxReceiveCount as a number and as text.
std::optional<long> number_in(const boost::json::value& value) {
    if (value.is_int64()) return static_cast<long>(value.as_int64());
    if (value.is_string()) return number_in(std::string_view(value.as_string()));
    return std::nullopt;
}

std::optional<RedrivePolicy> redrive_policy_in(std::string_view text) {
    const auto parsed = base::parse_json(text);
    if (!parsed.ok() || !parsed.value().is_object()) return std::nullopt;
    const auto& object = parsed.value().as_object();
    const auto* target = object.if_contains("deadLetterTargetArn");
    const auto* most = object.if_contains("maxReceiveCount");
    if (target == nullptr || !target->is_string() || most == nullptr) return std::nullopt;
    const auto count = number_in(*most);
    if (!count || *count < 1 || *count > 1'000) return std::nullopt;
    return RedrivePolicy{std::string(target->as_string()), static_cast<std::uint32_t>(*count)};
}

std::optional<RedriveAllowPolicy> redrive_allow_policy_in(std::string_view text) {
    const auto parsed = base::parse_json(text);
    if (!parsed.ok() || !parsed.value().is_object()) return std::nullopt;
    const auto& object = parsed.value().as_object();
    const auto* permission = object.if_contains("redrivePermission");
    if (permission == nullptr || !permission->is_string()) return std::nullopt;
    RedriveAllowPolicy policy;
    const std::string_view word = permission->as_string();
    if (word == "denyAll") {
        policy.permission = RedrivePermission::deny_all;
    } else if (word == "byQueue") {
        policy.permission = RedrivePermission::by_queue;
    } else if (word != "allowAll") {
        return std::nullopt;
    }
    if (const auto* sources = object.if_contains("sourceQueueArns")) {
        if (!sources->is_array() || sources->as_array().size() > 10) return std::nullopt;
        for (const auto& source : sources->as_array()) {
            if (!source.is_string()) return std::nullopt;
            policy.sources.emplace_back(source.as_string());
        }
    }
    const bool by_queue = policy.permission == RedrivePermission::by_queue;
    if (by_queue == policy.sources.empty()) return std::nullopt;
    return policy;
}

bool is_valid(const Rule& rule, const std::string& value) {
    switch (rule.kind) {
        case Kind::number: {
            const auto number = number_in(value);
            return number && *number >= rule.least && *number <= rule.most;
        }
        case Kind::boolean: return value == "true" || value == "false";
        case Kind::choice:
            return std::find(rule.choices.begin(), rule.choices.end(), value) != rule.choices.end();
        case Kind::json: {
            const auto parsed = base::parse_json(value);
            return parsed.ok() && parsed.value().is_object();
        }
        case Kind::redrive: return redrive_policy_in(value).has_value();
        case Kind::redrive_allow: return redrive_allow_policy_in(value).has_value();
        case Kind::text: return value.size() <= 2'048;
    }
    return false;
}

Outcome<Unit> check(std::string_view name, std::string value, bool fifo, bool creating) {
    const Rule* rule = rule_for(name);
    if (rule == nullptr) return errors::invalid_attribute_name(fmt::format("Unknown Attribute {}.", name));
    if (rule->fifo_only && !fifo) {
        return errors::invalid_attribute_name(
            fmt::format("You can specify the {} only when FifoQueue is set to true.", name));
    }
    if (rule->name == names::fifo_queue && (value != "true" || !creating)) {
        return errors::invalid_attribute_value("Invalid value for the parameter FifoQueue.");
    }
    if (value.empty() && rule->fallback.empty()) return Unit{};
    if (!is_valid(*rule, value)) {
        return errors::invalid_attribute_value(fmt::format("Invalid value for the parameter {}.", name));
    }
    return Unit{};
}

std::string_view value_of(const Attributes& attributes, std::string_view name) {
    const auto at = attributes.find(std::string(name));
    if (at != attributes.end()) return at->second;
    const Rule* rule = rule_for(name);
    return rule == nullptr ? std::string_view() : rule->fallback;
}

std::chrono::seconds seconds_of(const Attributes& attributes, std::string_view name) {
    return std::chrono::seconds(number_in(value_of(attributes, name)).value_or(0));
}

}  // namespace

bool is_fifo_name(std::string_view name) {
    return name.ends_with(".fifo");
}

Outcome<Attributes> changed_attributes(const Attributes& current, const Attributes& change,
                                       std::string_view queue_name) {
    const bool fifo = is_fifo_name(queue_name);
    Attributes result = current;
    for (const auto& [name, value] : change) {
        TRY(check(name, value, fifo, current.empty()));
        if (value.empty()) {
            result.erase(name);
        } else {
            result[name] = value;
        }
    }
    const bool has_key = !value_of(result, names::kms_master_key_id).empty();
    const auto managed = change.find(std::string(names::sqs_managed_sse_enabled));
    if (has_key && managed != change.end() && managed->second == "true") {
        if (change.contains(std::string(names::kms_master_key_id))) {
            return errors::invalid_attribute_value(
                "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS "
                "SSE or "
                "SQS SSE.");
        }
        result.erase(std::string(names::kms_master_key_id));
    } else if (has_key) {
        result[std::string(names::sqs_managed_sse_enabled)] = "false";
    }
    if (value_of(result, names::fifo_throughput_limit) == "perMessageGroupId" &&
        value_of(result, names::deduplication_scope) != "messageGroup") {
        return errors::invalid_attribute_value(
            "The perMessageGroupId value is allowed only when the value for DeduplicationScope is "
            "messageGroup.");
    }
    if (fifo) result[std::string(names::fifo_queue)] = "true";
    return result;
}

QueueSettings settings_of(const Attributes& attributes, std::string_view queue_name) {
    QueueSettings settings;
    settings.rules.fifo = is_fifo_name(queue_name);
    settings.rules.deduplication_per_group =
        value_of(attributes, names::deduplication_scope) == "messageGroup";
    settings.rules.visibility_timeout = seconds_of(attributes, names::visibility_timeout);
    settings.rules.delay = seconds_of(attributes, names::delay_seconds);
    settings.rules.retention = seconds_of(attributes, names::message_retention_period);
    settings.receive_wait = seconds_of(attributes, names::receive_message_wait_time_seconds);
    settings.message_bytes_max =
        static_cast<std::uint32_t>(number_in(value_of(attributes, names::maximum_message_size)).value_or(0));
    settings.content_deduplication = value_of(attributes, names::content_based_deduplication) == "true";
    settings.redrive = redrive_policy_in(value_of(attributes, names::redrive_policy));
    if (settings.redrive) settings.rules.max_receives = settings.redrive->max_receives;
    settings.redrive_allow = redrive_allow_policy_in(value_of(attributes, names::redrive_allow_policy))
                                 .value_or(RedriveAllowPolicy{});
    settings.policy = value_of(attributes, names::policy);
    settings.kms_key = value_of(attributes, names::kms_master_key_id);
    return settings;
}

Attributes with_defaults(const Attributes& attributes, std::string_view queue_name) {
    Attributes all = attributes;
    const bool fifo = is_fifo_name(queue_name);
    const bool has_key = attributes.contains(std::string(names::kms_master_key_id));
    for (const Rule& rule : rules) {
        if (rule.fallback.empty() || (rule.fifo_only && !fifo)) continue;
        if (rule.name == names::kms_data_key_reuse_period_seconds && !has_key) continue;
        all.try_emplace(std::string(rule.name), rule.fallback);
    }
    return all;
}

bool is_attribute_name(std::string_view name) {
    return rule_for(name) != nullptr ||
           std::find(std::begin(computed_names), std::end(computed_names), name) != std::end(computed_names);
}

}  // namespace stratus::sqs
