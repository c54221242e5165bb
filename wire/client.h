// ClientCore: signs, sends, retries and decodes; the typed clients (aws/<svc>/client.h) are thin over it.
#pragma once

#include "base/result.h"
#include "wire/error.h"
#include "wire/service.h"

namespace wire {

/// Thread-safe; several clients may share one.
class ClientCore {
  public:
    virtual ~ClientCore() = default;
    /// Encodes `input` (of the operation's input shape), sends it, and decodes the answer into `output`.
    virtual Outcome<base::Unit> call(const Service& service, const Operation& operation, const void* input,
                                     void* output) = 0;
};

}  // namespace wire
