// Random instances of any shape, for property tests. The same seed gives the same value.
#pragma once

#include "base/random.h"
#include "wire/schema.h"

namespace wire {

/// Fills a value-initialised structure with what every protocol can carry: text without NUL, header text for
/// members in headers, whole seconds, items within the limits of the model. Streams are left empty.
void fill_randomly(const Shape& shape, void* structure, base::Random& random);

}  // namespace wire
