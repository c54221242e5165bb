// The control plane's view of AWS, over the generated clients.
#pragma once

#include "cubed/cloud/cloud.h"
#include "cubed/control/cloud.h"

namespace cubed::control {

/// Thread-safe. Copies of `cloud` share connections.
class AwsCloud final : public Cloud {
  public:
    explicit AwsCloud(cubed::Cloud cloud) : cloud_(std::move(cloud)) {}

    base::Result<base::Unit> ensure_queue(const std::string& name,
                                          const std::string& dead_letter_queue) override;
    base::Result<std::optional<std::string>> find_secret(const std::string& name) override;
    base::Result<base::Unit> put_secret(const std::string& name, const std::string& value) override;

    /// Starts moving what is on the dead-letter queue back to where it came from.
    base::Result<base::Unit> redrive(const std::string& dead_letter_queue);

  private:
    base::Result<std::string> queue_arn(const std::string& url);
    base::Result<std::string> create_queue(const std::string& name,
                                           std::map<std::string, std::string> attributes);

    cubed::Cloud cloud_;
};

}  // namespace cubed::control
