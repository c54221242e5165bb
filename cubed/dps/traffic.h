// Where a visit came from: source, medium and campaign out of the landing address and the referrer.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cubed::dps {

/// The parts of an address that matter here. Views into the address; host in lower case. Never fails: what
/// cannot be understood is empty.
struct AddressParts {
    std::string scheme;
    std::string host;
    std::string_view path;
    std::string_view query;
};
AddressParts split_address(std::string_view address);

/// The decoded value of a query parameter (name in any case), or "".
std::string query_parameter(std::string_view query, std::string_view name);

/// What decided, strongest first.
enum class Evidence { click_id, campaign, referrer, self_referral, passage, none };
std::string_view name_of(Evidence evidence);

struct Traffic {
    std::string referrer;  ///< what patterns are tested against: "" for own pages and payment providers, but
                           ///< forwarded parameters stay
    std::string source = "(direct)";
    std::string medium = "(none)";
    std::string campaign, content, term;
    std::string category;  ///< of the source: search, social, ...
    std::string click_id;  ///< the parameter's name: gclid, msclkid, ...
    Evidence evidence = Evidence::none;
};

/// `referrer` is document.referrer with the landing page's forwarded parameters appended. `own_domains` are
/// the client's; the landing page's own domain always counts as one. Pure and linear.
Traffic traffic_of(std::string_view landing_url, std::string_view referrer,
                   std::span<const std::string> own_domains);

}  // namespace cubed::dps
