// What the control plane needs of AWS.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cubed::control {

/// Every call may be repeated: the second finds what the first made.
class Cloud {
  public:
    virtual ~Cloud() = default;
    /// A standard queue whose messages move to `dead_letter_queue`, made as well, after many failed receives,
    /// and can be redriven from there.
    virtual base::Result<base::Unit> ensure_queue(const std::string& name,
                                                  const std::string& dead_letter_queue) = 0;
    virtual base::Result<std::optional<std::string>> find_secret(const std::string& name) = 0;
    virtual base::Result<base::Unit> put_secret(const std::string& name, const std::string& value) = 0;
};

}  // namespace cubed::control
