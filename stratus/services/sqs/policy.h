// Queue policies: what AddPermission writes, and whether a policy lets another account do something. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/context.h"
#include "wire/error.h"

namespace stratus::sqs {

struct Permission {
    std::string label;
    std::vector<std::string> accounts;
    std::vector<std::string> actions;
};

/// The policy (may be empty) with one more statement.
wire::Outcome<std::string> with_permission(std::string_view policy, std::string_view queue_arn,
                                           const Permission& permission);
wire::Outcome<std::string> without_permission(std::string_view policy, std::string_view label);

/// Whether the policy allows `action` ("SendMessage") to a caller of another account. A statement with
/// conditions never allows; any statement that may match and denies, denies: without IAM's evaluator the safe
/// side is the answer.
bool allows(std::string_view policy, const wire::Principal& caller, std::string_view action);

}  // namespace stratus::sqs
