// Sessions: temporary credentials that carry their own proof, so that none need be stored.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "stratus/runtime/master_key.h"

namespace stratus {

/// Who the temporary credentials stand for and what verifies a signature made with them.
struct Session {
    std::string access_key_id;
    std::string secret_access_key;
    std::string account;
    std::string arn;
    std::string user_id;
    base::Instant expires;
};

/// Issues and opens session tokens: the session itself, sealed under a key derived from the master key.
/// Nobody can make or alter one; all of them die with the master key. Thread-safe.
class Sessions {
  public:
    Sessions(const MasterKey& key, base::Random& random);

    /// Fills in the access key id and the secret; the caller has set the rest.
    Session begin(Session session) const;
    std::string token_of(const Session& session) const;
    /// `corrupt` for anything token_of() did not make. The caller checks `expires`.
    base::Result<Session> open(std::string_view token) const;

  private:
    std::string key_;
    base::Random& random_;
};

}  // namespace stratus
