// DurabilityHold: keeps an answer back until the logs it depends on are on disk, with no thread waiting.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/durable_log.h"
#include "wire/context.h"

namespace stratus {

/// One per request. The handler's thread calls after(); then release() once.
class DurabilityHold final : public wire::ResponseHold {
  public:
    void after(base::DurableLog& log, std::uint64_t sequence) override;
    bool holds() const { return !waits_.empty(); }
    /// What an earlier run of a handler that parked waits for no longer counts.
    void forget() { waits_.clear(); }

    /// Calls `done` once, with the first failure or success: inline when everything is durable already, else
    /// from a log's writer thread. `done` must be quick.
    void release(std::function<void(base::Result<base::Unit>)> done);

  private:
    struct Wait {
        base::DurableLog* log;
        std::uint64_t sequence;
    };
    std::vector<Wait> waits_;
};

}  // namespace stratus
