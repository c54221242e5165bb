#include "wire/problems.h"

#include <cctype>

namespace wire {
namespace {

void append_step(std::string& out, std::string_view step) {
    if (!out.empty()) out += '.';
    out += step;
}

std::string camel(std::string_view name) {
    std::string out(name);
    if (!out.empty()) out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
    return out;
}

void write_paths(const Path& path, std::string& camel_path, std::string& wire_path) {
    if (path.up) write_paths(*path.up, camel_path, wire_path);
    if (path.member) {
        append_step(camel_path, camel(path.member->name));
        append_step(wire_path, path.member->wire_name);
    } else if (path.index > 0) {
        append_step(camel_path, std::to_string(path.index));
        append_step(camel_path, "member");
        append_step(wire_path, std::to_string(path.index));
    } else if (!path.key.empty()) {
        append_step(camel_path, path.key);
        append_step(camel_path, "member");
        append_step(wire_path, path.key);
    }
}

const Member* innermost_member(const Path& path) {
    for (const Path* at = &path; at; at = at->up) {
        if (at->member) return at->member;
    }
    return nullptr;
}

}  // namespace

void Problems::add(ProblemKind kind, const Path& path, const Shape* shape, std::string value) {
    if (all_.size() >= kept_max) return;
    Problem problem{
        .kind = kind, .camel_path = {}, .wire_path = {}, .member = innermost_member(path), .shape = shape};
    write_paths(path, problem.camel_path, problem.wire_path);
    if (!shape || !shape->sensitive) problem.value = std::move(value);
    all_.push_back(std::move(problem));
}

}  // namespace wire
