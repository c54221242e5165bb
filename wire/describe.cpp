#include "wire/describe.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/utf8.h"
#include "wire/scalars.h"

namespace wire {
namespace {

struct Describer {
    std::string& out;
    std::size_t bytes_max;
    static constexpr std::size_t string_max = 128;

    bool full() const { return out.size() >= bytes_max; }

    void string(std::string_view text) {
        const std::string_view shown = base::utf8_prefix(text, string_max);
        std::string copy = base::utf8_repaired(shown);
        if (shown.size() < text.size()) copy += fmt::format("...({} bytes)", text.size());
        base::append_json_string(out, copy);
    }

    void list(const Shape& shape, const void* value) {
        out += '[';
        for (std::size_t index = 0; index < shape.list->size(value) && !full(); ++index) {
            if (index > 0) out += ',';
            describe(*shape.element, shape.list->at(value, index));
        }
        out += ']';
    }

    void map(const Shape& shape, const void* value) {
        struct State {
            Describer& describer;
            const Shape& shape;
            bool first = true;
        } state{*this, shape};
        out += '{';
        shape.map->each(value, &state, [](void* raw, const std::string& key, const void* item) {
            auto& [describer, owner, first] = *static_cast<State*>(raw);
            if (describer.full()) return;
            if (!first) describer.out += ',';
            first = false;
            if (owner.key->sensitive)
                describer.out += "\"***\"";
            else
                describer.string(key);
            describer.out += ':';
            describer.describe(*owner.element, item);
        });
        out += '}';
    }

    void structure(const Shape& shape, const void* value) {
        out += '{';
        bool first = true;
        for (const Member& member : shape.members) {
            const void* held = member.in(value);
            if (!held || full()) continue;
            if (member.shape->kind == Kind::list && member.shape->list->size(held) == 0) continue;
            if (member.shape->kind == Kind::map && member.shape->map->size(held) == 0) continue;
            if (!first) out += ',';
            first = false;
            string(member.name);
            out += ':';
            describe(*member.shape, held);
        }
        out += '}';
    }

    void describe(const Shape& shape, const void* value) {
        if (shape.sensitive) {
            out += "\"***\"";
            return;
        }
        switch (shape.kind) {
            case Kind::string: return string(*static_cast<const std::string*>(value));
            case Kind::blob:
                out += fmt::format("\"<{} bytes>\"", static_cast<const std::string*>(value)->size());
                return;
            case Kind::stream_in:
            case Kind::stream_out: out += "\"<stream>\""; return;
            case Kind::timestamp: return string(format_scalar(shape, TimestampFormat::iso8601, value));
            case Kind::list: return list(shape, value);
            case Kind::map: return map(shape, value);
            case Kind::structure: return structure(shape, value);
            default: out += format_scalar(shape, TimestampFormat::iso8601, value);
        }
    }
};

}  // namespace

std::string describe_for_log(const Shape& shape, const void* value, std::size_t bytes_max) {
    std::string out;
    Describer{out, bytes_max}.describe(shape, value);
    return out;
}

}  // namespace wire
