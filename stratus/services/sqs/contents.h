// What a message may contain, by AWS's rules. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aws/sqs/types.h"
#include "stratus/services/sqs/message.h"
#include "wire/error.h"

namespace stratus::sqs {

/// Whether the text holds only characters that XML 1.0 can carry.
bool has_valid_characters(std::string_view text);

/// Checked and converted; empty for no attributes.
wire::Outcome<std::vector<MessageAttribute>> message_attributes_of(
    const std::map<std::string, aws::sqs::MessageAttributeValue>& in);

/// The X-Ray header, the one system attribute that a sender may set. Empty when there is none.
wire::Outcome<std::vector<MessageAttribute>> system_attributes_of(
    const std::map<std::string, aws::sqs::MessageSystemAttributeValue>& in);

/// There is no KMS here, so no key but AWS's own for SQS exists: messages of a queue that names another are
/// refused, as AWS does for a key it cannot find, rather than kept without it.
wire::Outcome<base::Unit> check_kms_key(std::string_view key);

/// Of MessageGroupId or MessageDeduplicationId.
wire::Outcome<base::Unit> check_token(std::string_view parameter, std::string_view value);

/// What of the attributes a receiver asked for: exact names, prefixes ("a.*"), or all ("All", ".*").
bool is_asked_for(std::string_view name, const std::vector<std::string>& asked);

/// Name, type and value of each, as they count against a message's size.
std::size_t bytes_of(const std::vector<MessageAttribute>& attributes);

}  // namespace stratus::sqs
