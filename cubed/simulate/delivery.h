// Sends planned hits to a collector: kept-alive connections, one browser per request, again after 503.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "base/result.h"
#include "cubed/simulate/traffic.h"

namespace cubed::simulate {

struct DeliveryOptions {
    std::string collector;  ///< http://host:port
    std::size_t connections = 8;
    std::size_t hits_per_request = 100;
    std::chrono::seconds patience{60};  ///< how long one request is tried again
};

struct Delivered {
    std::size_t hits = 0;     ///< acknowledged
    std::size_t refused = 0;  ///< not valid: a defect of ours or of the account's set-up
};

/// Blocks until all is acknowledged. `progress` is called now and then, from any thread, with the hits
/// acknowledged.
base::Result<Delivered> deliver(const World& world, const Site& site, const Traffic& traffic,
                                const DeliveryOptions& options,
                                const std::function<void(std::size_t)>& progress);

}  // namespace cubed::simulate
