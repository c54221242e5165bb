#include "cubed/dps/user_agent.h"

#include <array>

#include <boost/json.hpp>
#include <yaml-cpp/yaml.h>

#include "cubed/dps/rules_data.h"

namespace cubed::dps {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

// A header is cut here before it is parsed or remembered: real ones are far shorter.
static constexpr std::size_t header_bytes_max = 512;
static constexpr std::size_t cache_entries_max = 16'384;

Result<std::unique_ptr<UserAgentParser>> UserAgentParser::create() {
    std::unique_ptr<UserAgentParser> parser(new UserAgentParser);
    TRY(parser->load_rules());
    TRY(parser->load_bots());
    return parser;
}

static std::string text_of(const YAML::Node& rule, const char* key) {
    return rule[key] ? rule[key].as<std::string>() : std::string();
}

Result<Unit> UserAgentParser::load_rules() {
    try {
        const YAML::Node file = YAML::Load(std::string(uap_core_rules()));
        for (const YAML::Node& rule : file["user_agent_parsers"]) {
            if (!browsers_.add(rule["regex"].as<std::string>(), true)) {
                ++left_out_;
                continue;
            }
            browser_names_.push_back({text_of(rule, "family_replacement"), text_of(rule, "v1_replacement"),
                                      text_of(rule, "v2_replacement")});
        }
        for (const YAML::Node& rule : file["os_parsers"]) {
            if (!systems_.add(rule["regex"].as<std::string>(), true)) {
                ++left_out_;
                continue;
            }
            system_names_.push_back({text_of(rule, "os_replacement"), text_of(rule, "os_v1_replacement"),
                                     text_of(rule, "os_v2_replacement")});
        }
    } catch (const YAML::Exception& error) {
        return Failure{FailureKind::corrupt, std::string("user agent rules: ") + error.what()};
    }
    if (browsers_.size() == 0 || systems_.size() == 0) {
        return Failure{FailureKind::corrupt, "user agent rules: none usable"};
    }
    browsers_.compile();
    systems_.compile();
    return Unit{};
}

Result<Unit> UserAgentParser::load_bots() {
    boost::system::error_code error;
    const auto text = crawler_user_agents();
    const auto list = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
    if (error || !list.is_array()) return Failure{FailureKind::corrupt, "crawler list: not a JSON array"};
    for (const auto& entry : list.get_array()) {
        const auto* pattern = entry.is_object() ? entry.get_object().if_contains("pattern") : nullptr;
        if (pattern == nullptr || !pattern->is_string()) {
            return Failure{FailureKind::corrupt, "crawler list: an entry without a pattern"};
        }
        const std::string expression(pattern->get_string().begin(), pattern->get_string().end());
        if (!bots_.add(expression, true)) {
            ++left_out_;
            continue;
        }
        // The pattern is the best name the list has: its literal part.
        std::string name;
        for (const char c : expression) {
            if (c != '\\' && c != '^' && c != '$' && c != '(' && c != ')') name += c;
        }
        while (!name.empty() && (name.back() == '/' || name.back() == ' ')) name.pop_back();
        bot_names_.push_back(name);
    }
    bots_.compile();
    return Unit{};
}

/// The groups of the match, group 0 left out.
static std::array<std::string, 4> groups_of(const RE2& expression, std::string_view text) {
    std::array<re2::StringPiece, 5> pieces;
    const int count = std::min(5, expression.NumberOfCapturingGroups() + 1);
    std::array<std::string, 4> groups;
    if (expression.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED,
                         pieces.data(), count)) {
        for (int i = 1; i < count; ++i) groups[std::size_t(i - 1)] = std::string(pieces[std::size_t(i)]);
    }
    return groups;
}

/// The replacement with $1 to $4 filled in, or the group when there is none.
static std::string filled(const std::string& replacement, const std::array<std::string, 4>& groups,
                          std::size_t group) {
    if (replacement.empty()) return groups[group];
    std::string out;
    for (std::size_t i = 0; i < replacement.size(); ++i) {
        const bool reference = replacement[i] == '$' && i + 1 < replacement.size() &&
                               replacement[i + 1] >= '1' && replacement[i + 1] <= '4';
        if (reference) {
            out += groups[std::size_t(replacement[++i] - '1')];
        } else {
            out += replacement[i];
        }
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

/// The rules for devices are two thirds of uap-core's and name models; reports need only the class.
static std::string device_class(std::string_view header, const UserAgent& agent) {
    const auto says = [&](const char* word) { return header.find(word) != std::string_view::npos; };
    if (agent.bot) return "bot";
    if (says("iPad") || says("Tablet") || (says("Android") && !says("Mobile"))) return "tablet";
    if (says("Mobi") || says("iPhone") || says("iPod") || says("Windows Phone")) return "mobile";
    if (says("Windows") || says("Macintosh") || says("X11") || says("CrOS") || says("Linux"))
        return "desktop";
    return "";
}

UserAgent UserAgentParser::parse_uncached(std::string_view header) const {
    UserAgent agent;
    if (const int bot = bots_.first_match(header); bot >= 0) {
        agent.bot = true;
        agent.bot_name = bot_names_[std::size_t(bot)];
    } else if (header.empty()) {
        agent.bot = true;  // every browser sends one
        agent.bot_name = "no user agent";
    }
    const auto version = [](const std::string& major, const std::string& minor) {
        return minor.empty() ? major : major + "." + minor;
    };
    if (const int rule = browsers_.first_match(header); rule >= 0) {
        const Replacement& names = browser_names_[std::size_t(rule)];
        const auto groups = groups_of(browsers_.expression(rule), header);
        agent.browser = filled(names.family, groups, 0);
        agent.browser_version = version(filled(names.major, groups, 1), filled(names.minor, groups, 2));
    }
    if (const int rule = systems_.first_match(header); rule >= 0) {
        const Replacement& names = system_names_[std::size_t(rule)];
        const auto groups = groups_of(systems_.expression(rule), header);
        agent.os = filled(names.family, groups, 0);
        agent.os_version = version(filled(names.major, groups, 1), filled(names.minor, groups, 2));
    }
    agent.device = device_class(header, agent);
    return agent;
}

std::shared_ptr<const UserAgent> UserAgentParser::parse(std::string_view header) {
    std::string key(header.substr(0, header_bytes_max));
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = young_.find(key); found != young_.end()) return found->second;
        if (const auto found = old_.find(key); found != old_.end()) return young_[key] = found->second;
    }
    auto agent = std::make_shared<const UserAgent>(parse_uncached(key));
    const std::lock_guard lock(mutex_);
    if (young_.size() >= cache_entries_max) {
        old_ = std::move(young_);
        young_.clear();
    }
    young_[std::move(key)] = agent;
    return agent;
}

}  // namespace cubed::dps
