// Queues as such: made, found, listed, emptied, deleted.
#include <algorithm>
#include <cctype>

#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "base/encoding.h"
#include "base/log.h"
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

constexpr std::chrono::seconds purge_interval{60};
constexpr std::size_t page_max = 1'000;

Outcome<Unit> check_name(std::string_view name, const Attributes& attributes) {
    const auto asked = attributes.find(std::string(attribute::fifo_queue));
    const bool wants_fifo = asked != attributes.end() && asked->second == "true";
    std::string_view stem = name;
    if (wants_fifo && !is_fifo_name(name)) {
        return wire::invalid_parameter_value(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
            "must end with "
            ".fifo suffix and be 1 to 80 in length.");
    }
    if (wants_fifo) stem.remove_suffix(5);
    const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
    if (stem.empty() || name.size() > 80 || !std::all_of(stem.begin(), stem.end(), fits)) {
        return wire::invalid_parameter_value(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    }
    return Unit{};
}

/// AWS: creating again succeeds when what is asked for is what there is.
Outcome<Unit> check_same(const LiveQueue& existing, const Attributes& asked) {
    const Attributes effective = with_defaults(existing.record.attributes, existing.name.name);
    for (const auto& [name, value] : asked) {
        const auto at = effective.find(name);
        const bool same = at == effective.end() ? value.empty() : at->second == value;
        if (same) continue;
        return errors::queue_name_exists(fmt::format(
            "A queue already exists with the same name and a different value for attribute {}", name));
    }
    return Unit{};
}

Outcome<std::size_t> page_size(const std::optional<std::int32_t>& asked) {
    if (!asked) return page_max;
    if (*asked < 1 || *asked > static_cast<std::int32_t>(page_max)) {
        return wire::invalid_parameter_value(
            fmt::format("Value {} for parameter MaxResults is invalid. Reason: MaxResults must be an integer "
                        "between 1 and {}.",
                        *asked, page_max));
    }
    return static_cast<std::size_t>(*asked);
}

/// A token is the last name of the page before it.
Outcome<std::string> name_in_token(const std::optional<std::string>& token) {
    if (!token || token->empty()) return std::string();
    auto name = base::base64url_decode(*token);
    if (!name.ok() || name.value().empty()) {
        return wire::invalid_parameter_value("Invalid or expired next token.");
    }
    return name.take();
}

}  // namespace

Outcome<aws::sqs::CreateQueueResult> Sqs::create_queue(const Context& ctx,
                                                       const aws::sqs::CreateQueueRequest& in) {
    TRY(check_name(in.queue_name, in.attributes));
    TRY(check_tags(in.tags));
    const QueueName name = name_in(ctx, in.queue_name);
    const std::lock_guard control(control_mutex_);
    QueueRecord record;
    record.attributes = TRY(changed_attributes({}, in.attributes, in.queue_name));
    if (const auto existing = registry_.find(name)) {
        TRY(check_same(*existing, in.attributes));
        return aws::sqs::CreateQueueResult{.queue_url = url_of(ctx, name)};
    }
    TRY(check_redrive(name, settings_of(record.attributes, name.name)));
    record.id = at_.random.next();
    record.tags = in.tags;
    record.created = record.modified = at_.clock.now();
    TRY(at_.store.write([&](Transaction& tx) -> Outcome<Unit> {
        const auto deleted = TRY(deleted_table.get(tx, name.key()));
        if (deleted && deleted->deleted + options_.name_rest > record.created) {
            return errors::queue_deleted_recently(
                "You must wait 60 seconds after deleting a queue before you can create another with the same "
                "name.");
        }
        if (deleted) TRY(deleted_table.erase(tx, name.key()));
        TRY(queue_table.put(tx, name.key(), record));
        return Unit{};
    }));
    auto queue = engine_->add(record.id, settings_of(record.attributes, name.name).rules);
    registry_.put(make_live(name, std::move(record), std::move(queue)));
    base::log_info("sqs", "queue created",
                   {{"account", name.account}, {"region", name.region}, {"queue", name.name}});
    return aws::sqs::CreateQueueResult{.queue_url = url_of(ctx, name)};
}

/// A dead-letter target must exist, be of the same kind, and let this queue use it.
Outcome<Unit> Sqs::check_redrive(const QueueName& name, const QueueSettings& settings) const {
    if (!settings.redrive) return Unit{};
    const auto refuse = [&](std::string_view reason) {
        return wire::invalid_parameter_value(fmt::format(
            "Value {{\"deadLetterTargetArn\":\"{}\",\"maxReceiveCount\":{}}} for parameter RedrivePolicy is "
            "invalid. Reason: {}",
            settings.redrive->target_arn, settings.redrive->max_receives, reason));
    };
    const auto target_name = QueueName::of_arn(settings.redrive->target_arn);
    if (!target_name) return refuse("Invalid value for deadLetterTargetArn.");
    if (target_name->account != name.account || target_name->region != name.region) {
        return refuse("Dead-letter target owner should be same as the source.");
    }
    const bool fifo = is_fifo_name(name.name);
    if (is_fifo_name(target_name->name) != fifo) {
        return refuse("Dead-letter queue must be same type of queue as the source.");
    }
    const auto target = registry_.find(*target_name);
    if (!target) return refuse("Dead letter target does not exist.");
    const RedriveAllowPolicy& allow = target->settings.redrive_allow;
    const bool listed =
        std::find(allow.sources.begin(), allow.sources.end(), name.arn()) != allow.sources.end();
    const bool denied = allow.permission == RedrivePermission::deny_all ||
                        (allow.permission == RedrivePermission::by_queue && !listed);
    if (denied)
        return refuse("The dead-letter queue's redrive allow policy does not allow this queue to use it.");
    return Unit{};
}

