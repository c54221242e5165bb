// GetRandomPassword.
#include <algorithm>
#include <utility>
#include <vector>

#include "aws/secretsmanager/errors.h"
#include "stratus/services/secretsmanager/secrets_manager.h"

namespace stratus::secretsmanager {

namespace errors = aws::secretsmanager::errors;
using namespace aws::secretsmanager;
using wire::Context;

namespace {

constexpr std::int64_t length_default = 32;

/// The kinds of characters that may appear, without those excluded. Kinds that are left empty are not there.
std::vector<std::string> character_kinds(const GetRandomPasswordRequest& in) {
    const std::pair<bool, std::string_view> kinds[] = {
        {!in.exclude_lowercase.value_or(false), "abcdefghijklmnopqrstuvwxyz"},
        {!in.exclude_uppercase.value_or(false), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
        {!in.exclude_numbers.value_or(false), "0123456789"},
        {!in.exclude_punctuation.value_or(false), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
        {in.include_space.value_or(false), " "},
    };
    const std::string excluded = in.exclude_characters.value_or("");
    std::vector<std::string> out;
    for (const auto& [included, characters] : kinds) {
        std::string left(included ? characters : "");
        std::erase_if(left, [&](char c) { return excluded.find(c) != std::string::npos; });
        if (!left.empty()) out.push_back(std::move(left));
    }
    return out;
}

void shuffle(std::string& text, base::Random& random) {
    for (std::size_t i = text.size(); i > 1; --i) std::swap(text[i - 1], text[random.below(i)]);
}

}  // namespace

wire::Outcome<GetRandomPasswordResponse> SecretsManager::get_random_password(
    const Context&, const GetRandomPasswordRequest& in) {
    const std::vector<std::string> kinds = character_kinds(in);
    const std::int64_t length = in.password_length.value_or(length_default);
    if (length < 1 || length > 4096) {
        return errors::invalid_parameter_exception("PasswordLength must be between 1 and 4096.");
    }
    if (kinds.empty()) {
        return errors::invalid_parameter_exception(
            "No characters are left to make a password of: every type is excluded.");
    }
    const bool require_each = in.require_each_included_type.value_or(true);
    if (require_each && static_cast<std::size_t>(length) < kinds.size()) {
        return errors::invalid_parameter_exception(
            "The password length is too short to include a character of each included type.");
    }
    std::string all;
    for (const std::string& kind : kinds) all += kind;
    std::string password;
    if (require_each) {
        for (const std::string& kind : kinds) password += random_.characters(kind, 1);
    }
    password += random_.characters(all, static_cast<std::size_t>(length) - password.size());
    shuffle(password, random_);
    return GetRandomPasswordResponse{.random_password = std::move(password)};
}

}  // namespace stratus::secretsmanager
