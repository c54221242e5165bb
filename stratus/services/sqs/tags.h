// AWS's rules for tags.
#pragma once

#include <map>
#include <string>

#include "wire/error.h"

namespace stratus::sqs {

/// At most 50 tags; keys of 1 to 128 and values of up to 256 characters; none of AWS's own.
wire::Outcome<base::Unit> check_tags(const std::map<std::string, std::string>& tags);

}  // namespace stratus::sqs
