// Hosting: how stratusd makes each service out of the platform's parts. One host_<svc>.cpp per service.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "stratus/gateway/hosted_service.h"
#include "stratus/runtime/event_bus.h"
#include "stratus/runtime/master_key.h"
#include "stratus/runtime/sessions.h"
#include "stratus/store/store.h"

namespace stratus {

/// What services are made of. Lives in the composition root alone: a service takes what it needs, never this.
struct Platform {
    std::filesystem::path data_dir;
    Store& store;
    base::Clock& clock;
    base::Random& random;
    EventBus& events;
    base::MetricsRegistry& metrics;
    const MasterKey& master_key;
    const Sessions& sessions;
};

/// Owns one service and whatever it needs of its own (logs, blobs, threads), until the gateway has stopped.
class Hosting {
  public:
    virtual ~Hosting() = default;
    virtual HostedService service() = 0;
};

using Host = base::Result<std::unique_ptr<Hosting>> (*)(const Platform& platform);

base::Result<std::unique_ptr<Hosting>> host_s3(const Platform& platform);
base::Result<std::unique_ptr<Hosting>> host_secretsmanager(const Platform& platform);
base::Result<std::unique_ptr<Hosting>> host_sqs(const Platform& platform);
base::Result<std::unique_ptr<Hosting>> host_sts(const Platform& platform);

/// Every service that stratusd has.
inline constexpr Host all_services[] = {host_s3, host_secretsmanager, host_sqs, host_sts};

}  // namespace stratus
