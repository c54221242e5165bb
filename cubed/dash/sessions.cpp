#include "cubed/dash/sessions.h"

#include <charconv>
#include <chrono>
#include <cstdint>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/json.h"
#include "cubed/control/create_account.h"

namespace cubed::dash {
namespace {

using namespace std::chrono_literals;

constexpr auto session_life = 12h;
constexpr int wrong_attempts_max = 10;
constexpr auto attempts_forgotten_after = 5min;
constexpr size_t peers_remembered_max = 10'000;
constexpr std::string_view cookie_name = "cubed_session";

/// A login is only as good as what a stranger can learn from it: the same words for every refusal.
base::Failure refused() {
    return {base::FailureKind::denied, "The account or the password is not right."};
}

bool looks_like_token(std::string_view account) {
    if (account.empty() || account.size() > 64) return false;
    for (const char c : account) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    }
    return true;
}

int64_t seconds_of(base::Instant at) {
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

}  // namespace

base::Result<std::string> Sessions::sign_in(const WebRequest& request, std::string_view account,
                                            std::string_view password) {
    if (too_many_attempts(request.peer)) {
        return base::Failure{base::FailureKind::unavailable, "Too many wrong attempts; wait five minutes."};
    }
    std::string expected;
    if (looks_like_token(account)) {
        auto secret = secrets_(control::dashboard_secret(account));
        if (!secret.ok() && secret.error().kind != base::FailureKind::not_found) {
            return base::Failure{base::FailureKind::unavailable, "Passwords cannot be checked right now."};
        }
        if (secret.ok()) {
            const boost::json::value parsed = TRY(base::parse_json(*secret));
            const auto* member = parsed.is_object() ? parsed.get_object().if_contains("password") : nullptr;
            if (member && member->is_string()) expected = std::string(member->get_string());
        }
    }
    // An unknown account takes as long as a wrong password.
    const bool same = base::constant_time_equal(base::sha256(expected), base::sha256(password));
    if (expected.empty() || !same) {
        note_wrong_attempt(request.peer);
        return refused();
    }
    const std::string payload = fmt::format("{}.{}", account, seconds_of(clock_.now() + session_life));
    return fmt::format("{}={}.{}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", cookie_name, payload,
                       signature_of(payload), std::chrono::seconds(session_life).count(),
                       request.secure ? "; Secure" : "");
}

std::optional<std::string> Sessions::account_of(const WebRequest& request) const {
    const auto cookie = request.cookies.find(cookie_name);
    if (cookie == request.cookies.end()) return std::nullopt;
    const std::string_view value = cookie->second;
    const auto signature_at = value.rfind('.');
    if (signature_at == std::string_view::npos) return std::nullopt;
    const std::string_view payload = value.substr(0, signature_at);
    if (!base::constant_time_equal(signature_of(payload), value.substr(signature_at + 1)))
        return std::nullopt;
    const auto end_at = payload.rfind('.');
    if (end_at == std::string_view::npos) return std::nullopt;
    const std::string_view digits = payload.substr(end_at + 1);
    int64_t end = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), end);
    if (read.ec != std::errc{} || end <= seconds_of(clock_.now())) return std::nullopt;
    return std::string(payload.substr(0, end_at));
}

std::string Sessions::sign_out() {
    return fmt::format("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", cookie_name);
}

bool Sessions::too_many_attempts(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    const auto found = attempts_.find(peer);
    if (found == attempts_.end()) return false;
    if (found->second.forgotten_at <= clock_.now()) {
        attempts_.erase(found);
        return false;
    }
    return found->second.wrong >= wrong_attempts_max;
}

void Sessions::note_wrong_attempt(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    if (attempts_.size() >= peers_remembered_max) attempts_.clear();
    Attempts& attempts = attempts_[peer];
    ++attempts.wrong;
    attempts.forgotten_at = clock_.now() + attempts_forgotten_after;
}

std::string Sessions::signature_of(std::string_view payload) const {
    return base::hex_encode(base::hmac_sha256(key_, payload));
}

}  // namespace cubed::dash
