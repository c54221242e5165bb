#include "cubed/cloud/cloud.h"

#include "aws/secretsmanager/types.h"
#include "aws/sqs/types.h"
#include "base/files.h"

namespace cubed {

using base::Failure;
using base::FailureKind;
using base::Result;

Result<Cloud> Cloud::connect(const CloudOptions& options) {
    Credentials credentials = options.credentials;
    if (credentials.access_key_id.empty()) {
        const std::string file = TRY(base::read_file(options.credentials_file));
        credentials = TRY(parse_credentials(file, options.profile));
    }
    return Cloud(TRY(wire::connect_client({.endpoint_url = options.endpoint_url,
                                           .region = options.region,
                                           .credentials = {.access_key_id = credentials.access_key_id,
                                                           .secret_access_key = credentials.secret_access_key,
                                                           .session_token = credentials.session_token}})));
}

Failure failure_of(const wire::Error& error) {
    std::string what = error.code + ": " + error.message;
    if (!error.cause.empty()) what += " (" + error.cause + ")";
    FailureKind kind = FailureKind::invalid;
    if (error.http_status >= 500 || error.http_status == 0 || error.http_status == 429) {
        kind = FailureKind::unavailable;
    } else if (error.http_status == 404 || error.code.find("NonExistent") != std::string::npos ||
               error.type().find("DoesNotExist") != std::string::npos ||
               error.type().find("NotFound") != std::string::npos) {
        kind = FailureKind::not_found;
    } else if (error.http_status == 403) {
        kind = FailureKind::denied;
    }
    return Failure{kind, std::move(what)};
}

std::string main_queue_name(std::string_view account) {
    return "visscore_main_" + std::string(account);
}

Result<std::string> secret_string(const Cloud& cloud, const std::string& secret_id) {
    const auto answer = cloud.secrets().get_secret_value({.secret_id = secret_id});
    if (!answer.ok()) return failure_of(answer.error());
    if (!answer->secret_string) {
        return Failure{FailureKind::invalid, "secret '" + secret_id + "' holds no text"};
    }
    return *answer->secret_string;
}

Result<std::string> queue_url(const Cloud& cloud, const std::string& queue_name) {
    const auto answer = cloud.sqs().get_queue_url({.queue_name = queue_name});
    if (!answer.ok()) return failure_of(answer.error());
    return answer->queue_url.value_or("");
}

}  // namespace cubed
