// Verifying a signature, and signing.
#include <algorithm>
#include <cctype>
#include <chrono>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/time.h"
#include "wire/common_errors.h"
#include "wire/sigv4.h"

namespace wire {
namespace {

using std::chrono::minutes;
constexpr minutes skew_max{15};

std::string string_to_sign(std::string_view amz_date, const CredentialScope& scope,
                           std::string_view canonical) {
    return fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", amz_date, scope.text(), sha256_hex(canonical));
}

Error presigned_expired(const Authorization& authorization, base::Instant now) {
    return Error("AccessDenied", "Request has expired", 403)
        .with("X-Amz-Expires", fmt::to_string(authorization.expires.count()))
        .with("Expires", base::format_iso8601(authorization.time + authorization.expires))
        .with("ServerTime", base::format_iso8601(now));
}

Outcome<base::Unit> check_s3_time(const Authorization& authorization, base::Instant now) {
    if (authorization.presigned) {
        if (now > authorization.time + authorization.expires) return presigned_expired(authorization, now);
        if (authorization.time > now + skew_max)
            return Error("AccessDenied", "Request is not yet valid", 403);
        return base::Unit{};
    }
    if (authorization.time + skew_max < now || now + skew_max < authorization.time) {
        return Error("RequestTimeTooSkewed",
                     "The difference between the request time and the current time is too large.", 403)
            .with("RequestTime", authorization.amz_date)
            .with("ServerTime", base::format_iso8601(now))
            .with("MaxAllowedSkewMilliseconds", "900000");
    }
    return base::Unit{};
}

Outcome<base::Unit> check_time(const Authorization& authorization, base::Instant now) {
    const auto allowed = authorization.presigned
                             ? std::chrono::duration_cast<std::chrono::seconds>(authorization.expires)
                             : std::chrono::duration_cast<std::chrono::seconds>(skew_max);
    const std::string here = base::format_iso8601_basic(now);
    if (authorization.time + allowed < now) {
        return request_expired(fmt::format("Signature expired: {} is now earlier than {} ({} - {} min.)",
                                           authorization.amz_date, base::format_iso8601_basic(now - allowed),
                                           here, allowed.count() / 60));
    }
    if (authorization.time > now + skew_max) {
        return signature_does_not_match(
            fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)",
                        authorization.amz_date, base::format_iso8601_basic(now + skew_max), here));
    }
    return base::Unit{};
}

/// S3 refuses x-amz- headers that the signature does not cover: they change what the request means.
Outcome<base::Unit> check_all_signed(const Authorization& authorization, const SignedHead& head) {
    std::string unsigned_names;
    for (const auto [name, value] : head.headers) {
        if (name.size() < 6 || !net::equal_ignoring_case(name.substr(0, 6), "x-amz-")) continue;
        const bool covered = std::ranges::any_of(authorization.signed_headers,
                                                 [&, name = name](const std::string& signed_name) {
                                                     return net::equal_ignoring_case(signed_name, name);
                                                 });
        // A presigned URL may leave the payload's hash to whoever uses it: it is then checked, but not
        // trusted.
        if (covered || (authorization.presigned && net::equal_ignoring_case(name, "x-amz-content-sha256")))
            continue;
        if (!unsigned_names.empty()) unsigned_names += ", ";
        unsigned_names += name;
    }
    if (unsigned_names.empty()) return base::Unit{};
    return Error("AccessDenied", "There were headers present in the request which were not signed", 403)
        .with("HeadersNotSigned", unsigned_names);
}

Error mismatch(SigningRules rules, const Authorization& authorization, const std::string& to_sign,
               const std::string& canonical) {
    if (rules == SigningRules::s3) {
        return signature_does_not_match(
                   "The request signature we calculated does not match the signature you provided. "
                   "Check your key and signing method.")
            .with("AWSAccessKeyId", authorization.access_key_id)
            .with("StringToSign", to_sign)
            .with("SignatureProvided", authorization.signature)
            .with("CanonicalRequest", canonical);
    }
    return signature_does_not_match(
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method. Consult the service "
        "documentation for details.");
}

