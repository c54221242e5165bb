// Cloud: the whole of stratusd, put together.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "stratus/apps/stratusd/options.h"

namespace stratus {

/// Everything that runs, from the data directory's lock to the listening socket. The only place that picks
/// real implementations. Destruction stops it all; nothing depends on that.
class Cloud {
  public:
    /// Opens the data directory, replays and starts serving. The failure is one sentence for the operator.
    static base::Result<std::unique_ptr<Cloud>> start(const Options& options);
    virtual ~Cloud() = default;
    /// "http://127.0.0.1:4566"
    virtual std::string url() const = 0;
};

}  // namespace stratus
