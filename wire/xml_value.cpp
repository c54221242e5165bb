#include "wire/xml_value.h"

#include <cstring>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "base/utf8.h"
#include "wire/scalars.h"

namespace wire {
namespace {

constexpr TimestampFormat by_default = TimestampFormat::iso8601;
constexpr std::size_t depth_max = 64;

std::string_view local_name(const char* name) {
    const char* colon = std::strchr(name, ':');
    return colon ? colon + 1 : name;
}

std::string_view local_name(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string text_of(const pugi::xml_node& node) {
    std::string out;
    for (const pugi::xml_node child : node.children()) {
        if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) out += child.value();
    }
    return out;
}

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

struct Reader {
    Problems& problems;
    std::size_t depth = 0;

    void scalar(const Shape& shape, TimestampFormat format, std::string text, const Path& path, void* into) {
        if (shape.kind != Kind::string) text = trimmed(text);
        if (!parse_scalar(shape, format, text, into))
            problems.add(ProblemKind::malformed, path, &shape, text);
    }

    bool item(const Shape& shape, const pugi::xml_node& node, std::size_t index, const Path& path,
              void* into) {
        return read(*shape.element, format_of(*shape.element, by_default), node,
                    Path{.up = &path, .index = index}, shape.list->append(into));
    }

    bool list(const Shape& shape, const pugi::xml_node& node, const Path& path, void* into) {
        std::size_t index = 0;
        for (const pugi::xml_node child : node.children()) {
            if (child.type() != pugi::node_element) continue;
            if (local_name(child.name()) != shape.element_name) continue;
            if (!item(shape, child, ++index, path, into)) return false;
        }
        return true;
    }

    bool entry(const Shape& shape, const pugi::xml_node& node, const Path& path, void* into) {
        const std::string key = text_of(child_named(node, shape.key_name));
        return read(*shape.element, format_of(*shape.element, by_default),
                    child_named(node, shape.element_name), Path{.up = &path, .key = key},
                    shape.map->at(into, key));
    }

    bool map(const Shape& shape, const pugi::xml_node& node, const Path& path, void* into) {
        for (const pugi::xml_node child : node.children()) {
            if (local_name(child.name()) == "entry" && !entry(shape, child, path, into)) return false;
        }
        return true;
    }

    bool flattened(const Member& member, const pugi::xml_node& parent, const Path& path, void* into) {
        std::size_t index = 0;
        const std::string_view name = member.wire_name;
        for (const pugi::xml_node child : parent.children()) {
            if (child.type() != pugi::node_element || local_name(child.name()) != name) continue;
            const bool ok = member.shape->kind == Kind::list ? item(*member.shape, child, ++index, path, into)
                                                             : entry(*member.shape, child, path, into);
            ++index;
            if (!ok) return false;
        }
        if (index == 0 && member.required) problems.add(ProblemKind::missing, path, member.shape);
        return true;
    }

    bool member(const Member& member, const pugi::xml_node& node, const Path& path, void* into) {
        const bool container = member.shape->kind == Kind::list || member.shape->kind == Kind::map;
        if (container && member.flattened) return flattened(member, node, path, member.make_in(into));
        if (member.xml_attribute) {
            for (const pugi::xml_attribute attribute : node.attributes()) {
                if (local_name(attribute.name()) != local_name(member.wire_name)) continue;
                scalar(*member.shape, format_of(member, by_default), attribute.value(), path,
                       member.make_in(into));
                return true;
            }
        }
        const pugi::xml_node found = child_named(node, member.wire_name);
        if (!found) {
            if (member.required) problems.add(ProblemKind::missing, path, member.shape);
            return true;
        }
        return read(*member.shape, format_of(member, by_default), found, path, member.make_in(into));
    }

    bool structure(const Shape& shape, const pugi::xml_node& node, const Path& path, void* into) {
        if (++depth > depth_max) return false;
        for (const Member& each : shape.members) {
            if (each.location != Location::body || each.payload) continue;
            if (!member(each, node, Path{.up = &path, .member = &each}, into)) return false;
        }
        --depth;
        return true;
    }

    bool read(const Shape& shape, TimestampFormat format, const pugi::xml_node& node, const Path& path,
              void* into) {
        switch (shape.kind) {
            case Kind::list: return list(shape, node, path, into);
            case Kind::map: return map(shape, node, path, into);
            case Kind::structure: return structure(shape, node, path, into);
            default: scalar(shape, format, text_of(node), path, into); return true;
        }
    }
};

struct Writer {
    XmlWriter& xml;

