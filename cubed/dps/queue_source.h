// Where messages come from.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cubed/schema/hit.h"

namespace cubed::dps {

struct QueueMessage {
    std::string id;
    std::string receipt;
    std::string body;
    int receive_count = 1;
};

/// One account's queue: at least once, in no order. Thread-safe.
class QueueSource {
  public:
    virtual ~QueueSource() = default;
    /// Up to ten messages, waiting up to `wait` for the first. They come back by themselves unless removed.
    virtual base::Result<std::vector<QueueMessage>> receive(std::chrono::seconds wait) = 0;
    /// Removes messages for good. A receipt that is too old is no failure: the message comes again and is
    /// then found to be taken.
    virtual base::Result<base::Unit> remove(std::span<const QueueMessage> messages) = 0;
    /// Messages waiting and in flight, about.
    virtual base::Result<std::int64_t> depth() = 0;
};

}  // namespace cubed::dps
