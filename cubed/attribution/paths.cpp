#include "cubed/attribution/paths.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <xxhash.h>

#include "base/check.h"

namespace cubed::attribution {

base::Result<Channel> Dictionary::intern(std::string_view name) {
    if (auto known = find(name)) return *known;
    if (names_.size() >= channels_max) {
        return base::Failure{base::FailureKind::no_space, "more channels than a dictionary holds"};
    }
    const auto channel = static_cast<Channel>(names_.size());
    names_.emplace_back(name);
    index_.emplace(names_.back(), channel);
    return channel;
}

std::optional<Channel> Dictionary::find(std::string_view name) const {
    const auto found = index_.find(std::string(name));
    if (found == index_.end()) return std::nullopt;
    return found->second;
}

const std::string& Dictionary::name(Channel channel) const {
    CHECK(channel < names_.size(), "a channel of another dictionary");
    return names_[channel];
}

void Paths::add(std::span<const Channel> path, double path_conversions, double path_value,
                double path_nulls) {
    touches.insert(touches.end(), path.begin(), path.end());
    offsets.push_back(touches.size());
    conversions.push_back(path_conversions);
    value.push_back(path_value);
    nulls.push_back(path_nulls);
    for (const Channel channel : path) {
        channel_count = std::max<std::size_t>(channel_count, std::size_t{channel} + 1);
    }
}

Totals totals_of(const Paths& paths) {
    Totals totals;
    for (std::size_t row = 0; row < paths.size(); ++row) {
        totals.conversions += paths.conversions[row];
        totals.value += paths.value[row];
        totals.nulls += paths.nulls[row];
    }
    return totals;
}

Paths aggregate(const Paths& paths, std::vector<std::uint32_t>* row_of) {
    Paths merged;
    merged.channel_count = paths.channel_count;
    if (row_of) row_of->resize(paths.size());

    // Open addressing over merged rows: a slot holds row + 1, zero is empty.
    std::size_t slots_mask = 1023;
    while (slots_mask < paths.size() * 2) slots_mask = slots_mask * 2 + 1;
    std::vector<std::uint32_t> slots(slots_mask + 1, 0);

    for (std::size_t row = 0; row < paths.size(); ++row) {
        const auto path = paths.path(row);
        std::size_t slot = XXH3_64bits(path.data(), path.size_bytes()) & slots_mask;
        while (slots[slot] != 0 && !std::ranges::equal(merged.path(slots[slot] - 1), path)) {
            slot = (slot + 1) & slots_mask;
        }
        if (slots[slot] == 0) {
            merged.add(path, 0, 0, 0);
            slots[slot] = static_cast<std::uint32_t>(merged.size());
        }
        const std::uint32_t merged_row = slots[slot] - 1;
        merged.conversions[merged_row] += paths.conversions[row];
        merged.value[merged_row] += paths.value[row];
        merged.nulls[merged_row] += paths.nulls[row];
        if (row_of) (*row_of)[row] = merged_row;
    }
    return merged;
}

namespace {

std::string_view next_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::vector<std::string_view> split_fields(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
        const auto end = line.starts_with('"') ? line.find(',', line.find('"', 1)) : line.find(',');
        std::string_view field = line.substr(0, end);
        if (field.size() >= 2 && field.starts_with('"') && field.ends_with('"')) {
            field = field.substr(1, field.size() - 2);
        }
        fields.push_back(field);
        if (end == std::string_view::npos) return fields;
        line.remove_prefix(end + 1);
    }
}

std::optional<double> parse_count(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (!std::isfinite(number) || number < 0) return std::nullopt;
    return number;
}

struct Columns {
    std::optional<std::size_t> path, conversions, value, nulls;
};

Columns columns_of(std::string_view header) {
    Columns columns;
    const auto names = split_fields(header);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == "path") columns.path = i;
        if (names[i] == "total_conversions") columns.conversions = i;
        if (names[i] == "total_conversion_value") columns.value = i;
        if (names[i] == "total_null") columns.nulls = i;
    }
    return columns;
}

base::Result<std::vector<Channel>> parse_path(std::string_view text, Dictionary& dictionary) {
    std::vector<Channel> path;
    while (!text.empty()) {
        const auto end = text.find('>');
        std::string_view name = text.substr(0, end);
        while (name.starts_with(' ')) name.remove_prefix(1);
        while (name.ends_with(' ')) name.remove_suffix(1);
        path.push_back(TRY(dictionary.intern(name)));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return path;
}

}  // namespace

base::Result<Paths> read_paths(std::string_view csv, Dictionary& dictionary) {
    const Columns columns = columns_of(next_line(csv));
    if (!columns.path || !columns.conversions) {
        return base::Failure{base::FailureKind::invalid, "no columns 'path' and 'total_conversions'"};
    }
    Paths paths;
    for (std::size_t number = 2; !csv.empty(); ++number) {
        const std::string_view line = next_line(csv);
        if (line.empty()) continue;
        const auto fields = split_fields(line);
        const auto count = [&](const std::optional<std::size_t>& column) -> std::optional<double> {
            if (!column) return 0.0;
            if (*column >= fields.size()) return std::nullopt;
            return parse_count(fields[*column]);
        };
        const auto conversions = count(columns.conversions);
        const auto value = count(columns.value);
        const auto nulls = count(columns.nulls);
        if (*columns.path >= fields.size() || !conversions || !value || !nulls) {
            return base::Failure{base::FailureKind::invalid, "line " + std::to_string(number)};
        }
        const auto path = TRY(parse_path(fields[*columns.path], dictionary));
        paths.add(path, *conversions, *value, *nulls);
    }
    paths.channel_count = dictionary.size();
    return paths;
}

}  // namespace cubed::attribution
