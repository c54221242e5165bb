#include "stratus/services/secretsmanager/filters.h"

#include <algorithm>
#include <array>

#include "aws/secretsmanager/errors.h"
#include "base/encoding.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
namespace keys = aws::secretsmanager::filter_name_string_type;
using aws::secretsmanager::Filter;

namespace {

constexpr std::array known_keys = {keys::description,   keys::name, keys::tag_key,
                                   keys::tag_value,     keys::all,  keys::primary_region,
                                   keys::owning_service};
constexpr std::string_view token_mark = "sm1:";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Whether `wanted` begins at the beginning of some word of `text`; both in lower case.
bool has_words(std::string_view text, std::string_view wanted) {
    for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
        if (at == 0 || !is_word_character(text[at - 1])) return true;
    }
    return false;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
        if (is_word_character(c)) {
            words.back() += c;
        } else if (!words.back().empty()) {
            words.emplace_back();
        }
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

bool has_tag(const Secret& secret, std::string TagRecord::*side, std::string_view prefix) {
    return std::any_of(secret.record.tags.begin(), secret.record.tags.end(),
                       [&](const TagRecord& tag) { return (tag.*side).starts_with(prefix); });
}

/// "all": the words of the value, in any attribute, any case.
bool matches_anything(const Secret& secret, std::string_view value) {
    std::string text =
        secret.record.name + "\n" + secret.record.description.value_or("") + "\n" + secret.home;
    for (const TagRecord& tag : secret.record.tags) text += "\n" + tag.key + "\n" + tag.value;
    text = lower(text);
    const auto words = words_of(lower(value));
    return std::all_of(words.begin(), words.end(),
                       [&](const std::string& word) { return has_words(text, word); });
}

bool matches_value(const Secret& secret, std::string_view key, std::string_view value) {
    if (key == keys::name) return secret.record.name.starts_with(value);
    if (key == keys::description)
        return has_words(lower(secret.record.description.value_or("")), lower(value));
    if (key == keys::tag_key) return has_tag(secret, &TagRecord::key, value);
    if (key == keys::tag_value) return has_tag(secret, &TagRecord::value, value);
    if (key == keys::primary_region) return !secret.record.replicas.empty() && secret.home.starts_with(value);
    if (key == keys::owning_service) return false;  // no service of ours owns secrets
    return matches_anything(secret, value);
}

bool matches_filter(const Secret& secret, const Filter& filter) {
    return std::any_of(filter.values.begin(), filter.values.end(), [&](std::string_view value) {
        const bool negated = value.starts_with('!');
        if (negated) value.remove_prefix(1);
        return matches_value(secret, filter.key.value_or(""), value) != negated;
    });
}

/// Sorts as the secrets do; unique.
std::string position_of(const Secret& secret) {
    return key_of(static_cast<std::uint64_t>(secret.record.created.time_since_epoch().count()),
                  secret.record.name);
}

}  // namespace

wire::Outcome<base::Unit> check_filters(const std::vector<Filter>& filters) {
    for (const Filter& filter : filters) {
        if (std::find(known_keys.begin(), known_keys.end(), filter.key.value_or("")) == known_keys.end()) {
            return errors::invalid_parameter_exception("A filter has an unknown key: " +
                                                       filter.key.value_or(""));
        }
        if (filter.values.empty()) return errors::invalid_parameter_exception("A filter must have values.");
    }
    return base::Unit{};
}

bool matches(const Secret& secret, const std::vector<Filter>& filters) {
    return std::all_of(filters.begin(), filters.end(),
                       [&](const Filter& filter) { return matches_filter(secret, filter); });
}

std::string page_token(std::string_view position) {
    return base::base64url_encode(std::string(token_mark) + std::string(position));
}

wire::Outcome<std::string> read_page_token(std::string_view token) {
    const auto decoded = base::base64url_decode(token);
    if (!decoded.ok() || !decoded->starts_with(token_mark)) {
        return errors::invalid_next_token_exception("The NextToken value is invalid.");
    }
    return decoded->substr(token_mark.size());
}

wire::Outcome<Selected> select(std::vector<Secret> all, const std::vector<Filter>& filters, Order order,
                               const std::optional<std::string>& token, std::size_t count) {
    std::optional<std::string> after;
    if (token) after = TRY(read_page_token(*token));
    std::erase_if(all, [&](const Secret& secret) {
        return (secret.record.deletion && !order.include_planned_deletion) || !matches(secret, filters);
    });
    const auto before = [&](const std::string& a, const std::string& b) {
        return order.ascending ? a < b : b < a;
    };
    std::sort(all.begin(), all.end(),
              [&](const Secret& a, const Secret& b) { return before(position_of(a), position_of(b)); });
    Selected out;
    for (Secret& secret : all) {
        if (after && !before(*after, position_of(secret))) continue;
        if (out.secrets.size() == count) {
            out.next_token = page_token(position_of(out.secrets.back()));
            break;
        }
        out.secrets.push_back(std::move(secret));
    }
    return out;
}

}  // namespace stratus::secretsmanager
