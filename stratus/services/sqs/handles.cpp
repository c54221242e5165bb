// What consumers do with a message they hold: delete it, or change how long they keep it from others.
#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "base/utf8.h"
#include "stratus/services/sqs/batches.h"
#include "stratus/services/sqs/sqs.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace errors = aws::sqs::errors;
using base::Unit;
using wire::Context;
using wire::Outcome;

constexpr int visibility_seconds_max = 43'200;

wire::Error expired_handle(const std::string& handle) {
    return wire::invalid_parameter_value(fmt::format(
        "Value {} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", handle));
}

}  // namespace

Outcome<Receipt> Sqs::open_receipt(const LiveQueue& queue, const std::string& handle) const {
    const auto receipt = receipts_.open(handle);
    if (receipt && receipt->queue == queue.record.id) return *receipt;
    return errors::receipt_handle_is_invalid(
        fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.",
                    base::utf8_repaired(base::utf8_prefix(handle, 256))));
}

Outcome<Unit> Sqs::delete_message(const Context& ctx, const aws::sqs::DeleteMessageRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "DeleteMessage"));
    const Receipt receipt = TRY(open_receipt(*queue, in.receipt_handle));
    const auto answer = TRY(queue->queue->erase(std::span(&receipt, 1), at_.clock.now()));
    if (answer.verdicts[0] == EraseVerdict::expired) return expired_handle(in.receipt_handle);
    hold(ctx, answer.log_sequence);
    if (queue->settings.rules.fifo) at_.events.notify(queue->arrivals);  // the group may go on
    return Unit{};
}

Outcome<aws::sqs::DeleteMessageBatchResult> Sqs::delete_message_batch(
    const Context& ctx, const aws::sqs::DeleteMessageBatchRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "DeleteMessage"));
    TRY(check_batch(in.entries, "DeleteMessageBatchRequestEntry"));
    aws::sqs::DeleteMessageBatchResult result;
    std::vector<Receipt> receipts;
    std::vector<const aws::sqs::DeleteMessageBatchRequestEntry*> opened;
    for (const auto& entry : in.entries) {
        const auto receipt = open_receipt(*queue, entry.receipt_handle);
        if (!receipt.ok()) {
            result.failed.push_back(failed_entry(entry.id, receipt.error()));
            continue;
        }
        receipts.push_back(receipt.value());
        opened.push_back(&entry);
    }
    const auto answer = TRY(queue->queue->erase(receipts, at_.clock.now()));
    for (std::size_t i = 0; i < opened.size(); ++i) {
        if (answer.verdicts[i] == EraseVerdict::expired) {
            result.failed.push_back(failed_entry(opened[i]->id, expired_handle(opened[i]->receipt_handle)));
        } else {
            result.successful.push_back({opened[i]->id});
        }
    }
    hold(ctx, answer.log_sequence);
    if (queue->settings.rules.fifo) at_.events.notify(queue->arrivals);
    return result;
}

Outcome<Unit> Sqs::change_one(const LiveQueue& queue, const std::string& handle, int timeout) {
    if (timeout < 0 || timeout > visibility_seconds_max) {
        return wire::invalid_parameter_value(
            fmt::format("Value {} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must "
                        "be an integer between 0 "
                        "and {}.",
                        timeout, visibility_seconds_max));
    }
    const Receipt receipt = TRY(open_receipt(queue, handle));
    switch (queue.queue->change_visibility(receipt, std::chrono::seconds(timeout), at_.clock.now())) {
        case VisibilityVerdict::done: return Unit{};
        case VisibilityVerdict::gone:
            return wire::invalid_parameter_value(fmt::format(
                "Value {} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                "available for visibility timeout change.",
                handle));
        case VisibilityVerdict::not_in_flight:
            return errors::message_not_inflight("The specified message isn't in flight.");
        case VisibilityVerdict::beyond_limit:
            return wire::invalid_parameter_value(
                fmt::format("Value {} for parameter VisibilityTimeout is invalid. Reason: Total "
                            "VisibilityTimeout for the "
                            "message is beyond the limit [{} seconds].",
                            timeout, visibility_seconds_max));
    }
    __builtin_unreachable();
}

Outcome<Unit> Sqs::change_message_visibility(const Context& ctx,
                                             const aws::sqs::ChangeMessageVisibilityRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "ChangeMessageVisibility"));
    TRY(change_one(*queue, in.receipt_handle, in.visibility_timeout));
    at_.events.notify(queue->arrivals);
    return Unit{};
}

Outcome<aws::sqs::ChangeMessageVisibilityBatchResult> Sqs::change_message_visibility_batch(
    const Context& ctx, const aws::sqs::ChangeMessageVisibilityBatchRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "ChangeMessageVisibility"));
    TRY(check_batch(in.entries, "ChangeMessageVisibilityBatchRequestEntry"));
    aws::sqs::ChangeMessageVisibilityBatchResult result;
    for (const auto& entry : in.entries) {
        const auto changed = entry.visibility_timeout
                                 ? change_one(*queue, entry.receipt_handle, *entry.visibility_timeout)
                                 : Outcome<Unit>(wire::missing_parameter(
                                       "The request must contain the parameter VisibilityTimeout."));
        if (changed.ok()) {
            result.successful.push_back({entry.id});
        } else {
            result.failed.push_back(failed_entry(entry.id, changed.error()));
        }
    }
    at_.events.notify(queue->arrivals);
    return result;
}

}  // namespace stratus::sqs
