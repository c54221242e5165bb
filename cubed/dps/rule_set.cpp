#include "cubed/dps/rule_set.h"

#include <algorithm>

namespace cubed::dps {

bool RuleSet::add(const std::string& expression, bool case_sensitive) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(case_sensitive);
    options.set_encoding(RE2::Options::EncodingLatin1);  // user agents are bytes
    int id = 0;
    if (filtered_.Add(expression, options, &id) != RE2::NoError) return false;
    ++count_;
    return true;
}

void RuleSet::compile() {
    filtered_.Compile(&literals_);
}

int RuleSet::first_match(std::string_view text) const {
    if (count_ == 0) return -1;
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    std::vector<int> found;
    for (std::size_t i = 0; i < literals_.size(); ++i) {
        if (lower.find(literals_[i]) != std::string::npos) found.push_back(int(i));
    }
    return filtered_.FirstMatch(re2::StringPiece(text.data(), text.size()), found);
}

}  // namespace cubed::dps
