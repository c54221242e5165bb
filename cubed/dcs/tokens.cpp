#include "cubed/dcs/tokens.h"

#include "base/crypto.h"
#include "base/encoding.h"

namespace cubed::dcs {

namespace {

constexpr size_t token_bytes = 16;

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const std::string_view part : parts) {
        out += part;
        out += '\0';
    }
    return out;
}

}  // namespace

std::string TokenIssuer::hit_id(base::Instant now) {
    std::string id = random_.uuid7(now);
    std::erase(id, '-');
    return id;
}

std::string TokenIssuer::derived_token(std::string_view kind, std::string_view account,
                                       std::string_view first_hit) {
    return base::hex_encode(base::sha256(joined({kind, account, first_hit})).substr(0, token_bytes));
}

std::string TokenIssuer::cookieless_token(std::string_view kind, std::string_view account,
                                          std::string_view address, std::string_view user_agent,
                                          base::Instant now) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::lock_guard lock(mutex_);
    if (key_.empty() || day != key_day_) {
        key_ = random_.bytes(32);
        key_day_ = day;
    }
    const std::string message = joined({kind, account, address, user_agent});
    return base::hex_encode(base::hmac_sha256(key_, message).substr(0, token_bytes));
}

}  // namespace cubed::dcs
