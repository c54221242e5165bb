#include "cubed/dps/channels.h"

#include <gtest/gtest.h>

#include "cubed/control/configuration.h"
#include "cubed/control/migrations.h"
#include "cubed/database/test_server.h"
#include "cubed/dps/client_configuration.h"
#include "cubed/dps/sources.h"

namespace cubed::dps {

struct Case {
    const char* url;
    const char* referrer;
    const char* channel;  ///< "" = unassigned
    const char* evidence;
};

// One line for each rule that decides a visit's channel. A wrong channel here is money credited to the wrong
// place.
static constexpr Case cases[] = {
    // nothing known, own pages, payment providers and sign-in: no marketing touch
    {"https://shop.example/", "", "Direct", "direct"},
    {"https://shop.example/", "https://www.shop.example/basket", "Direct", "self-referral"},
    {"https://shop.example/", "https://blog.shop.example/a", "Direct", "self-referral"},
    {"https://shop.example/", "https://other-brand.example/", "Direct", "self-referral"},
    {"https://shop.example/thanks", "https://www.paypal.com/checkout", "Direct", "passage"},
    {"https://shop.example/thanks", "https://checkout.stripe.com/x", "Direct", "passage"},
    {"https://shop.example/", "https://accounts.google.com/signin", "Direct", "passage"},
    // search
    {"https://shop.example/", "https://www.google.com/", "SEO", "referrer"},
    {"https://shop.example/", "https://www.google.co.uk/search?q=tea", "SEO", "referrer"},
    {"https://shop.example/", "https://duckduckgo.com/", "SEO", "referrer"},
    {"https://shop.example/", "https://uk.search.yahoo.com/", "SEO", "referrer"},
    {"https://shop.example/", "android-app://com.google.android.googlequicksearchbox/", "SEO", "referrer"},
    {"https://shop.example/", "https://google.attacker.example/", "Referral", "referrer"},
    {"https://shop.example/", "https://notgoogle.com/", "Referral", "referrer"},
    // click ids win over the referrer, wherever they are
    {"https://shop.example/?gclid=abc", "https://www.google.com/", "PPC", "click-id"},
    {"https://shop.example/", "https://www.google.com/?gclid=abc", "PPC", "click-id"},
    {"https://shop.example/", "?gclid=abc", "PPC", "click-id"},
    {"https://shop.example/?GCLID=abc", "https://partner.test/", "PPC", "click-id"},
    {"https://shop.example/?gclid=", "https://www.google.com/", "SEO", "referrer"},
    {"https://shop.example/?msclkid=1", "", "PPC", "click-id"},
    {"https://shop.example/?gbraid=1", "https://shop.example/", "PPC", "click-id"},
    {"https://shop.example/?dclid=1", "", "Display", "click-id"},
    {"https://shop.example/?fbclid=1", "https://l.facebook.com/", "Social", "click-id"},
    {"https://shop.example/?fbclid=1&utm_medium=paid_social", "", "Paid Social", "click-id"},
    {"https://shop.example/?ttclid=1", "", "Paid Social", "click-id"},
    {"https://shop.example/?awc=1_2", "https://www.voucher.example/", "Affiliate", "click-id"},
    // campaigns
    {"https://shop.example/?utm_source=google&utm_medium=cpc", "", "PPC", "campaign"},
    {"https://shop.example/?utm_source=Bing&utm_medium=CPC", "", "PPC", "campaign"},
    {"https://shop.example/?utm_source=facebook&utm_medium=paid", "", "Paid Social", "campaign"},
    {"https://shop.example/?utm_source=youtube&utm_medium=cpv", "", "Paid Video", "campaign"},
    {"https://shop.example/?utm_source=youtube&utm_medium=cpc", "", "Paid Video", "campaign"},
    {"https://shop.example/?utm_source=news&utm_medium=cpm", "", "Display", "campaign"},
    {"https://shop.example/?utm_source=news&utm_medium=banner", "", "Display", "campaign"},
    {"https://shop.example/?utm_source=somewhere&utm_medium=ppc", "", "Paid Other", "campaign"},
    {"https://shop.example/?utm_source=crm&utm_medium=email", "", "Email", "campaign"},
    {"https://shop.example/?utm_source=newsletter&utm_medium=x", "", "Email", "campaign"},
    {"https://shop.example/?utm_source=other&utm_medium=e-mail", "", "Email", "campaign"},
    {"https://shop.example/?utm_source=other&utm_medium=affiliate", "", "Affiliate", "campaign"},
    {"https://shop.example/?utm_source=other&utm_medium=social", "", "Social", "campaign"},
    {"https://shop.example/?utm_source=other&utm_medium=sms", "", "SMS", "campaign"},
    {"https://shop.example/?utm_source=other&utm_medium=web%20push", "", "Push", "campaign"},
    {"https://shop.example/?utm_source=other&utm_medium=audio", "", "Audio", "campaign"},
    {"https://shop.example/?utm_source=other&utm_medium=cpc&utm_campaign=summer-shop", "", "Paid Shopping",
     "campaign"},
    {"https://shop.example/?utm_source=other&utm_medium=cpc&utm_campaign=Cross-network", "", "Cross-network",
     "campaign"},
    {"https://shop.example/", "https://www.google.com/?utm_source=crm&utm_medium=email", "Email", "campaign"},
    {"https://shop.example/?utm_source=odd&utm_medium=odd", "", "", "campaign"},
    // other sites
    {"https://shop.example/", "https://www.facebook.com/", "Social", "referrer"},
    {"https://shop.example/", "https://t.co/x", "Social", "referrer"},
    {"https://shop.example/", "https://www.youtube.com/watch?v=1", "Video", "referrer"},
    {"https://shop.example/", "https://mail.google.com/mail", "Email", "referrer"},
    {"https://shop.example/", "https://chatgpt.com/", "AI Assistant", "referrer"},
    {"https://shop.example/", "https://gemini.google.com/app", "AI Assistant", "referrer"},
    {"https://shop.example/", "https://www.amazon.co.uk/", "Shopping", "referrer"},
    {"https://shop.example/", "https://www.awin1.com/cread.php?awinmid=1", "Affiliate", "referrer"},
    {"https://shop.example/", "https://blog.example.org/post", "Referral", "referrer"},
    {"https://shop.example/", "https://partner.example/x", "Partners", "referrer"},
    // what no browser sends
    {"https://shop.example/", "'; DROP TABLE attrib_visit; --", "Direct", "direct"},
    {"", "", "Direct", "direct"},
    {"::::", "https://", "Direct", "direct"},
    {"https://shop.example/?utm_source=%zz&utm_medium=%", "", "Direct", "direct"},
    {"https://shop.example/", "https://user:pass@www.google.com:8443/", "SEO", "referrer"},
};

class Channels : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        auto connection = database::Connection::open(database::TestServer::instance().fresh_database());
        ASSERT_TRUE(connection.ok());
        ASSERT_TRUE(control::migrate(*connection, "client").ok());
        ASSERT_TRUE(control::add_default_channels(*connection).ok());
        ASSERT_TRUE(
            control::add_pattern(*connection, {.channel = "Partners", .pattern = "partner\\.example"}).ok());
        // A pattern somebody wrote into the table by hand.
        ASSERT_TRUE(connection
                        ->query("INSERT INTO attrib_pattern (referer_id, pattern) SELECT id, '(a{100}){100}' "
                                "FROM attrib_referer WHERE name = 'Partners'")
                        .ok());
        auto loaded = load_configuration(*connection, {.token = "c-a-demo-uk"});
        ASSERT_TRUE(loaded.ok()) << loaded.error().what;
        configuration = *loaded;
        const auto rows = connection->query("SELECT id, name FROM attrib_referer");
        for (std::size_t row = 0; row < rows->size(); ++row) {
            names[int(rows->integer(row, 0))] = rows->string(row, 1);
        }
        rejected = connection->query("SELECT count(*) FROM attrib_pattern WHERE rejected IS NOT NULL")
                       ->integer(0, 0);
    }
    static std::shared_ptr<const ClientConfiguration> configuration;
    static std::map<int, std::string> names;
    static std::int64_t rejected;
};
std::shared_ptr<const ClientConfiguration> Channels::configuration;
std::map<int, std::string> Channels::names;
std::int64_t Channels::rejected = 0;

