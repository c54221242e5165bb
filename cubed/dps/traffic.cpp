#include "cubed/dps/traffic.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/utf8.h"
#include "cubed/dps/sources.h"

namespace cubed::dps {

static std::string lower_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

AddressParts split_address(std::string_view address) {
    AddressParts parts;
    address = address.substr(0, address.find('#'));
    if (const auto question = address.find('?'); question != std::string_view::npos) {
        parts.query = address.substr(question + 1);
        address = address.substr(0, question);
    }
    const auto scheme = address.find("://");
    if (scheme == std::string_view::npos) {
        parts.path = address;
        return parts;
    }
    parts.scheme = lower_case(address.substr(0, scheme));
    address.remove_prefix(scheme + 3);
    const auto slash = address.find('/');
    std::string_view authority = address.substr(0, slash);
    if (slash != std::string_view::npos) parts.path = address.substr(slash);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
    if (!authority.starts_with('[')) authority = authority.substr(0, authority.find(':'));
    parts.host = lower_case(authority.substr(0, 253));
    while (parts.host.ends_with('.')) parts.host.pop_back();
    return parts;
}

std::string query_parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        // A second '?' starts the forwarded parameters of a referrer that had a query of its own.
        const auto end = std::min(query.find_first_of("&?;"), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || lower_case(pair.substr(0, equals)) != name) continue;
        const auto value = base::form_decode(pair.substr(equals + 1));
        if (!value.ok() || value->empty()) continue;
        return base::utf8_repaired(base::utf8_prefix(*value, 200));
    }
    return "";
}

std::string_view name_of(Evidence evidence) {
    switch (evidence) {
        case Evidence::click_id: return "click-id";
        case Evidence::campaign: return "campaign";
        case Evidence::referrer: return "referrer";
        case Evidence::self_referral: return "self-referral";
        case Evidence::passage: return "passage";
        case Evidence::none: return "direct";
    }
    return "";
}

struct ClickId {
    const char* parameter;
    const char* source;
    const char* category;
    const char* medium;  ///< when the campaign does not say; "" leaves it to the referrer
};

// fbclid rides on organic links too, so it names the source but claims no paid medium.
static constexpr ClickId click_ids[] = {
    {"gclid", "google", "search", "cpc"},       {"gbraid", "google", "search", "cpc"},
    {"wbraid", "google", "search", "cpc"},      {"dclid", "google", "", "display"},
    {"msclkid", "bing", "search", "cpc"},       {"yclid", "yandex", "search", "cpc"},
    {"ttclid", "tiktok", "social", "cpc"},      {"twclid", "twitter", "social", "cpc"},
    {"li_fat_id", "linkedin", "social", "cpc"}, {"sccid", "snapchat", "social", "cpc"},
    {"rdt_cid", "reddit", "social", "cpc"},     {"epik", "pinterest", "social", "cpc"},
    {"awc", "awin", "affiliate", "affiliate"},  {"irclickid", "impact", "affiliate", "affiliate"},
    {"fbclid", "facebook", "social", ""},
};

/// Both places a parameter can be in: the landing address, and the referrer it was forwarded on.
struct Parameters {
    std::string_view landing, forwarded;
    std::string get(std::string_view name) const {
        std::string value = query_parameter(landing, name);
        return value.empty() ? query_parameter(forwarded, name) : value;
    }
};

static void apply_referrer(Traffic& traffic, const AddressParts& referrer) {
    const Source site = source_of_host(referrer.host);
    std::string_view host = referrer.host;
    if (host.starts_with("www.")) host.remove_prefix(4);
    traffic.source = site.name.empty() ? std::string(host) : std::string(site.name);
    traffic.category = site.category;
    traffic.medium = site.category == "search" ? "organic" : "referral";
    traffic.evidence = Evidence::referrer;
}

static void apply_click_id(Traffic& traffic, const Parameters& parameters) {
    for (const ClickId& id : click_ids) {
        if (parameters.get(id.parameter).empty()) continue;
        traffic.click_id = id.parameter;
        traffic.source = id.source;
        traffic.category = id.category;
        if (*id.medium != '\0') {
            traffic.medium = id.medium;
        } else if (traffic.medium == "(none)") {
            traffic.medium = "referral";
        }
        traffic.evidence = Evidence::click_id;
        return;
    }
}

static void apply_campaign(Traffic& traffic, const Parameters& parameters) {
    const std::string source = parameters.get("utm_source"), medium = parameters.get("utm_medium");
    traffic.campaign = parameters.get("utm_campaign");
    traffic.content = parameters.get("utm_content");
    traffic.term = parameters.get("utm_term");
    if (source.empty() && medium.empty()) {
        if (!traffic.campaign.empty() && traffic.medium == "(none)") traffic.medium = "(not set)";
        return;
    }
    if (!source.empty()) {
        const Source site = source_of_name(source);
        traffic.source = lower_case(source);
        // A campaign may call its source anything; the click id still says whose it is.
        if (!site.category.empty() || traffic.click_id.empty()) traffic.category = site.category;
    }
    if (!medium.empty()) {
        traffic.medium = lower_case(medium);
    } else if (traffic.click_id.empty()) {
        traffic.medium = "(not set)";
    }
    if (traffic.evidence != Evidence::click_id) traffic.evidence = Evidence::campaign;
}

Traffic traffic_of(std::string_view landing_url, std::string_view referrer,
                   std::span<const std::string> own_domains) {
    Traffic traffic;
    const AddressParts landing = split_address(landing_url), from = split_address(referrer);
    const Parameters parameters{landing.query, from.query};
    traffic.referrer = referrer;
    if (!from.host.empty()) {
        const std::string domain = registrable_domain(from.host);
        const bool own = (!landing.host.empty() && domain == registrable_domain(landing.host)) ||
                         std::ranges::any_of(own_domains, [&](const std::string& own_domain) {
                             return domain == registrable_domain(own_domain);
                         });
        if (own || is_passage(from.host)) {
            traffic.evidence = own ? Evidence::self_referral : Evidence::passage;
            traffic.referrer = from.query.empty() ? "" : "?" + std::string(from.query);
        } else {
            apply_referrer(traffic, from);
        }
    }
    apply_click_id(traffic, parameters);
    apply_campaign(traffic, parameters);
    return traffic;
}

}  // namespace cubed::dps
