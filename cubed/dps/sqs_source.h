// An account's SQS queue.
#pragma once

#include "cubed/cloud/cloud.h"
#include "cubed/dps/queue_source.h"

namespace cubed::dps {

class SqsSource final : public QueueSource {
  public:
    /// `not_found` when there is no such queue.
    static base::Result<std::unique_ptr<SqsSource>> open(const Cloud& cloud, const std::string& queue_name);

    base::Result<std::vector<QueueMessage>> receive(std::chrono::seconds wait) override;
    base::Result<base::Unit> remove(std::span<const QueueMessage> messages) override;
    base::Result<std::int64_t> depth() override;

  private:
    SqsSource(aws::sqs::Client client, std::string url) : client_(std::move(client)), url_(std::move(url)) {}

    const aws::sqs::Client client_;
    const std::string url_;
};

}  // namespace cubed::dps
