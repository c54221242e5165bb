// ListSecrets' filters, order and pages, as pure functions. BatchGetSecretValue selects the same way.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/secretsmanager/types.h"
#include "stratus/services/secretsmanager/secret.h"

namespace stratus::secretsmanager {

/// InvalidParameterException for an unknown key or a filter without values.
wire::Outcome<base::Unit> check_filters(const std::vector<aws::secretsmanager::Filter>& filters);

/// Every filter must match; of one filter's values any. A value that begins with '!' matches what does not.
bool matches(const Secret& secret, const std::vector<aws::secretsmanager::Filter>& filters);

struct Selected {
    std::vector<Secret> secrets;
    std::optional<std::string> next_token;
};
/// The page after `token` of those that match and are not marked for deletion (unless asked for), by their
/// time of creation, the newest first unless `order` is "asc". InvalidNextTokenException for a token that is
/// not ours.
struct Order {
    bool ascending = false;
    bool include_planned_deletion = false;
};
wire::Outcome<Selected> select(std::vector<Secret> all,
                               const std::vector<aws::secretsmanager::Filter>& filters, Order order,
                               const std::optional<std::string>& token, std::size_t count);

/// Opaque to clients: where a page ended.
std::string page_token(std::string_view position);
wire::Outcome<std::string> read_page_token(std::string_view token);

}  // namespace stratus::secretsmanager
