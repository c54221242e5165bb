#include "aws/sqs/api.h"
#include "base/durable_log.h"
#include "stratus/apps/stratusd/hosting.h"
#include "stratus/services/sqs/sqs.h"

namespace stratus {
namespace {

class SqsHosting final : public Hosting {
  public:
    explicit SqsHosting(std::unique_ptr<sqs::Sqs> service) : sqs_(std::move(service)) { sqs_->start(); }
    HostedService service() override {
        // A batch may hold a mebibyte of text; escaped and percent-encoded it is several times that.
        return {.binding = aws::sqs::bind(*sqs_),
                .body_bytes_max = 8 * 1024 * 1024,
                .quick_operations = {"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage",
                                     "DeleteMessageBatch", "ChangeMessageVisibility",
                                     "ChangeMessageVisibilityBatch"},
                .reset = [this] { return sqs_->reset(); }};
    }

  private:
    std::unique_ptr<sqs::Sqs> sqs_;
};

}  // namespace

base::Result<std::unique_ptr<Hosting>> host_sqs(const Platform& platform) {
    sqs::Sqs::Options options;
    options.key = platform.master_key.derive("sqs");
    options.open_log = [directory = platform.data_dir / "messages"](base::DurableLog::Replay replay) {
        return base::DurableLog::open({.directory = directory, .segment_bytes = 16 * 1024 * 1024},
                                      std::move(replay));
    };
    auto service = TRY(sqs::Sqs::open(std::move(options),
                                      {platform.store, platform.clock, platform.random, platform.events}));
    service->publish(platform.metrics);
    return std::unique_ptr<Hosting>(std::make_unique<SqsHosting>(std::move(service)));
}

}  // namespace stratus
