// What a request says of its signature, from the header or the query.
#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/time.h"
#include "wire/common_errors.h"
#include "wire/form.h"
#include "wire/sigv4.h"

namespace wire {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = text.find(at);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

Error malformed(SigningRules rules, bool presigned, std::string message) {
    if (rules == SigningRules::common) return incomplete_signature(std::move(message));
    return {presigned ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed",
            std::move(message), 400};
}

/// "AKID/20150830/us-east-1/iam/aws4_request"
bool read_credential(std::string_view text, Authorization& into) {
    const auto parts = split(text, '/');
    if (parts.size() < 5 || parts.back() != "aws4_request") return false;
    const std::size_t count = parts.size();
    into.scope = {parts[count - 4], parts[count - 3], parts[count - 2]};
    for (std::size_t index = 0; index + 4 < count; ++index) {  // a key id might hold slashes
        if (index > 0) into.access_key_id += '/';
        into.access_key_id += parts[index];
    }
    const bool digits = std::ranges::all_of(into.scope.date, [](unsigned char c) { return std::isdigit(c); });
    return digits && into.scope.date.size() == 8 && !into.access_key_id.empty() &&
           !into.scope.region.empty() && !into.scope.service.empty();
}

bool is_hex_hash(std::string_view text) {
    return text.size() == 64 && std::ranges::all_of(text, [](unsigned char c) {
               return std::isdigit(c) || (c >= 'a' && c <= 'f');
           });
}

Outcome<base::Unit> read_signed_headers(std::string_view text, SigningRules rules, Authorization& into) {
    into.signed_headers = split(text, ';');
    if (into.signed_headers.size() > 256) return malformed(rules, into.presigned, "Too many SignedHeaders.");
    for (std::string& name : into.signed_headers) {
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    }
    if (std::ranges::find(into.signed_headers, "host") == into.signed_headers.end()) {
        return malformed(rules, into.presigned, "'Host' must be a 'SignedHeader' in the AWS Authorization.");
    }
    return base::Unit{};
}

Outcome<base::Unit> read_time(std::string_view text, SigningRules rules, Authorization& into) {
    const auto parsed = base::parse_iso8601(text);
    if (!parsed.ok() || text.size() != 16) {
        return malformed(rules, into.presigned, "Date must be in the form of '<YYYYMMDD>T<HHMMSS>Z'.");
    }
    into.amz_date = text;
    into.time = *parsed;
    if (!text.starts_with(into.scope.date)) {
        if (rules == SigningRules::s3) return malformed(rules, into.presigned, "Invalid credential date.");
        return signature_does_not_match(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            "from HTTP");
    }
    return base::Unit{};
}

/// X-Amz-Date, else Date; the latter in HTTP's form, which is turned into the one that is signed.
Outcome<base::Unit> read_header_time(const SignedHead& head, SigningRules rules, Authorization& into) {
    if (const auto date = head.headers.find("x-amz-date")) return read_time(trimmed(*date), rules, into);
    const auto date = head.headers.find("date");
    if (!date) {
        if (rules == SigningRules::s3) {
            return Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header",
                         403);
        }
        return incomplete_signature(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    }
    const auto parsed = base::parse_http_date(*date);
    return read_time(parsed.ok() ? base::format_iso8601_basic(*parsed) : std::string(*date), rules, into);
}

Outcome<base::Unit> read_payload_kind(std::string_view declared, SigningRules rules, Authorization& into) {
    into.payload_hash = declared;
    if (declared == "UNSIGNED-PAYLOAD")
        into.payload = PayloadKind::unsigned_payload;
    else if (declared == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        into.payload = PayloadKind::chunks;
    else if (declared == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
        into.payload = PayloadKind::chunks_trailer;
    else if (declared == "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        into.payload = PayloadKind::unsigned_chunks_trailer;
    else if (!is_hex_hash(declared) && rules == SigningRules::s3) {
        return Error("InvalidArgument",
                     "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                     "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a "
                     "valid sha256 "
                     "value.",
                     400)
            .with("ArgumentName", "x-amz-content-sha256")
            .with("ArgumentValue", std::string(declared));
    }
    return base::Unit{};
}

Outcome<Authorization> from_header(const SignedHead& head, std::string_view header, SigningRules rules) {
    Authorization out;
    std::string credential, signed_headers;
    header.remove_prefix(algorithm.size());
    for (const std::string& part : split(header, ',')) {
        const std::string_view piece = trimmed(part);
        const std::size_t equals = std::min(piece.find('='), piece.size());
        const std::string_view name = piece.substr(0, equals);
        const std::string_view value = piece.substr(std::min(piece.size(), equals + 1));
        if (name == "Credential")
            credential = value;
        else if (name == "SignedHeaders")
            signed_headers = value;
        else if (name == "Signature")
            out.signature = value;
    }
    for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{"Credential", credential},
                                      {"Signature", out.signature},
                                      {"SignedHeaders", signed_headers}}) {
        if (value.empty()) {
            return malformed(rules, false,
                             fmt::format("Authorization header requires '{}' parameter.", name));
        }
    }
    if (!read_credential(credential, out)) {
        return malformed(
            rules, false,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.");
    }
    TRY(read_signed_headers(signed_headers, rules, out));
    TRY(read_header_time(head, rules, out));
    out.session_token = head.headers.get_or("x-amz-security-token", "");
    const auto declared = head.headers.find("x-amz-content-sha256");
    if (!declared && rules == SigningRules::s3) {
        return Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400);
    }
    if (declared) TRY(read_payload_kind(trimmed(*declared), rules, out));
    return out;
}

Outcome<base::Unit> read_expires(const Form& form, SigningRules rules, Authorization& into) {
    const std::string* text = form.find("X-Amz-Expires");
    if (!text) {
        if (rules == SigningRules::common) {  // STS and SQS have presigned URLs without; then 15 minutes
            into.expires = std::chrono::minutes(15);
            return base::Unit{};
        }
        return malformed(
            rules, true,
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
    }
    std::int64_t seconds = -1;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc{} || end != text->data() + text->size()) {
        return malformed(rules, true, "X-Amz-Expires should be a number");
    }
    if (seconds < 0) return malformed(rules, true, "X-Amz-Expires must be non-negative");
    if (seconds > 604'800)
        return malformed(rules, true,
                         "X-Amz-Expires must be less than a week (in seconds); that is, "
                         "the given X-Amz-Expires must be less than 604800 seconds");
    into.expires = std::chrono::seconds(seconds);
    return base::Unit{};
}

Outcome<Authorization> from_query(const SignedHead& head, const Form& form, SigningRules rules) {
    Authorization out;
    out.presigned = true;
    const std::string* given = form.find("X-Amz-Algorithm");
    if (!given || *given != algorithm) {
        return malformed(rules, true, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
    }
    for (const char* name : {"X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders"}) {
        const std::string* value = form.find(name);
        if (!value || value->empty()) {
            return malformed(
                rules, true,
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }
    }
    if (!read_credential(*form.find("X-Amz-Credential"), out)) {
        return malformed(
            rules, true,
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
            "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    }
    out.signature = *form.find("X-Amz-Signature");
    TRY(read_signed_headers(*form.find("X-Amz-SignedHeaders"), rules, out));
    TRY(read_time(*form.find("X-Amz-Date"), rules, out));
    TRY(read_expires(form, rules, out));
    if (const std::string* token = form.find("X-Amz-Security-Token")) out.session_token = *token;
    out.payload = PayloadKind::unsigned_payload;
    out.payload_hash = "UNSIGNED-PAYLOAD";
    const std::string* hash = form.find("X-Amz-Content-Sha256");
    if (hash) TRY(read_payload_kind(*hash, rules, out));
    // The header counts only where the URL's signature covers it; whoever holds the URL could say anything
    // else.
    const auto header = head.headers.find("x-amz-content-sha256");
    const bool covered =
        std::ranges::find(out.signed_headers, "x-amz-content-sha256") != out.signed_headers.end();
    if (!hash && header && covered) TRY(read_payload_kind(trimmed(*header), rules, out));
    return out;
}

bool is_presigned(const Form& form) {
    return form.find("X-Amz-Algorithm") || form.find("X-Amz-Signature");
}

}  // namespace

bool is_signed(const SignedHead& head) {
    if (head.headers.contains("authorization")) return true;
    const auto form = Form::parse(head.query);
    return form.ok() && (is_presigned(*form) || (form->find("AWSAccessKeyId") && form->find("Signature")));
}

Outcome<Authorization> read_authorization(const SignedHead& head, SigningRules rules) {
    const auto form = Form::parse(head.query);
    const auto header = head.headers.find("authorization");
    const bool presigned = form.ok() && is_presigned(*form);
    if (header && presigned && rules == SigningRules::s3) {
        return Error("InvalidArgument",
                     "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
                     "query string "
                     "parameter or the Authorization header should be specified",
                     400);
    }
    if (header && header->starts_with(algorithm)) return from_header(head, *header, rules);
    if (presigned) return from_query(head, *form, rules);
    const bool old_query = form.ok() && form->find("Signature") && form->find("AWSAccessKeyId");
    if (header || old_query) {
        if (rules == SigningRules::s3) {
            return Error("InvalidRequest",
                         "The authorization mechanism you have provided is not supported. Please use "
                         "AWS4-HMAC-SHA256.",
                         400);
        }
        return incomplete_signature(
            "The authorization mechanism is not supported. Please use AWS4-HMAC-SHA256.");
    }
    if (rules == SigningRules::s3) return access_denied("Access Denied");
    return missing_authentication_token();
}

namespace {

/// The credential alone: a request may be odd otherwise and still say whom it is from.
std::optional<Authorization> claimed_credential(const SignedHead& head) {
    Authorization claimed;
    if (const auto header = head.headers.find("authorization")) {
        const std::size_t at = header->find("Credential=");
        if (at == std::string_view::npos) return std::nullopt;
        const std::string_view rest = header->substr(at + 11);
        if (!read_credential(trimmed(rest.substr(0, rest.find(','))), claimed)) return std::nullopt;
        return claimed;
    }
    const auto form = Form::parse(head.query);
    const std::string* credential = form.ok() ? form->find("X-Amz-Credential") : nullptr;
    if (!credential || !read_credential(*credential, claimed)) return std::nullopt;
    return claimed;
}

}  // namespace

std::string claimed_access_key_id(const SignedHead& head) {
    auto claimed = claimed_credential(head);
    return claimed ? std::move(claimed->access_key_id) : std::string();
}

std::optional<CredentialScope> claimed_scope(const SignedHead& head) {
    auto claimed = claimed_credential(head);
    return claimed ? std::optional(std::move(claimed->scope)) : std::nullopt;
}

}  // namespace wire
