// The MD5 digests by which clients check what arrived. Thread-safe; each thread keeps one digest context,
// because setting one up costs more than hashing a typical body.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stratus/services/sqs/message.h"

namespace stratus::sqs {

/// 32 lower-case hex digits.
std::string md5_hex(std::string_view text);

/// AWS's digest of message attributes: sorted by name; each name, type and value with its length before it
/// (four bytes, most significant first) and a byte that tells strings (1) from bytes (2). Empty without
/// attributes.
std::string md5_of_attributes(std::vector<MessageAttribute> attributes);

}  // namespace stratus::sqs
