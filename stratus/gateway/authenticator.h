// Authenticator: who sent a request, proven by its signature (or believed, with --accept-any-credentials).
#pragma once

#include <string>

#include "base/clock.h"
#include "stratus/gateway/credentials.h"
#include "stratus/gateway/exchange.h"
#include "stratus/runtime/sessions.h"
#include "wire/error.h"
#include "wire/sigv4.h"

namespace stratus {

/// Thread-safe. Signatures are judged by the real time, also where a test moves the clock that services see:
/// clients sign with their own. Sessions expire by the services' clock.
class Authenticator {
  public:
    struct Options {
        std::string account;  ///< of unsigned requests and odd key ids, when any are accepted
        bool accept_any_credentials = false;
    };
    Authenticator(Options options, CredentialTable& credentials, const Sessions& sessions,
                  const base::Clock& real_clock, const base::Clock& clock)
        : options_(std::move(options)),
          credentials_(credentials),
          sessions_(sessions),
          real_clock_(real_clock),
          clock_(clock) {}

    /// Sets the exchange's caller; leaves it empty for a request without a signature (whether that is allowed
    /// depends on the operation). A signed stream is put behind a reader that checks it as it is read.
    wire::Outcome<base::Unit> authenticate(Exchange& exchange) const;

  private:
    struct Key {
        wire::Principal owner;
        std::string secret;
    };
    wire::Outcome<Key> find_key(const wire::Authorization& authorization, wire::SigningRules rules) const;
    wire::Outcome<base::Unit> believe(Exchange& exchange) const;

    const Options options_;
    CredentialTable& credentials_;
    const Sessions& sessions_;
    const base::Clock& real_clock_;
    const base::Clock& clock_;
};

}  // namespace stratus
