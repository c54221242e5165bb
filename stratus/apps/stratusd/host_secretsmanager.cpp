#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "stratus/apps/stratusd/hosting.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus {
namespace {

/// The service, and the thread that erases what has passed its recovery window.
class SecretsManagerHosting final : public Hosting {
  public:
    explicit SecretsManagerHosting(const Platform& platform)
        : secrets_(platform.store, platform.master_key, platform.clock, platform.random),
          eraser_([this](const std::stop_token& stop) { erase_now_and_then(stop); }) {}

    HostedService service() override {
        // A value of 64 KiB grows by a third as base64, and by more where JSON escapes it.
        return {.binding = aws::secretsmanager::bind(secrets_), .body_bytes_max = 1024 * 1024};
    }

  private:
    void erase_now_and_then(const std::stop_token& stop) {
        constexpr std::chrono::minutes interval{1};
        std::mutex mutex;
        std::condition_variable_any stopped;
        std::unique_lock lock(mutex);
        while (!stopped.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
            const auto erased = secrets_.erase_due_secrets();
            if (!erased.ok()) {
                base::log_warning("secretsmanager", "could not erase what is due",
                                  {{"why", erased.error().what}});
            }
        }
    }

    secretsmanager::SecretsManager secrets_;
    std::jthread eraser_;
};

}  // namespace

base::Result<std::unique_ptr<Hosting>> host_secretsmanager(const Platform& platform) {
    return std::unique_ptr<Hosting>(std::make_unique<SecretsManagerHosting>(platform));
}

}  // namespace stratus
