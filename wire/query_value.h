// Values of a schema to and from query parameters; shared by query and ec2_query (requests).
#pragma once

#include <string>

#include "wire/form.h"
#include "wire/problems.h"
#include "wire/schema.h"

namespace wire {

enum class QueryStyle {
    query,  ///< locationName; lists are "Name.member.1", flattened ones "Name.1"
    ec2,    ///< queryName, or locationName with a capital; every list is flattened
};

/// Reads the members of a structure. False: nested too deep.
bool read_query(QueryStyle style, const Shape& shape, const Form& form, const Path& path, void* into,
                Problems& problems);
/// Appends "&Name=value" for each member.
void write_query(QueryStyle style, const Shape& shape, const void* value, std::string& out);

}  // namespace wire
