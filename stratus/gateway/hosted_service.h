// HostedService: one service as the gateway sees it.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/service.h"

namespace stratus {

struct HostedService {
    wire::Binding binding;
    /// Of requests that are read whole; larger ones are refused with 413 before they are read. Streams have
    /// their own.
    std::uint64_t body_bytes_max = 4 * 1024 * 1024;
    /// Operations whose handlers never wait (no store, no disk but the page cache), by name. Small requests
    /// for them run on the I/O thread that read them: handing them to a worker would cost more than running
    /// them.
    std::vector<std::string_view> quick_operations = {};
    /// Forgets what the service keeps outside the store, after the store was emptied. For --test-endpoints;
    /// called while no handler runs.
    std::function<base::Result<base::Unit>()> reset = nullptr;
};

}  // namespace stratus
