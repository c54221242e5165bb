// What is known about a queue and may be changed: attributes, tags, permissions.
#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "base/utf8.h"
#include "stratus/services/sqs/policy.h"
#include "stratus/services/sqs/sqs.h"
#include "stratus/services/sqs/tags.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace errors = aws::sqs::errors;
namespace attribute = aws::sqs::queue_attribute_name;
using base::Unit;
using wire::Context;
using wire::Outcome;

constexpr std::size_t tags_max = 50;

std::string seconds_text(base::Instant at) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

}  // namespace

Outcome<Unit> check_tags(const std::map<std::string, std::string>& tags) {
    if (tags.size() > tags_max) {
        return wire::invalid_parameter_value(
            fmt::format("Too many tags added for queue. Maximum allowed: {}.", tags_max));
    }
    for (const auto& [key, value] : tags) {
        const auto key_length = base::utf8_length(key).value_or(0);
        if (key_length < 1 || key_length > 128) {
            return wire::invalid_parameter_value("Tag keys must be between 1 and 128 characters in length.");
        }
        if (base::utf8_length(value).value_or(257) > 256) {
            return wire::invalid_parameter_value(
                "Tag values must be between 0 and 256 characters in length.");
        }
        if (key.starts_with("aws:")) {
            return wire::invalid_parameter_value(
                fmt::format("Tag key {} is invalid. Reason: aws: is reserved.", key));
        }
    }
    return Unit{};
}

Outcome<aws::sqs::GetQueueAttributesResult> Sqs::get_queue_attributes(
    const Context& ctx, const aws::sqs::GetQueueAttributesRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "GetQueueAttributes"));
    bool all = false;
    for (const std::string& name : in.attribute_names) {
        if (!is_attribute_name(name))
            return errors::invalid_attribute_name(fmt::format("Unknown Attribute {}.", name));
        all |= name == attribute::all;
    }
    aws::sqs::GetQueueAttributesResult result;
    if (in.attribute_names.empty()) return result;
    Attributes known = with_defaults(queue->record.attributes, queue->name.name);
    const QueueCounts counts = queue->queue->counts(at_.clock.now());
    const auto know = [&](std::string_view name, std::string value) {
        known[std::string(name)] = std::move(value);
    };
    know(attribute::queue_arn, queue->arn);
    know(attribute::created_timestamp, seconds_text(queue->record.created));
    know(attribute::last_modified_timestamp, seconds_text(queue->record.modified));
    know(attribute::approximate_number_of_messages, std::to_string(counts.visible));
    know(attribute::approximate_number_of_messages_not_visible, std::to_string(counts.in_flight));
    know(attribute::approximate_number_of_messages_delayed, std::to_string(counts.delayed));
    if (all) {
        result.attributes = std::move(known);
        return result;
    }
    for (const std::string& name : in.attribute_names) {
        if (const auto at = known.find(name); at != known.end()) result.attributes.insert(*at);
    }
    return result;
}

Outcome<Unit> Sqs::set_queue_attributes(const Context& ctx, const aws::sqs::SetQueueAttributesRequest& in) {
    const std::lock_guard control(control_mutex_);
    const auto queue = TRY(find_queue(ctx, in.queue_url, "SetQueueAttributes"));
    Attributes changed = TRY(changed_attributes(queue->record.attributes, in.attributes, queue->name.name));
    const QueueSettings settings = settings_of(changed, queue->name.name);
    if (in.attributes.contains(std::string(attribute::redrive_policy)))
        TRY(check_redrive(queue->name, settings));
    TRY(change_record(queue, [&](QueueRecord& record) {
        record.attributes = std::move(changed);
        record.modified = at_.clock.now();
    }));
    queue->queue->set_rules(settings.rules);
    at_.events.notify(queue->arrivals);  // delays may have changed
    return Unit{};
}

Outcome<Unit> Sqs::add_permission(const Context& ctx, const aws::sqs::AddPermissionRequest& in) {
    const std::lock_guard control(control_mutex_);
    const auto queue = TRY(find_queue(ctx, in.queue_url, "AddPermission"));
    std::string policy =
        TRY(with_permission(queue->settings.policy, queue->arn, {in.label, in.aws_account_ids, in.actions}));
    return change_record(queue, [&](QueueRecord& record) {
        record.attributes[std::string(attribute::policy)] = std::move(policy);
        record.modified = at_.clock.now();
    });
}

Outcome<Unit> Sqs::remove_permission(const Context& ctx, const aws::sqs::RemovePermissionRequest& in) {
    const std::lock_guard control(control_mutex_);
    const auto queue = TRY(find_queue(ctx, in.queue_url, "RemovePermission"));
    std::string policy = TRY(without_permission(queue->settings.policy, in.label));
    return change_record(queue, [&](QueueRecord& record) {
        if (policy.empty()) {
            record.attributes.erase(std::string(attribute::policy));
        } else {
            record.attributes[std::string(attribute::policy)] = std::move(policy);
        }
        record.modified = at_.clock.now();
    });
}

Outcome<Unit> Sqs::tag_queue(const Context& ctx, const aws::sqs::TagQueueRequest& in) {
    const std::lock_guard control(control_mutex_);
    const auto queue = TRY(find_queue(ctx, in.queue_url, "TagQueue"));
    if (in.tags.empty()) return wire::missing_parameter("The request must contain the parameter Tags.");
    auto tags = queue->record.tags;
    for (const auto& [key, value] : in.tags) tags[key] = value;
    TRY(check_tags(tags));
    return change_record(queue, [&](QueueRecord& record) { record.tags = std::move(tags); });
}

Outcome<Unit> Sqs::untag_queue(const Context& ctx, const aws::sqs::UntagQueueRequest& in) {
    const std::lock_guard control(control_mutex_);
    const auto queue = TRY(find_queue(ctx, in.queue_url, "UntagQueue"));
    if (in.tag_keys.empty()) return wire::invalid_parameter_value("Tag keys cannot be empty.");
    return change_record(queue, [&](QueueRecord& record) {
        for (const std::string& key : in.tag_keys) record.tags.erase(key);
    });
}

Outcome<aws::sqs::ListQueueTagsResult> Sqs::list_queue_tags(const Context& ctx,
                                                            const aws::sqs::ListQueueTagsRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "ListQueueTags"));
    return aws::sqs::ListQueueTagsResult{.tags = queue->record.tags};
}

}  // namespace stratus::sqs
