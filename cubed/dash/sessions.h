// Who is signed in: passwords checked against Secrets Manager, sessions as signed cookies.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "cubed/dash/accounts.h"
#include "cubed/dash/web_request.h"

namespace cubed::dash {

/// Sessions need no table: the cookie carries account and end, under an HMAC-SHA-256 of a key that only Dash
/// has. Thread-safe; borrows what it is given.
class Sessions {
  public:
    /// `key`: 32 secret bytes; whoever changes it signs everybody out.
    Sessions(std::string key, SecretSource secrets, const base::Clock& clock)
        : key_(std::move(key)), secrets_(std::move(secrets)), clock_(clock) {}

    /// The Set-Cookie value of a new session. `denied` for a wrong account or password, without saying which;
    /// `unavailable` when the secret cannot be read now, or after too many wrong attempts from this peer.
    base::Result<std::string> sign_in(const WebRequest& request, std::string_view account,
                                      std::string_view password);
    /// The account of the request's session, if it has one that is genuine and not over.
    std::optional<std::string> account_of(const WebRequest& request) const;
    /// The Set-Cookie value that ends the session.
    static std::string sign_out();

  private:
    struct Attempts {
        int wrong = 0;
        base::Instant forgotten_at;
    };
    bool too_many_attempts(const std::string& peer);
    void note_wrong_attempt(const std::string& peer);
    std::string signature_of(std::string_view payload) const;

    const std::string key_;
    const SecretSource secrets_;
    const base::Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Attempts> attempts_;  // by peer; protected by mutex_
};

}  // namespace cubed::dash
