// What a User-Agent header says: browser, operating system, kind of device, or which bot.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "cubed/dps/rule_set.h"

namespace cubed::dps {

/// Empty text means unknown.
struct UserAgent {
    std::string browser, browser_version;
    std::string os, os_version;
    std::string device;  ///< desktop, mobile, tablet, bot
    bool bot = false;
    std::string bot_name;
};

/// Parses by uap-core's rules and the crawlers' list, and remembers what it parsed: headers repeat.
/// Thread-safe.
class UserAgentParser {
  public:
    /// `corrupt` when the rule files are not what they should be.
    static base::Result<std::unique_ptr<UserAgentParser>> create();

    std::shared_ptr<const UserAgent> parse(std::string_view header);

    /// Rules that RE2 cannot run, for the start-up log.
    int rules_left_out() const { return left_out_; }
    int rules() const { return browsers_.size() + systems_.size() + bots_.size(); }

  private:
    struct Replacement {
        std::string family, major, minor;
    };
    UserAgentParser() = default;
    base::Result<base::Unit> load_rules();
    base::Result<base::Unit> load_bots();
    UserAgent parse_uncached(std::string_view header) const;

    RuleSet browsers_, systems_, bots_;
    std::vector<Replacement> browser_names_, system_names_;
    std::vector<std::string> bot_names_;
    int left_out_ = 0;

    // Two generations: when the young one is full it becomes the old one, so that what is in use survives.
    using Cache = std::unordered_map<std::string, std::shared_ptr<const UserAgent>>;
    std::mutex mutex_;
    Cache young_, old_;  ///< by mutex_
};

}  // namespace cubed::dps
