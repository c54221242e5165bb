// Validation from the model, before any handler: required, length, range, enum, pattern; worded as the
// service does.
#pragma once

#include "base/result.h"
#include "wire/problems.h"
#include "wire/service.h"

namespace wire {

/// Checks a decoded input. `problems` holds what decoding already found. The error is the one AWS's own
/// service gives; which constraints a service enforces before its own logic depends on its ValidationStyle:
/// SQS and S3 word most refusals themselves, in their handlers.
Outcome<base::Unit> validate(const Service& service, const Operation& operation, const void* input,
                             Problems problems);

/// The constraints alone, for any structure.
void find_problems(const Shape& shape, const void* value, const Path& path, Problems& problems);

}  // namespace wire
