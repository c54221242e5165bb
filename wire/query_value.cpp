#include "wire/query_value.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "wire/scalars.h"

namespace wire {
namespace {

constexpr TimestampFormat by_default = TimestampFormat::iso8601;
constexpr std::size_t depth_max = 64;

std::string_view name_in(QueryStyle style, const Member& member) {
    return style == QueryStyle::ec2 ? member.ec2_name : member.wire_name;
}

std::string joined(std::string_view prefix, std::string_view name) {
    return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
}

/// Where a list's or map's numbers follow.
std::string numbered(QueryStyle style, const Shape& shape, bool flattened, const std::string& at) {
    if (style == QueryStyle::ec2 || flattened) return at;
    return joined(at, shape.kind == Kind::map ? "entry" : shape.element_name);
}

struct Reader {
    QueryStyle style;
    const Form& form;
    Problems& problems;
    std::size_t depth = 0;

    bool list(const Shape& shape, bool flattened, const std::string& at, const Path& path, void* into) {
        const std::string prefix = numbered(style, shape, flattened, at);
        std::size_t index = 0;
        for (const std::size_t number : form.indexes_under(prefix)) {
            if (!read(*shape.element, shape.element->flattened, fmt::format("{}.{}", prefix, number),
                      format_of(*shape.element, by_default), Path{.up = &path, .index = ++index},
                      shape.list->append(into))) {
                return false;
            }
        }
        return true;
    }

    bool map(const Shape& shape, bool flattened, const std::string& at, const Path& path, void* into) {
        const std::string prefix = numbered(style, shape, flattened, at);
        for (const std::size_t number : form.indexes_under(prefix)) {
            const std::string entry = fmt::format("{}.{}", prefix, number);
            const std::string* key = form.find(joined(entry, shape.key_name));
            if (!key) {
                problems.add(ProblemKind::missing, Path{.up = &path, .index = number}, shape.key);
                continue;
            }
            if (!read(*shape.element, shape.element->flattened, joined(entry, shape.element_name),
                      format_of(*shape.element, by_default), Path{.up = &path, .key = *key},
                      shape.map->at(into, *key))) {
                return false;
            }
        }
        return true;
    }

    bool structure(const Shape& shape, const std::string& at, const Path& path, void* into) {
        if (++depth > depth_max) return false;
        for (const Member& member : shape.members) {
            const Path here{.up = &path, .member = &member};
            const std::string name = joined(at, name_in(style, member));
            if (!form.has_under(name)) {
                if (member.required) problems.add(ProblemKind::missing, here, member.shape);
                continue;
            }
            if (!read(*member.shape, member.flattened, name, format_of(member, by_default), here,
                      member.make_in(into))) {
                return false;
            }
        }
        --depth;
        return true;
    }

    bool read(const Shape& shape, bool flattened, const std::string& at, TimestampFormat format,
              const Path& path, void* into) {
        if (shape.kind == Kind::list) return list(shape, flattened, at, path, into);
        if (shape.kind == Kind::map) return map(shape, flattened, at, path, into);
        if (shape.kind == Kind::structure) return structure(shape, at, path, into);
        const std::string* text = form.find(at);
        if (!text)
            problems.add(ProblemKind::missing, path, &shape);
        else if (!parse_scalar(shape, format, *text, into))
            problems.add(ProblemKind::malformed, path, &shape, *text);
        return true;
    }
};

struct Writer {
    QueryStyle style;
    std::string& out;

    void field(std::string_view name, std::string_view value) {
        if (!out.empty()) out += '&';
        out += base::percent_encode(name);
        out += '=';
        out += base::percent_encode(value);
    }

    void list(const Shape& shape, bool flattened, const std::string& at, const void* value) {
        const std::size_t size = shape.list->size(value);
        const std::string prefix = numbered(style, shape, flattened, at);
        for (std::size_t index = 0; index < size; ++index) {
            write(*shape.element, shape.element->flattened, fmt::format("{}.{}", prefix, index + 1),
                  format_of(*shape.element, by_default), shape.list->at(value, index));
        }
    }

    void map(const Shape& shape, bool flattened, const std::string& at, const void* value) {
        struct State {
            Writer& writer;
            const Shape& shape;
            std::string prefix;
            std::size_t number = 0;
        } state{*this, shape, numbered(style, shape, flattened, at)};
        shape.map->each(value, &state, [](void* raw, const std::string& key, const void* item) {
            auto& [writer, owner, prefix, number] = *static_cast<State*>(raw);
            const std::string entry = fmt::format("{}.{}", prefix, ++number);
            writer.field(joined(entry, owner.key_name), key);
            writer.write(*owner.element, owner.element->flattened, joined(entry, owner.element_name),
                         format_of(*owner.element, by_default), item);
        });
    }

    void structure(const Shape& shape, const std::string& at, const void* value) {
        for (const Member& member : shape.members) {
            const void* held = member.in(value);
            if (!held) continue;
            write(*member.shape, member.flattened, joined(at, name_in(style, member)),
                  format_of(member, by_default), held);
        }
    }

    void write(const Shape& shape, bool flattened, const std::string& at, TimestampFormat format,
               const void* value) {
        if (shape.kind == Kind::list) return list(shape, flattened, at, value);
        if (shape.kind == Kind::map) return map(shape, flattened, at, value);
        if (shape.kind == Kind::structure) return structure(shape, at, value);
        field(at, format_scalar(shape, format, value));
    }
};

}  // namespace

bool read_query(QueryStyle style, const Shape& shape, const Form& form, const Path& path, void* into,
                Problems& problems) {
    return Reader{style, form, problems}.structure(shape, "", path, into);
}

void write_query(QueryStyle style, const Shape& shape, const void* value, std::string& out) {
    Writer{style, out}.structure(shape, "", value);
}

}  // namespace wire
