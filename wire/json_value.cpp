#include "wire/json_value.h"

#include <bitset>
#include <cmath>
#include <limits>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/time.h"
#include "wire/common_errors.h"
#include "wire/scalars.h"

namespace wire {
namespace {

namespace json = boost::json;

std::string_view kind_of(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: return "NULL_VALUE";
        case json::kind::bool_: return value.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE";
        case json::kind::int64:
        case json::kind::uint64: return "NUMBER_VALUE";
        case json::kind::double_: return "DECIMAL_VALUE";
        case json::kind::string: return "STRING_VALUE";
        case json::kind::array: return "START_ARRAY";
        case json::kind::object: return "START_OBJECT";
    }
    __builtin_unreachable();
}

std::string_view wanted(Kind kind) {
    switch (kind) {
        case Kind::string: return "String";
        case Kind::blob: return "Blob";
        case Kind::boolean: return "Boolean";
        case Kind::integer: return "Integer";
        case Kind::long_integer: return "Long";
        case Kind::floating: return "Float";
        case Kind::double_floating: return "Double";
        case Kind::timestamp: return "Timestamp";
        case Kind::list: return "List";
        case Kind::map: return "Map";
        default: return "Structure";
    }
}

Error wrong_type(const Shape& shape, const json::value& value) {
    const std::string_view want = wanted(shape.kind);
    return serialization_exception(fmt::format("{} can not be converted to {} {}", kind_of(value),
                                               want.front() == 'I' ? "an" : "a", want));
}

bool read_number(const json::value& value, double& into) {
    if (value.is_int64())
        into = static_cast<double>(value.get_int64());
    else if (value.is_uint64())
        into = static_cast<double>(value.get_uint64());
    else if (value.is_double())
        into = value.get_double();
    else if (value.is_string())
        return parse_double(value.get_string(), into) && !std::isfinite(into);
    else
        return false;
    return true;
}

bool read_integer(const json::value& value, std::int64_t min, std::int64_t max, std::int64_t& into) {
    if (value.is_int64())
        into = value.get_int64();
    else if (value.is_double() && std::trunc(value.get_double()) == value.get_double() &&
             std::abs(value.get_double()) < 9e15)
        into = static_cast<std::int64_t>(value.get_double());
    else
        return false;
    return into >= min && into <= max;
}

bool read_timestamp(TimestampFormat format, const json::value& value, base::Instant& into) {
    double seconds = 0;
    if (!value.is_string() && read_number(value, seconds)) {
        const auto at = base::instant_from_epoch_seconds(seconds);
        if (at.ok()) into = *at;
        return at.ok();
    }
    static constexpr Shape timestamp{.name = "Timestamp", .kind = Kind::timestamp};
    return value.is_string() && format != TimestampFormat::unix_seconds &&
           parse_scalar(timestamp, format, value.get_string(), &into);
}

struct Reader {
    const JsonStyle& style;
    Problems& problems;

    /// False: not of that type.
    bool scalar(const Shape& shape, TimestampFormat format, const json::value& value, void* into) {
        std::int64_t whole = 0;
        double real = 0;
        switch (shape.kind) {
            case Kind::string:
                if (!value.is_string()) return false;
                static_cast<std::string*>(into)->assign(value.get_string().data(), value.get_string().size());
                return true;
            case Kind::boolean:
                if (!value.is_bool()) return false;
                *static_cast<bool*>(into) = value.get_bool();
                return true;
            case Kind::integer:
                if (!read_integer(value, std::numeric_limits<std::int32_t>::min(),
                                  std::numeric_limits<std::int32_t>::max(), whole))
                    return false;
                *static_cast<std::int32_t*>(into) = static_cast<std::int32_t>(whole);
                return true;
            case Kind::long_integer:
                return read_integer(value, std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max(),
                                    *static_cast<std::int64_t*>(into));
            case Kind::floating:
                if (!read_number(value, real)) return false;
                *static_cast<float*>(into) = static_cast<float>(real);
                return true;
            case Kind::double_floating: return read_number(value, *static_cast<double*>(into));
            case Kind::blob:
                return value.is_string() && parse_scalar(shape, format, value.get_string(), into);
            case Kind::timestamp: return read_timestamp(format, value, *static_cast<base::Instant*>(into));
            default: return false;
        }
    }

    Outcome<base::Unit> list(const Shape& shape, const json::value& value, const Path& path, void* into) {
        if (!value.is_array()) return wrong_type(shape, value);
        std::size_t index = 0;
        for (const json::value& item : value.get_array()) {
            const Path here{.up = &path, .index = ++index};
            void* added = shape.list->append(into);
            if (item.is_null())
                problems.add(ProblemKind::missing, here, shape.element);
            else
                TRY(read(*shape.element, format_of(*shape.element, style.timestamp), item, here, added));
        }
        return base::Unit{};
    }