    void list_items(const Shape& shape, std::string_view name, const void* value) {
        const std::size_t size = shape.list->size(value);
        for (std::size_t index = 0; index < size; ++index) {
            element(*shape.element, format_of(*shape.element, by_default), name,
                    shape.list->at(value, index));
        }
    }

    void map_entries(const Shape& shape, std::string_view name, const void* value) {
        struct State {
            Writer& writer;
            const Shape& shape;
            std::string_view name;
        } state{*this, shape, name};
        shape.map->each(value, &state, [](void* raw, const std::string& key, const void* item) {
            auto& [writer, owner, entry] = *static_cast<State*>(raw);
            writer.xml.open(entry);
            writer.xml.element(owner.key_name, key);
            writer.element(*owner.element, format_of(*owner.element, by_default), owner.element_name, item);
            writer.xml.close(entry);
        });
    }

    void content(const Shape& shape, TimestampFormat format, const void* value) {
        switch (shape.kind) {
            case Kind::list: return list_items(shape, shape.element_name, value);
            case Kind::map: return map_entries(shape, "entry", value);
            case Kind::structure: return members(shape, value);
            default: return xml.text(format_scalar(shape, format, value));
        }
    }

    void attributes(const Shape& shape, const void* value) {
        if (shape.kind != Kind::structure) return;
        if (!shape.xml_namespace_prefix.empty()) {
            xml.attribute(fmt::format("xmlns:{}", shape.xml_namespace_prefix), shape.xml_namespace);
        }
        for (const Member& member : shape.members) {
            const void* held = member.xml_attribute ? member.in(value) : nullptr;
            if (held)
                xml.attribute(member.wire_name,
                              format_scalar(*member.shape, format_of(member, by_default), held));
        }
    }

    void element(const Shape& shape, TimestampFormat format, std::string_view name, const void* value) {
        xml.open(name);
        attributes(shape, value);
        content(shape, format, value);
        xml.close(name);
    }

    static bool is_empty(const Shape& shape, const void* held) {
        if (shape.kind == Kind::list) return shape.list->size(held) == 0;
        return shape.kind == Kind::map && shape.map->size(held) == 0;
    }

    void members(const Shape& shape, const void* value) {
        for (const Member& member : shape.members) {
            if (member.location != Location::body || member.payload || member.xml_attribute) continue;
            const void* held = member.in(value);
            if (!held) continue;
            if (member.flattened && member.shape->kind == Kind::list) {
                list_items(*member.shape, member.wire_name, held);
            } else if (member.flattened && member.shape->kind == Kind::map) {
                map_entries(*member.shape, member.wire_name, held);
            } else if (member.required || member.keep_empty || !is_empty(*member.shape, held)) {
                element(*member.shape, format_of(member, by_default), member.wire_name, held);
            }
        }
    }
};

}  // namespace

base::Result<std::unique_ptr<pugi::xml_document>> parse_xml(std::string_view text) {
    if (!base::is_utf8(text)) return base::Failure{base::FailureKind::invalid, "not UTF-8"};
    auto document = std::make_unique<pugi::xml_document>();
    // White space is content (an object key may be a space). Line ends stay as XML says: CR LF is LF.
    constexpr unsigned options = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                 pugi::parse_doctype | pugi::parse_ws_pcdata;
    const auto parsed = document->load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
    if (!parsed) return base::Failure{base::FailureKind::invalid, parsed.description()};
    for (const pugi::xml_node node : document->children()) {
        if (node.type() == pugi::node_doctype) return base::Failure{base::FailureKind::invalid, "a DTD"};
    }
    if (!root_of(*document)) return base::Failure{base::FailureKind::invalid, "no root element"};
    return document;
}

pugi::xml_node root_of(const pugi::xml_document& document) {
    return document.document_element();
}

pugi::xml_node child_named(const pugi::xml_node& node, std::string_view name) {
    for (const pugi::xml_node child : node.children()) {
        if (child.type() == pugi::node_element && local_name(child.name()) == name) return child;
    }
    return {};
}

bool read_xml(const Shape& shape, const pugi::xml_node& node, const Path& path, void* into,
              Problems& problems) {
    return Reader{problems}.read(shape, format_of(shape, by_default), node, path, into);
}

void write_xml_members(const Shape& shape, const void* value, XmlWriter& xml) {
    Writer{xml}.members(shape, value);
}

void write_xml(const Shape& shape, TimestampFormat format, std::string_view name, const void* value,
               XmlWriter& xml) {
    Writer{xml}.element(shape, format, name, value);
}

}  // namespace wire
