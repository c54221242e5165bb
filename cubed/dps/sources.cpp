#include "cubed/dps/sources.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <libpsl.h>

namespace cubed::dps {

struct Site {
    std::string_view host;  ///< a host with all under it; "name.*": that name under any public suffix
    std::string_view name;
    std::string_view category;
};

// Written for this project from general knowledge of the web; add what a client's reports show as Referral.
static constexpr Site sites[] = {
    {"google.*", "google", "search"},
    {"bing.com", "bing", "search"},
    {"duckduckgo.com", "duckduckgo", "search"},
    {"search.yahoo.com", "yahoo", "search"},
    {"yahoo.*", "yahoo", "search"},
    {"yahoo.co.jp", "yahoo", "search"},
    {"ecosia.org", "ecosia", "search"},
    {"qwant.com", "qwant", "search"},
    {"startpage.com", "startpage", "search"},
    {"search.brave.com", "brave", "search"},
    {"baidu.com", "baidu", "search"},
    {"so.com", "360", "search"},
    {"sogou.com", "sogou", "search"},
    {"yandex.*", "yandex", "search"},
    {"ya.ru", "yandex", "search"},
    {"naver.com", "naver", "search"},
    {"seznam.cz", "seznam", "search"},
    {"ask.com", "ask", "search"},
    {"aol.*", "aol", "search"},
    {"search.aol.com", "aol", "search"},
    {"mojeek.com", "mojeek", "search"},
    {"kagi.com", "kagi", "search"},
    {"dogpile.com", "dogpile", "search"},
    {"lycos.com", "lycos", "search"},
    {"daum.net", "daum", "search"},
    {"swisscows.com", "swisscows", "search"},
    {"presearch.com", "presearch", "search"},
    {"com.google.android.googlequicksearchbox", "google", "search"},
    {"com.microsoft.bing", "bing", "search"},

    {"facebook.com", "facebook", "social"},
    {"fb.com", "facebook", "social"},
    {"fb.me", "facebook", "social"},
    {"instagram.com", "instagram", "social"},
    {"threads.net", "threads", "social"},
    {"threads.com", "threads", "social"},
    {"twitter.com", "twitter", "social"},
    {"x.com", "twitter", "social"},
    {"t.co", "twitter", "social"},
    {"linkedin.com", "linkedin", "social"},
    {"lnkd.in", "linkedin", "social"},
    {"pinterest.*", "pinterest", "social"},
    {"pin.it", "pinterest", "social"},
    {"reddit.com", "reddit", "social"},
    {"redd.it", "reddit", "social"},
    {"tiktok.com", "tiktok", "social"},
    {"snapchat.com", "snapchat", "social"},
    {"tumblr.com", "tumblr", "social"},
    {"quora.com", "quora", "social"},
    {"vk.com", "vk", "social"},
    {"weibo.com", "weibo", "social"},
    {"wechat.com", "wechat", "social"},
    {"whatsapp.com", "whatsapp", "social"},
    {"wa.me", "whatsapp", "social"},
    {"t.me", "telegram", "social"},
    {"telegram.org", "telegram", "social"},
    {"discord.com", "discord", "social"},
    {"bsky.app", "bluesky", "social"},
    {"mastodon.social", "mastodon", "social"},
    {"nextdoor.*", "nextdoor", "social"},
    {"news.ycombinator.com", "hacker news", "social"},
    {"medium.com", "medium", "social"},
    {"xing.com", "xing", "social"},
    {"line.me", "line", "social"},
    {"ok.ru", "ok", "social"},
    {"messenger.com", "facebook", "social"},
    {"com.facebook.katana", "facebook", "social"},
    {"com.instagram.android", "instagram", "social"},
    {"com.linkedin.android", "linkedin", "social"},
    {"com.twitter.android", "twitter", "social"},
    {"com.pinterest", "pinterest", "social"},
    {"com.reddit.frontpage", "reddit", "social"},
    {"org.telegram.messenger", "telegram", "social"},

    {"youtube.com", "youtube", "video"},
    {"youtu.be", "youtube", "video"},
    {"vimeo.com", "vimeo", "video"},
    {"dailymotion.com", "dailymotion", "video"},
    {"twitch.tv", "twitch", "video"},
    {"netflix.com", "netflix", "video"},
    {"hulu.com", "hulu", "video"},
    {"com.google.android.youtube", "youtube", "video"},

    {"shopping.google.com", "google shopping", "shopping"},
    {"amazon.*", "amazon", "shopping"},
    {"ebay.*", "ebay", "shopping"},
    {"etsy.com", "etsy", "shopping"},
    {"walmart.com", "walmart", "shopping"},
    {"aliexpress.com", "aliexpress", "shopping"},
    {"alibaba.com", "alibaba", "shopping"},
    {"idealo.*", "idealo", "shopping"},
    {"pricerunner.*", "pricerunner", "shopping"},
    {"kelkoo.*", "kelkoo", "shopping"},
    {"shopzilla.com", "shopzilla", "shopping"},
    {"shop.app", "shop", "shopping"},
    {"mercadolibre.*", "mercadolibre", "shopping"},
    {"rakuten.co.jp", "rakuten", "shopping"},

    {"mail.google.com", "gmail", "email"},
    {"mail.yahoo.com", "yahoo mail", "email"},
    {"outlook.live.com", "outlook", "email"},
    {"outlook.office.com", "outlook", "email"},
    {"outlook.office365.com", "outlook", "email"},
    {"mail.aol.com", "aol mail", "email"},
    {"mail.proton.me", "proton", "email"},
    {"mail.ru", "mail.ru", "email"},
    {"webmail.*", "webmail", "email"},
    {"com.google.android.gm", "gmail", "email"},
    {"com.microsoft.office.outlook", "outlook", "email"},
    {"mailchi.mp", "mailchimp", "email"},
    {"list-manage.com", "mailchimp", "email"},

    {"chatgpt.com", "chatgpt", "assistant"},
    {"chat.openai.com", "chatgpt", "assistant"},
    {"gemini.google.com", "gemini", "assistant"},
    {"copilot.microsoft.com", "copilot", "assistant"},
    {"perplexity.ai", "perplexity", "assistant"},
    {"claude.ai", "claude", "assistant"},
    {"chat.mistral.ai", "mistral", "assistant"},
    {"chat.deepseek.com", "deepseek", "assistant"},
    {"you.com", "you", "assistant"},
    {"poe.com", "poe", "assistant"},
    {"grok.com", "grok", "assistant"},
    {"meta.ai", "meta ai", "assistant"},

    {"awin1.com", "awin", "affiliate"},
    {"awin.com", "awin", "affiliate"},
    {"dwin1.com", "awin", "affiliate"},
    {"anrdoezrs.net", "cj", "affiliate"},
    {"dpbolvw.net", "cj", "affiliate"},
    {"jdoqocy.com", "cj", "affiliate"},
    {"tkqlhce.com", "cj", "affiliate"},
    {"kqzyfj.com", "cj", "affiliate"},
    {"shareasale.com", "shareasale", "affiliate"},
    {"linksynergy.com", "rakuten advertising", "affiliate"},
    {"tradedoubler.com", "tradedoubler", "affiliate"},
    {"skimresources.com", "skimlinks", "affiliate"},
    {"webgains.com", "webgains", "affiliate"},
    {"quidco.com", "quidco", "affiliate"},
    {"topcashback.*", "topcashback", "affiliate"},
    {"vouchercodes.co.uk", "vouchercodes", "affiliate"},
    {"honey.com", "honey", "affiliate"},
    {"joinhoney.com", "honey", "affiliate"},
};

static constexpr std::string_view passages[] = {"paypal.com",
                                                "paypalobjects.com",
                                                "stripe.com",
                                                "klarna.com",
                                                "klarnapayments.com",
                                                "clearpay.co.uk",
                                                "afterpay.com",
                                                "adyen.com",
                                                "worldpay.com",
                                                "sagepay.com",
                                                "opayo.co.uk",
                                                "elavon.com",
                                                "checkout.com",
                                                "braintreegateway.com",
                                                "braintree-api.com",
                                                "pay.google.com",
                                                "payments.amazon.com",
                                                "amazonpay.com",
                                                "authorize.net",
                                                "cybersource.com",
                                                "globalpay.com",
                                                "mollie.com",
                                                "squareup.com",
                                                "gocardless.com",
                                                "trustly.com",
                                                "sofort.com",
                                                "giropay.de",
                                                "ideal.nl",
                                                "laybuy.com",
                                                "zip.co",
                                                "shop.pay",
                                                "arcot.com",
                                                "securesuite.co.uk",
                                                "3dsecure.io",
                                                "cardinalcommerce.com",
                                                "rsa3dsauth.com",
                                                "verifiedbyvisa.com",
                                                "mastercard.com",
                                                "visa.com",
                                                "americanexpress.com",
                                                "barclaycard.co.uk",
                                                "monzo.com",
                                                "accounts.google.com",
                                                "appleid.apple.com",
                                                "login.microsoftonline.com",
                                                "login.live.com",
                                                "okta.com",
                                                "auth0.com",
                                                "onelogin.com"};

/// True when `host` is `site` or lies under it.
static bool is_under(std::string_view host, std::string_view site) {
    if (!host.ends_with(site)) return false;
    return host.size() == site.size() || host[host.size() - site.size() - 1] == '.';
}

static const psl_ctx_t* suffixes() {
    // The system's list when it is there (package publicsuffix), else the one built into the library.
    static const std::unique_ptr<psl_ctx_t, decltype(&psl_free)> list(psl_latest(nullptr), psl_free);
    return list ? list.get() : psl_builtin();
}

std::string registrable_domain(std::string_view host) {
    const std::string text(host);
    const bool address = !text.empty() &&
                         text.find_first_not_of("0123456789.:[]abcdefABCDEF") == std::string::npos &&
                         text.find_last_of(".:") != std::string::npos &&
                         (text.back() == ']' || (text.back() >= '0' && text.back() <= '9'));
    if (address || suffixes() == nullptr) return text;
    const char* domain = psl_registrable_domain(suffixes(), text.c_str());
    return domain == nullptr ? text : domain;
}

using SiteMap = std::unordered_map<std::string_view, const Site*>;

static const SiteMap& by_host() {
    static const SiteMap map = [] {
        SiteMap made;
        for (const Site& site : sites) made.emplace(site.host, &site);
        return made;
    }();
    return map;
}

static const SiteMap& by_name() {
    static const SiteMap map = [] {
        SiteMap made;
        for (const Site& site : sites) made.emplace(site.name, &site);
        made.emplace("fb", made.at("facebook"));
        made.emplace("ig", made.at("instagram"));
        made.emplace("adwords", made.at("google"));
        made.emplace("x", made.at("twitter"));
        return made;
    }();
    return map;
}

Source source_of_host(std::string_view host) {
    if (host.starts_with("www.")) host.remove_prefix(4);
    // The longest listed name wins: mail.google.com before google.*.
    for (std::string_view rest = host;;) {
        if (const auto found = by_host().find(rest); found != by_host().end()) {
            return {found->second->name, found->second->category};
        }
        const auto dot = rest.find('.');
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    const std::string domain = registrable_domain(host);
    const std::string label = domain.substr(0, domain.find('.')) + ".*";
    if (const auto found = by_host().find(label); found != by_host().end()) {
        return {found->second->name, found->second->category};
    }
    return {};
}

Source source_of_name(std::string_view name) {
    std::string lower(name.substr(0, 100));
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (const auto found = by_name().find(lower); found != by_name().end()) {
        return {found->second->name, found->second->category};
    }
    return lower.find('.') == std::string::npos ? Source{} : source_of_host(lower);
}

bool is_passage(std::string_view host) {
    return std::ranges::any_of(passages, [&](std::string_view site) { return is_under(host, site); });
}

}  // namespace cubed::dps
