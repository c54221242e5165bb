// The canonical request of Signature Version 4.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "wire/sigv4.h"

namespace wire {
namespace {

/// "/a/./b/../c//d" -> "/a/c/d": what all services but S3 sign.
std::string without_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    const bool slash_at_end = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    while (!path.empty()) {
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), segment.size() + 1));
        if (segment == ".." && !kept.empty()) kept.pop_back();
        if (!segment.empty() && segment != "." && segment != "..") kept.push_back(segment);
    }
    std::string out;
    for (const std::string_view segment : kept) out += fmt::format("/{}", segment);
    if (out.empty() || slash_at_end) out += '/';
    return out;
}

std::string canonical_path(std::string_view path, SigningRules rules) {
    if (rules == SigningRules::common)
        return base::percent_encode(without_dots(path), base::PercentSet::path);
    const auto decoded = base::percent_decode(path);
    if (!decoded.ok()) return std::string(path);  // signed by nobody: the signature will not match
    return base::percent_encode(decoded->empty() ? "/" : *decoded, base::PercentSet::path);
}

std::string recoded(std::string_view text) {
    const auto decoded = base::form_decode(text);
    return decoded.ok() ? base::percent_encode(*decoded) : std::string(text);
}

std::string canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        std::string name = recoded(pair.substr(0, equals));
        if (name == "X-Amz-Signature") continue;
        pairs.emplace_back(std::move(name), recoded(pair.substr(std::min(pair.size(), equals + 1))));
    }
    std::ranges::sort(pairs);
    std::string out;
    for (const auto& [name, value] : pairs)
        out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
    return out;
}

void append_squeezed(std::string& out, std::string_view text) {
    bool space = false;
    const std::size_t from = out.size();
    for (const char c : text) {
        if (c == ' ' || c == '\t') {
            space = true;
            continue;
        }
        if (space && out.size() > from) out += ' ';
        space = false;
        out += c;
    }
}

std::string canonical_header(const net::Headers& headers, std::string_view name) {
    std::string out = fmt::format("{}:", name);
    bool first = true;
    for (const auto [field, value] : headers) {
        if (!net::equal_ignoring_case(field, name)) continue;
        if (!first) out += ',';
        first = false;
        append_squeezed(out, value);
    }
    return out + '\n';
}

}  // namespace

std::string CredentialScope::text() const {
    return fmt::format("{}/{}/{}/aws4_request", date, region, service);
}

std::string canonical_request(const SignedHead& head, const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash, SigningRules rules) {
    std::string out = fmt::format("{}\n{}\n{}\n", head.method, canonical_path(head.path, rules),
                                  canonical_query(head.query));
    for (const std::string& name : signed_headers) out += canonical_header(head.headers, name);
    out += fmt::format("\n{}\n{}", fmt::join(signed_headers, ";"), payload_hash);
    return out;
}

/// Four MACs that are the same all day for one caller: each thread keeps the last.
std::string signing_key(std::string_view secret, const CredentialScope& scope) {
    struct Last {
        std::string secret, date, region, service, key;
    };
    thread_local Last last;
    const bool same = last.secret == secret && last.date == scope.date && last.region == scope.region &&
                      last.service == scope.service && !last.key.empty();
    if (same) return last.key;
    std::string key = base::hmac_sha256(fmt::format("AWS4{}", secret), scope.date);
    key = base::hmac_sha256(key, scope.region);
    key = base::hmac_sha256(key, scope.service);
    key = base::hmac_sha256(key, "aws4_request");
    last = {std::string(secret), scope.date, scope.region, scope.service, key};
    return key;
}

std::string signature_of(std::string_view key, std::string_view string_to_sign) {
    return base::hex_encode(base::hmac_sha256(key, string_to_sign));
}

std::string sha256_hex(std::string_view data) {
    return base::hex_encode(base::sha256(data));
}

}  // namespace wire
