#include "stratus/gateway/authenticator.h"

#include <algorithm>

#include "stratus/gateway/request_target.h"
#include "wire/common_errors.h"
#include "wire/sigv4.h"

namespace stratus {
namespace {

using base::Unit;
using wire::Outcome;
using wire::SigningRules;

SigningRules rules_of(const Address& address) {
    return address.service_name == "s3" ? SigningRules::s3 : SigningRules::common;
}

wire::SignedHead signed_head(const Exchange& exchange) {
    return {.method = exchange.head.method,
            .path = path_of(exchange.head.target),
            .query = query_of(exchange.head.target),
            .headers = exchange.head.headers};
}

wire::Principal root_of(std::string_view account, std::string_view access_key_id) {
    return {.account = std::string(account),
            .arn = "arn:aws:iam::" + std::string(account) + ":root",
            .user_id = std::string(account),
            .access_key_id = std::string(access_key_id)};
}

wire::Error unknown_key(SigningRules rules) {
    if (rules == SigningRules::common) return wire::invalid_client_token_id();
    return {"InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403};
}

wire::Error bad_token(SigningRules rules) {
    if (rules == SigningRules::common) return wire::invalid_client_token_id();
    return {"InvalidToken", "The provided token is malformed or otherwise invalid.", 400};
}

wire::Error old_token(SigningRules rules) {
    if (rules == SigningRules::common) return wire::expired_token();
    return {"ExpiredToken", "The provided token has expired.", 400};
}

bool is_account(std::string_view text) {
    return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Puts the body, streamed or whole, behind the reader that takes off aws-chunked framing and checks what was
/// signed. Only S3 declares its payload; elsewhere the body's own hash was part of the signature.
Outcome<Unit> check_payload(Exchange& exchange, const wire::Authorization* authorization,
                            std::string_view secret) {
    if (rules_of(exchange.address) != SigningRules::s3) return Unit{};
    const wire::SignedHead head = signed_head(exchange);
    const bool is_whole = exchange.stream == nullptr;
    auto raw = is_whole ? wire::reader_of(std::move(exchange.body)) : std::move(exchange.stream);
    auto checked = TRY(authorization ? wire::payload_reader(*authorization, head, secret, std::move(raw))
                                     : wire::unsigned_payload_reader(head, std::move(raw)));
    if (!is_whole) {
        exchange.stream = std::move(checked);
    } else {
        exchange.body = TRY(wire::read_all(*checked, exchange.address.service->body_bytes_max));
    }
    return Unit{};
}

}  // namespace

Outcome<Unit> Authenticator::authenticate(Exchange& exchange) const {
    if (options_.accept_any_credentials) return believe(exchange);
    const wire::SignedHead head = signed_head(exchange);
    if (!wire::is_signed(head)) return check_payload(exchange, nullptr, {});
    const SigningRules rules = rules_of(exchange.address);
    const auto authorization = TRY(wire::read_authorization(head, rules));
    auto key = TRY(find_key(authorization, rules));
    const std::string hash = wire::payload_hash_of(authorization, rules, exchange.body);
    TRY(wire::verify_signature(authorization, head, rules, hash, key.secret, real_clock_.now()));
    exchange.context.caller = std::move(key.owner);
    return check_payload(exchange, &authorization, key.secret);
}

Outcome<Authenticator::Key> Authenticator::find_key(const wire::Authorization& authorization,
                                                    SigningRules rules) const {
    if (!authorization.session_token.empty()) {
        auto session = sessions_.open(authorization.session_token);
        if (!session.ok() || session->access_key_id != authorization.access_key_id) return bad_token(rules);
        if (session->expires <= clock_.now()) return old_token(rules);
        return Key{.owner = {.account = session->account,
                             .arn = session->arn,
                             .user_id = session->user_id,
                             .access_key_id = session->access_key_id},
                   .secret = session->secret_access_key};
    }
    const auto credential = credentials_.find(authorization.access_key_id);
    if (!credential) return unknown_key(rules);
    return Key{.owner = root_of(credential->account, credential->access_key_id),
               .secret = credential->secret_access_key};
}

/// --accept-any-credentials: what the request claims is taken for true. A 12-digit access key id is the
/// account; a key or session of ours belongs to whom it belongs; everything else, unsigned too, is the
/// default account.
Outcome<Unit> Authenticator::believe(Exchange& exchange) const {
    const wire::SignedHead head = signed_head(exchange);
    const std::string key_id = wire::claimed_access_key_id(head);
    std::string account = options_.account;
    if (is_account(key_id)) {
        account = key_id;
    } else if (const auto session = sessions_.open(exchange.head.headers.get_or("X-Amz-Security-Token", ""));
               session.ok()) {
        account = session->account;
    } else if (const auto credential = credentials_.find(key_id)) {
        account = credential->account;
    }
    exchange.context.caller = root_of(account, key_id);
    return check_payload(exchange, nullptr, {});
}

}  // namespace stratus
