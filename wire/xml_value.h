// XML documents to and from values of a schema; shared by query, ec2_query (answers) and rest_xml (both
// ways).
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "wire/error.h"
#include "wire/problems.h"
#include "wire/schema.h"
#include "wire/xml_writer.h"

namespace pugi {
class xml_document;
class xml_node;
}  // namespace pugi

namespace wire {

/// Parses a whole document: UTF-8, no DTD, no entities but the five predefined. `invalid` says what is wrong.
base::Result<std::unique_ptr<pugi::xml_document>> parse_xml(std::string_view text);
/// The root element; names are compared without their namespace prefix throughout.
pugi::xml_node root_of(const pugi::xml_document& document);
pugi::xml_node child_named(const pugi::xml_node& node, std::string_view local_name);

/// Reads the node's content as a value of the shape. Unknown elements are skipped; what is missing or
/// malformed goes to `problems`. False: nested too deep.
bool read_xml(const Shape& shape, const pugi::xml_node& node, const Path& path, void* into,
              Problems& problems);

/// Writes the members of a structure that travel in the body, inside an element that is already open.
void write_xml_members(const Shape& shape, const void* value, XmlWriter& xml);
/// Writes an element with the value in it.
void write_xml(const Shape& shape, TimestampFormat format, std::string_view name, const void* value,
               XmlWriter& xml);

}  // namespace wire
