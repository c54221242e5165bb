// Message move tasks: dead letters on their way back, at a rate, until none is left.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"
#include "stratus/services/sqs/move_task.h"
#include "stratus/services/sqs/sqs.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace errors = aws::sqs::errors;
using base::Unit;
using wire::Context;
using wire::Outcome;

constexpr std::int32_t rate_max = 500;
constexpr std::size_t listed_max = 10;
constexpr std::size_t batch_max = 100;

std::string handle_of(const MoveTaskRecord& task) {
    return base::base64_encode(
        boost::json::serialize(boost::json::object{{"taskId", task.id}, {"sourceArn", task.source_arn}}));
}

std::string task_key(const QueueName& source, const std::string& id) {
    return key_of(source.account, source.region, id);
}

std::optional<std::string> id_in(std::string_view handle) {
    const auto text = base::base64_decode(handle);
    if (!text.ok()) return std::nullopt;
    const auto parsed = base::parse_json(text.value());
    if (!parsed.ok() || !parsed.value().is_object()) return std::nullopt;
    const auto* id = parsed.value().as_object().if_contains("taskId");
    if (id == nullptr || !id->is_string()) return std::nullopt;
    return std::string(id->as_string());
}

long long millis(base::Instant at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

}  // namespace

Outcome<LiveQueueRef> Sqs::find_by_arn(const Context& ctx, std::string_view arn) {
    const auto name = QueueName::of_arn(arn);
    if (!name) return wire::invalid_parameter_value(fmt::format("Value {} for an ARN is invalid.", arn));
    const bool ours = name->account == ctx.caller.account && name->region == ctx.region;
    const auto queue = ours ? registry_.find(*name) : nullptr;
    if (!queue)
        return errors::resource_not_found_exception(
            "The resource that you specified for the SourceArn parameter doesn't exist.");
    return queue;
}

Outcome<Unit> Sqs::save(const Task& task) {
    const auto source = QueueName::of_arn(task.record.source_arn);
    return at_.store.write([&](Transaction& tx) -> Outcome<Unit> {
        return TRY(move_task_table.put(tx, task_key(*source, task.record.id), task.record));
    });
}

Outcome<aws::sqs::StartMessageMoveTaskResult> Sqs::start_message_move_task(
    const Context& ctx, const aws::sqs::StartMessageMoveTaskRequest& in) {
    const auto source = TRY(find_by_arn(ctx, in.source_arn));
    const auto queues = registry_.list(source->name.account, source->name.region, "", "", std::string::npos);
    const bool is_target = std::any_of(queues.begin(), queues.end(), [&](const LiveQueueRef& queue) {
        return queue->settings.redrive && queue->settings.redrive->target_arn == source->arn;
    });
    if (!is_target) {
        return wire::invalid_parameter_value("Source queue must be configured as a Dead Letter Queue.");
    }
    if (in.destination_arn) {
        const auto destination = TRY(find_by_arn(ctx, *in.destination_arn));
        if (destination->arn == source->arn) {
            return wire::invalid_parameter_value(
                "Source queue arn and destination queue arn cannot be the same.");
        }
        if (destination->settings.rules.fifo != source->settings.rules.fifo) {
            return wire::invalid_parameter_value("Source and destination queue must be of the same type.");
        }
    }
    if (in.max_number_of_messages_per_second &&
        (*in.max_number_of_messages_per_second < 1 || *in.max_number_of_messages_per_second > rate_max)) {
        return wire::invalid_parameter_value(
            fmt::format("Value {} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must "
                        "enter a value between 1 "
                        "and {}.",
                        *in.max_number_of_messages_per_second, rate_max));
    }
    const std::lock_guard lock(tasks_mutex_);
    for (const TaskRef& other : tasks_) {
        if (other->record.source_arn != source->arn || !other->is_active()) continue;
        return errors::unsupported_operation(
            "There is already a task running. Only one active task is allowed for a source queue arn at a "
            "given time.");
    }
    MoveTaskRecord record;
    record.id = at_.random.uuid7(at_.clock.now());  // listed in this order after a restart
    record.source_arn = source->arn;
    record.destination_arn = in.destination_arn.value_or("");
    record.status = task_running;
    record.messages_per_second = in.max_number_of_messages_per_second.value_or(0);
    record.started = at_.clock.now();
    record.to_move = source->queue->counts(record.started).visible;
    auto task = std::make_shared<Task>(std::move(record));
    TRY(save(*task));
    tasks_.push_back(task);
    worker_wake_.notify_all();
    return aws::sqs::StartMessageMoveTaskResult{.task_handle = handle_of(task->record)};
}

Outcome<aws::sqs::CancelMessageMoveTaskResult> Sqs::cancel_message_move_task(
    const Context& ctx, const aws::sqs::CancelMessageMoveTaskRequest& in) {
    const auto id = id_in(in.task_handle);
    if (!id) return errors::resource_not_found_exception("Task does not exist.");
    const std::lock_guard lock(tasks_mutex_);
    const auto at = std::find_if(tasks_.begin(), tasks_.end(), [&](const TaskRef& task) {
        const auto name = QueueName::of_arn(task->record.source_arn);
        return task->record.id == *id && name && name->account == ctx.caller.account &&
               name->region == ctx.region;
    });
    if (at == tasks_.end()) return errors::resource_not_found_exception("Task does not exist.");
    if ((*at)->record.status != task_running) {
        return wire::invalid_parameter_value("Only active tasks can be cancelled");
    }
    (*at)->record.status = task_cancelling;
    TRY(save(**at));
    worker_wake_.notify_all();
    return aws::sqs::CancelMessageMoveTaskResult{.approximate_number_of_messages_moved =
                                                     static_cast<std::int64_t>((*at)->record.moved)};
}

