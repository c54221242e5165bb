"""schema.h and schema.cpp: the constant tables that the codecs interpret."""

from cpptypes import cpp_type, fields, has_stream
from names import quoted, safe, snake, type_name

KINDS = {"string": "string", "character": "string", "blob": "blob", "boolean": "boolean", "integer": "integer",
         "long": "long_integer", "float": "floating", "double": "double_floating", "timestamp": "timestamp",
         "list": "list", "map": "map", "structure": "structure"}
LOCATIONS = {"header": "header", "headers": "header_prefix", "querystring": "query", "uri": "uri",
             "statusCode": "status_code"}
TIMESTAMPS = {"iso8601": "iso8601", "unixTimestamp": "unix_seconds", "rfc822": "rfc822"}


def location(model, field):
    where = field.member.get("location")
    if where == "querystring" and field.shape["type"] == "map":
        return "query_map"
    return LOCATIONS.get(where, "body")


def ec2_name(field):
    if "queryName" in field.member:
        return field.member["queryName"]
    name = field.member.get("locationName", field.name)
    return name[:1].upper() + name[1:]


def wire_name_of(model, field):
    """As botocore: the member's locationName, else its shape's, else the name; a flattened list has its items' name."""
    name = field.member.get("locationName") or field.name
    if "locationName" not in field.member and field.shape["type"] != "structure":
        name = field.shape.get("locationName", name)
    if field.shape["type"] == "list" and (field.member.get("flattened") or field.shape.get("flattened")):
        name = field.shape["member"].get("locationName", name)
    return name


def member_row(model, structure, field):
    shape, parts = model.all_shapes[structure], []
    wire_name = wire_name_of(model, field)
    parts.append(f".name = {quoted(field.name)}")
    parts.append(f".wire_name = {quoted(wire_name)}")
    parts.append(f".ec2_name = {quoted(ec2_name(field))}")
    if field.streaming:
        parts.append(f".shape = &{field.stream_kind}")
    else:
        parts.append(f".shape = &{type_name(field.shape_name)}")
    parts.append(f".offset = offsetof(aws::{safe(model.service)}::{type_name(structure)}, {field.cpp_name})")
    if field.holding == "optional":
        parts.append(f".optional = &wire::ops::optional<{qualified(model, field.shape_name)}>")
    elif field.holding == "boxed":
        parts.append(f".optional = &wire::ops::boxed<{qualified(model, field.shape_name)}>")
    if location(model, field) != "body":
        parts.append(f".location = wire::Location::{location(model, field)}")
    if "timestampFormat" in field.member:
        parts.append(f".timestamp = wire::TimestampFormat::{TIMESTAMPS[field.member['timestampFormat']]}")
    if field.required:
        parts.append(".required = true")
    if field.member.get("flattened") or field.shape.get("flattened"):
        parts.append(".flattened = true")
    if shape.get("payload") == field.name:
        parts.append(".payload = true")
    if field.member.get("xmlAttribute"):
        parts.append(".xml_attribute = true")
    if field.member.get("keepEmpty"):
        parts.append(".keep_empty = true")
    if field.member.get("idempotencyToken"):
        parts.append(".idempotency_token = true")
    return "    {" + ", ".join(parts) + "},"


def qualified(model, name):
    """cpp_type with the structs' namespace written out: the tables' names shadow them."""
    shape = model.all_shapes[name]
    if shape["type"] == "structure":
        return f"aws::{safe(model.service)}::{type_name(name)}"
    if shape["type"] == "list":
        item = qualified(model, shape["member"]["shape"])
        return "std::deque<bool>" if item == "bool" else f"std::vector<{item}>"
    if shape["type"] == "map":
        return f"std::map<std::string, {qualified(model, shape['value']['shape'])}>"
    return cpp_type(model, name)


def limits(shape):
    parts = []
    if "min" in shape:
        parts += [".has_min = true"]
    if "max" in shape:
        parts += [".has_max = true"]
    if "min" in shape:
        parts += [f".min = {int(shape['min'])}"]
    if "max" in shape:
        parts += [f".max = {int(shape['max'])}"]
    return parts


def xml_parts(shape):
    parts = []
    if "locationName" in shape and shape["type"] == "structure":
        parts.append(f".xml_name = {quoted(shape['locationName'])}")
    namespace = shape.get("xmlNamespace")
    if namespace:
        uri = namespace if isinstance(namespace, str) else namespace.get("uri", "")
        parts.append(f".xml_namespace = {quoted(uri)}")
        if isinstance(namespace, dict) and namespace.get("prefix"):
            parts.append(f".xml_namespace_prefix = {quoted(namespace['prefix'])}")
    return parts


