#include "cubed/dps/sqs_source.h"

#include <charconv>

#include "aws/sqs/types.h"

namespace cubed::dps {

using base::Result;
using base::Unit;

// What SQS takes in one batch call.
static constexpr std::size_t batch_entries_max = 10;

Result<std::unique_ptr<SqsSource>> SqsSource::open(const Cloud& cloud, const std::string& queue_name) {
    return std::unique_ptr<SqsSource>(new SqsSource(cloud.sqs(), TRY(queue_url(cloud, queue_name))));
}

Result<std::vector<QueueMessage>> SqsSource::receive(std::chrono::seconds wait) {
    aws::sqs::ReceiveMessageRequest request;
    request.queue_url = url_;
    request.max_number_of_messages = 10;
    request.wait_time_seconds = int(wait.count());
    auto answer = client_.receive_message(request);
    if (!answer.ok()) return failure_of(answer.error());
    std::vector<QueueMessage> messages;
    for (aws::sqs::Message& message : answer->messages) {
        messages.push_back({.id = message.message_id.value_or(""),
                            .receipt = message.receipt_handle.value_or(""),
                            .body = std::move(message.body).value_or("")});
    }
    return messages;
}

Result<Unit> SqsSource::remove(std::span<const QueueMessage> messages) {
    for (std::size_t at = 0; at < messages.size(); at += batch_entries_max) {
        aws::sqs::DeleteMessageBatchRequest request;
        request.queue_url = url_;
        for (const QueueMessage& message :
             messages.subspan(at, std::min(batch_entries_max, messages.size() - at))) {
            request.entries.push_back(
                {.id = std::to_string(request.entries.size()), .receipt_handle = message.receipt});
        }
        auto answer = client_.delete_message_batch(request);
        if (!answer.ok()) return failure_of(answer.error());
        // Entries that fail have receipts that are too old: those messages come again and are found to be
        // taken.
    }
    return Unit{};
}

Result<std::int64_t> SqsSource::depth() {
    auto answer = client_.get_queue_attributes(
        {.queue_url = url_,
         .attribute_names = {"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"}});
    if (!answer.ok()) return failure_of(answer.error());
    std::int64_t sum = 0;
    for (const auto& [name, text] : answer->attributes) {
        std::int64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        sum += number;
    }
    return sum;
}

}  // namespace cubed::dps
