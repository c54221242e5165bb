// Cloud: how the platform reaches AWS's APIs, Stratus's or Amazon's: endpoint, region and credentials from
// options, then the usual environment variables.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "aws/s3/client.h"
#include "aws/secretsmanager/client.h"
#include "aws/sqs/client.h"
#include "aws/sts/client.h"
#include "base/result.h"
#include "wire/client.h"

namespace CLI {
class App;
}

namespace cubed {

struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;  ///< never logged
    std::string session_token;      ///< empty for long-lived keys
};

struct CloudOptions {
    std::string endpoint_url;  ///< empty: Amazon's endpoints of the region
    std::string region;
    std::string credentials_file;  ///< AWS's shared-credentials format
    std::string profile = "default";
    Credentials credentials;  ///< set: used instead of the file
};

/// AWS_ENDPOINT_URL, AWS_REGION or AWS_DEFAULT_REGION (else eu-west-1), AWS_SHARED_CREDENTIALS_FILE (else
/// ~/.aws/credentials), AWS_PROFILE, AWS_ACCESS_KEY_ID with its companions.
CloudOptions cloud_options_from_environment();

/// Adds --endpoint-url, --region, --profile and --credentials-file to a subcommand; what the command line
/// says wins over what `options` holds.
void add_cloud_options(CLI::App& app, CloudOptions& options);

/// One profile of a shared-credentials file. not_found without it, invalid when it lacks a key.
base::Result<Credentials> parse_credentials(std::string_view file, std::string_view profile);

/// The clients. Thread-safe; copies share connections. Credentials are read once, at connect().
class Cloud {
  public:
    /// No traffic yet. invalid or not_found for missing credentials or a bad endpoint.
    static base::Result<Cloud> connect(const CloudOptions& options);
    /// For tests: whatever answers calls.
    explicit Cloud(std::shared_ptr<wire::ClientCore> core) : core_(std::move(core)) {}

    aws::sqs::Client sqs() const { return aws::sqs::Client(core_); }
    aws::s3::Client s3() const { return aws::s3::Client(core_); }
    aws::secretsmanager::Client secrets() const { return aws::secretsmanager::Client(core_); }
    aws::sts::Client sts() const { return aws::sts::Client(core_); }

  private:
    std::shared_ptr<wire::ClientCore> core_;
};

/// The text of a secret's current version.
base::Result<std::string> secret_string(const Cloud& cloud, const std::string& secret_id);

/// The queue's URL. not_found when there is none of that name.
base::Result<std::string> queue_url(const Cloud& cloud, const std::string& queue_name);

/// visscore_main_<account token>
std::string main_queue_name(std::string_view account);

/// An error of an AWS call as a failure of ours: unavailable for what is worth trying again, else by its
/// status.
base::Failure failure_of(const wire::Error& error);

}  // namespace cubed