Outcome<aws::sqs::GetQueueUrlResult> Sqs::get_queue_url(const Context& ctx,
                                                        const aws::sqs::GetQueueUrlRequest& in) {
    QueueName name = name_in(ctx, in.queue_name);
    if (in.queue_owner_aws_account_id) name.account = *in.queue_owner_aws_account_id;
    const auto found = registry_.find(name);
    const bool visible = found && (name.account == ctx.caller.account ||
                                   allows(found->settings.policy, ctx.caller, "GetQueueUrl"));
    if (!visible) return errors::queue_does_not_exist("The specified queue does not exist.");
    return aws::sqs::GetQueueUrlResult{.queue_url = url_of(ctx, name)};
}

Outcome<aws::sqs::ListQueuesResult> Sqs::list_queues(const Context& ctx,
                                                     const aws::sqs::ListQueuesRequest& in) {
    const std::size_t limit = TRY(page_size(in.max_results));
    const std::string after = TRY(name_in_token(in.next_token));
    const auto found =
        registry_.list(ctx.caller.account, ctx.region, in.queue_name_prefix.value_or(""), after, limit + 1);
    aws::sqs::ListQueuesResult result;
    for (const LiveQueueRef& queue : found) {
        if (result.queue_urls.size() == limit) break;
        result.queue_urls.push_back(url_of(ctx, queue->name));
    }
    // AWS: there is a token only where the client asked for pages.
    if (found.size() > limit && in.max_results) {
        result.next_token = base::base64url_encode(found[limit - 1]->name.name);
    }
    return result;
}

Outcome<aws::sqs::ListDeadLetterSourceQueuesResult> Sqs::list_dead_letter_source_queues(
    const Context& ctx, const aws::sqs::ListDeadLetterSourceQueuesRequest& in) {
    const auto target = TRY(find_queue(ctx, in.queue_url, "ListDeadLetterSourceQueues"));
    const std::size_t limit = TRY(page_size(in.max_results));
    const std::string after = TRY(name_in_token(in.next_token));
    aws::sqs::ListDeadLetterSourceQueuesResult result;
    std::string last;
    for (const LiveQueueRef& queue :
         registry_.list(target->name.account, target->name.region, "", after, std::string::npos)) {
        const auto& redrive = queue->settings.redrive;
        if (!redrive || redrive->target_arn != target->arn) continue;
        if (result.queue_urls.size() == limit) {
            if (in.max_results) result.next_token = base::base64url_encode(last);
            break;
        }
        result.queue_urls.push_back(url_of(ctx, queue->name));
        last = queue->name.name;
    }
    return result;
}

Outcome<Unit> Sqs::delete_queue(const Context& ctx, const aws::sqs::DeleteQueueRequest& in) {
    const std::lock_guard control(control_mutex_);
    const auto queue = TRY(find_queue(ctx, in.queue_url, "DeleteQueue"));
    const base::Instant now = at_.clock.now();
    const std::string key = queue->name.key();
    TRY(at_.store.write([&](Transaction& tx) -> Outcome<Unit> {
        TRY(queue_table.erase(tx, key));
        TRY(deleted_table.put(tx, key, DeletedQueueRecord{now}));
        return Unit{};
    }));
    registry_.erase(queue->name);
    engine_->remove(queue->record.id);
    at_.events.notify(queue->arrivals);  // who waits for messages learns that there will be none
    base::log_info(
        "sqs", "queue deleted",
        {{"account", queue->name.account}, {"region", queue->name.region}, {"queue", queue->name.name}});
    return Unit{};
}

Outcome<Unit> Sqs::change_record(const LiveQueueRef& queue, const std::function<void(QueueRecord&)>& change) {
    QueueRecord record = queue->record;
    change(record);
    TRY(at_.store.write([&](Transaction& tx) -> Outcome<Unit> {
        return TRY(queue_table.put(tx, queue->name.key(), record));
    }));
    registry_.put(make_live(queue->name, std::move(record), queue->queue));
    return Unit{};
}

/// Durable by one number in the queue's record: replay skips what is below it.
Outcome<Unit> Sqs::purge_queue(const Context& ctx, const aws::sqs::PurgeQueueRequest& in) {
    const std::lock_guard control(control_mutex_);
    const auto queue = TRY(find_queue(ctx, in.queue_url, "PurgeQueue"));
    const base::Instant now = at_.clock.now();
    if (queue->record.purged + purge_interval > now) {
        return errors::purge_queue_in_progress(fmt::format(
            "Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue->name.name));
    }
    const MessageNumber before = queue->queue->next_number(now);
    TRY(change_record(queue, [&](QueueRecord& record) {
        record.purged_before = before;
        record.purged = now;
    }));
    queue->queue->purge_before(before);
    return Unit{};
}

}  // namespace stratus::sqs