std::vector<std::string> all_header_names(const net::Headers& headers) {
    std::vector<std::string> names;
    for (const auto [name, value] : headers) {
        std::string lower(name);
        std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
        if (lower != "authorization" && lower != "user-agent" && lower != "expect")
            names.push_back(std::move(lower));
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace

std::string payload_hash_of(const Authorization& authorization, SigningRules rules, std::string_view body) {
    if (rules == SigningRules::s3) return authorization.payload_hash;
    return sha256_hex(body);
}

Outcome<base::Unit> verify_signature(const Authorization& authorization, const SignedHead& head,
                                     SigningRules rules, std::string_view payload_hash,
                                     std::string_view secret, base::Instant now) {
    if (rules == SigningRules::s3) {
        TRY(check_s3_time(authorization, now));
        TRY(check_all_signed(authorization, head));
    } else {
        TRY(check_time(authorization, now));
    }
    const std::string canonical = canonical_request(head, authorization.signed_headers, payload_hash, rules);
    const std::string to_sign = string_to_sign(authorization.amz_date, authorization.scope, canonical);
    const std::string expected = signature_of(signing_key(secret, authorization.scope), to_sign);
    if (!base::constant_time_equal(expected, authorization.signature)) {
        // Presigned URLs of services other than S3 sign the hash of an empty body or UNSIGNED-PAYLOAD, by
        // SDK.
        if (rules == SigningRules::common && authorization.presigned && payload_hash != "UNSIGNED-PAYLOAD") {
            return verify_signature(authorization, head, rules, "UNSIGNED-PAYLOAD", secret, now);
        }
        return mismatch(rules, authorization, to_sign, canonical);
    }
    return base::Unit{};
}

void sign(OutgoingRequest& request, const Credentials& credentials, std::string_view region,
          std::string_view service, SigningRules rules, base::Instant now) {
    const std::string amz_date = base::format_iso8601_basic(now);
    const CredentialScope scope{amz_date.substr(0, 8), std::string(region), std::string(service)};
    const std::string hash = request.stream ? "UNSIGNED-PAYLOAD" : sha256_hex(request.body);
    request.headers.remove("Authorization");
    request.headers.set("X-Amz-Date", amz_date);
    if (rules == SigningRules::s3) request.headers.set("X-Amz-Content-Sha256", hash);
    if (!credentials.session_token.empty())
        request.headers.set("X-Amz-Security-Token", credentials.session_token);
    const auto names = all_header_names(request.headers);
    const SignedHead head{request.method, request.path, request.query, request.headers};
    const std::string to_sign = string_to_sign(amz_date, scope, canonical_request(head, names, hash, rules));
    request.headers.set(
        "Authorization",
        fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                    credentials.access_key_id, scope.text(), fmt::join(names, ";"),
                    signature_of(signing_key(credentials.secret_access_key, scope), to_sign)));
}

std::string presigned_query(const OutgoingRequest& request, const Credentials& credentials,
                            std::string_view region, std::string_view service, SigningRules rules,
                            base::Instant now, std::chrono::seconds expires) {
    const std::string amz_date = base::format_iso8601_basic(now);
    const CredentialScope scope{amz_date.substr(0, 8), std::string(region), std::string(service)};
    const auto names = all_header_names(request.headers);
    std::string query = request.query;
    const auto add = [&](std::string_view name, std::string_view value) {
        query += fmt::format("{}{}={}", query.empty() ? "" : "&", name, base::percent_encode(value));
    };
    add("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    add("X-Amz-Credential", fmt::format("{}/{}", credentials.access_key_id, scope.text()));
    add("X-Amz-Date", amz_date);
    add("X-Amz-Expires", fmt::to_string(expires.count()));
    add("X-Amz-SignedHeaders", fmt::format("{}", fmt::join(names, ";")));
    if (!credentials.session_token.empty()) add("X-Amz-Security-Token", credentials.session_token);
    const SignedHead head{request.method, request.path, query, request.headers};
    const std::string hash = rules == SigningRules::s3 ? "UNSIGNED-PAYLOAD" : sha256_hex("");
    const std::string to_sign = string_to_sign(amz_date, scope, canonical_request(head, names, hash, rules));
    add("X-Amz-Signature", signature_of(signing_key(credentials.secret_access_key, scope), to_sign));
    return query;
}

}  // namespace wire
