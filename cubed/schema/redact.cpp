// URLs carry what nobody meant to collect: mail addresses in newsletter links, tokens, passwords.
#include <algorithm>
#include <array>
#include <cctype>

#include "base/encoding.h"
#include "cubed/schema/validate.h"

namespace cubed {

namespace {

constexpr std::string_view redacted = "[redacted]";

constexpr std::array secret_names{"password",      "passwd",        "pwd",   "pass",          "email",
                                  "e-mail",        "mail",          "phone", "tel",           "mobile",
                                  "token",         "secret",        "auth",  "access_token",  "id_token",
                                  "refresh_token", "code_verifier", "jwt",   "session_token", "ssn",
                                  "card",          "iban"};

bool is_secret_name(std::string_view name) {
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return std::find(secret_names.begin(), secret_names.end(), lower) != secret_names.end();
}

bool is_mail_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-' || c == '+';
}

/// something@domain.tld anywhere in the text, whatever its escaping.
bool holds_mail_address(std::string_view text) {
    if (text.find('@') == std::string_view::npos && text.find("%40") == std::string_view::npos) return false;
    const auto decoded = base::form_decode(text);
    const std::string plain = decoded.ok() ? *decoded : std::string(text);
    for (size_t at = plain.find('@'); at != std::string::npos; at = plain.find('@', at + 1)) {
        if (at == 0 || !is_mail_character(plain[at - 1])) continue;
        size_t end = at + 1;
        while (end < plain.size() && is_mail_character(plain[end])) ++end;
        const std::string_view domain = std::string_view(plain).substr(at + 1, end - at - 1);
        if (const size_t dot = domain.find('.');
            dot != std::string_view::npos && dot > 0 && dot + 2 < domain.size()) {
            return true;
        }
    }
    return false;
}

/// "a=1&email=..." piece by piece, with the separators kept.
std::string redact_pairs(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const size_t end = std::min(text.find_first_of("&#?"), text.size());
        const std::string_view pair = text.substr(0, end);
        const size_t equals = pair.find('=');
        const bool named = equals != std::string_view::npos;
        const std::string_view value = named ? pair.substr(equals + 1) : pair;
        if ((named && !value.empty() && is_secret_name(pair.substr(0, equals))) ||
            holds_mail_address(value)) {
            if (named) out += pair.substr(0, equals + 1);
            out += redacted;
        } else {
            out += pair;
        }
        if (end < text.size()) out += text[end];
        text.remove_prefix(std::min(text.size(), end + 1));
    }
    return out;
}

}  // namespace

std::string redacted_url(std::string_view url) {
    const size_t scheme_end = url.find("://");
    const size_t authority = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
    const size_t path = std::min(url.find_first_of("/?#", authority), url.size());
    std::string out(url.substr(0, authority));
    std::string_view host = url.substr(authority, path - authority);
    if (const size_t user_end = host.rfind('@'); user_end != std::string_view::npos)
        host.remove_prefix(user_end + 1);
    out += host;

    std::string_view rest = url.substr(path);
    const size_t query = std::min(rest.find_first_of("?#"), rest.size());
    std::string_view segments = rest.substr(0, query);
    while (!segments.empty()) {
        const size_t end = std::min(segments.find('/'), segments.size());
        const std::string_view segment = segments.substr(0, end);
        out += holds_mail_address(segment) ? redacted : segment;
        if (end < segments.size()) out += '/';
        segments.remove_prefix(std::min(segments.size(), end + 1));
    }
    if (query < rest.size()) {
        out += rest[query];
        out += redact_pairs(rest.substr(query + 1));
    }
    return out;
}

}  // namespace cubed