Outcome<aws::sqs::ListMessageMoveTasksResult> Sqs::list_message_move_tasks(
    const Context& ctx, const aws::sqs::ListMessageMoveTasksRequest& in) {
    const auto source = TRY(find_by_arn(ctx, in.source_arn));
    const std::int32_t limit = in.max_results.value_or(1);
    if (limit < 1 || limit > static_cast<std::int32_t>(listed_max)) {
        return wire::invalid_parameter_value(
            fmt::format("Value {} for parameter MaxResults is invalid. Reason: Must be between 1 and {}.",
                        limit, listed_max));
    }
    aws::sqs::ListMessageMoveTasksResult result;
    const std::lock_guard lock(tasks_mutex_);
    for (auto at = tasks_.rbegin(); at != tasks_.rend(); ++at) {  // the latest first
        const MoveTaskRecord& task = (*at)->record;
        if (task.source_arn != source->arn) continue;
        if (result.results.size() == static_cast<std::size_t>(limit)) break;
        aws::sqs::ListMessageMoveTasksResultEntry entry;
        entry.status = task.status;
        entry.source_arn = task.source_arn;
        if (!task.destination_arn.empty()) entry.destination_arn = task.destination_arn;
        if (task.messages_per_second > 0) entry.max_number_of_messages_per_second = task.messages_per_second;
        if (task.status == task_running) entry.task_handle = handle_of(task);  // AWS: only where it is of use
        if (!task.failure.empty()) entry.failure_reason = task.failure;
        entry.approximate_number_of_messages_moved = static_cast<std::int64_t>(task.moved);
        entry.approximate_number_of_messages_to_move = static_cast<std::int64_t>(task.to_move);
        entry.started_timestamp = millis(task.started);
        result.results.push_back(std::move(entry));
    }
    return result;
}

/// One step of one task. Moves what its rate has allowed since it began (or since this process took it over),
/// at most a batch. Returns whether more could be moved at once.
bool Sqs::advance(Task& task) {
    const std::lock_guard lock(tasks_mutex_);
    if (task.record.status == task_cancelling) {
        finish(task, task_cancelled, "");
        return false;
    }
    const auto source_name = QueueName::of_arn(task.record.source_arn);
    const auto source = source_name ? registry_.find(*source_name) : nullptr;
    if (!source) {
        finish(task, task_failed, "AWS.SimpleQueueService.NonExistentQueue");
        return false;
    }
    const base::Instant now = at_.clock.now();
    if (task.paced_from == base::Instant{}) task.paced_from = now;
    const std::int64_t rate =
        task.record.messages_per_second > 0 ? task.record.messages_per_second : rate_max;
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - task.paced_from).count();
    const auto due = static_cast<std::uint64_t>(elapsed / 1'000 * rate / 1'000 + 1);
    if (due <= task.moved_since_pace) return false;
    const std::size_t count = std::min<std::size_t>(batch_max, due - task.moved_since_pace);
    std::vector<std::string> arrivals;
    const auto target_of = [&](const Payload& payload) -> std::shared_ptr<Queue> {
        const bool back = task.record.destination_arn.empty();
        const auto name = QueueName::of_arn(back ? payload.dead_letter_source : task.record.destination_arn);
        const auto target = name ? registry_.find(*name) : nullptr;
        if (!target || target->settings.rules.fifo != source->settings.rules.fifo ||
            target->arn == source->arn) {
            return nullptr;
        }
        arrivals.push_back(target->arrivals);
        return target->queue;
    };
    const auto redriven = engine_->redrive(*source->queue, target_of, count);
    for (const std::string& event : arrivals) at_.events.notify(event);
    if (!redriven.ok()) {
        base::log_warning("sqs", "messages not moved",
                          {{"source", source->arn}, {"why", redriven.error().what}});
        return false;  // a full disk, most likely: the next round tries again
    }
    task.record.moved += redriven.value().moved;
    task.moved_since_pace += redriven.value().moved;
    if (redriven.value().stuck) {
        finish(task, task_failed,
               task.record.destination_arn.empty() ? "CouldNotDetermineMessageSource"
                                                   : "AWS.SimpleQueueService.NonExistentQueue");
        return false;
    }
    if (redriven.value().emptied) {
        finish(task, task_completed, "");
        return false;
    }
    return due > task.moved_since_pace;
}

/// Also forgets tasks beyond those that can be listed.
void Sqs::finish(Task& task, std::string_view status, std::string_view failure) {
    task.record.status = status;
    task.record.failure = failure;
    std::vector<std::string> old;
    const auto source = QueueName::of_arn(task.record.source_arn);
    std::size_t kept = 0;
    for (auto at = tasks_.rbegin(); at != tasks_.rend(); ++at) {
        const MoveTaskRecord& record = (*at)->record;
        if (record.source_arn == task.record.source_arn && ++kept > listed_max) old.push_back(record.id);
    }
    std::erase_if(tasks_, [&](const TaskRef& one) {
        return std::find(old.begin(), old.end(), one->record.id) != old.end();
    });
    const auto saved = at_.store.write([&](Transaction& tx) -> Outcome<Unit> {
        for (const std::string& id : old) TRY(move_task_table.erase(tx, task_key(*source, id)));
        return TRY(move_task_table.put(tx, task_key(*source, task.record.id), task.record));
    });
    if (!saved.ok())
        base::log_warning("sqs", "a finished move task is not recorded", {{"task", task.record.id}});
}

}  // namespace stratus::sqs
