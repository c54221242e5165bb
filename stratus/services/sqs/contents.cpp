#include "stratus/services/sqs/contents.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "base/utf8.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace errors = aws::sqs::errors;
using base::Unit;
using wire::Outcome;

constexpr std::size_t attributes_max = 10;
constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t number_digits_max = 38;

bool is_reserved(std::string_view name) {
    const auto begins = [&](std::string_view prefix) {
        return name.size() >= prefix.size() &&
               std::equal(prefix.begin(), prefix.end(), name.begin(),
                          [](char a, unsigned char b) { return a == std::tolower(b); });
    };
    return begins("aws.") || begins("amazon.");
}

Outcome<Unit> check_name(std::string_view name) {
    const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; };
    const bool shaped = !name.empty() && name.size() <= name_bytes_max &&
                        std::all_of(name.begin(), name.end(), fits) && name.front() != '.' &&
                        name.back() != '.' && name.find("..") == std::string_view::npos;
    if (shaped && !is_reserved(name)) return Unit{};
    return wire::invalid_parameter_value(
        fmt::format("The message attribute name '{}' is invalid. Attribute name can contain A-Z, a-z, 0-9, "
                    "underscore (_), hyphen "
                    "(-), and period (.) characters, must not begin or end with a period or with AWS. or "
                    "Amazon., and is 1 to 256 "
                    "characters long.",
                    base::utf8_repaired(name)));
}

/// A decimal number of up to 38 digits, perhaps with an exponent, from -10^128 to 10^126.
bool is_number(std::string_view text) {
    std::size_t digits = 0;
    std::size_t at = 0;
    const auto skip_digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
        return at - from;
    };
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    digits += skip_digits();
    if (at < text.size() && text[at] == '.') {
        ++at;
        digits += skip_digits();
    }
    if (digits == 0 || digits > number_digits_max) return false;
    if (at == text.size()) return true;
    if (text[at] != 'e' && text[at] != 'E') return false;
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t exponent_digits = skip_digits();
    if (exponent_digits < 1 || exponent_digits > 3 || at != text.size()) return false;
    return std::stoi(std::string(text.substr(text.size() - exponent_digits))) <= 126;
}

bool is_type(std::string_view type, std::string_view base_type) {
    return type == base_type || (type.starts_with(base_type) && type[base_type.size()] == '.');
}

template <class Value>
Outcome<MessageAttribute> attribute_of(const std::string& name, const Value& in) {
    const auto refuse = [&](std::string_view reason) {
        return wire::invalid_parameter_value(fmt::format("The message attribute '{}' is invalid. Reason: {}",
                                                         base::utf8_repaired(name), reason));
    };
    if (!in.string_list_values.empty() || !in.binary_list_values.empty()) {
        return errors::unsupported_operation("Message attribute list values are not supported.");
    }
    MessageAttribute attribute{name, in.data_type, {}, is_type(in.data_type, "Binary")};
    const bool known = attribute.binary || is_type(in.data_type, "String") || is_type(in.data_type, "Number");
    if (in.data_type.empty()) return refuse("It must contain a non-empty message attribute type.");
    if (!known || in.data_type.size() > name_bytes_max || !has_valid_characters(in.data_type)) {
        return refuse(
            "The type must be String, Number or Binary, with a custom label of up to 256 characters at "
            "most.");
    }
    const auto& value = attribute.binary ? in.binary_value : in.string_value;
    if (!value || value->empty())
        return refuse(fmt::format("It must contain a non-empty value of type {}.", in.data_type));
    if (attribute.binary ? in.string_value.has_value() : in.binary_value.has_value()) {
        return refuse("It has more than one value.");
    }
    if (!attribute.binary && !has_valid_characters(*value))
        return refuse("The value has invalid characters.");
    if (is_type(in.data_type, "Number") && !is_number(*value)) {
        return refuse("Can't cast the value to a number.");
    }
    attribute.value = *value;
    return attribute;
}

}  // namespace

namespace {

/// Eight bytes of printable ASCII; a no may be wrong, a yes is not.
bool is_plain(const char* bytes) {
    constexpr std::uint64_t highs = 0x8080808080808080;
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof(word));
    return ((word | (word - 0x2020202020202020)) & highs) == 0;
}

}  // namespace

bool has_valid_characters(std::string_view text) {
    const auto plain = [](unsigned char c) {
        return (c >= 0x20 && c < 0x80) || c == '\t' || c == '\n' || c == '\r';
    };
    std::size_t at = 0;
    while (at < text.size()) {
        if (at + 8 <= text.size() && is_plain(text.data() + at)) {
            at += 8;
            continue;
        }
        if (plain(static_cast<unsigned char>(text[at]))) {
            ++at;
            continue;
        }
        const auto point = base::utf8_next(text, at);
        if (!point || *point < 0x80 || *point == 0xfffe || *point == 0xffff) return false;
    }
    return true;
}

Outcome<std::vector<MessageAttribute>> message_attributes_of(
    const std::map<std::string, aws::sqs::MessageAttributeValue>& in) {
    std::vector<MessageAttribute> attributes;
    if (in.size() > attributes_max) {
        return wire::invalid_parameter_value(
            fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].", in.size(),
                        attributes_max));
    }
    for (const auto& [name, value] : in) {
        TRY(check_name(name));
        attributes.push_back(TRY(attribute_of(name, value)));
    }
    return attributes;
}

Outcome<std::vector<MessageAttribute>> system_attributes_of(
    const std::map<std::string, aws::sqs::MessageSystemAttributeValue>& in) {
    std::vector<MessageAttribute> attributes;
    for (const auto& [name, value] : in) {
        if (name != aws::sqs::message_system_attribute_name::aws_trace_header) {
            return wire::invalid_parameter_value(
                fmt::format("Message system attribute name '{}' is invalid.", base::utf8_repaired(name)));
        }
        attributes.push_back(TRY(attribute_of(name, value)));
        if (attributes.back().data_type != "String") {
            return wire::invalid_parameter_value(
                "The type of the message system attribute 'AWSTraceHeader' must be String.");
        }
    }
    return attributes;
}

Outcome<Unit> check_kms_key(std::string_view key) {
    if (key.empty() || key == "alias/aws/sqs" || key.ends_with(":alias/aws/sqs")) return Unit{};
    return errors::kms_not_found(fmt::format("Key '{}' does not exist (Service: AWSKMS)", key));
}

Outcome<Unit> check_token(std::string_view parameter, std::string_view value) {
    const auto fits = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
    if (!value.empty() && value.size() <= 128 && std::all_of(value.begin(), value.end(), fits)) return Unit{};
    return wire::invalid_parameter_value(
        fmt::format("Value {} for parameter {} is invalid. Reason: {} can only include alphanumeric and "
                    "punctuation characters. 1 to "
                    "128 in length.",
                    base::utf8_repaired(value), parameter, parameter));
}

bool is_asked_for(std::string_view name, const std::vector<std::string>& asked) {
    return std::any_of(asked.begin(), asked.end(), [&](std::string_view pattern) {
        if (pattern == "All" || pattern == ".*" || pattern == name) return true;
        return pattern.ends_with(".*") && name.starts_with(pattern.substr(0, pattern.size() - 2));
    });
}

std::size_t bytes_of(const std::vector<MessageAttribute>& attributes) {
    std::size_t total = 0;
    for (const MessageAttribute& one : attributes)
        total += one.name.size() + one.data_type.size() + one.value.size();
    return total;
}

}  // namespace stratus::sqs
