// Rotation needs a Lambda function, and there is no Lambda here: nothing can be rotated, and nobody is told
// it was.
#include "aws/secretsmanager/errors.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
using namespace aws::secretsmanager;
using wire::Context;

wire::Outcome<RotateSecretResponse> SecretsManager::rotate_secret(const Context& ctx,
                                                                  const RotateSecretRequest& in) {
    TRY(store_.read([&](const Snapshot& at) { return find_writable(at, ctx, in.secret_id); }));
    if (in.rotation_rules && in.rotation_rules->automatically_after_days &&
        in.rotation_rules->schedule_expression) {
        return errors::invalid_parameter_exception(
            "You can't specify both AutomaticallyAfterDays and ScheduleExpression in RotationRules.");
    }
    if (!in.rotation_lambda_arn || in.rotation_lambda_arn->empty()) {
        return errors::invalid_request_exception(
            "No Lambda rotation function ARN is associated with this secret.");
    }
    return errors::access_denied_exception(
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
        "access to "
        "the principal secretsmanager.amazonaws.com.");
}

/// Rotation is off afterwards, as it was before.
wire::Outcome<CancelRotateSecretResponse> SecretsManager::cancel_rotate_secret(
    const Context& ctx, const CancelRotateSecretRequest& in) {
    const Secret secret =
        TRY(store_.read([&](const Snapshot& at) { return find_writable(at, ctx, in.secret_id); }));
    return CancelRotateSecretResponse{.arn = secret.arn(), .name = secret.record.name};
}

}  // namespace stratus::secretsmanager
