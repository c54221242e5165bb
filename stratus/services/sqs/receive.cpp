// ReceiveMessage.
#include <algorithm>

#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "stratus/services/sqs/contents.h"
#include "stratus/services/sqs/digest.h"
#include "stratus/services/sqs/sqs.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace errors = aws::sqs::errors;
namespace attribute = aws::sqs::message_system_attribute_name;
using aws::sqs::ReceiveMessageRequest;
using aws::sqs::ReceiveMessageResult;
using base::Unit;
using wire::Context;
using wire::Outcome;

constexpr std::string_view known_names[] = {attribute::all,
                                            attribute::sender_id,
                                            attribute::sent_timestamp,
                                            attribute::approximate_receive_count,
                                            attribute::approximate_first_receive_timestamp,
                                            attribute::sequence_number,
                                            attribute::message_deduplication_id,
                                            attribute::message_group_id,
                                            attribute::aws_trace_header,
                                            attribute::dead_letter_queue_source_arn};

Outcome<Unit> check_range(std::string_view parameter, const std::optional<std::int32_t>& value, int least,
                          int most) {
    if (!value || (*value >= least && *value <= most)) return Unit{};
    return wire::invalid_parameter_value(
        fmt::format("Value {} for parameter {} is invalid. Reason: Must be between {} and {}, if provided.",
                    *value, parameter, least, most));
}

Outcome<Unit> check_request(const ReceiveMessageRequest& in, const LiveQueue& queue) {
    TRY(check_range("MaxNumberOfMessages", in.max_number_of_messages, 1, 10));
    TRY(check_range("WaitTimeSeconds", in.wait_time_seconds, 0, 20));
    TRY(check_range("VisibilityTimeout", in.visibility_timeout, 0, 43'200));
    for (const auto* names : {&in.attribute_names, &in.message_system_attribute_names}) {
        for (const std::string& name : *names) {
            const bool known =
                std::find(std::begin(known_names), std::end(known_names), name) != std::end(known_names);
            if (!known && !is_attribute_name(name)) {
                return errors::invalid_attribute_name(fmt::format("Unknown Attribute {}.", name));
            }
        }
    }
    if (!in.receive_request_attempt_id) return Unit{};
    if (queue.settings.rules.fifo)
        return check_token("ReceiveRequestAttemptId", *in.receive_request_attempt_id);
    return wire::invalid_parameter_value(fmt::format(
        "Value {} for parameter ReceiveRequestAttemptId is invalid. Reason: The request include parameter "
        "that is not valid for this queue type.",
        *in.receive_request_attempt_id));
}

std::string millis_text(base::Instant at) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count());
}

aws::sqs::MessageAttributeValue value_of(const MessageAttribute& attribute) {
    aws::sqs::MessageAttributeValue value;
    value.data_type = attribute.data_type;
    (attribute.binary ? value.binary_value : value.string_value) = attribute.value;
    return value;
}

}  // namespace

/// An empty queue parks the request; it is run again when a message arrives or one may have become visible by
/// itself, so a long poll holds a socket but never a thread.
Outcome<wire::Parkable<ReceiveMessageResult>> Sqs::receive_message(const Context& ctx,
                                                                   const ReceiveMessageRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "ReceiveMessage"));
    TRY(check_request(in, *queue));
    TRY(check_kms_key(queue->settings.kms_key));
    const auto arrivals = at_.events.ticket(queue->arrivals);  // before looking: no arrival is missed

    ReceiveRequest request;
    request.count_max = static_cast<std::size_t>(in.max_number_of_messages.value_or(1));
    if (in.visibility_timeout) request.visibility_timeout = std::chrono::seconds(*in.visibility_timeout);
    request.attempt_id = in.receive_request_attempt_id.value_or("");
    const auto& redrive = queue->settings.redrive;
    const auto target_name = redrive ? QueueName::of_arn(redrive->target_arn) : std::nullopt;
    const auto target = target_name ? registry_.find(*target_name) : nullptr;
    auto answer =
        TRY(engine_->receive(*queue->queue, request, target ? target->queue.get() : nullptr, queue->arn));
    if (answer.moved_away && target) at_.events.notify(target->arrivals);

    const base::Instant now = at_.clock.now();
    const bool waits_by_request = in.wait_time_seconds.has_value();
    const auto wait =
        waits_by_request ? std::chrono::seconds(*in.wait_time_seconds) : queue->settings.receive_wait;
    if (answer.deliveries.empty()) {
        if (answer.over_limit && wait == std::chrono::seconds{0}) {
            return errors::over_limit("Too many messages are in flight: delete some before receiving more.");
        }
        base::Instant deadline = ctx.received + wait;
        if (now >= deadline) return wire::Parkable<ReceiveMessageResult>(ReceiveMessageResult{});
        if (answer.change) deadline = std::min(deadline, *answer.change);
        return wire::Parkable<ReceiveMessageResult>(wire::Park{.until = arrivals, .deadline = deadline});
    }
    hold(ctx, answer.log_sequence);
    ReceiveMessageResult result;
    result.messages.reserve(answer.deliveries.size());
    for (const Delivery& delivery : answer.deliveries) result.messages.push_back(shown(*queue, delivery, in));
    return wire::Parkable<ReceiveMessageResult>(std::move(result));
}

aws::sqs::Message Sqs::shown(const LiveQueue& queue, const Delivery& delivery,
                             const ReceiveMessageRequest& in) const {
    const Payload& payload = *delivery.payload;
    aws::sqs::Message message;
    message.message_id = payload.message_id;
    message.receipt_handle = receipts_.seal({queue.record.id, delivery.number, delivery.receipt});
    message.md5_of_body = payload.md5_of_body;
    message.body = payload.body;

    const auto show = [&](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        for (const auto* names : {&in.attribute_names, &in.message_system_attribute_names}) {
            for (const std::string& asked : *names) {
                if (asked == attribute::all || asked == name) message.attributes[std::string(name)] = value;
            }
        }
    };
    if (!in.attribute_names.empty() || !in.message_system_attribute_names.empty()) {
        show(attribute::sender_id, payload.sender_id);
        show(attribute::sent_timestamp, millis_text(delivery.sent));
        show(attribute::approximate_receive_count, std::to_string(delivery.receive_count));
        show(attribute::approximate_first_receive_timestamp, millis_text(delivery.first_received));
        show(attribute::aws_trace_header, payload.trace_header);
        show(attribute::dead_letter_queue_source_arn, payload.dead_letter_source);
        show(attribute::message_group_id, payload.group);
        show(attribute::message_deduplication_id, payload.deduplication_id);
        if (queue.settings.rules.fifo) show(attribute::sequence_number, sequence_text(delivery.number));
    }

    std::vector<MessageAttribute> asked;
    for (const MessageAttribute& one : payload.attributes) {
        if (is_asked_for(one.name, in.message_attribute_names)) asked.push_back(one);
    }
    if (asked.empty()) return message;
    for (const MessageAttribute& one : asked) message.message_attributes[one.name] = value_of(one);
    message.md5_of_message_attributes =
        asked.size() == payload.attributes.size() ? payload.md5_of_attributes : md5_of_attributes(asked);
    return message;
}

}  // namespace stratus::sqs
