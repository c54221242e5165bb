#include "cubed/attribution/allocate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace cubed::attribution {

namespace {

/// Rounds `exact` to integers that sum to `total`, moving as few units as possible; `floor_zero` forbids
/// negatives.
std::vector<std::int64_t> round_to_total(const std::vector<double>& exact, std::int64_t total,
                                         bool floor_zero) {
    std::vector<std::int64_t> parts(exact.size());
    std::vector<std::size_t> order(exact.size());
    std::int64_t given = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        const double wanted = floor_zero ? std::max(exact[i], 0.0) : exact[i];
        parts[i] = static_cast<std::int64_t>(std::floor(wanted));
        given += parts[i];
        order[i] = i;
    }
    const auto remainder = [&](std::size_t i) { return exact[i] - static_cast<double>(parts[i]); };
    std::ranges::stable_sort(order, [&](auto a, auto b) { return remainder(a) > remainder(b); });
    for (std::size_t i = 0; given < total; i = (i + 1) % order.size()) {
        ++parts[order[i]];
        ++given;
    }
    for (std::size_t i = order.size() - 1; given > total; i = i == 0 ? order.size() - 1 : i - 1) {
        if (floor_zero && parts[order[i]] == 0) continue;
        --parts[order[i]];
        --given;
    }
    return parts;
}

std::vector<double> exact_parts(std::int64_t total, std::span<const double> shares, double sum) {
    std::vector<double> exact(shares.size());
    for (std::size_t i = 0; i < shares.size(); ++i) exact[i] = static_cast<double>(total) * (shares[i] / sum);
    return exact;
}

}  // namespace

Allocation allocate(std::int64_t total, std::span<const double> shares) {
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    CHECK(std::isfinite(sum), "shares are finite");
    if (!(std::abs(sum) > 0)) return {std::vector<std::int64_t>(shares.size(), 0), total};
    return {round_to_total(exact_parts(total, shares, sum), total, false), 0};
}

Allocation SeriesAllocator::next(std::int64_t total, std::span<const double> shares) {
    CHECK(shares.size() == carry_.size(), "the same channels in every call");
    CHECK(total >= 0, "a series divides amounts that are not negative");
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    CHECK(std::isfinite(sum), "shares are finite");
    if (!(sum > 0)) return {std::vector<std::int64_t>(shares.size(), 0), total};

    auto wanted = exact_parts(total, shares, sum);
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] += carry_[i];
    Allocation out{round_to_total(wanted, total, true), 0};
    for (std::size_t i = 0; i < wanted.size(); ++i) carry_[i] = wanted[i] - static_cast<double>(out.parts[i]);
    return out;
}

}  // namespace cubed::attribution
