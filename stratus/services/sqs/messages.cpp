// SendMessage and SendMessageBatch.
#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "stratus/services/sqs/batches.h"
#include "stratus/services/sqs/contents.h"
#include "stratus/services/sqs/digest.h"
#include "stratus/services/sqs/sqs.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace errors = aws::sqs::errors;
using base::Unit;
using wire::Context;
using wire::Outcome;

constexpr std::int32_t delay_seconds_max = 900;

Outcome<Unit> check_body(const std::string& body) {
    if (body.empty()) return wire::missing_parameter("The request must contain the parameter MessageBody.");
    if (has_valid_characters(body)) return Unit{};
    return errors::invalid_message_contents(
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to "
        "#xFFFD | "
        "#x10000 to #x10FFFF");
}

Outcome<std::optional<std::chrono::seconds>> delay_of(const LiveQueue& queue,
                                                      std::optional<std::int32_t> asked) {
    if (!asked) return std::optional<std::chrono::seconds>();
    if (*asked < 0 || *asked > delay_seconds_max) {
        return wire::invalid_parameter_value(fmt::format(
            "Value {} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= {}.",
            *asked, delay_seconds_max));
    }
    if (!queue.settings.rules.fifo) return std::optional(std::chrono::seconds(*asked));
    if (*asked == 0) return std::optional<std::chrono::seconds>();
    return wire::invalid_parameter_value(fmt::format(
        "Value {} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not "
        "valid for this queue type.",
        *asked));
}

aws::sqs::SendMessageBatchRequestEntry entry_of(const aws::sqs::SendMessageRequest& in) {
    aws::sqs::SendMessageBatchRequestEntry entry;
    entry.message_body = in.message_body;
    entry.delay_seconds = in.delay_seconds;
    entry.message_attributes = in.message_attributes;
    entry.message_system_attributes = in.message_system_attributes;
    entry.message_deduplication_id = in.message_deduplication_id;
    entry.message_group_id = in.message_group_id;
    return entry;
}

std::optional<std::string> if_any(std::string text) {
    if (text.empty()) return std::nullopt;
    return text;
}

}  // namespace

Outcome<std::string> Sqs::deduplication_id(const LiveQueue& queue,
                                           const aws::sqs::SendMessageBatchRequestEntry& in) const {
    const auto& given = in.message_deduplication_id;
    if (!queue.settings.rules.fifo) {
        if (!given) return std::string();
        return wire::invalid_parameter_value(
            fmt::format("Value {} for parameter MessageDeduplicationId is invalid. Reason: The request "
                        "include parameter that is not "
                        "valid for this queue type.",
                        *given));
    }
    if (given) {
        TRY(check_token("MessageDeduplicationId", *given));
        return *given;
    }
    if (queue.settings.content_deduplication) return base::hex_encode(base::sha256(in.message_body));
    return wire::invalid_parameter_value(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
        "explicitly");
}

Outcome<Sqs::BuiltMessage> Sqs::build(const Context& ctx, const LiveQueue& queue,
                                      const aws::sqs::SendMessageBatchRequestEntry& in) {
    TRY(check_body(in.message_body));
    auto payload = std::make_shared<Payload>();
    payload->attributes = TRY(message_attributes_of(in.message_attributes));
    const auto system_attributes = TRY(system_attributes_of(in.message_system_attributes));
    if (!system_attributes.empty()) payload->trace_header = system_attributes[0].value;
    BuiltMessage built;
    built.bytes = in.message_body.size() + bytes_of(payload->attributes);
    if (built.bytes > queue.settings.message_bytes_max) {
        return wire::invalid_parameter_value(
            fmt::format("One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
                        queue.settings.message_bytes_max));
    }
    built.outgoing.delay = TRY(delay_of(queue, in.delay_seconds));
    if (queue.settings.rules.fifo && !in.message_group_id) {
        return wire::missing_parameter("The request must contain the parameter MessageGroupId.");
    }
    if (in.message_group_id) {
        TRY(check_token("MessageGroupId", *in.message_group_id));
        payload->group = *in.message_group_id;
    }
    payload->deduplication_id = TRY(deduplication_id(queue, in));
    payload->message_id = at_.random.uuid4();
    payload->body = in.message_body;
    payload->sender_id = ctx.caller.user_id;
    payload->md5_of_body = md5_hex(payload->body);
    payload->md5_of_attributes = md5_of_attributes(payload->attributes);
    built.md5_of_system_attributes = md5_of_attributes(system_attributes);
    built.outgoing.payload = std::move(payload);
    return built;
}

