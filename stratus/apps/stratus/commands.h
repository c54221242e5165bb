// The operator tool's commands. Each prints to standard output; a failure is one sentence.
#pragma once

#include <string>

#include "base/result.h"

namespace stratus {

struct StatusOptions {
    std::string endpoint_url = "http://127.0.0.1:4566";
    std::string data_dir;
};
base::Result<base::Unit> show_status(const StatusOptions& options);

struct CredentialsOptions {
    std::string data_dir;
    std::string account;
    std::string region = "eu-west-1";
};
/// Never prints a secret: it says where they are.
base::Result<base::Unit> show_credentials(const CredentialsOptions& options);

}  // namespace stratus
