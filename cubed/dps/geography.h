// Where an address is, by a MaxMind-format file.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace cubed::dps {

/// Empty text means unknown.
struct Place {
    std::string country;  ///< ISO 3166-1
    std::string region, city;
};

/// Thread-safe. Without a file every place is unknown, which is the truth.
class Geography {
  public:
    Geography();
    /// `path` empty: no file. `not_found` or `corrupt` otherwise when it cannot be read.
    static base::Result<Geography> open(const std::string& path);
    Place find(const std::string& address) const;
    ~Geography();
    Geography(Geography&&) noexcept;

  private:
    struct File;
    std::unique_ptr<File> file_;
};

}  // namespace cubed::dps
