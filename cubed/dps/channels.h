// Channels: which pattern, and with it which channel, a visit belongs to.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "cubed/dps/traffic.h"

namespace cubed::dps {

/// A row of attrib_pattern.
struct Pattern {
    int id = 0;
    int channel = 0;  ///< referer_id
    bool is_default = false;
    int position = 100;
    std::optional<std::string> referrer, source, medium, campaign, category;
};

struct ChannelMatch {
    int pattern = 0;
    int channel = 0;
};

/// An account's patterns, compiled. The account's own come before the defaults, each group by position, then
/// id; the first whose conditions all hold decides. Immutable: share between threads. Linear in the text: RE2
/// only.
class ChannelRules {
  public:
    struct Rejected {
        int pattern;
        std::string reason;
    };
    explicit ChannelRules(std::vector<Pattern> patterns);

    /// Nothing when no pattern matches: the visit is unassigned.
    std::optional<ChannelMatch> match(const Traffic& traffic) const;

    /// Patterns that are not used, with the reason for whoever wrote them.
    const std::vector<Rejected>& rejected() const { return rejected_; }

  private:
    struct Compiled {
        ChannelMatch match;
        std::unique_ptr<RE2> referrer, source, medium, campaign;
        std::string category;
    };
    std::vector<Compiled> compiled_;
    std::vector<Rejected> rejected_;
};

}  // namespace cubed::dps