    Outcome<base::Unit> map(const Shape& shape, const json::value& value, const Path& path, void* into) {
        if (!value.is_object()) return wrong_type(shape, value);
        for (const auto& entry : value.get_object()) {
            if (entry.value().is_null()) continue;
            const Path here{.up = &path, .key = entry.key()};
            void* added = shape.map->at(into, std::string(entry.key()));
            TRY(read(*shape.element, format_of(*shape.element, style.timestamp), entry.value(), here, added));
        }
        return base::Unit{};
    }

    Outcome<base::Unit> structure(const Shape& shape, const json::value& value, const Path& path,
                                  void* into) {
        if (!value.is_object()) return wrong_type(shape, value);
        const json::object& object = value.get_object();
        for (const Member& member : shape.members) {
            if (member.location != Location::body) continue;
            const Path here{.up = &path, .member = &member};
            const json::value* found = object.if_contains(style.wire_names ? member.wire_name : member.name);
            if (!found || found->is_null()) {
                if (member.required) problems.add(ProblemKind::missing, here, member.shape);
                continue;
            }
            TRY(read(*member.shape, format_of(member, style.timestamp), *found, here, member.make_in(into)));
        }
        return base::Unit{};
    }

    Outcome<base::Unit> read(const Shape& shape, TimestampFormat format, const json::value& value,
                             const Path& path, void* into) {
        switch (shape.kind) {
            case Kind::list: return list(shape, value, path, into);
            case Kind::map: return map(shape, value, path, into);
            case Kind::structure: return structure(shape, value, path, into);
            default:
                if (!scalar(shape, format, value, into)) return wrong_type(shape, value);
                return base::Unit{};
        }
    }
};

struct Writer {
    const JsonStyle& style;
    std::string& out;

    void scalar(const Shape& shape, TimestampFormat format, const void* value) {
        switch (shape.kind) {
            case Kind::string: base::append_json_string(out, *static_cast<const std::string*>(value)); return;
            case Kind::blob:
                out += '"';
                out += base::base64_encode(*static_cast<const std::string*>(value));
                out += '"';
                return;
            case Kind::timestamp: {
                if (format == TimestampFormat::unix_seconds)
                    out += format_scalar(shape, format, value);
                else
                    base::append_json_string(out, format_scalar(shape, format, value));
                return;
            }
            case Kind::floating:
            case Kind::double_floating: {
                const std::string text = format_scalar(shape, format, value);
                const bool finite = text.find_first_of("NI") == std::string::npos;
                out += finite ? text : "\"" + text + "\"";
                return;
            }
            default: out += format_scalar(shape, format, value);
        }
    }

    void list(const Shape& shape, const void* value) {
        out += '[';
        const std::size_t size = shape.list->size(value);
        for (std::size_t index = 0; index < size; ++index) {
            if (index > 0) out += ',';
            write(*shape.element, format_of(*shape.element, style.timestamp), shape.list->at(value, index));
        }
        out += ']';
    }

    void map(const Shape& shape, const void* value) {
        struct State {
            Writer& writer;
            const Shape& shape;
            bool first = true;
        } state{*this, shape};
        out += '{';
        shape.map->each(value, &state, [](void* raw, const std::string& key, const void* item) {
            auto& [writer, owner, first] = *static_cast<State*>(raw);
            if (!first) writer.out += ',';
            first = false;
            base::append_json_string(writer.out, key);
            writer.out += ':';
            writer.write(*owner.element, format_of(*owner.element, writer.style.timestamp), item);
        });
        out += '}';
    }

    static bool left_out(const Member& member, const void* held) {
        if (!held || member.location != Location::body) return true;
        if (member.required || member.keep_empty) return false;
        if (member.shape->kind == Kind::list) return member.shape->list->size(held) == 0;
        if (member.shape->kind == Kind::map) return member.shape->map->size(held) == 0;
        return false;
    }

    void structure(const Shape& shape, const void* value) {
        out += '{';
        bool first = true;
        for (const Member& member : shape.members) {
            const void* held = member.in(value);
            if (left_out(member, held)) continue;
            if (!first) out += ',';
            first = false;
            base::append_json_string(out, style.wire_names ? member.wire_name : member.name);
            out += ':';
            write(*member.shape, format_of(member, style.timestamp), held);
        }
        out += '}';
    }

    void write(const Shape& shape, TimestampFormat format, const void* value) {
        switch (shape.kind) {
            case Kind::list: return list(shape, value);
            case Kind::map: return map(shape, value);
            case Kind::structure: return structure(shape, value);
            default: return scalar(shape, format, value);
        }
    }
};

}  // namespace

Outcome<base::Unit> read_json(const JsonStyle& style, const Shape& shape, const boost::json::value& json,
                              const Path& path, void* into, Problems& problems) {
    return Reader{style, problems}.read(shape, format_of(shape, style.timestamp), json, path, into);
}

void write_json(const JsonStyle& style, const Shape& shape, const void* value, std::string& out) {
    Writer{style, out}.write(shape, format_of(shape, style.timestamp), value);
}

}  // namespace wire
