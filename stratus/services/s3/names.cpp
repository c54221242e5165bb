#include "stratus/services/s3/names.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/utf8.h"
#include "stratus/services/s3/errors.h"

namespace stratus::s3 {

namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool looks_like_an_address(std::string_view name) {
    return std::count(name.begin(), name.end(), '.') == 3 &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.'; });
}

/// Letters, digits, spaces and _ . : / = + - @, in any script.
bool is_tag_text(std::string_view text) {
    if (!base::is_utf8(text)) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        const bool ascii = static_cast<unsigned char>(c) < 0x80;
        const bool letter = is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
        return !ascii || letter || std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
    });
}

}  // namespace

bool is_bucket_name(std::string_view name) {
    if (name.size() < 3 || name.size() > 63) return false;
    const auto edge = [](char c) { return is_lower(c) || is_digit(c); };
    if (!edge(name.front()) || !edge(name.back())) return false;
    if (!std::all_of(name.begin(), name.end(), [&](char c) { return edge(c) || c == '.' || c == '-'; }))
        return false;
    if (name.find("..") != std::string_view::npos || looks_like_an_address(name)) return false;
    for (const char* prefix : {"xn--", "sthree-", "amzn-s3-demo-"}) {
        if (name.starts_with(prefix)) return false;
    }
    for (const char* suffix : {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}) {
        if (name.ends_with(suffix)) return false;
    }
    return true;
}

bool is_region_name(std::string_view name) {
    if (name.size() < 6 || name.size() > 32 || !is_lower(name.front()) || !is_digit(name.back()))
        return false;
    if (std::count(name.begin(), name.end(), '-') < 2) return false;
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

wire::Outcome<base::Unit> check_key(std::string_view key) {
    if (key.size() > 1024) return errors::key_too_long(key.size());
    if (key.empty()) return errors::invalid_argument("key", key, "A key must not be empty.");
    if (!base::is_utf8(key))
        return errors::invalid_argument("key", base::utf8_repaired(key), "Keys are UTF-8.");
    return base::Unit{};
}

wire::Outcome<CopySource> parse_copy_source(std::string_view text) {
    const auto invalid = [&](const char* why) {
        return errors::invalid_argument("x-amz-copy-source", base::utf8_repaired(text), why);
    };
    CopySource source;
    constexpr std::string_view marker = "?versionId=";
    if (const std::size_t query = text.rfind(marker); query != std::string_view::npos) {
        source.version_id = std::string(text.substr(query + marker.size()));
        text = text.substr(0, query);
    }
    auto decoded = base::percent_decode(text);
    if (!decoded.ok())
        return invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
    std::string_view path = *decoded;
    if (path.starts_with('/')) path.remove_prefix(1);
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) {
        return invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
    }
    source.bucket = path.substr(0, slash);
    source.key = path.substr(slash + 1);
    TRY(check_key(source.key));
    return source;
}

std::string make_version_id(std::uint64_t sequence, std::string_view random_hex) {
    return fmt::format("{:016x}{}", sequence, random_hex);
}

std::optional<std::uint64_t> sequence_of(std::string_view version_id) {
    if (version_id.size() != 32) return std::nullopt;
    if (!std::all_of(version_id.begin(), version_id.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); })) {
        return std::nullopt;
    }
    std::uint64_t sequence = 0;
    std::from_chars(version_id.data(), version_id.data() + 16, sequence, 16);
    return sequence;
}

wire::Outcome<Tags> parse_tagging_header(std::string_view header) {
    Tags tags;
    while (!header.empty()) {
        const std::string_view pair = header.substr(0, header.find('&'));
        header.remove_prefix(std::min(pair.size() + 1, header.size()));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        auto key = base::form_decode(pair.substr(0, equals));
        auto value = base::form_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
        if (!key.ok() || !value.ok()) {
            return errors::invalid_argument("x-amz-tagging", "",
                                            "The header 'x-amz-tagging' shall be encoded as "
                                            "UTF-8 then URLEncoded URL query parameters without tag name "
                                            "duplicates.");
        }
        TRY(add_tag(tags, *key, *value, object_tags_max));
    }
    return tags;
}

wire::Outcome<base::Unit> add_tag(Tags& tags, std::string_view key, std::string_view value,
                                  std::size_t tags_max) {
    if (tags.size() == tags_max) {
        return wire::Error("BadRequest",
                           fmt::format("{} tags cannot be greater than {}",
                                       tags_max == object_tags_max ? "Object" : "Bucket", tags_max),
                           400);
    }
    if (key.empty() || base::utf8_length(key).value_or(129) > 128 || !is_tag_text(key)) {
        return errors::invalid_tag("The TagKey you have provided is invalid", base::utf8_repaired(key));
    }
    if (base::utf8_length(value).value_or(257) > 256 || !is_tag_text(value)) {
        return errors::invalid_tag("The TagValue you have provided is invalid", key);
    }
    if (key.starts_with("aws:")) {
        return errors::invalid_tag("System tags cannot be added/updated by requester", key);
    }
    if (!tags.emplace(key, value).second) {
        return errors::invalid_tag("Cannot provide multiple Tags with the same key", key);
    }
    return base::Unit{};
}

std::string canonical_id(std::string_view account) {
    return base::hex_encode(base::sha256("canonical user of account " + std::string(account)));
}

}  // namespace stratus::s3
