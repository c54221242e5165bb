// Resource policies: checked, stored and given back. There is no IAM yet, so they do not decide anything.
#include <boost/json.hpp>

#include "aws/secretsmanager/errors.h"
#include "base/json.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
namespace json = boost::json;
using namespace aws::secretsmanager;
using wire::Context;

namespace {

struct Checked {
    bool is_public = false;
    std::vector<ValidationErrorsEntry> problems;
};

void add_problem(Checked& checked, std::string check, std::string message) {
    checked.problems.push_back({.check_name = std::move(check), .error_message = std::move(message)});
}

bool is_anybody(const json::value& principal) {
    if (principal.is_string()) return principal.get_string() == "*";
    if (principal.is_array()) {
        for (const json::value& one : principal.get_array()) {
            if (is_anybody(one)) return true;
        }
        return false;
    }
    if (!principal.is_object()) return false;
    const json::value* aws = principal.get_object().if_contains("AWS");
    return aws != nullptr && is_anybody(*aws);
}

void check_statement(Checked& checked, const json::value& value) {
    if (!value.is_object()) return add_problem(checked, "Statement", "A statement must be an object.");
    const json::object& statement = value.get_object();
    const json::value* effect = statement.if_contains("Effect");
    const bool allows = effect != nullptr && effect->is_string() && effect->get_string() == "Allow";
    const bool denies = effect != nullptr && effect->is_string() && effect->get_string() == "Deny";
    if (!allows && !denies) add_problem(checked, "Effect", "A statement must have the Effect Allow or Deny.");
    const json::value* principal = statement.if_contains("Principal");
    if (principal == nullptr && !statement.contains("NotPrincipal")) {
        add_problem(checked, "Principal", "A statement of a resource policy must have a Principal.");
    }
    if (!statement.contains("Action") && !statement.contains("NotAction")) {
        add_problem(checked, "Action", "A statement must have an Action.");
    }
    if (!statement.contains("Resource") && !statement.contains("NotResource")) {
        add_problem(checked, "Resource", "A statement must have a Resource.");
    }
    if (allows && principal != nullptr && is_anybody(*principal) && !statement.contains("Condition")) {
        checked.is_public = true;
    }
}

/// MalformedPolicyDocumentException for what is no policy at all; else what is wrong with it.
wire::Outcome<Checked> check_policy(const std::string& text) {
    const auto parsed = base::parse_json(text);
    if (!parsed.ok() || !parsed->is_object()) {
        return errors::malformed_policy_document_exception("This resource policy contains invalid JSON.");
    }
    Checked checked;
    const json::object& policy = parsed->get_object();
    const json::value* version = policy.if_contains("Version");
    const bool known = version == nullptr ||
                       (version->is_string() &&
                        (version->get_string() == "2012-10-17" || version->get_string() == "2008-10-17"));
    if (!known) add_problem(checked, "Version", "The policy version must be 2012-10-17 or 2008-10-17.");
    const json::value* statements = policy.if_contains("Statement");
    if (statements == nullptr) {
        add_problem(checked, "Statement", "The policy must have a Statement.");
    } else if (statements->is_array()) {
        for (const json::value& statement : statements->get_array()) check_statement(checked, statement);
    } else {
        check_statement(checked, *statements);
    }
    return checked;
}

}  // namespace

wire::Outcome<PutResourcePolicyResponse> SecretsManager::put_resource_policy(
    const Context& ctx, const PutResourcePolicyRequest& in) {
    const Checked checked = TRY(check_policy(in.resource_policy));
    if (!checked.problems.empty()) {
        return errors::malformed_policy_document_exception(*checked.problems.front().error_message);
    }
    if (checked.is_public && in.block_public_policy.value_or(false)) {
        return errors::public_policy_exception(
            "You can't attach a resource policy that allows broad access to the secret.");
    }
    return store_.write([&](Transaction& tx) -> wire::Outcome<PutResourcePolicyResponse> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        secret.record.policy = in.resource_policy;
        TRY(save(tx, secret));
        return PutResourcePolicyResponse{.arn = secret.arn(), .name = secret.record.name};
    });
}

wire::Outcome<GetResourcePolicyResponse> SecretsManager::get_resource_policy(
    const Context& ctx, const GetResourcePolicyRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<GetResourcePolicyResponse> {
        const Secret secret = TRY(find_active(at, ctx, in.secret_id));
        return GetResourcePolicyResponse{
            .arn = secret.arn(), .name = secret.record.name, .resource_policy = secret.record.policy};
    });
}

wire::Outcome<DeleteResourcePolicyResponse> SecretsManager::delete_resource_policy(
    const Context& ctx, const DeleteResourcePolicyRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<DeleteResourcePolicyResponse> {
        Secret secret = TRY(find_writable(tx, ctx, in.secret_id));
        secret.record.policy.reset();
        TRY(save(tx, secret));
        return DeleteResourcePolicyResponse{.arn = secret.arn(), .name = secret.record.name};
    });
}

wire::Outcome<ValidateResourcePolicyResponse> SecretsManager::validate_resource_policy(
    const Context& ctx, const ValidateResourcePolicyRequest& in) {
    if (in.secret_id)
        TRY(store_.read([&](const Snapshot& at) { return find_active(at, ctx, *in.secret_id); }));
    Checked checked = TRY(check_policy(in.resource_policy));
    if (checked.is_public) {
        add_problem(checked, "PublicPolicyCheck", "The resource policy grants public access to the secret.");
    }
    return ValidateResourcePolicyResponse{.policy_validation_passed = checked.problems.empty(),
                                          .validation_errors = std::move(checked.problems)};
}

}  // namespace stratus::secretsmanager
