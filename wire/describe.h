// Values for logs and test failures, with everything `sensitive` hidden.
#pragma once

#include <string>

#include "wire/schema.h"

namespace wire {

/// Compact JSON of the value, at most about `bytes_max` long. Sensitive members are "***", whatever is below
/// them too; long strings are cut; streams are "<stream>".
std::string describe_for_log(const Shape& shape, const void* value, std::size_t bytes_max = 1024);

}  // namespace wire