def container_parts(model, name, shape):
    if shape["type"] == "list":
        item = shape["member"]
        return [f".element = &{type_name(item['shape'])}",
                f".element_name = {quoted(item.get('locationName', 'member'))}",
                f".list = &wire::ops::list<{qualified(model, name)}>"]
    if shape["type"] == "map":
        return [f".element = &{type_name(shape['value']['shape'])}", f".key = &{type_name(shape['key']['shape'])}",
                f".element_name = {quoted(shape['value'].get('locationName', 'value'))}",
                f".key_name = {quoted(shape['key'].get('locationName', 'key'))}",
                f".map = &wire::ops::map<{qualified(model, shape['value']['shape'])}>"]
    return []


def shape_row(model, name):
    shape = model.all_shapes[name]
    lines, label = [], type_name(name)
    parts = [f".name = {quoted(name)}", f".kind = wire::Kind::{KINDS[shape['type']]}"]
    if shape.get("sensitive"):
        parts.append(".sensitive = true")
    if shape.get("flattened"):
        parts.append(".flattened = true")
    if "timestampFormat" in shape:
        parts.append(f".timestamp = wire::TimestampFormat::{TIMESTAMPS[shape['timestampFormat']]}")
    parts += xml_parts(shape) + container_parts(model, name, shape)
    if shape["type"] == "structure":
        rows = [member_row(model, name, field) for field in fields(model, name)]
        if rows:
            lines += [f"constexpr wire::Member members_of_{label}[] = {{"] + rows + ["};"]
            parts.append(f".members = members_of_{label}")
        ops = "streaming_structure" if has_stream(model, name) else "structure"
        parts.append(f".structure = &wire::ops::{ops}<aws::{safe(model.service)}::{label}>")
    parts += limits(shape)
    if "pattern" in shape:
        parts.append(f".pattern = {quoted(shape['pattern'])}")
    if "enum" in shape:
        values = ", ".join(quoted(value) for value in shape["enum"])
        lines.append(f"constexpr std::string_view values_of_{label}[] = {{{values}}};")
        parts.append(f".values = values_of_{label}")
    lines.append(f"constinit const wire::Shape {label}{{{', '.join(parts)}}};")
    return lines


def emit_header(model):
    service = safe(model.service)
    lines = [f"""// Generated by tools/modelgen: the shapes of {model.service}.
#pragma once

#include "wire/schema.h"

namespace aws::{service} {{
"""]
    lines += [f"struct {type_name(name)};" for name in model.structures]
    lines += ["", "namespace shapes {"]
    lines += [f"extern const wire::Shape {type_name(name)};" for name in sorted(model.reached)]
    lines += ["extern const wire::Shape unit;      ///< of operations that answer nothing",
              "extern const wire::Shape stream_in;", "extern const wire::Shape stream_out;", "}  // namespace shapes", "",
              "/// The shape of a value's type, for generic code: describe_for_log(shape_of(in), &in)."]
    lines += [f"inline const wire::Shape& shape_of(const {type_name(name)}&) {{ return shapes::{type_name(name)}; }}"
              for name in model.structures]
    return "\n".join(lines) + f"\n\n}}  // namespace aws::{service}\n"


def emit_source(model):
    service = safe(model.service)
    lines = [f"""// Generated by tools/modelgen: constant tables, no code.
#include "aws/{model.service}/schema.h"

#include <cstddef>

#include "aws/{model.service}/types.h"
#include "base/result.h"
#include "wire/schema_ops.h"

// The structs are not standard-layout (std::string is not, everywhere); GCC and Clang support offsetof on them.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace aws::{service}::shapes {{

constinit const wire::Shape unit{{.name = "Unit", .kind = wire::Kind::structure,
                                .structure = &wire::ops::structure<base::Unit>}};
constinit const wire::Shape stream_in{{.name = "Body", .kind = wire::Kind::stream_in}};
constinit const wire::Shape stream_out{{.name = "Body", .kind = wire::Kind::stream_out}};
"""]
    for name in sorted(model.reached):
        lines += shape_row(model, name)
    return "\n".join(lines) + f"\n\n}}  // namespace aws::{service}::shapes\n"
