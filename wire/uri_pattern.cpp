#include "wire/uri_pattern.h"

#include <algorithm>

namespace wire {
namespace {

std::string_view path_of(std::string_view pattern) {
    return pattern.substr(0, pattern.find('?'));
}

std::string_view take_segment(std::string_view& path) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    return segment;
}

bool is_label(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

}  // namespace

std::optional<Labels> match_path(std::string_view pattern, std::string_view path) {
    Labels labels;
    std::string_view want = path_of(pattern);
    if (!path.starts_with('/') || !want.starts_with('/')) return std::nullopt;
    want.remove_prefix(1);
    path.remove_prefix(1);
    while (!want.empty()) {
        const std::string_view segment = take_segment(want);
        if (path.empty()) return std::nullopt;
        if (!is_label(segment)) {
            if (take_segment(path) != segment) return std::nullopt;
            continue;
        }
        const std::string_view name = segment.substr(1, segment.size() - 2);
        if (name.ends_with('+')) {
            std::string_view rest = path;
            if (!want.empty()) {  // literal segments after a greedy label, as in some REST services
                if (!rest.ends_with(want) || rest.size() <= want.size() + 1) return std::nullopt;
                rest.remove_suffix(want.size() + 1);
            }
            labels.emplace_back(name.substr(0, name.size() - 1), rest);
            return labels;
        }
        const std::string_view value = take_segment(path);
        if (value.empty()) return std::nullopt;
        labels.emplace_back(name, value);
    }
    if (!path.empty()) return std::nullopt;
    return labels;
}

int literal_segments(std::string_view pattern) {
    std::string_view path = path_of(pattern);
    int count = 0;
    while (!path.empty()) {
        const std::string_view segment = take_segment(path);
        if (!segment.empty() && !is_label(segment)) ++count;
    }
    return count;
}

std::vector<std::pair<std::string_view, std::string_view>> literal_query(std::string_view pattern) {
    std::vector<std::pair<std::string_view, std::string_view>> query;
    const std::size_t mark = pattern.find('?');
    std::string_view rest = mark == std::string_view::npos ? std::string_view() : pattern.substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, equals);
        if (name != "x-id") query.emplace_back(name, pair.substr(std::min(pair.size(), equals + 1)));
    }
    return query;
}

}  // namespace wire
