#include "cubed/dps/user_agent.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cubed/dps/rules_data.h"

namespace cubed::dps {

static UserAgentParser& parser() {
    static const auto made = UserAgentParser::create();
    EXPECT_TRUE(made.ok());
    return **made;
}

struct Case {
    const char* header;
    const char* browser;
    const char* os;
    const char* device;
};

TEST(UserAgent, KnowsTheBrowsersThatVisit) {
    static constexpr Case cases[] = {
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
         "Safari/537.36",
         "Chrome 126.0", "Windows 10", "desktop"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/17.5 "
         "Mobile/15E148 Safari/604.1",
         "Mobile Safari 17.5", "iOS 17.5", "mobile"},
        {"Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0", "Firefox 115.0", "Linux ",
         "desktop"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
         "Safari/537.36 Edg/126.0.0.0",
         "Edge 126.0", "Windows 10", "desktop"},
        {"Mozilla/5.0 (Linux; Android 14; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
         "Safari/537.36",
         "Chrome 126.0", "Android 14", "tablet"},
        {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
         "Mobile "
         "Safari/537.36",
         "Chrome Mobile 126.0", "Android 14", "mobile"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/17.4 "
         "Safari/605.1.15",
         "Safari 17.4", "Mac OS X 10.15", "desktop"},
    };
    for (const Case& c : cases) {
        const auto agent = parser().parse(c.header);
        EXPECT_EQ(agent->browser + " " + agent->browser_version, c.browser);
        EXPECT_EQ(agent->os + " " + agent->os_version, c.os);
        EXPECT_EQ(agent->device, c.device) << c.header;
        EXPECT_FALSE(agent->bot) << c.header << " is " << agent->bot_name;
    }
}

// The list brings real headers of every bot it knows: each must be recognised.
TEST(UserAgent, KnowsEveryBotOfTheList) {
    const auto list = boost::json::parse(
        boost::json::string_view(crawler_user_agents().data(), crawler_user_agents().size()));
    int bots = 0, missed = 0;
    for (const auto& entry : list.get_array()) {
        const auto* instances = entry.get_object().if_contains("instances");
        if (instances == nullptr) continue;
        for (const auto& instance : instances->get_array()) {
            ++bots;
            if (parser().parse(std::string_view(instance.get_string()))->bot) continue;
            ++missed;
            ADD_FAILURE() << instance;
        }
    }
    EXPECT_GT(bots, 1000);
    EXPECT_EQ(missed, 0);
}

TEST(UserAgent, TakesAnything) {
    EXPECT_TRUE(parser().parse("")->bot);
    EXPECT_EQ(parser().parse(std::string(100'000, 'a'))->browser, "");
    std::ignore = parser().parse(std::string("\xff\0\x80'; DROP TABLE", 17));
    EXPECT_LE(parser().rules_left_out(), 0) << "RE2 runs all of today's rules";
}

}  // namespace cubed::dps
