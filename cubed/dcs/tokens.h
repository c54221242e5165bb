// Visitor and session tokens: 32 lower-case hex digits, issued here. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "cubed/schema/hit.h"

namespace cubed::dcs {

class TokenIssuer {
  public:
    explicit TokenIssuer(base::Random& random) : random_(random) {}

    std::string random_token() { return random_.hex(16); }
    std::string hit_id(base::Instant now);
    /// The same token for each hit that names the same first hit, so that hits sent before the first answer
    /// agree. `kind` keeps visitor and session tokens apart.
    static std::string derived_token(std::string_view kind, std::string_view account,
                                     std::string_view first_hit);
    /// For visitors who refused to be followed: from what the request shows anyway, under a key that is
    /// nowhere but in this process and is replaced at midnight UTC.
    std::string cookieless_token(std::string_view kind, std::string_view account, std::string_view address,
                                 std::string_view user_agent, base::Instant now);

  private:
    base::Random& random_;
    std::mutex mutex_;
    std::chrono::sys_days key_day_{};  // protected by mutex_
    std::string key_;                  // protected by mutex_
};

}  // namespace cubed::dcs
