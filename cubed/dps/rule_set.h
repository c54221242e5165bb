// Many regular expressions tried in order on one text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <re2/filtered_re2.h>
#include <re2/re2.h>

namespace cubed::dps {

/// An ordered list of RE2 expressions. A text is first searched for the literals that each expression needs,
/// so that only a few are run. Linear in the text whatever the expressions are. Thread-safe once compiled.
class RuleSet {
  public:
    /// False when RE2 cannot run the expression (lookaround, back-reference); it is then left out.
    bool add(const std::string& expression, bool case_sensitive);
    /// REQUIRES: called once, after the last add().
    void compile();

    /// The first expression in order that matches somewhere in `text`, or -1.
    int first_match(std::string_view text) const;
    const RE2& expression(int index) const { return filtered_.GetRE2(index); }
    int size() const { return count_; }

  private:
    re2::FilteredRE2 filtered_{3};
    std::vector<std::string> literals_;
    int count_ = 0;
};

}  // namespace cubed::dps