Outcome<std::vector<Sent>> Sqs::send(const Context& ctx, const LiveQueue& queue,
                                     std::vector<Outgoing> messages) {
    auto answer = TRY(queue.queue->send(std::move(messages), at_.clock.now()));
    hold(ctx, answer.log_sequence);
    at_.events.notify(queue.arrivals);
    return std::move(answer.sent);
}

Outcome<aws::sqs::SendMessageResult> Sqs::send_message(const Context& ctx,
                                                       const aws::sqs::SendMessageRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "SendMessage"));
    TRY(check_kms_key(queue->settings.kms_key));
    BuiltMessage built = TRY(build(ctx, *queue, entry_of(in)));
    const auto payload = built.outgoing.payload;
    const auto sent = TRY(send(ctx, *queue, {std::move(built.outgoing)}));
    aws::sqs::SendMessageResult result;
    result.message_id = sent[0].message_id;
    result.md5_of_message_body = payload->md5_of_body;
    result.md5_of_message_attributes = if_any(payload->md5_of_attributes);
    result.md5_of_message_system_attributes = if_any(std::move(built.md5_of_system_attributes));
    if (queue->settings.rules.fifo) result.sequence_number = sequence_text(sent[0].number);
    return result;
}

Outcome<aws::sqs::SendMessageBatchResult> Sqs::send_message_batch(
    const Context& ctx, const aws::sqs::SendMessageBatchRequest& in) {
    const auto queue = TRY(find_queue(ctx, in.queue_url, "SendMessage"));
    TRY(check_batch(in.entries, "SendMessageBatchRequestEntry"));
    TRY(check_kms_key(queue->settings.kms_key));
    aws::sqs::SendMessageBatchResult result;
    std::vector<Outgoing> messages;
    std::vector<std::pair<const std::string*, BuiltMessage>> built;
    std::size_t total_bytes = 0;
    for (const auto& entry : in.entries) {
        auto one = build(ctx, *queue, entry);
        if (!one.ok()) {
            total_bytes += entry.message_body.size();
            result.failed.push_back(failed_entry(entry.id, one.error()));
            continue;
        }
        total_bytes += one.value().bytes;
        messages.push_back(one.value().outgoing);
        built.emplace_back(&entry.id, one.take());
    }
    if (total_bytes > message_bytes_max) {
        return errors::batch_request_too_long(
            fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                        message_bytes_max, total_bytes));
    }
    if (messages.empty()) return result;
    const auto sent = TRY(send(ctx, *queue, std::move(messages)));
    for (std::size_t i = 0; i < built.size(); ++i) {
        auto& [id, message] = built[i];
        aws::sqs::SendMessageBatchResultEntry entry;
        entry.id = *id;
        entry.message_id = sent[i].message_id;
        entry.md5_of_message_body = message.outgoing.payload->md5_of_body;
        entry.md5_of_message_attributes = if_any(message.outgoing.payload->md5_of_attributes);
        entry.md5_of_message_system_attributes = if_any(std::move(message.md5_of_system_attributes));
        if (queue->settings.rules.fifo) entry.sequence_number = sequence_text(sent[i].number);
        result.successful.push_back(std::move(entry));
    }
    return result;
}

}  // namespace stratus::sqs
