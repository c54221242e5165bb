// Encryption at rest: each value under a data key of its own, each data key under the master key.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "stratus/runtime/master_key.h"
#include "stratus/services/secretsmanager/records.h"

namespace stratus::secretsmanager {

/// A secret's value in clear. Never logged.
struct Value {
    std::string bytes;
    bool is_binary = false;
    friend bool operator==(const Value&, const Value&) = default;
};

/// AES-256-GCM twice. The ARN and the version are bound to both boxes, so that a value moved to another
/// secret or version in the store does not open. Thread-safe; borrows the random source.
class Sealer {
  public:
    Sealer(const MasterKey& master, base::Random& random)
        : wrapping_key_(master.derive("secretsmanager.data-keys")), random_(random) {}

    ValueRecord seal(const Value& value, std::string_view arn, std::string_view version) const;
    /// corrupt when anything was altered, or the master key is another.
    base::Result<Value> open(const ValueRecord& record, std::string_view arn, std::string_view version) const;

  private:
    const std::string wrapping_key_;
    base::Random& random_;
};

}  // namespace stratus::secretsmanager
