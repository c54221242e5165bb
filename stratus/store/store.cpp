#include "stratus/store/store.h"

namespace stratus {

Range Range::prefix(std::string begin) {
    Range range;
    range.to = begin;
    // The first string behind all that begin with `begin`: its last byte that can be raised is, the rest
    // goes.
    while (!range.to.empty() && range.to.back() == '\xff') range.to.pop_back();
    if (!range.to.empty()) ++range.to.back();
    range.from = std::move(begin);
    return range;
}

Range&& Range::behind(std::string key) && {
    after = std::move(key);
    return std::move(*this);
}

Range&& Range::backwards() && {
    descending = true;
    return std::move(*this);
}

base::Failure Store::threw() {
    return base::Failure{base::FailureKind::internal, "store: a function given to it threw"};
}

}  // namespace stratus
