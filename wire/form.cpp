#include "wire/form.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace wire {

base::Result<Form> Form::parse(std::string_view text, Plus plus) {
    Form form;
    TRY(form.add(text, plus));
    return form;
}

base::Result<base::Unit> Form::add(std::string_view text, Plus plus) {
    const auto decode = plus == Plus::is_space ? base::form_decode : base::percent_decode;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        if (fields_.size() >= fields_max)
            return base::Failure{base::FailureKind::no_space, "too many parameters"};
        const std::size_t equals = std::min(pair.find('='), pair.size());
        std::string name = TRY(decode(pair.substr(0, equals)));
        std::string value = TRY(decode(pair.substr(std::min(pair.size(), equals + 1))));
        fields_.push_back({std::move(name), std::move(value)});
    }
    std::ranges::stable_sort(fields_, {}, &Field::name);
    return base::Unit{};
}

std::vector<Form::Field>::const_iterator Form::first_at(std::string_view name) const {
    return std::ranges::lower_bound(fields_, name, {},
                                    [](const Field& field) { return std::string_view(field.name); });
}

const std::string* Form::find(std::string_view name) const {
    const auto found = first_at(name);
    return found != fields_.end() && found->name == name ? &found->value : nullptr;
}

std::vector<std::string_view> Form::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (auto at = first_at(name); at != fields_.end() && at->name == name; ++at) values.push_back(at->value);
    return values;
}

bool Form::has_under(std::string_view prefix) const {
    if (find(prefix)) return true;
    const std::string dotted = std::string(prefix) + '.';
    const auto found = first_at(dotted);
    return found != fields_.end() && found->name.starts_with(dotted);
}

std::vector<std::size_t> Form::indexes_under(std::string_view prefix) const {
    std::vector<std::size_t> indexes;
    const std::string dotted = std::string(prefix) + '.';
    for (auto at = first_at(dotted); at != fields_.end() && at->name.starts_with(dotted); ++at) {
        const std::string_view rest = std::string_view(at->name).substr(dotted.size());
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
        const bool whole = end == rest.data() + rest.size() || *end == '.';
        if (error == std::errc{} && whole && (indexes.empty() || indexes.back() != index))
            indexes.push_back(index);
    }
    std::ranges::sort(indexes);
    indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
    return indexes;
}

}  // namespace wire