TEST_F(Channels, EveryRuleDecidesAsItSays) {
    const std::vector<std::string> own = {"shop.example", "other-brand.example"};
    for (const Case& c : cases) {
        const Traffic traffic = traffic_of(c.url, c.referrer, own);
        const auto match = configuration->channels.match(traffic);
        EXPECT_EQ(match ? names[match->channel] : "", c.channel)
            << c.url << " from " << c.referrer << ": " << traffic.source << " / " << traffic.medium << " / "
            << traffic.category;
        EXPECT_EQ(name_of(traffic.evidence), c.evidence) << c.url << " from " << c.referrer;
    }
}

TEST_F(Channels, ABadPatternIsLeftOutAndSaysWhy) {
    EXPECT_EQ(configuration->channels.rejected().size(), 1u);
    EXPECT_EQ(rejected, 1);
}

// Linear time is a promise: the classic bombs against a long referrer.
TEST(ChannelRules, BombsAgainstLongReferrersCostLittle) {
    std::vector<Pattern> patterns;
    for (const char* bomb : {"(a+)+$", "(a|aa)+$", "(.*a){12}", "^(([a-z])+.)+[A-Z]([a-z])+$"}) {
        patterns.push_back({.id = int(patterns.size()) + 1, .channel = 1, .referrer = bomb});
    }
    const ChannelRules rules(std::move(patterns));
    Traffic traffic;
    traffic.referrer = std::string(2000, 'a') + "!";
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) std::ignore = rules.match(traffic);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
}

// An account's own pattern beats every default, and position orders its own.
TEST(ChannelRules, OrderIsOwnThenDefaultsThenPositionThenId) {
    std::vector<Pattern> patterns = {
        {.id = 1, .channel = 1, .is_default = true, .position = 1, .referrer = "x"},
        {.id = 2, .channel = 2, .position = 200, .referrer = "x"},
        {.id = 3, .channel = 3, .position = 100, .referrer = "x"},
        {.id = 4, .channel = 4, .position = 100, .referrer = "x"}};
    Traffic traffic;
    traffic.referrer = "x";
    EXPECT_EQ(ChannelRules(patterns).match(traffic)->pattern, 3);
    traffic.referrer = "y";
    EXPECT_FALSE(ChannelRules(patterns).match(traffic).has_value());
}

TEST(Sources, RegistrableDomainsFollowTheSuffixList) {
    EXPECT_EQ(registrable_domain("www.shop.example.co.uk"), "example.co.uk");
    EXPECT_EQ(registrable_domain("localhost"), "localhost");
    EXPECT_EQ(registrable_domain("127.0.0.1"), "127.0.0.1");
    EXPECT_EQ(registrable_domain("[::1]"), "[::1]");
    EXPECT_EQ(registrable_domain(""), "");
}

}  // namespace cubed::dps
