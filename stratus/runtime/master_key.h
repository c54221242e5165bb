// MasterKey: the secret of one data directory, from which all other keys are derived.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace stratus {

/// Kept in a file of its own, readable by its owner alone, and never handed out: callers derive a key for
/// their purpose. An immutable value, safe to share.
class MasterKey {
  public:
    /// Makes the file (0600) with 32 random bytes when there is none. `denied` when others may read it,
    /// `corrupt` when it is not 32 bytes: data sealed under a lost key cannot be had back, so nothing is made
    /// anew over it.
    static base::Result<MasterKey> open_or_create(const std::filesystem::path& file, base::Random& random);
    /// For tests: any 32 bytes.
    explicit MasterKey(std::string bytes) : bytes_(std::move(bytes)) {}

    /// 32 bytes for AES-256 or HMAC, different for each purpose ("secretsmanager.values").
    std::string derive(std::string_view purpose) const;

  private:
    std::string bytes_;
};

}  // namespace stratus
