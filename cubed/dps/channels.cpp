#include "cubed/dps/channels.h"

#include <algorithm>
#include <tuple>

#include "cubed/control/configuration.h"

namespace cubed::dps {

ChannelRules::ChannelRules(std::vector<Pattern> patterns) {
    std::ranges::sort(patterns, {},
                      [](const Pattern& p) { return std::tuple(p.is_default, p.position, p.id); });
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(1 << 20);
    for (const Pattern& pattern : patterns) {
        Compiled compiled{.match = {pattern.id, pattern.channel}, .category = pattern.category.value_or("")};
        std::optional<std::string> problem;
        const auto compile = [&](const std::optional<std::string>& text, std::unique_ptr<RE2>& into) {
            if (!text || problem) return;
            problem = control::pattern_problem(*text);
            if (!problem) into = std::make_unique<RE2>(*text, options);
        };
        compile(pattern.referrer, compiled.referrer);
        compile(pattern.source, compiled.source);
        compile(pattern.medium, compiled.medium);
        compile(pattern.campaign, compiled.campaign);
        const bool empty = !pattern.referrer && !pattern.source && !pattern.medium && !pattern.campaign &&
                           compiled.category.empty();
        if (empty) problem = "it has no condition";
        if (problem) {
            rejected_.push_back({pattern.id, *problem});
        } else {
            compiled_.push_back(std::move(compiled));
        }
    }
}

static bool holds(const std::unique_ptr<RE2>& condition, const std::string& text) {
    return !condition || RE2::PartialMatch(text, *condition);
}

std::optional<ChannelMatch> ChannelRules::match(const Traffic& traffic) const {
    for (const Compiled& rule : compiled_) {
        if (!rule.category.empty() && rule.category != traffic.category) continue;
        if (holds(rule.referrer, traffic.referrer) && holds(rule.medium, traffic.medium) &&
            holds(rule.source, traffic.source) && holds(rule.campaign, traffic.campaign)) {
            return rule.match;
        }
    }
    return std::nullopt;
}

}  // namespace cubed::dps
