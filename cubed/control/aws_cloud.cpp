#include "cubed/control/aws_cloud.h"

#include <fmt/format.h>

#include "aws/secretsmanager/types.h"
#include "aws/sqs/types.h"

namespace cubed::control {

using base::Result;
using base::Unit;

// The DPS does not poll while its database is away, so a message is received this often only when it cannot
// be processed at all, not even set aside.
static constexpr int receives_max = 50;

Result<std::string> AwsCloud::create_queue(const std::string& name,
                                           std::map<std::string, std::string> attributes) {
    const auto made = cloud_.sqs().create_queue({.queue_name = name, .attributes = attributes, .tags = {}});
    if (made.ok()) return made->queue_url.value_or("");
    // It is there with other attributes, set by an operator or an older version of this: take it, set ours.
    if (made.error().code.find("QueueNameExists") == std::string::npos &&
        made.error().code.find("QueueAlreadyExists") == std::string::npos) {
        return failure_of(made.error());
    }
    const std::string url = TRY(queue_url(cloud_, name));
    const auto set =
        cloud_.sqs().set_queue_attributes({.queue_url = url, .attributes = std::move(attributes)});
    if (!set.ok()) return failure_of(set.error());
    return url;
}

Result<std::string> AwsCloud::queue_arn(const std::string& url) {
    const auto answer =
        cloud_.sqs().get_queue_attributes({.queue_url = url, .attribute_names = {"QueueArn"}});
    if (!answer.ok()) return failure_of(answer.error());
    const auto found = answer->attributes.find("QueueArn");
    if (found == answer->attributes.end()) {
        return base::Failure{base::FailureKind::internal, "a queue without an ARN"};
    }
    return found->second;
}

Result<Unit> AwsCloud::ensure_queue(const std::string& name, const std::string& dead_letter_queue) {
    const std::string fortnight = "1209600";
    const std::string dead_url =
        TRY(create_queue(dead_letter_queue, {{"MessageRetentionPeriod", fortnight}}));
    const std::string dead_arn = TRY(queue_arn(dead_url));
    TRY(create_queue(name,
                     {{"MessageRetentionPeriod", fortnight},
                      {"VisibilityTimeout", "120"},
                      {"ReceiveMessageWaitTimeSeconds", "20"},
                      {"RedrivePolicy", fmt::format(R"({{"deadLetterTargetArn":"{}","maxReceiveCount":{}}})",
                                                    dead_arn, receives_max)}}));
    return Unit{};
}

Result<Unit> AwsCloud::redrive(const std::string& dead_letter_queue) {
    const std::string url = TRY(queue_url(cloud_, dead_letter_queue));
    const std::string arn = TRY(queue_arn(url));
    const auto started = cloud_.sqs().start_message_move_task({.source_arn = arn});
    if (!started.ok()) return failure_of(started.error());
    return Unit{};
}

Result<std::optional<std::string>> AwsCloud::find_secret(const std::string& name) {
    auto found = secret_string(cloud_, name);
    if (found.ok()) return std::optional<std::string>(found.take());
    if (found.error().kind == base::FailureKind::not_found) return std::optional<std::string>();
    return found.take_error();
}

Result<Unit> AwsCloud::put_secret(const std::string& name, const std::string& value) {
    if (const auto known = TRY(find_secret(name))) {
        if (*known == value) return Unit{};
        aws::secretsmanager::PutSecretValueRequest put;
        put.secret_id = name;
        put.secret_string = value;
        const auto done = cloud_.secrets().put_secret_value(put);
        if (!done.ok()) return failure_of(done.error());
        return Unit{};
    }
    aws::secretsmanager::CreateSecretRequest create;
    create.name = name;
    create.secret_string = value;
    const auto done = cloud_.secrets().create_secret(create);
    if (!done.ok()) return failure_of(done.error());
    return Unit{};
}

}  // namespace cubed::control
