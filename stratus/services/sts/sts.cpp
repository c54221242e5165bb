#include "stratus/services/sts/sts.h"

#include <algorithm>

#include "aws/sts/errors.h"
#include "aws/sts/types.h"

namespace stratus::sts {
namespace {

using namespace std::chrono_literals;
using wire::Context;
using wire::Outcome;

/// The account owner's sessions never last longer, whatever is asked for, as on AWS.
constexpr std::chrono::seconds root_session_longest = 1h;

bool is_temporary(const wire::Principal& caller) {
    return caller.access_key_id.starts_with("ASIA");
}

}  // namespace

Outcome<aws::sts::GetCallerIdentityResponse> Sts::get_caller_identity(
    const Context& ctx, const aws::sts::GetCallerIdentityRequest&) {
    return aws::sts::GetCallerIdentityResponse{
        .user_id = ctx.caller.user_id, .account = ctx.caller.account, .arn = ctx.caller.arn};
}

/// There are no roles without IAM, so there is none that anybody could be allowed to assume. AWS answers the
/// same for a role that does not exist as for one that may not be assumed, and so do we.
Outcome<aws::sts::AssumeRoleResponse> Sts::assume_role(const Context& ctx,
                                                       const aws::sts::AssumeRoleRequest& in) {
    if (!in.role_arn.starts_with("arn:"))
        return aws::sts::errors::validation_error(in.role_arn + " is invalid");
    return aws::sts::errors::access_denied(
        "User: " + ctx.caller.arn +
        " is not authorized to perform: sts:AssumeRole on resource: " + in.role_arn);
}

Outcome<aws::sts::GetSessionTokenResponse> Sts::get_session_token(
    const Context& ctx, const aws::sts::GetSessionTokenRequest& in) {
    if (is_temporary(ctx.caller)) {
        return aws::sts::errors::access_denied("Cannot call GetSessionToken with session credentials");
    }
    if (in.serial_number || in.token_code) {
        return aws::sts::errors::access_denied(
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial "
            "number is "
            "valid and associated with this user.");
    }
    const auto asked = std::chrono::seconds(in.duration_seconds.value_or(43'200));
    const Session session = sessions_.begin({
        .account = ctx.caller.account,
        .arn = ctx.caller.arn,
        .user_id = ctx.caller.user_id,
        .expires =
            std::chrono::floor<std::chrono::seconds>(clock_.now()) + std::min(asked, root_session_longest),
    });
    return aws::sts::GetSessionTokenResponse{.credentials = aws::sts::Credentials{
                                                 .access_key_id = session.access_key_id,
                                                 .secret_access_key = session.secret_access_key,
                                                 .session_token = sessions_.token_of(session),
                                                 .expiration = session.expires,
                                             }};
}

}  // namespace stratus::sts
