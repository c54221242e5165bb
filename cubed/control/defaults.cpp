// The default channels and patterns. The order is the field's usual one (paid before organic, shopping before
// search, display before other paid media), under the platform's names: PPC for paid search, SEO for organic.
#include "cubed/control/configuration.h"

namespace cubed::control {

using base::Result;
using base::Unit;
using database::Connection;
using database::Transaction;

struct DefaultChannel {
    const char* name;
    bool paid;
};

struct DefaultPattern {
    int position;
    const char* channel;
    const char* source;
    const char* medium;
    const char* campaign;
    const char* category;
};

static constexpr DefaultChannel channels[] = {
    {"Direct", false},     {"SEO", false},       {"PPC", true},          {"Paid Shopping", true},
    {"Paid Social", true}, {"Social", false},    {"Paid Video", true},   {"Video", false},
    {"Display", true},     {"Paid Other", true}, {"Shopping", false},    {"AI Assistant", false},
    {"Email", false},      {"Affiliate", true},  {"Referral", false},    {"Audio", true},
    {"SMS", false},        {"Push", false},      {"Cross-network", true}};

static constexpr const char* paid = "^(.*cp.*|ppc|retargeting|paid.*)$";
static constexpr const char* shopping = "^(.*(([^a-df-z]|^)shop|shopping).*)$";
static constexpr const char* email = "^(e[-_ ]?mail|newsletter)$";

static constexpr DefaultPattern patterns[] = {
    {10, "Direct", "^\\(direct\\)$", "^(\\(none\\)|\\(not set\\))$", nullptr, nullptr},
    {20, "Cross-network", nullptr, nullptr, "cross-network", nullptr},
    {30, "Paid Shopping", nullptr, paid, nullptr, "shopping"},
    {31, "Paid Shopping", nullptr, paid, shopping, nullptr},
    {40, "PPC", nullptr, paid, nullptr, "search"},
    {50, "Paid Social", nullptr, paid, nullptr, "social"},
    {60, "Paid Video", nullptr, paid, nullptr, "video"},
    {70, "Display", nullptr, "^(display|banner|expandable|interstitial|cpm)$", nullptr, nullptr},
    {80, "Affiliate", nullptr, "^affiliates?$", nullptr, nullptr},
    {81, "Affiliate", nullptr, nullptr, nullptr, "affiliate"},
    {90, "Paid Other", nullptr, paid, nullptr, nullptr},
    {100, "Shopping", nullptr, nullptr, nullptr, "shopping"},
    {101, "Shopping", nullptr, nullptr, shopping, nullptr},
    {110, "Social", nullptr, nullptr, nullptr, "social"},
    {111, "Social", nullptr, "^(social|social-network|social-media|sm|social network|social media)$", nullptr,
     nullptr},
    {120, "Video", nullptr, nullptr, nullptr, "video"},
    {121, "Video", nullptr, "video", nullptr, nullptr},
    {130, "AI Assistant", nullptr, nullptr, nullptr, "assistant"},
    {140, "Email", nullptr, email, nullptr, nullptr},
    {141, "Email", email, nullptr, nullptr, nullptr},
    {142, "Email", nullptr, nullptr, nullptr, "email"},
    {150, "SEO", nullptr, nullptr, nullptr, "search"},
    {151, "SEO", nullptr, "^organic$", nullptr, nullptr},
    {160, "Audio", nullptr, "^audio$", nullptr, nullptr},
    {170, "SMS", nullptr, "^sms$", nullptr, nullptr},
    {171, "SMS", "^sms$", nullptr, nullptr, nullptr},
    {180, "Push", nullptr, "(push$|mobile|notification)", nullptr, nullptr},
    {181, "Push", "^firebase$", nullptr, nullptr, nullptr},
    {190, "Referral", nullptr, "^(referral|app|link)$", nullptr, nullptr},
};

Result<Unit> add_default_channels(Connection& client) {
    auto transaction = TRY(Transaction::begin(client));
    for (const DefaultChannel& channel : channels) {
        TRY(client.query(
            "INSERT INTO attrib_referer (name, paid) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            channel.name, channel.paid));
    }
    for (const DefaultPattern& pattern : patterns) {
        TRY(client.query(
            "INSERT INTO attrib_pattern (referer_id, source, medium, campaign, category, is_default, "
            "position) SELECT id, $2, $3, $4, $5, true, $6 FROM attrib_referer r WHERE r.name = $1 AND "
            "NOT EXISTS (SELECT FROM attrib_pattern p WHERE p.is_default AND p.position = $6)",
            pattern.channel, database::Value(pattern.source), database::Value(pattern.medium),
            database::Value(pattern.campaign), database::Value(pattern.category), pattern.position));
    }
    return transaction.commit();
}

}  // namespace cubed::control
