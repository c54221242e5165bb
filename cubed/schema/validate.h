// From the fields of a request to a Hit: the full schema, and the reduced one that saves what can be saved.
// Pure functions of their input, thread-safe. The field names and limits: docs/contracts/hit.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/result.h"
#include "cubed/schema/hit.h"

namespace cubed {

/// No encoded hit is larger: what a beacon can carry, and a small part of an envelope.
inline constexpr size_t hit_bytes_max = 64 * 1024;

/// Why a hit was refused outright: not even the reduced schema held.
struct Refusal {
    std::vector<Reason> errors;
};

/// What a request says beside its fields.
struct Circumstances {
    Instant now;
    std::string_view address;  ///< the visitor's, whole: it is cut here
    std::string_view user_agent;
    std::string_view accept_language;  ///< used when the tag did not send a language
    bool simulated = false;            ///< the account replays history: take its times as they are
};

/// A page or event hit. `visitor`, `session` and `id` are left empty when the request brings no well-formed
/// ones; issuing them is the caller's. `reduced` and `reasons` tell what did not hold.
base::Result<Hit, Refusal> validate_hit(const boost::json::object& fields, const Circumstances& around);

/// An impression: everything is optional but the account (from the path).
Hit validate_impression(const boost::json::object& fields, const Circumstances& around);

/// A subscription hit: aid and tid are required, rvn is integer pence.
base::Result<Hit, Refusal> validate_subscription(const boost::json::object& fields,
                                                 const Circumstances& around);

/// "a=1&b=x%20y" as an object of strings; later values of one name win. Bad escapes are kept as they are.
boost::json::object fields_from_query(std::string_view query);

/// 32 lower-case hex digits: the form of visitor and session tokens and of hit ids.
bool is_token(std::string_view text);

/// Letters, digits, '-', '_' and '.', at most 64: the form of account tokens and of a sender's `hid`.
bool is_name(std::string_view text);

/// The network of an address: /24 of IPv4, /48 of IPv6; "" for anything else.
std::string truncated_address(std::string_view address);

/// The URL without user names, passwords, mail addresses and the values of parameters that hold secrets.
std::string redacted_url(std::string_view url);

/// The hit id for a sender's own name of the hit: the same for each repetition.
std::string derived_hit_id(std::string_view account, std::string_view sender_id,
                           std::optional<Instant> client_time);

/// When it happened on the collector's clock; see docs/contracts/hit.md. Adds a reason when the client's
/// times make no sense.
Instant occurred_at(const Hit& hit, bool simulated, std::vector<Reason>& reasons);

}  // namespace cubed
