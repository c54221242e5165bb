#include "stratus/gateway/request_metrics.h"

#include "base/log.h"

namespace stratus {

RequestMetrics::PerOperation& RequestMetrics::of(std::string_view service, std::string_view operation) {
    const std::lock_guard lock(mutex_);
    const auto found = operations_.find({service, operation});
    if (found != operations_.end()) return found->second;
    const base::Labels labels = {{"service", std::string(service)}, {"operation", std::string(operation)}};
    PerOperation made{
        &registry_.counter("stratus_requests_total", "Requests answered.", labels),
        &registry_.histogram("stratus_request_seconds", "Time from the whole request to its answer.", labels),
    };
    return operations_.emplace(std::pair(service, operation), made).first->second;
}

void RequestMetrics::record(const RequestRecord& record) {
    const std::string_view service = record.service.empty() ? "none" : record.service;
    const std::string_view operation = record.operation.empty() ? "none" : record.operation;
    PerOperation& counts = of(service, operation);
    counts.requests->add();
    const double seconds = std::chrono::duration<double>(record.took).count();
    if (!record.parked) counts.seconds->observe(seconds);
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::microseconds>(record.took).count() / 1e3;
    if (record.error == nullptr) {
        // What went well is counted, not told: a line for each costs as much as many requests do.
        if (!base::is_logged(base::LogLevel::debug)) return;
        base::log_debug("access", operation,
                        {{"service", service},
                         {"status", record.status},
                         {"account", record.account},
                         {"region", record.region},
                         {"from", record.source_ip},
                         {"ms", milliseconds},
                         {"request", record.request_id}});
        return;
    }
    registry_
        .counter("stratus_request_errors_total", "Requests answered with an error.",
                 {{"service", std::string(service)},
                  {"operation", std::string(operation)},
                  {"code", record.error->code}})
        .add();
    const auto level = record.status >= 500 ? base::LogLevel::error : base::LogLevel::info;
    base::log(level, "access", operation,
              {{"service", service},
               {"status", record.status},
               {"error", record.error->code},
               {"message", record.error->message},
               {"cause", record.error->cause},
               {"account", record.account},
               {"region", record.region},
               {"from", record.source_ip},
               {"ms", milliseconds},
               {"request", record.request_id}});
}

}  // namespace stratus
